// The log of the open room: rows by seq, drafts and unsent messages after them, the newest at the foot.

import { html, nothing } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import { t, tn } from "../shared/i18n.js";
import { icon } from "../shared/icon.js";
import { dayLabel } from "../shared/time.js";
import { lineOf } from "./event-lines.js";
import { logRows } from "./log-rows.js";
import { draftView, messageView, pendingView } from "./message-view.js";
import { titleOf } from "./room-list.js";
import { View } from "./view.js";

/**
 * @typedef {import("../shared/protocol.js").Message} Message
 * @typedef {import("./open-room.js").OpenRoom} OpenRoom
 * @typedef {import("./message-view.js").MessageContext} MessageContext
 */

const NEAR = 80;
const WINDOW = 300;

class LogView extends View {
  static topics = /** @type {("room")[]} */ (["room"]);

  static gathers = true;

  static properties = {
    ...View.properties,
    acts: { attribute: false },
    active: { state: true },
    picking: { state: true },
  };

  constructor() {
    super();
    this.acts = /** @type {import("./desk-acts.js").DeskActs} */ (/** @type {unknown} */ (null));
    /** @type {string | null} */
    this.active = null;
    this.picking = false;
    /** @type {OpenRoom | null} */
    this.shown = null;
    this.follows = true;
    this.behind = 0;
    this.limit = WINDOW;
    this.lastSeq = 0;
    /** Distance from the foot to hold while older rows are put in above. @type {number | null} */
    this.hold = null;
  }

  get box() {
    return /** @type {HTMLElement | null} */ (this.querySelector(".log"));
  }

  willUpdate() {
    const { open } = this.desk;
    if (open === this.shown) return;
    this.shown = open;
    this.follows = true;
    this.behind = 0;
    this.limit = WINDOW;
    this.active = null;
    this.picking = false;
    this.lastSeq = 0;
  }

  render() {
    const { open } = this.desk;
    if (!open) return nothing;
    const guest = open.room ? titleOf(open.room) : "";
    return html`<div class="log-frame">
      <div class="log" role="log" aria-live="off" tabindex="0" aria-label=${t("Conversation with {name}", { name: guest })}
        aria-busy=${!open.ready} @scroll=${this.onScroll} @pointerover=${this.onPoint} @pointerleave=${this.onLeave}
        @focusin=${this.onFocus} @keydown=${this.onKey}>
        ${open.ready ? this.rows(open) : skeleton()}
      </div>
      ${
        this.follows
          ? nothing
          : html`<button class="btn jump" type="button" @click=${() => this.toEnd()}>${icon("arrow-down")}${
              this.behind > 0
                ? tn("{count} new message", "{count} new messages", this.behind)
                : t("Jump to latest")
            }</button>`
      }
    </div>`;
  }

  /** @param {OpenRoom} open */
  rows(open) {
    const { stream } = open;
    const me = this.desk.me.id;
    // Only what is shown is looked at: the work of a frame does not grow with the conversation.
    const rows = logRows(stream.entries.slice(-this.limit), stream.messages, {
      // Beyond what has been read back so far the line has no place yet.
      newAfter: open.newAfter !== null && open.newAfter >= stream.base ? open.newAfter : null,
      me,
      shown: (event) => lineOf(event, me) !== null,
    });
    const pending = this.desk.outbox
      .of(open.id)
      .filter((item) => !stream.messageOf(item.client_msg_id) && !stream.messages.has(item.ack?.id ?? ""));
    const context = this.context(open);
    return html`<div class="rows">
      ${this.head(open)}
      ${repeat(
        [
          ...rows,
          ...pending.map((item, at) => ({
            type: /** @type {const} */ ("pending"),
            key: item.client_msg_id,
            item,
            opens: at === 0,
          })),
        ],
        keyOf,
        (row) => this.row(row, context),
      )}
      ${stream.drafts.list().map((draft) => draftView(draft, context.nameOf(draft.robot_id) || t("Robot")))}
      ${this.typists(open)}
    </div>`;
  }

  /** @param {any} row @param {MessageContext} context */
  row(row, context) {
    switch (row.type) {
      case "day":
        return html`<p class="day">${dayLabel(row.at)}</p>`;
      case "new":
        return html`<p class="new-line" id="new-line"><span>${t("New")}</span></p>`;
      case "line": {
        const line = lineOf(row.event, this.desk.me.id, context.nameOf);
        return line ? html`<p class="ev">${icon(line.icon)}<span>${line.text}</span></p>` : nothing;
      }
      case "pending":
        return pendingView(row.item, row.opens, {
          own: this.desk.me.name,
          nameOf: context.nameOf,
          retry: () => this.desk.outbox.retry(row.item.client_msg_id),
          discard: () => this.desk.outbox.remove(row.item.client_msg_id),
        });
      default:
        return this.message(row.message, row.opens, context);
    }
  }

  /** Drawn again only when something it shows has changed. @param {Message} message @param {boolean} opens @param {MessageContext} context */
  message(message, opens, context) {
    const active = context.active === message.id;
    const mine = message.sender?.id === context.me;
    const shows = [
      message,
      opens,
      active,
      active && context.picking,
      context.find(message.reply_to ?? ""),
      this.desk.open?.stream.participants.size,
      context.nameOf(message.sender?.id),
      ...(mine
        ? [context.lastOwn === message.id, context.statusOf(message), context.readers(message).join()]
        : []),
    ];
    return guard(shows, () => messageView(message, opens, context));
  }

  /** @param {OpenRoom} open */
  head({ stream }) {
    if (stream.loadingEarlier)
      return html`<p class="ev earlier">${icon("refresh-cw", "spin")}${t("Loading earlier messages")}</p>`;
    if (!stream.hasEarlier && stream.entries.length <= this.limit) return nothing;
    return html`<button class="btn quiet sm earlier" type="button" @click=${() => void this.earlier()}>${icon("history")}${t("Show earlier messages")}</button>`;
  }

  /** @param {OpenRoom} open */
  typists(open) {
    const names = [...open.stream.typing.entries()]
      .filter(([id]) => id !== this.desk.me.id)
      .map(([id, who]) => open.nameOf(id) || who.name);
    if (names.length === 0) return nothing;
    return html`<p class="typists"><span class="typing" aria-hidden="true"><i></i><i></i><i></i></span><span dir="auto">${t("{names} is typing", { names: names.join(", ") })}</span></p>`;
  }

  /** @param {OpenRoom} open @returns {MessageContext} */
  context(open) {
    const { stream } = open;
    const me = this.desk.me.id;
    const nameOf = (/** @type {string | null | undefined} */ id) => {
      if (!id) return "";
      if (id === me) return t("You");
      return open.nameOf(id) || (this.desk.colleagues.find((one) => one.id === id)?.name ?? "");
    };
    let lastOwn = null;
    for (let at = stream.entries.length - 1; at >= 0 && lastOwn === null; at -= 1) {
      const message = stream.messages.get(stream.entries[at].id ?? "");
      if (message?.sender?.id === me && !message.note && !message.whisper_to) lastOwn = message.id;
    }
    return {
      me,
      nameOf,
      lastOwn,
      active: this.active,
      picking: this.picking,
      may: this.desk.may,
      find: (id) => stream.messages.get(id),
      statusOf: (message) => stream.statusOf(message),
      readers: (message) =>
        open.people
          .filter((one) => one.user_id !== me && one.kind !== "robot" && (one.read_seq ?? 0) >= message.seq)
          .map((one) => open.nameOf(one.user_id) || one.name),
      act: (act, message) => this.onAct(act, message),
      react: (message, emoji) => {
        this.picking = false;
        void this.acts.react(message, emoji);
      },
    };
  }

  /** @param {"reply" | "edit" | "delete" | "pick" | "jump"} act @param {Message} message */
  onAct(act, message) {
    if (act === "reply") this.desk.compose({ replyTo: message.id });
    else if (act === "edit") this.desk.compose({ edit: message.id });
    else if (act === "delete") this.desk.ask({ kind: "delete", messageId: message.id });
    else if (act === "pick") this.picking = true;
    else this.focusMessage(message.id);
  }

  /** @param {string} id */
  focusMessage(id) {
    const article = /** @type {HTMLElement | null} */ (
      this.querySelector(`[data-message="${CSS.escape(id)}"]`)
    );
    article?.focus({ preventScroll: true });
    article?.scrollIntoView({ block: "center" });
  }

  /** @param {Event} event */
  messageAt(event) {
    const target = event.target instanceof Element ? event.target.closest("[data-message]") : null;
    return target?.getAttribute("data-message") ?? null;
  }

  /** @param {PointerEvent} event */
  onPoint(event) {
    this.activate(this.messageAt(event));
  }

  onLeave() {
    if (!this.contains(document.activeElement)) this.activate(null);
  }

  /** @param {FocusEvent} event */
  onFocus(event) {
    this.activate(this.messageAt(event));
  }

  /** @param {string | null} id */
  activate(id) {
    if (id === this.active) return;
    this.active = id;
    this.picking = false;
  }

  /** Up and down walk the messages; Escape leaves them. @param {KeyboardEvent} event */
  onKey(event) {
    if (!["ArrowUp", "ArrowDown", "Escape", "Home", "End"].includes(event.key)) return;
    const at = this.messageAt(event);
    if (event.key === "Escape") {
      if (this.picking) this.picking = false;
      else if (at) this.box?.focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const all = /** @type {HTMLElement[]} */ ([...this.querySelectorAll("article[data-message]")]);
    const here = all.findIndex((article) => article.dataset.message === at);
    const to =
      { ArrowUp: here < 0 ? all.length - 1 : here - 1, ArrowDown: here + 1, Home: 0, End: all.length - 1 }[
        event.key
      ] ?? 0;
    if (here < 0 && event.key !== "ArrowUp") return;
    event.preventDefault();
    all[Math.max(0, Math.min(all.length - 1, to))]?.focus();
  }

  onScroll() {
    const { box } = this;
    if (!box) return;
    const follows = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    if (follows !== this.follows) {
      this.follows = follows;
      if (follows) this.behind = 0;
      this.requestUpdate();
    }
    if (follows) this.seen();
    if (box.scrollTop < NEAR && box.scrollHeight > box.clientHeight) void this.earlier();
  }

  async earlier() {
    const { open } = this.desk;
    const { box } = this;
    if (!open || !box || !open.ready || open.stream.loadingEarlier) return;
    this.hold = box.scrollHeight - box.scrollTop;
    if (open.stream.entries.length > this.limit) {
      this.limit += WINDOW;
      this.requestUpdate();
    } else if (open.stream.hasEarlier) {
      this.limit += WINDOW;
      await open.stream.earlier().catch(() => false);
      this.hold = box.scrollHeight - box.scrollTop;
      this.requestUpdate();
    } else {
      this.hold = null;
    }
  }

  toEnd() {
    const { box } = this;
    if (!box) return;
    box.scrollTop = box.scrollHeight;
    this.follows = true;
    this.behind = 0;
    this.requestUpdate();
  }

  updated() {
    const { box } = this;
    const { open } = this.desk;
    if (!box || !open?.ready) return;
    const last = open.stream.last ?? 0;
    const first = this.lastSeq === 0;
    if (!first && !this.follows) this.countBehind(last);
    this.lastSeq = last || this.lastSeq;
    if (first) this.begin(box);
    else if (this.hold !== null) box.scrollTop = box.scrollHeight - this.hold;
    else if (this.follows) box.scrollTop = box.scrollHeight;
    this.hold = null;
    if (this.follows) this.seen();
    if (first && box.scrollHeight <= box.clientHeight && open.stream.hasEarlier) void this.earlier();
  }

  /** At first the newest is in view, or the first unread one when there are many. @param {HTMLElement} box */
  begin(box) {
    box.scrollTop = box.scrollHeight;
    const divider = /** @type {HTMLElement | null} */ (this.querySelector("#new-line"));
    if (divider && divider.offsetTop < box.scrollTop)
      box.scrollTop = divider.offsetTop - box.clientHeight / 4;
  }

  /** @param {number} last */
  countBehind(last) {
    const { stream } = /** @type {OpenRoom} */ (this.desk.open);
    const before = this.behind;
    for (let at = stream.entries.length - 1; at >= 0 && stream.entries[at].seq > this.lastSeq; at -= 1) {
      if (stream.messages.get(stream.entries[at].id ?? "")?.sender?.id !== this.desk.me.id) this.behind += 1;
    }
    if (last > this.lastSeq && this.behind !== before) this.requestUpdate();
  }

  seen() {
    if (document.visibilityState === "visible" && document.hasFocus()) this.desk.open?.seen();
  }
}

/** @param {any} row one's own message keeps its place in the page when the desk confirms it */
function keyOf(row) {
  return row.type === "message" ? (row.message.client_msg_id ?? row.key) : row.key;
}

function skeleton() {
  return html`<div class="log-ghost" aria-hidden="true">
      <span class="skel a"></span><span class="skel b"></span><span class="skel c"></span><span class="skel d"></span>
    </div>
    <p class="vh" role="status">${t("Loading the conversation")}</p>`;
}

customElements.define("desk-log", LogView);
