// The chat as the guest sees it. One element in the light DOM; it decides what is shown, the views draw it.

import { html, LitElement, nothing } from "lit";
import { t, tn } from "../shared/i18n.js";
import { icon } from "../shared/icon.js";
import { rowsOf } from "./rows.js";
import { LogScroll } from "./scroll.js";
import "./view/composer.js";
import "./view/ending.js";
import { banner, header, personBar } from "./view/header.js";
import { log } from "./view/log.js";
import "./view/message.js";

/**
 * @typedef {object} Site
 * @property {string} key
 * @property {string} name
 * @property {boolean} robots
 * @property {boolean} [online] whether somebody of the staff is at the desk
 * @property {string} [robot_name]
 * @property {string} [greeting]
 * @property {import("../shared/protocol.js").QuickReply[]} [suggestions]
 * @property {"visit" | "message"} [open_on]
 * @property {string} [privacy_url]
 * @property {{accent?: string, theme?: "auto" | "light" | "dark", position?: "start" | "end"}} [appearance]
 *
 * @typedef {import("./view/composer.js").SdComposer} SdComposer
 * @typedef {import("../shared/protocol.js").Message} Message
 */

const FLASH_MS = 1500;
const LATE_MS = 1500;
const TOAST_MS = 8000;

export class SdWidget extends LitElement {
  /** @type {Site} */
  site = /** @type {any} */ ({});
  /** @type {import("./conversation.js").Conversation} */
  conversation = /** @type {any} */ (null);
  /** @type {import("../shared/connection.js").Connection} */
  connection = /** @type {any} */ (null);
  /** @type {import("./memory.js").Memory} */
  memory = /** @type {any} */ (null);
  embedded = false;
  sound = true;
  /** The frame is open on the page. */
  shown = false;
  /** @type {string | null} key of the row whose actions are open */
  opened = null;
  /** @type {string | null} key of the row whose actions the keyboard reaches */
  focused = null;
  /** @type {string | null} */
  editing = null;
  /** @type {string | null} */
  replyTo = null;
  /** @type {string | null} */
  toast = null;
  /** @type {import("../shared/connection.js").ConnectionState | null} */
  lastState = null;
  /** The state of the connection has lasted long enough to be spoken of. */
  late = false;
  rating = false;
  place = new LogScroll(this);
  /** @type {(name: string, detail?: any) => void} tells the page */
  say = () => {};
  /** @type {any} */
  lateTimer = null;
  /** @type {any} */
  toastTimer = null;

  createRenderRoot() {
    return this;
  }

  /** Many events, one painting. */
  async scheduleUpdate() {
    await new Promise((go) => requestAnimationFrame(go));
    super.scheduleUpdate();
  }

  connectedCallback() {
    super.connectedCallback();
    this.connection.onState((state) => {
      if (state !== this.lastState) {
        clearTimeout(this.lateTimer);
        this.late = false;
        this.lateTimer = setTimeout(() => {
          this.late = true;
          this.requestUpdate();
        }, LATE_MS);
      }
      this.lastState = state;
      this.requestUpdate();
    });
    document.addEventListener("keydown", (event) => this.onKeydown(event));
    document.addEventListener("visibilitychange", () => this.see());
  }

  get composer() {
    return /** @type {SdComposer | null} */ (this.querySelector("sd-composer"));
  }

  /** The desk wants to hear nothing more from here: a block, or a site that is gone. */
  get shut() {
    return this.connection.state === "refused";
  }

  /** The guest looks at the end of the log. */
  get watching() {
    return this.shown && this.place.atEnd && document.visibilityState === "visible";
  }

  see() {
    if (this.watching) this.conversation.markRead();
    this.dispatchEvent(new CustomEvent("seen"));
    this.requestUpdate();
  }

  /**
   * @param {boolean} shown
   * @param {boolean} focus
   */
  async show(shown, focus) {
    this.shown = shown;
    this.requestUpdate();
    if (!shown) {
      this.see();
      return;
    }
    await this.updateComplete;
    this.place.toEnd();
    this.see();
    if (!focus) return;
    // On a phone the keyboard would cover what there is to read.
    if (matchMedia("(pointer: coarse)").matches)
      /** @type {HTMLElement | null} */ (this.querySelector("#title"))?.focus();
    else this.composer?.focusField();
  }

  close() {
    this.say("close");
  }

  toggleSound() {
    this.sound = !this.sound;
    this.memory.set("sound", this.sound ? null : "off");
    this.dispatchEvent(new CustomEvent("sound"));
    this.requestUpdate();
  }

  /** @param {string} sentence something that went wrong */
  complain(sentence) {
    this.toast = sentence;
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => {
      this.toast = null;
      this.requestUpdate();
    }, TOAST_MS);
    this.requestUpdate();
  }

  firstUpdated() {
    this.place.follow();
  }

  updated() {
    if (this.watching) this.conversation.markRead();
  }

  /** @param {KeyboardEvent} event */
  onKeydown(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (this.opened) {
      const key = this.opened;
      this.opened = null;
      this.requestUpdate();
      this.focusRow(key);
    } else if (this.embedded) this.close();
  }

  /** Up and down walk through the messages' actions. @param {KeyboardEvent} event */
  onLogKeydown = (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (!target.classList.contains("more") || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    const all = [.../** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll(".more"))];
    const next = all[all.indexOf(target) + (event.key === "ArrowUp" ? -1 : 1)];
    if (!next) {
      if (event.key === "ArrowDown") this.composer?.focusField();
      return;
    }
    this.focused = next.closest("sd-message")?.getAttribute("data-key") ?? null;
    next.focus();
    this.requestUpdate();
  };

  /** @param {string} key */
  focusRow(key) {
    /** @type {HTMLElement | null} */ (this.row(key)?.querySelector(".more") ?? null)?.focus();
  }

  /** @param {string} key */
  row(key) {
    return this.querySelector(`sd-message[data-key="${CSS.escape(key)}"]`);
  }

  /** @param {CustomEvent<{action: string, id?: string, item?: string, emoji?: string, on?: boolean, target?: string}>} event */
  onAct = (event) => {
    const { action, id = "", item = "", emoji, on, target = "" } = event.detail;
    const { conversation } = this;
    const key = /** @type {HTMLElement} */ (event.target).dataset.key ?? null;
    if (action === "open") {
      this.opened = this.opened === key ? null : key;
      this.focused = key;
    } else if (action !== "show") this.opened = null;
    if (action === "retry") conversation.outbox.retry(item);
    if (action === "discard") conversation.outbox.remove(item);
    if (action === "react")
      void conversation.command(on ? "reaction.add" : "reaction.remove", { message_id: id, emoji });
    if (action === "delete") void conversation.command("message.delete", { message_id: id });
    if (action === "reply") this.begin("replyTo", id);
    if (action === "edit") this.begin("editing", id);
    if (action === "show") void this.showMessage(target);
    this.requestUpdate();
  };

  /**
   * @param {"editing" | "replyTo"} what
   * @param {string} id
   */
  begin(what, id) {
    this.editing = what === "editing" ? id : null;
    this.replyTo = what === "replyTo" ? id : null;
    this.requestUpdate();
    void this.updateComplete.then(() => this.composer?.focusField());
  }

  /** @param {string} id */
  async showMessage(id) {
    const { stream } = this.conversation;
    const at = stream?.entries.findIndex((entry) => entry.id === id) ?? -1;
    if (!stream || at < 0) return;
    this.place.reveal(stream.entries.length - at);
    await this.updateComplete;
    const message = stream.messages.get(id);
    const row = this.row(message?.client_msg_id ?? id) ?? this.row(id);
    row?.scrollIntoView({ block: "center", behavior: "smooth" });
    row?.classList.add("flash");
    setTimeout(() => row?.classList.remove("flash"), FLASH_MS);
  }

  /** The guest's own last message that can still be changed. */
  editLast() {
    const { stream, me, closed } = this.conversation;
    if (!stream || closed) return;
    const last = stream.entries.findLast(({ id }) => {
      const message = stream.messages.get(id ?? "");
      return message?.sender?.id === me && !message?.deleted;
    });
    if (last?.id) this.begin("editing", last.id);
  }

  /** @param {CustomEvent<{text: string}>} event */
  async submit({ detail: { text } }) {
    const { conversation } = this;
    if (this.editing) {
      const id = this.editing;
      const message = conversation.stream?.messages.get(id);
      const change = { message_id: id, content: text, version: message?.version };
      if (text !== message?.content && !(await conversation.command("message.edit", change))) return;
      this.editing = null;
    } else {
      conversation.send(text, this.replyTo);
      this.replyTo = null;
      this.memory.set("draft", null);
      this.place.atEnd = true;
    }
    this.requestUpdate();
  }

  /** @param {CustomEvent<{text: string}>} event */
  writing({ detail: { text } }) {
    this.conversation.typing(text !== "");
    if (!this.editing) this.memory.set("draft", text === "" ? null : text);
  }

  /** @param {CustomEvent<{score: number, comment?: string}>} event */
  async rate({ detail }) {
    const { conversation } = this;
    this.rating = true;
    this.requestUpdate();
    if (await conversation.command("csat.give", { room_id: conversation.stream?.roomId, ...detail })) {
      this.memory.set("rated", conversation.lane);
      this.say("csat", { score: detail.score });
    }
    this.rating = false;
    this.requestUpdate();
  }

  /** @param {string | null} id @returns {Message | null} */
  message(id) {
    return (id && this.conversation.stream?.messages.get(id)) || null;
  }

  render() {
    const { conversation } = this;
    const rows = rowsOf(conversation.stream, conversation.out, conversation.me, this.place.limit);
    return html`<main class="frame" aria-labelledby="title">
      ${header(this)}${banner(this)}${log(this, rows)}
      <div class="foot">
        ${this.place.atEnd ? nothing : this.jump()}
        ${this.toast ? html`<div class="banner danger" role="alert">${icon("circle-alert")}<span class="grow">${this.toast}</span></div>` : nothing}
        ${personBar(this)} ${conversation.closed || conversation.refused ? this.ending() : this.writer()}
        ${this.smallPrint()}
      </div>
    </main>`;
  }

  jump() {
    const count = this.conversation.unread;
    const label =
      count > 0 ? tn("{count} new message", "{count} new messages", count) : t("Jump to the latest message");
    return html`<button class="btn jump ${count > 0 ? "new" : ""}" type="button" aria-label=${label}
      @click=${() => {
        this.place.toEnd();
        this.see();
      }}>${icon("arrow-down")}${count > 0 ? html`<span>${label}</span>` : nothing}</button>`;
  }

  ending() {
    const { lane, refused, stream } = this.conversation;
    const given = stream?.entries.some(({ event }) => event?.kind === "csat.given");
    const rated = given || this.memory.get("rated") === lane;
    return html`${
      refused
        ? html`<div class="banner" role="alert">${icon("info")}<span class="grow">${t("This conversation can no longer be read.")}</span></div>`
        : nothing
    }<sd-ending
      .ask=${refused ? "nothing" : rated ? "thank" : "rate"}
      .busy=${this.rating}
      @rate=${this.rate}
      @again=${this.again}
    ></sd-ending>`;
  }

  again() {
    this.opened = null;
    this.editing = null;
    this.replyTo = null;
    this.conversation.leave();
    if (this.site.open_on === "visit") this.conversation.visit();
    void this.updateComplete.then(() => this.composer?.focusField());
  }

  writer() {
    const cancel = () => {
      this.editing = null;
      this.replyTo = null;
      this.requestUpdate();
    };
    return html`<sd-composer
      .editing=${this.message(this.editing)}
      .replyTo=${this.message(this.replyTo)}
      .disabled=${this.shut}
      @submit-text=${this.submit}
      @writing=${this.writing}
      @edit-last=${this.editLast}
      @cancel=${cancel}
    ></sd-composer>`;
  }

  smallPrint() {
    const { privacy_url } = this.site;
    const robots = this.site.robots && !this.shut;
    const privacy = privacy_url
      ? html`<a href=${privacy_url} target="_blank" rel="noopener">${t("Privacy")}</a>`
      : nothing;
    if (!robots && !privacy_url) return nothing;
    return html`<p class="small">${robots ? t("Robots may be wrong.") : nothing} ${privacy}</p>`;
  }
}

customElements.define("sd-widget", SdWidget);
