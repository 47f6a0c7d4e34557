// The cards above the composer: what a robot wants to do, who may decide, and what came of it.

import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icon.js";
import {
  argumentText,
  cardsOf,
  deed,
  hasLapsed,
  inTwo,
  isLong,
  isOver,
  outcome,
  questionBefore,
  timeLeft,
  whyAsked,
  whyNot,
} from "./approvals.js";
import { plainly } from "./plainly.js";
import { caps } from "./sheet-view.js";
import { View } from "./view.js";

/** @typedef {import("./approvals.js").ToolCall} ToolCall */

const SECOND_MS = 1000;

class ApprovalsView extends View {
  static topics = /** @type {("room")[]} */ (["room"]);

  static properties = { ...View.properties, acts: { attribute: false }, denying: { state: true } };

  constructor() {
    super();
    this.acts = /** @type {import("./desk-acts.js").DeskActs} */ (/** @type {unknown} */ (null));
    /** The card whose denial is being written. @type {string | null} */
    this.denying = null;
    /** @type {any} */
    this.ticker = null;
    /** The card that has the focus while the cards are drawn anew. @type {string | undefined} */
    this.held = undefined;
    /** What has been read out, or was there when the conversation was opened. @type {Set<string>} */
    this.told = new Set();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.ticker);
    this.ticker = null;
  }

  get cards() {
    const { open } = this.desk;
    return open ? cardsOf(open.calls, open.putAway, Date.now()) : [];
  }

  render() {
    const cards = this.cards;
    if (cards.length === 0) return nothing;
    return html`<div class="approvals" role="region" aria-label=${t("Tools of the robots")}>
      ${repeat(
        cards,
        ({ id }) => id,
        (call) => this.card(call),
      )}
    </div>`;
  }

  /** @param {ToolCall} call */
  card(call) {
    const waits = call.status === "pending";
    const bar = waits ? whyNot(call, this.desk.me, this.desk.may) : "";
    const head = `call-${call.id}`;
    return html`<section class="appr ${call.status}" tabindex="0" aria-labelledby=${head} data-call=${call.id}
      @keydown=${(/** @type {KeyboardEvent} */ event) => this.onKey(event, call, bar)}>
      <div class="row appr-head">
        ${this.chip(call)}
        <h2 class="grow" dir="auto" id=${head}><bdi>${call.robot.name ?? t("robot")}</bdi> ${deed(call)} <code>${call.tool}</code></h2>
        ${waits ? nothing : html`<button class="btn quiet icon" type="button" aria-label=${t("Put away")} title=${t("Put away")} @click=${() => this.putAway(call)}>${icon("x")}</button>`}
      </div>
      ${isOver(call) ? html`${this.outcome(call)}${this.folded(call)}` : html`${this.args(call)}${this.about(call)}${waits ? html`${this.question(call)}${this.choice(call, bar)}` : this.outcome(call)}`}
    </section>`;
  }

  /** @param {ToolCall} call */
  chip(call) {
    const { status } = call;
    if (status === "pending")
      return html`<span class="chip warn">${icon("wrench")}${t("Approval needed")}</span>`;
    if (status === "completed") return html`<span class="chip ok">${icon("check")}${t("Done")}</span>`;
    if (status === "denied") return html`<span class="chip">${icon("x")}${t("Denied")}</span>`;
    if (status === "cancelled")
      return hasLapsed(call)
        ? html`<span class="chip">${icon("clock")}${t("Expired")}</span>`
        : html`<span class="chip">${icon("undo-2")}${t("Withdrawn")}</span>`;
    if (status === "failed")
      return html`<span class="chip danger">${icon("circle-alert")}${t("Failed")}</span>`;
    return html`<span class="chip accent">${icon("refresh-cw", "spin")}${t("Running")}</span>`;
  }

  /** What the tool is, and where the call leaves the desk for. @param {ToolCall} call */
  about({ description, goes_to: to }) {
    const { head, rest } = inTwo(description);
    return html`<div class="appr-about">
      ${rest ? html`<details><summary dir="auto">${head} …</summary><span dir="auto">${rest}</span></details>` : head ? html`<p dir="auto">${head}</p>` : nothing}
      ${to ? html`<p class="sub">${to.server ? t("It asks the MCP server {server} at:", { server: to.server }) : t("It asks:")} <code dir="ltr">${this.value(plainly(`${to.method} ${to.address}`.trim()))}</code></p>` : nothing}
    </div>`;
  }

  /** @param {ToolCall} call */
  args({ args }) {
    const names = Object.keys(args);
    if (names.length === 0) return html`<p class="sub">${t("It takes no arguments.")}</p>`;
    return html`<div class="appr-args" tabindex="-1"><table>
      <caption class="vh">${t("Arguments")}</caption>
      <tbody>${names.map((name) => html`<tr><th scope="row">${plainly(name)}</th><td dir="auto">${this.value(argumentText(args[name]))}</td></tr>`)}</tbody>
    </table></div>`;
  }

  /** What is over leaves its place to what waits. @param {ToolCall} call */
  folded(call) {
    const answered = call.status === "completed" && call.result !== null;
    return html`<details class="appr-more"><summary>${answered ? t("Arguments and answer") : t("Arguments")}</summary>
      ${this.about(call)}${this.args(call)}
      ${answered ? html`<pre dir="auto" role="region" aria-label=${t("What it answered")} tabindex="0">${argumentText(call.result)}</pre>` : nothing}
    </details>`;
  }

  /** @param {string} text */
  value(text) {
    if (!isLong(text)) return text;
    return html`<details><summary>${t("{count} characters", { count: text.length })}</summary>${text}</details>`;
  }

  /** @param {ToolCall} call */
  question(call) {
    const asked = questionBefore(this.desk.open?.stream.messages.values() ?? [], call);
    return asked === null
      ? nothing
      : html`<p class="sub appr-asked" dir="auto">${t("After the guest's words:")} <q dir="auto">${asked}</q></p>`;
  }

  /** @param {ToolCall} call */
  facts(call) {
    const risk = { read: t("reads"), low: t("low risk"), high: t("high risk") }[call.risk];
    const cost = Number(call.cost ?? 0);
    return html`<p class="sub appr-facts">
      <span class=${call.risk === "high" ? "risky" : ""}>${risk}</span>
      ${cost > 0 ? html`<span>${t("costs {cost}", { cost: cost.toFixed(2) })}</span>` : nothing}
      <span>${t("for {level} and above", { level: call.required_level })}</span>
      ${call.routed_level === call.required_level ? nothing : html`<span>${t("shown to {level} now", { level: call.routed_level })}</span>`}
      <span class="appr-time">${timeLeft(call, Date.now())}</span>
    </p>
    <p class="sub appr-why" dir="auto">${whyAsked(call)}</p>`;
  }

  /** @param {ToolCall} call @param {string} bar */
  choice(call, bar) {
    if (this.denying === call.id) return this.denial(call);
    const shut = bar !== "" || this.acts.decided.has(call.id);
    return html`${this.facts(call)}
      <div class="row appr-acts">
        <button class="btn primary" type="button" aria-disabled=${shut ? "true" : nothing} title=${bar || nothing} @click=${() => this.approve(call, bar)}>${t("Approve")} ${caps("y")}</button>
        <button class="btn" type="button" aria-disabled=${shut ? "true" : nothing} title=${bar || nothing} @click=${() => this.deny(call, bar)}>${t("Deny")} ${caps("d")}</button>
        ${bar ? html`<span class="sub">${bar}</span>` : nothing}
      </div>`;
  }

  /** @param {ToolCall} call */
  denial(call) {
    return html`<form class="appr-denial" @submit=${(/** @type {SubmitEvent} */ event) => this.onDenial(event, call)}>
      <label for=${`note-${call.id}`}>${t("Why? The robot is told (optional).")}</label>
      <input class="field" id=${`note-${call.id}`} name="note" maxlength="1000" dir="auto" autocomplete="off">
      <div class="row">
        <button class="btn primary" type="submit">${t("Deny")}</button>
        <button class="btn quiet" type="button" @click=${() => this.keep(call)}>${t("Back")}</button>
      </div>
    </form>`;
  }

  /** @param {ToolCall} call */
  outcome(call) {
    return html`<p class="appr-outcome" role="status">${outcome(call, this.desk.me.id)}</p>`;
  }

  /** @param {KeyboardEvent} event @param {ToolCall} call @param {string} bar */
  onKey(event, call, bar) {
    if (event.key === "Escape" && this.denying === call.id) {
      event.preventDefault();
      event.stopPropagation();
      this.keep(call);
      return;
    }
    const typing = event.target instanceof HTMLInputElement;
    if (typing || call.status !== "pending" || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key !== "y" && key !== "d") return;
    event.preventDefault();
    event.stopPropagation();
    if (key === "y") this.approve(call, bar);
    else this.deny(call, bar);
  }

  /** @param {ToolCall} call @param {string} bar */
  approve(call, bar) {
    if (bar) this.acts.complain(bar);
    else void this.decide(call, "approve");
  }

  /** @param {ToolCall} call @param {"approve" | "deny"} decision @param {string} [note] */
  async decide(call, decision, note) {
    const asked = this.acts.decideTool(call, decision, note);
    this.requestUpdate();
    await asked;
    this.requestUpdate();
  }

  /** @param {ToolCall} call @param {string} bar */
  deny(call, bar) {
    if (bar) {
      this.acts.complain(bar);
      return;
    }
    if (this.acts.decided.has(call.id)) return;
    this.denying = call.id;
    void this.updateComplete.then(() => document.getElementById(`note-${call.id}`)?.focus());
  }

  /** @param {SubmitEvent} event @param {ToolCall} call */
  onDenial(event, call) {
    event.preventDefault();
    const note = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("note") ?? "").trim();
    this.keep(call);
    void this.decide(call, "deny", note);
  }

  /** Back from the denial to the card. @param {ToolCall} call */
  keep(call) {
    this.denying = null;
    void this.updateComplete.then(() =>
      /** @type {HTMLElement | null} */ (this.querySelector(`[data-call="${CSS.escape(call.id)}"]`))?.focus(),
    );
  }

  /** @param {ToolCall} call */
  putAway(call) {
    this.desk.open?.putAwayCall(call.id);
  }

  /** Whoever does not see a card hears that it is there. */
  tell() {
    for (const call of this.cards) {
      if (call.status !== "pending" || this.told.has(call.id)) continue;
      this.told.add(call.id);
      const name = call.robot.name ?? t("robot");
      this.desk.announce(t("{name} wants to run {tool}. Approval needed.", { name, tool: call.tool }));
    }
  }

  willUpdate() {
    this.held = /** @type {HTMLElement | null} */ (this.querySelector(".appr:focus-within"))?.dataset.call;
  }

  /** A card that moves, or whose pressed button is gone, keeps the focus. */
  hold() {
    if (this.held === undefined || this.contains(document.activeElement)) return;
    const card = this.querySelector(`[data-call="${CSS.escape(this.held)}"]`);
    /** @type {HTMLElement | null} */ (card)?.focus({ preventScroll: true });
  }

  updated() {
    this.hold();
    this.tell();
    const counts = this.cards.some(({ status }) => status === "pending");
    if (counts) this.ticker ??= setInterval(() => this.requestUpdate(), SECOND_MS);
    else {
      clearInterval(this.ticker);
      this.ticker = null;
    }
  }
}

customElements.define("desk-approvals", ApprovalsView);
