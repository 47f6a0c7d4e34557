// The questions an act asks first, each in a modal <dialog>: focus, Escape and the way back are the browser's.

import { html, nothing } from "lit";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icon.js";
import { clockTime, dayLabel } from "../shared/time.js";
import { colleaguePicks } from "./colleague-picks.js";
import { detailsForm, priorityChoices } from "./details-form.js";
import { levelName } from "./event-lines.js";
import "./palette-view.js";
import { USUAL_PRIORITY } from "./priority.js";
import { levelsAbove, levelsBelow } from "./room-actions.js";
import { baseOf } from "./room-change.js";
import { bringIn, leave } from "./room-people.js";
import { shortcutSheet } from "./sheet-view.js";
import { snoozeChoices } from "./snooze.js";
import { View } from "./view.js";

/** @typedef {import("./desk-api.js").RoomDetails} RoomDetails */

export class DialogView extends View {
  static topics = /** @type {("desk")[]} */ (["desk"]);

  static properties = { ...View.properties, acts: { attribute: false } };

  constructor() {
    super();
    this.acts = /** @type {import("./desk-acts.js").DeskActs} */ (/** @type {unknown} */ (null));
    this.problem = "";
    this.busy = false;
    this.filter = "";
    this.opId = "";
    /** How the room stood when the form opened. @type {import("./room-change.js").Base | null} */
    this.base = null;
    /** @type {import("./desk.js").Dialog | null} */
    this.shown = null;
  }

  get frame() {
    return /** @type {HTMLDialogElement | null} */ (this.querySelector("dialog"));
  }

  willUpdate() {
    const { dialog } = this.desk;
    if (dialog === this.shown) return;
    this.shown = dialog;
    this.problem = "";
    this.busy = false;
    this.filter = "";
    this.base = null;
    this.opId = crypto.randomUUID();
  }

  render() {
    const { dialog, open } = this.desk;
    if (!dialog) return nothing;
    if (dialog.kind === "palette")
      return this.window(
        t("Go to"),
        html`<desk-palette .desk=${this.desk} .acts=${this.acts}></desk-palette>`,
        "palette",
      );
    if (dialog.kind === "sheet")
      return this.window(t("Shortcuts"), shortcutSheet(this.desk.shortcuts), "wide");
    const room = open?.room;
    if (!room) return nothing;
    switch (dialog.kind) {
      case "escalate":
        return this.window(
          t("Escalate"),
          this.escalate(room, levelsAbove(room, this.desk.may, this.desk.config.escalation_edges)),
        );
      case "lower":
        return this.window(
          t("Lower the level"),
          this.escalate(room, levelsBelow(room, this.desk.may, this.desk.config.escalation_edges)),
        );
      case "assign":
        return this.window(t("Assign to"), this.assign(room));
      case "snooze":
        return this.window(t("Snooze until"), this.snooze(room));
      case "block":
        return this.window(t("Block the guest"), this.block(room));
      case "details":
        this.base ??= baseOf(room);
        return this.window(t("Name and priority"), detailsForm(this, room, this.base));
      case "invite":
        return this.window(t("Bring a colleague in"), this.invite(room));
      case "leave":
        return this.window(t("Leave the conversation"), this.leaving(room));
      default:
        return this.window(t("Delete this message"), this.deletion(dialog.messageId ?? ""));
    }
  }

  /** @param {string} title @param {unknown} body @param {string} [size] */
  window(title, body, size = "") {
    return html`<dialog class="window ${size}" aria-labelledby="dialog-title" @cancel=${this.onCancel} @close=${this.onClose} @click=${this.onBackdrop}>
      <div class="window-in">
        <header class="row"><h2 class="grow" id="dialog-title">${title}</h2>
          <button class="btn quiet icon" type="button" aria-label=${t("Close")} @click=${() => this.close()}>${icon("x")}</button></header>
        ${this.problem ? html`<p class="form-error" role="alert">${icon("circle-alert")}${this.problem}</p>` : nothing}
        ${body}
      </div>
    </dialog>`;
  }

  updated() {
    const { frame } = this;
    if (!frame || frame.open) return;
    frame.showModal();
    /** @type {HTMLElement | null} */ (frame.querySelector("[data-first]"))?.focus();
  }

  /** The browser tells of a closed window a task later; a key pressed until then is already the room's. */
  close() {
    this.frame?.close();
    this.desk.ask(null);
  }

  /** @param {Event} event Escape, or the way back of a phone */
  onCancel(event) {
    event.preventDefault();
    this.close();
  }

  /** The browser may close a window unasked; word of one that has made room for the next comes late. @param {Event} event */
  onClose(event) {
    const { frame } = this;
    if (event.target === frame && !frame?.open) this.desk.ask(null);
  }

  /** @param {MouseEvent} event */
  onBackdrop(event) {
    if (event.target === this.frame) this.close();
  }

  /** Carries out what was asked for; the window closes when it has happened. @param {() => Promise<boolean>} act */
  async carryOut(act) {
    if (this.busy) return;
    this.busy = true;
    this.problem = "";
    this.acts.problem = "";
    this.requestUpdate();
    const done = await act();
    this.busy = false;
    if (done) this.close();
    else this.complain(this.problem || this.acts.problem);
  }

  /**
   * Goes on from how the room stands now.
   * @param {import("./room-change.js").Base} base
   * @param {string} problem what has come between
   */
  startAnew(base, problem) {
    this.base = base;
    this.complain(problem);
  }

  /** @param {string} letters */
  filterBy(letters) {
    this.filter = letters;
    this.requestUpdate();
  }

  /** @param {string} problem */
  complain(problem) {
    this.problem = problem;
    this.requestUpdate();
  }

  /** @param {RoomDetails} room @param {string[]} levels */
  escalate(room, levels) {
    if (levels.length === 0) return html`<p>${t("There is no level you may hand this conversation to.")}</p>`;
    const edge = this.desk.config.escalation_edges?.find(
      (one) => one.from_level === room.level && one.to_level === levels[0],
    );
    const priority = Math.min(room.priority ?? USUAL_PRIORITY, edge?.default_priority ?? 5);
    return html`<form class="form" novalidate @submit=${(/** @type {SubmitEvent} */ event) => this.onEscalate(event, room)}>
      <fieldset class="choices"><legend>${t("To")}</legend>
        ${levels.map((level, at) => html`<label class="choice"><input type="radio" name="to_level" value=${level} ?checked=${at === 0}><span>${levelName(level)}</span></label>`)}
      </fieldset>
      <div class="form-field"><label for="escalate-reason">${t("Reason")}</label>
        <textarea class="field" id="escalate-reason" name="reason" rows="3" required maxlength="1000" dir="auto" data-first
          aria-describedby="escalate-hint" @keydown=${submitOnEnter}></textarea>
        <p class="form-hint" id="escalate-hint">${t("Colleagues read it in the conversation; the guest does not.")}</p></div>
      ${priorityChoices(priority)}
      ${this.foot(t("Hand over"), "arrow-up")}
    </form>`;
  }

  /** @param {string} label @param {string} name @param {string} [tone] */
  foot(label, name, tone = "primary") {
    return html`<div class="row window-foot"><span class="grow"></span>
      <button class="btn" type="button" @click=${() => this.close()}>${t("Cancel")}</button>
      <button class="btn ${tone}" type="submit" ?disabled=${this.busy}>${icon(name)}${label}</button></div>`;
  }

  /** @param {SubmitEvent} event @param {RoomDetails} room */
  onEscalate(event, room) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const reason = String(form.get("reason")).trim();
    if (reason === "") return this.complain(t("Say why, so that nobody has to ask."));
    const step = {
      toLevel: String(form.get("to_level")),
      reason,
      priority: Number(form.get("priority")),
      opId: this.opId,
    };
    return void this.carryOut(() => this.acts.escalate(room, step));
  }

  /** @param {RoomDetails} room */
  assign(room) {
    return html`<div class="form">
      ${colleaguePicks(this, {
        taken: (one) => (one.id === room.owner.id ? t("has it now") : null),
        pick: (one) => this.acts.assign(room, one),
      })}
      ${
        room.owner.kind === "human"
          ? html`<div class="window-foot"><button class="btn" type="button" ?disabled=${this.busy} @click=${() => void this.carryOut(() => this.acts.assign(room, null))}>${icon("inbox")}${t("Put back into the queue")}</button></div>`
          : nothing
      }
    </div>`;
  }

  /** @param {RoomDetails} room */
  invite(room) {
    const here = this.desk.open?.stream.participants;
    return html`<div class="form">
      ${colleaguePicks(this, {
        taken: (one) => {
          const role = here?.get(one.id)?.role;
          return role && role !== "observer" ? t("takes part") : null;
        },
        pick: (one) => bringIn(this.acts, room, one),
      })}
      <p class="form-hint">${room.guest ? t("{name} sees who comes in. The conversation stays with whoever has it.", { name: room.guest.name }) : t("Whoever comes in can read everything that was said.")}</p>
    </div>`;
  }

  /** @param {RoomDetails} room */
  leaving(room) {
    return html`<form class="form" @submit=${(/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      void this.carryOut(() => leave(this.acts, room));
    }}>
      <p>${t("You hear no more of it. To come back, somebody who takes part may have to bring you in.")}</p>
      ${this.foot(t("Leave"), "log-out")}
    </form>`;
  }

  /** @param {RoomDetails} room */
  snooze(room) {
    const choices = snoozeChoices(new Date());
    return html`<div class="form">
      <ul class="picks">
        ${choices.map(
          (
            { label, until },
            at,
          ) => html`<li><button class="menu-item" type="button" ?data-first=${at === 0} ?disabled=${this.busy} @click=${() => void this.carryOut(() => this.acts.snooze(room, until))}>
            ${icon("alarm-clock")}<span class="grow">${label}</span><span class="sub">${dayLabel(until)} ${clockTime(until)}</span></button></li>`,
        )}
      </ul>
      <form class="row" @submit=${(/** @type {SubmitEvent} */ event) => this.onSnooze(event, room)}>
        <label class="vh" for="snooze-until">${t("Another moment")}</label>
        <input class="field" id="snooze-until" name="until" type="datetime-local" required>
        <button class="btn" type="submit" ?disabled=${this.busy}>${t("Snooze")}</button>
      </form>
      <p class="form-hint">${t("It comes back earlier when the guest writes.")}</p>
    </div>`;
  }

  /** @param {SubmitEvent} event @param {RoomDetails} room */
  onSnooze(event, room) {
    event.preventDefault();
    const until = new Date(String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("until")));
    if (!(until.getTime() > Date.now())) return this.complain(t("Choose a moment that is still to come."));
    return void this.carryOut(() => this.acts.snooze(room, until));
  }

  /** @param {RoomDetails} room */
  block(room) {
    const guest = room.guest;
    if (!guest) return nothing;
    return html`<form class="form" novalidate @submit=${(/** @type {SubmitEvent} */ event) => this.onBlock(event, guest)}>
      <p>${t("{name} can then neither write nor open conversations.", { name: guest.name })}</p>
      <div class="form-field"><label for="block-reason">${t("Reason")}</label>
        <input class="field" id="block-reason" name="reason" required maxlength="500" dir="auto" data-first></div>
      <fieldset class="choices"><legend>${t("For")}</legend>
        ${[
          ["1", t("a day")],
          ["7", t("a week")],
          ["30", t("a month")],
          ["", t("ever")],
        ].map(
          ([days, label], at) =>
            html`<label class="choice"><input type="radio" name="days" value=${days} ?checked=${at === 0}><span>${label}</span></label>`,
        )}
      </fieldset>
      ${this.foot(t("Block"), "ban", "danger")}
    </form>`;
  }

  /** @param {SubmitEvent} event @param {{id: string, name: string}} guest */
  onBlock(event, guest) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const reason = String(form.get("reason")).trim();
    if (reason === "") return this.complain(t("Say why; the reason is kept with the block."));
    const days = Number(form.get("days"));
    const until = days > 0 ? new Date(Date.now() + days * 86_400_000).toISOString() : undefined;
    return void this.carryOut(() => this.acts.block(guest, { reason, until }));
  }

  /** @param {string} messageId */
  deletion(messageId) {
    const message = this.desk.open?.stream.messages.get(messageId);
    if (!message) return nothing;
    return html`<form class="form" @submit=${(/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      void this.carryOut(() => this.acts.deleteMessage(message));
    }}>
      <blockquote class="doomed" dir="auto">${message.content}</blockquote>
      <p>${t("It disappears for everybody at once and cannot be brought back.")}</p>
      ${this.foot(t("Delete"), "trash-2", "danger")}
    </form>`;
  }
}

/** Enter hands over, Shift+Enter breaks the line, as in the composer. @param {KeyboardEvent} event */
function submitOnEnter(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  /** @type {HTMLTextAreaElement} */ (event.target).form?.requestSubmit();
}

customElements.define("desk-dialogs", DialogView);
