// Where a reply, a note or a whisper is written. Enter sends, Shift+Enter breaks the line.

import { html, nothing } from "lit";
import { t, tn } from "../shared/i18n.js";
import { icon } from "../shared/icon.js";
import { MAX_CONTENT } from "../shared/protocol.js";
import { besideBar, hintOf, labelOf, sendWord, whisperTo, whySilent } from "./composer-words.js";
import { isAnothers } from "./room-actions.js";
import { titleOf } from "./room-list.js";
import { behind, suggestionOf, typeInto } from "./suggestion.js";
import { suggestionBar } from "./suggestion-bar.js";
import { keepUnsent, unsentOf } from "./unsent-text.js";
import { View } from "./view.js";

/**
 * @typedef {import("./unsent-text.js").Mode} Mode
 * @typedef {import("../shared/protocol.js").Message} Message
 * @typedef {import("./open-room.js").OpenRoom} OpenRoom
 */

const TYPING_EVERY_MS = 3000;
/** @type {readonly Mode[]} */
const MODES = ["reply", "note", "whisper"];

class ComposerView extends View {
  static topics = /** @type {("room" | "desk")[]} */ (["room", "desk"]);

  static properties = { ...View.properties, acts: { attribute: false } };

  constructor() {
    super();
    this.acts = /** @type {import("./desk-acts.js").DeskActs} */ (/** @type {unknown} */ (null));
    /** @type {OpenRoom | null} */
    this.shown = null;
    this.unsent = unsentOf("");
    /** @type {string | null} */
    this.replyTo = null;
    /** @type {string | null} */
    this.editing = null;
    this.editText = "";
    this.toldTyping = 0;
    this.observes = false;
    /** Whether a colleague has the conversation with the guest. */
    this.beside = false;
    /** @type {Set<string>} suggestions decided about here; the desk tells of it a moment later */
    this.decided = new Set();
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(this.desk.composer.on(() => this.onWish()));
  }

  willUpdate() {
    const { open } = this.desk;
    if (!open) return;
    if (open === this.shown) {
      // What was resolved meanwhile takes notes only.
      const modes = this.modes();
      if (modes.length > 0 && !modes.includes(this.unsent.mode))
        this.unsent = { ...this.unsent, mode: modes[0] };
      this.keepQuiet(open);
      return;
    }
    this.shown = open;
    this.unsent = unsentOf(open.id);
    if (!this.modes().includes(this.unsent.mode)) this.unsent.mode = this.modes()[0] ?? "reply";
    this.replyTo = null;
    this.editing = null;
    if (this.unsent.mode === "whisper") void this.desk.loadColleagues();
    this.observes = false;
    this.beside = false;
    this.keepQuiet(open);
  }

  /**
   * Whoever begins to read along unseen, or beside a colleague who has the conversation, does not speak to the guest by
   * a slip: they begin with a note, unless a reply is already written. Whoever takes over goes on to reply.
   * @param {OpenRoom} open
   */
  keepQuiet(open) {
    const observes = open.role === "observer";
    const { room } = open;
    const going = room?.guest && room.status !== "closed" && room.status !== "archived";
    const beside = Boolean(going && isAnothers(room, this.desk.me.id));
    const begins = (observes && !this.observes) || (beside && !this.beside);
    const takes = this.beside && !beside && !observes && room?.owner.id === this.desk.me.id;
    const { mode, reply, note } = this.unsent;
    const wanted = begins && !reply ? "note" : takes && mode === "note" && !note ? "reply" : mode;
    if (wanted !== mode && this.modes().includes(wanted)) this.unsent = { ...this.unsent, mode: wanted };
    this.observes = observes;
    this.beside = beside;
  }

  /** What this person may write here. @returns {Mode[]} */
  modes() {
    const { may, open } = this.desk;
    const guest = Boolean(open?.room?.guest);
    return MODES.filter((mode) =>
      mode === "reply"
        ? may("chat:message:send") && open?.room?.status !== "closed"
        : guest && may("chat:message:note"),
    );
  }

  get box() {
    return /** @type {HTMLTextAreaElement | null} */ (this.querySelector("textarea"));
  }

  get text() {
    return this.editing ? this.editText : this.unsent[this.unsent.mode];
  }

  onWish() {
    const wish = this.desk.composerWish;
    const { open } = this.desk;
    if (!wish || !open) return;
    if (wish.suggestion) return this.decide(wish.suggestion);
    if (wish.mode && this.modes().includes(wish.mode)) this.setMode(wish.mode);
    if (wish.replyTo) {
      this.editing = null;
      this.replyTo = wish.replyTo;
    }
    if (wish.edit) {
      this.replyTo = null;
      this.editing = wish.edit;
      this.editText = open.stream.messages.get(wish.edit)?.content ?? "";
    }
    this.requestUpdate();
    void this.updateComplete.then(() => {
      this.grow();
      this.box?.focus();
      this.box?.setSelectionRange(this.text.length, this.text.length);
    });
  }

  render() {
    const { open } = this.desk;
    const room = open?.room;
    if (!open || !room) return nothing;
    const modes = this.modes();
    if (room.status === "archived" || modes.length === 0) {
      return html`<p class="compose closed">${icon("lock")}${whySilent(room.status)}</p>`;
    }
    const { mode } = this.unsent;
    const name = titleOf(room);
    const suggestion = this.suggestion();
    return html`<form class="compose ${this.editing ? "editing" : mode}" @submit=${this.onSubmit}>
      ${suggestion ? suggestionBar(suggestion, (decision) => this.decide(decision)) : nothing}
      ${this.beside && !this.editing ? besideBar(this.desk, this.acts, this.unsent.mode) : nothing}
      ${this.editing ? this.editBar() : this.modeTabs(modes)}
      ${mode === "whisper" && !this.editing ? whisperTo(this.desk, this.unsent.whisperTo, this.onWhisperTo) : nothing}
      ${this.replyTo && !this.editing ? this.replyBar(open) : nothing}
      <label class="vh" for="composer">${this.label(name)}</label>
      <textarea class="ta" id="composer" rows="2" dir="auto" maxlength=${MAX_CONTENT} placeholder=${this.label(name)} enterkeyhint="send"
        .value=${this.text} @input=${this.onInput} @keydown=${this.onKey}></textarea>
      <div class="row compose-foot">
        <span class="hint grow">${this.hint(name)}</span>
        <button class="btn primary" type="submit" ?disabled=${!this.sendable()}>${icon(this.editing ? "check" : "send-horizontal", "flip")}${
          this.editing ? t("Save") : sendWord(mode)
        } <span class="kbd">↵</span></button>
      </div>
    </form>`;
  }

  /** What a robot suggests to reply, where a reply can be written. */
  suggestion() {
    const { open } = this.desk;
    if (!open || this.editing || !this.modes().includes("reply")) return null;
    return suggestionOf(open.stream.entries, open.stream.messages, this.decided);
  }

  /**
   * What was written already stays; the suggestion comes after it.
   * @param {import("./suggestion-bar.js").Decision} decision
   */
  decide(decision) {
    const suggestion = this.suggestion();
    if (!suggestion || !this.shown) return;
    this.decided.add(suggestion.id);
    const { id } = suggestion;
    void this.acts.decide(this.shown.id, id, decision, () => {
      this.decided.delete(id);
      this.requestUpdate();
    });
    if (decision !== "dismissed") this.unsent = { ...this.unsent, mode: /** @type {Mode} */ ("reply") };
    this.requestUpdate();
    void this.updateComplete.then(() => {
      this.box?.focus();
      if (decision !== "dismissed") {
        this.type(behind(this.unsent.reply, suggestion.content));
        const caret = this.text.length - (decision === "edited" ? suggestion.content.length : 0);
        this.box?.setSelectionRange(caret, caret);
      }
      this.grow();
    });
  }

  /** @param {string} reply */
  type(reply) {
    typeInto(this.box, reply);
    if (this.unsent.reply === reply) return;
    this.unsent = { ...this.unsent, reply };
    this.keep();
    this.requestUpdate();
  }

  /** @param {string} name the guest's */
  label(name) {
    return labelOf(this.editing ? "edit" : this.unsent.mode, name);
  }

  /** @param {string} name the guest's */
  hint(name) {
    const left = MAX_CONTENT - this.text.length;
    if (left < 1000) return tn("{count} character left", "{count} characters left", left);
    if (this.editing) return t("Escape leaves it as it was");
    return hintOf(this.desk, this.unsent.mode, name);
  }

  /** @param {Mode[]} modes */
  modeTabs(modes) {
    const names = { reply: t("Reply"), note: t("Internal note"), whisper: t("Whisper") };
    return html`<div class="tabs" role="radiogroup" aria-label=${t("Kind of message")} @keydown=${this.onModeKey}>
      ${modes.map(
        (
          mode,
        ) => html`<button type="button" role="radio" aria-checked=${mode === this.unsent.mode} tabindex=${mode === this.unsent.mode ? 0 : -1}
          data-mode=${mode} @click=${() => this.pickMode(mode)}>${mode === "reply" ? nothing : icon("lock", "xs")}${names[mode]}${
            mode !== this.unsent.mode && this.unsent[mode]
              ? html`<i class="unsent-mark"></i><span class="vh"> ${t("has unsent text")}</span>`
              : nothing
          }</button>`,
      )}
    </div>`;
  }

  editBar() {
    return html`<div class="row bar">${icon("pencil", "xs")}<span class="grow">${t("Editing your message")}</span>
      <button class="btn quiet icon" type="button" aria-label=${t("Stop editing")} @click=${() => this.stopEditing()}>${icon("x")}</button></div>`;
  }

  /** @param {OpenRoom} open */
  replyBar(open) {
    const message = open.stream.messages.get(this.replyTo ?? "");
    const name = message?.sender?.id === this.desk.me.id ? t("You") : (message?.sender?.name ?? "");
    return html`<div class="row bar">${icon("reply", "xs")}<span class="grow clip" dir="auto">${t("{name}: {text}", { name, text: message?.content ?? "" })}</span>
      <button class="btn quiet icon" type="button" aria-label=${t("Not as a reply")} @click=${() => this.dropReply()}>${icon("x")}</button></div>`;
  }

  sendable() {
    if (this.text.trim() === "") return false;
    return this.editing !== null || this.unsent.mode !== "whisper" || this.unsent.whisperTo !== "";
  }

  /** @param {Mode} mode */
  pickMode(mode) {
    this.setMode(mode);
    this.box?.focus();
  }

  /** @param {Mode} mode */
  setMode(mode) {
    this.editing = null;
    this.unsent = { ...this.unsent, mode };
    this.keep();
    if (mode === "whisper") void this.desk.loadColleagues();
    this.requestUpdate();
    void this.updateComplete.then(() => this.grow());
  }

  /** @param {KeyboardEvent} event */
  onModeKey(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const modes = this.modes();
    const mode = modes[(modes.indexOf(this.unsent.mode) + step + modes.length) % modes.length];
    this.setMode(mode);
    void this.updateComplete.then(() =>
      /** @type {HTMLElement | null} */ (this.querySelector(`[data-mode="${mode}"]`))?.focus(),
    );
  }

  /** @param {Event} event */
  onWhisperTo(event) {
    this.unsent = { ...this.unsent, whisperTo: /** @type {HTMLSelectElement} */ (event.target).value };
    this.keep();
    this.requestUpdate();
    this.box?.focus();
  }

  /** @param {InputEvent} event */
  onInput(event) {
    const { value } = /** @type {HTMLTextAreaElement} */ (event.target);
    if (this.editing) this.editText = value;
    else this.unsent = { ...this.unsent, [this.unsent.mode]: value };
    this.keep();
    this.grow();
    if (!this.editing && this.unsent.mode === "reply" && value.trim() !== "") this.tellTyping();
    this.requestUpdate();
  }

  keep() {
    if (this.shown) keepUnsent(this.shown.id, this.unsent);
  }

  tellTyping() {
    const now = Date.now();
    if (!this.shown || now - this.toldTyping < TYPING_EVERY_MS) return;
    this.toldTyping = now;
    this.desk.connection.tell("typing", { room_id: this.shown.id, on: true });
  }

  /** The box grows with its text, up to what the style sheet allows. */
  grow() {
    const { box } = this;
    if (!box) return;
    box.style.setProperty("block-size", "auto");
    box.style.setProperty("block-size", `${box.scrollHeight + 2}px`);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (this.editing) this.stopEditing();
      else if (this.replyTo) this.dropReply();
      else this.box?.blur();
    } else if (event.key === "ArrowUp" && this.text === "" && !this.editing) {
      this.editLast(event);
    }
  }

  /** Arrow up in an empty box opens one's newest message. @param {KeyboardEvent} event */
  editLast(event) {
    const { open } = this.desk;
    for (const { id } of [...(open?.stream.entries ?? [])].reverse()) {
      const message = open?.stream.messages.get(id ?? "");
      if (message?.sender?.id !== this.desk.me.id || message.deleted) continue;
      event.preventDefault();
      this.desk.compose({ edit: message.id });
      return;
    }
  }

  stopEditing() {
    this.editing = null;
    this.requestUpdate();
    void this.updateComplete.then(() => this.grow());
    this.box?.focus();
  }

  dropReply() {
    this.replyTo = null;
    this.requestUpdate();
    this.box?.focus();
  }

  /** @param {SubmitEvent} event */
  onSubmit(event) {
    event.preventDefault();
    this.send();
  }

  send() {
    const { open } = this.desk;
    if (!open || !this.sendable()) return;
    const content = this.text.trim();
    if (this.editing) {
      const message = open.stream.messages.get(this.editing);
      if (message && message.content !== content) void this.acts.edit(message, content);
      this.stopEditing();
      return;
    }
    const { mode, whisperTo } = this.unsent;
    this.desk.outbox.add(open.id, {
      content,
      note: mode === "note" ? true : undefined,
      whisper_to: mode === "whisper" ? whisperTo : undefined,
      reply_to: this.replyTo ?? undefined,
    });
    if (mode === "reply") this.desk.connection.tell("typing", { room_id: open.id, on: false });
    this.toldTyping = 0;
    this.unsent = { ...this.unsent, [mode]: "" };
    this.replyTo = null;
    this.keep();
    this.requestUpdate();
    void this.updateComplete.then(() => this.grow());
    /** @type {any} */ (document.querySelector("desk-log"))?.toEnd();
  }
}

customElements.define("desk-composer", ComposerView);
