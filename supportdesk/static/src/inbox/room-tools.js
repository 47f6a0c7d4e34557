// What robots may do in this conversation without asking: as in the workspace, or otherwise here.

import { html, nothing } from "lit";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icon.js";
import { RoomFold } from "./room-fold.js";

/** @typedef {import("./desk-api.js").ToolApproval} ToolApproval */

class RoomTools extends RoomFold {
  constructor() {
    super();
    /** @type {{name: string, risk: string}[] | null} */
    this.tools = null;
    /** @type {ToolApproval | null} */
    this.approval = null;
  }

  forget() {
    this.tools = null;
    this.approval = null;
  }

  get isRead() {
    return this.tools !== null;
  }

  /** @param {string} roomId */
  async read(roomId) {
    const [{ items }, approval] = await Promise.all([
      this.desk.api.tools(),
      this.desk.api.toolApproval(roomId),
    ]);
    return () => {
      this.tools = items;
      this.approval = approval;
    };
  }

  render() {
    const { approval, tools } = this;
    return this.fold(
      "room-robots room-tools",
      t("Tools of this conversation"),
      html`${approval ? html`<p class="sub">${approval.own ? t("This conversation has rules of its own.") : t("The rules of the workspace hold here.")}</p>` : nothing}
      ${tools?.length === 0 ? html`<p class="sub">${t("The workspace has no tools.")}</p>` : nothing}
      <ul>${approval ? (tools ?? []).map((tool) => html`<li>${this.line(tool, approval)}</li>`) : nothing}</ul>
      ${
        approval?.own && this.mayChange
          ? html`<button class="btn sm" type="button" @click=${() => void this.drop()}>${icon("undo-2")}${t("As in the workspace")}</button>`
          : nothing
      }`,
    );
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
