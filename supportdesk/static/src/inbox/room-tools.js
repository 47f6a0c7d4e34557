// What robots may do in this conversation without asking: as in the workspace, or otherwise here.

import { html, nothing } from "lit";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icon.js";
import { sentenceOf } from "./desk-acts.js";
import { View } from "./view.js";

/** @typedef {import("./desk-api.js").ToolApproval} ToolApproval */

class RoomTools extends View {
  static topics = /** @type {("room" | "desk")[]} */ ([]);

  static properties = { ...View.properties, roomId: { attribute: false } };

  constructor() {
    super();
    this.roomId = "";
    this.of = "";
    /** @type {{name: string, risk: string}[] | null} */
    this.tools = null;
    /** @type {ToolApproval | null} */
    this.approval = null;
    this.problem = "";
    this.told = "";
  }

  willUpdate() {
    if (this.of === this.roomId) return;
    this.of = this.roomId;
    this.tools = null;
    this.approval = null;
    this.problem = "";
    this.told = "";
    const fold = this.querySelector("details");
    if (fold) fold.open = false;
  }

  render() {
    const { approval, tools } = this;
    return html`<section><details class="room-robots room-tools" @toggle=${this.onToggle}>
      <summary><h3>${t("Tools of this conversation")}</h3>${icon("chevron-down")}</summary>
      ${this.problem ? html`<p class="turn-error" role="alert">${icon("circle-alert", "xs")}${this.problem}</p>` : nothing}
      ${approval ? html`<p class="sub">${approval.own ? t("This conversation has rules of its own.") : t("The rules of the workspace hold here.")}</p>` : nothing}
      ${tools?.length === 0 ? html`<p class="sub">${t("The workspace has no tools.")}</p>` : nothing}
      <ul>${approval ? (tools ?? []).map((tool) => html`<li>${this.line(tool, approval)}</li>`) : nothing}</ul>
      ${
        approval?.own && this.mayChange
          ? html`<button class="btn sm" type="button" @click=${() => void this.drop()}>${icon("undo-2")}${t("As in the workspace")}</button>`
          : nothing
      }
      <p class="vh" role="status">${this.told}</p>
    </details></section>`;
  }

  get mayChange() {
    return this.desk.may("chat:tool:configure");
  }

  /** @param {{name: string, risk: string}} tool @param {ToolApproval} approval */
  line({ name, risk }, approval) {
    const rule = approval.rules[name]?.rule ?? "";
    const words = { "": t("by its risk"), ask: t("ask"), run: t("by itself"), deny: t("never") };
    return html`<span class="grow"><bdi class="clip" title=${name}>${name}</bdi><span class="sub">${{ read: t("only reads"), low: t("low risk"), high: t("high risk") }[risk]}</span></span>
      ${
        this.mayChange
          ? html`<select class="field" aria-label=${t("Rule for {tool} here", { tool: name })} .value=${rule}
              @change=${(/** @type {Event} */ event) => void this.save(name, /** @type {HTMLSelectElement} */ (event.target).value)}>
              ${Object.entries(words).map(([value, word]) => html`<option value=${value} ?selected=${value === rule}>${word}</option>`)}
            </select>`
          : html`<span class="sub">${words[/** @type {keyof typeof words} */ (rule)]}</span>`
      }`;
  }

  /** @param {Event} event */
  onToggle(event) {
    const { open } = /** @type {HTMLDetailsElement} */ (event.target);
    if (open && this.tools === null) void this.load();
  }

  async load() {
    const { roomId } = this;
    try {
      const [{ items }, approval] = await Promise.all([
        this.desk.api.tools(),
        this.desk.api.toolApproval(roomId),
      ]);
      if (roomId === this.roomId) {
        this.tools = items;
        this.approval = approval;
      }
    } catch (error) {
      this.problem = sentenceOf(error);
    }
    this.requestUpdate();
  }

  /** @param {() => Promise<unknown>} act @param {string} done */
  async change(act, done) {
    try {
      await act();
      this.problem = "";
      this.told = done;
    } catch (error) {
      this.problem = sentenceOf(error);
      this.told = "";
    }
    await this.load();
  }

  /** Limits of numbers that the rule has had go with it. @param {string} name @param {string} rule */
  save(name, rule) {
    if (!this.approval) return;
    const { own: _own, ...approval } = this.approval;
    const rules = { ...approval.rules };
    if (rule === "") delete rules[name];
    else
      rules[name] = {
        rule: /** @type {"run"} */ (rule),
        at_most: rule === "run" ? (rules[name]?.at_most ?? {}) : {},
      };
    return this.change(
      () => this.desk.api.saveToolApproval(this.roomId, { ...approval, rules }),
      t("Saved for this conversation."),
    );
  }

  drop() {
    return this.change(
      () => this.desk.api.dropToolApproval(this.roomId),
      t("The rules of the workspace hold here."),
    );
  }
}

customElements.define("desk-room-tools", RoomTools);
