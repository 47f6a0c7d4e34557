// One message: voice, text, sources, reactions, how far it has come, and what can be done with it.

import { html, LitElement, nothing } from "lit";
import { chart } from "../../shared/chart.js";
import { t, tn } from "../../shared/i18n.js";
import { icon, initials } from "../../shared/icon.js";
import { serverHtml } from "../../shared/markdown-html.js";
import { clockTime, fullTime } from "../../shared/time.js";
import { bare } from "../bare.js";

/**
 * @typedef {import("../../shared/protocol.js").Message} Message
 * @typedef {import("../../shared/outbox.js").OutItem} OutItem
 * @typedef {"reply" | "edit" | "delete" | "react" | "retry" | "discard" | "open" | "show"} Act
 */

/** The figures of robots count these; of the two a person has one on a message. */
const THUMBS = ["👍", "👎"];
const EMOJI = ["👍", "❤️", "😂", "🎉", "😮", "😢"];

export class SdMessage extends LitElement {
  static properties = {
    message: { attribute: false },
    item: { attribute: false },
    state: { attribute: false },
    error: { attribute: false },
    voice: { attribute: false },
    first: { attribute: false },
    last: { attribute: false },
    status: { attribute: false },
    open: { attribute: false },
    focusable: { attribute: false },
    quoted: { attribute: false },
    me: { attribute: false },
    frozen: { attribute: false },
    judged: { attribute: false },
    deleting: { state: true },
    source: { state: true },
  };

  constructor() {
    super();
    /** @type {Message | null} */
    this.message = null;
    /** @type {OutItem | null} while it is on its way */
    this.item = null;
    /** @type {string | null} of the item */
    this.state = null;
    /** @type {string | null} of the item */
    this.error = null;
    /** @type {import("../rows.js").Voice} */
    this.voice = "person";
    this.first = true;
    this.last = true;
    /** @type {"sent" | "delivered" | "read" | null} */
    this.status = null;
    this.open = false;
    this.focusable = false;
    /** @type {Message | null} */
    this.quoted = null;
    /** @type {string | null} */
    this.me = null;
    this.frozen = false;
    /** Whether the thumbs are shown: on the robot's newest answer. */
    this.judged = false;
    this.deleting = false;
    /** @type {number | null} the place of the citation whose quote is shown */
    this.source = null;
  }

  createRenderRoot() {
    return this;
  }

  /**
   * @param {Act} action
   * @param {Record<string, any>} [more]
   */
  act(action, more = {}) {
    const detail = { action, id: this.message?.id, item: this.item?.client_msg_id, ...more };
    this.dispatchEvent(new CustomEvent("act", { bubbles: true, detail }));
  }

  /** @param {import("lit").PropertyValues} changed */
  willUpdate(changed) {
    if (changed.has("open") && !this.open) this.deleting = false;
  }

  get at() {
    return this.message?.created_at ?? this.item?.at ?? "";
  }

  render() {
    const own = this.voice === "me";
    const gone = this.message?.deleted;
    return html`<article class="msg ${own ? "out" : this.voice} ${this.first ? "first" : ""} ${this.last ? "last" : ""}">
      ${own ? nothing : html`<span class="av s ${this.voice}" aria-hidden="true">${this.last ? this.face() : nothing}</span>`}
      <div class="body">
        ${this.meta()}
        <div class="said">
          ${gone ? html`<div class="bub gone">${t("This message was deleted.")}</div>` : this.bubble()}
          ${gone || this.item || this.frozen ? nothing : this.more()}
        </div>
        ${gone ? nothing : html`${this.reactions()}${this.judged && !this.frozen ? this.thumbs() : nothing}${this.open && !this.frozen ? this.tools() : nothing}`}
        ${this.progress()}
      </div>
    </article>`;
  }

  face() {
    return this.voice === "robot" ? icon("bot") : initials(this.message?.sender?.name);
  }

  meta() {
    if (this.voice === "me") return html`<span class="vh">${t("You")}</span>`;
    const name = this.message?.sender?.name ?? "";
    const robot = this.voice === "robot";
    if (!this.first) return html`<span class="vh">${name}${robot ? ` (${t("robot")})` : ""}</span>`;
    const chip = robot
      ? html`<span class="chip robot">${t("robot")}</span>`
      : html`<span class="chip accent">${icon("user-round")}${t("person")}</span>`;
    return html`<div class="meta"><b dir="auto">${name}</b>${chip}${this.time()}</div>`;
  }

  time() {
    return html`<time datetime=${this.at} title=${fullTime(this.at)}>${clockTime(this.at)}</time>`;
  }

  bubble() {
    const { message, item } = this;
    const quoted = this.quoted
      ? html`<button class="quote" type="button" dir="auto" @click=${() => this.act("show", { target: this.quoted?.id })}>
          ${icon("corner-up-left", "xs flip")} ${this.quoted.deleted ? t("This message was deleted.") : bare(this.quoted.content.slice(0, 200))}
        </button>`
      : nothing;
    // What is on its way is shown as it was typed; the server's rendering takes its place.
    const text = message?.content_html
      ? html`<div class="md" dir="auto" ${serverHtml(message.content_html)}></div>`
      : html`<div class="plain" dir="auto">${message?.content ?? item?.body.content}</div>`;
    return html`<div class="bub ${item && this.state !== "sent" ? "going" : ""}">
      ${quoted}${text}${chart(message?.graph)}${this.citations()}
    </div>`;
  }

  citations() {
    const citations = this.message?.citations ?? [];
    if (citations.length === 0) return nothing;
    const shown = this.source === null ? undefined : citations[this.source];
    return html`<div class="cites" role="group" aria-label=${t("Sources")}>
      ${citations.map((citation, at) => {
        const words = html`${icon("book-open", "xs")}<span dir="auto">${at + 1} ${citation.title}</span>`;
        return /^(https?:\/\/|\/(?!\/))/.test(citation.url ?? "")
          ? html`<a class="cite" href=${citation.url} target="_blank" rel="noopener" title=${citation.quote ?? ""}>${words}</a>`
          : html`<button class="cite" type="button" aria-expanded=${shown === citation}
              @click=${() => {
                this.source = shown === citation ? null : at;
              }}>${words}</button>`;
      })}
    </div>
    ${shown?.quote ? html`<blockquote class="source" dir="auto">${shown.quote}</blockquote>` : nothing}`;
  }

  reactions() {
    const reactions = this.message?.reactions ?? [];
    if (reactions.length === 0) return nothing;
    return html`<div class="reacts">
      ${reactions.map(({ emoji, count, user_ids }) => {
        const mine = user_ids.includes(this.me ?? "");
        return html`<button class="react" type="button" aria-pressed=${mine} ?disabled=${this.frozen}
          aria-label=${tn("{emoji}, {count} reaction", "{emoji}, {count} reactions", count, { emoji })}
          @click=${() => this.act("react", { emoji, on: !mine })}>${emoji}<span>${count}</span></button>`;
      })}
    </div>`;
  }

  thumbs() {
    return html`<div class="thumbs">${THUMBS.map((one) => this.emoji(one))}</div>`;
  }

  more() {
    return html`<button class="more" type="button" tabindex=${this.focusable ? 0 : -1} aria-expanded=${this.open}
      aria-label=${t("Actions for this message")} @click=${() => this.act("open")}>${icon("ellipsis")}</button>`;
  }

  tools() {
    const own = this.voice === "me";
    if (this.deleting) {
      return html`<div class="tools" role="group" aria-label=${t("Delete this message?")}>
        <span>${t("Delete this message?")}</span>
        <button class="btn danger" type="button" @click=${() => this.act("delete")}>${t("Delete")}</button>
        <button class="btn" type="button" @click=${() => this.act("open")}>${t("Keep")}</button>
      </div>`;
    }
    const tool = (/** @type {string} */ name, /** @type {string} */ label, /** @type {() => void} */ run) =>
      html`<button class="tool" type="button" aria-label=${label} title=${label} @click=${run}>${icon(name, name === "corner-up-left" ? "flip" : "")}</button>`;
    return html`<div class="tools" role="group" aria-label=${t("Actions for this message")}>
      ${tool("corner-up-left", t("Reply"), () => this.act("reply"))}
      ${
        !own
          ? nothing
          : html`${tool("pencil", t("Edit"), () => this.act("edit"))}
            ${tool("trash-2", t("Delete"), () => {
              this.deleting = true;
            })}`
      }
      ${own ? nothing : EMOJI.map((emoji) => this.emoji(emoji))}
    </div>`;
  }

  /** @param {string} emoji */
  emoji(emoji) {
    const mine = this.message?.reactions?.some(
      (one) => one.emoji === emoji && one.user_ids.includes(this.me ?? ""),
    );
    return html`<button class="tool" type="button" aria-pressed=${Boolean(mine)} aria-label=${t("React with {emoji}", { emoji })}
      @click=${() => this.act("react", { emoji, on: !mine })}>${emoji}</button>`;
  }

  /** Time and ticks of one's own last message; what went wrong with any. */
  progress() {
    if (this.state === "failed") {
      return html`<div class="failed" role="alert">
        <span>${icon("circle-alert", "xs")}${t("Not sent.")} ${this.error}</span>
        <button class="link" type="button" @click=${() => this.act("retry")}>${t("Send again")}</button>
        <button class="link" type="button" @click=${() => this.act("discard")}>${t("Discard")}</button>
      </div>`;
    }
    const { edited_at, stopped, deleted } = this.message ?? {};
    const word = stopped ? t("Stopped") : edited_at ? t("edited") : "";
    const mark = word && !deleted ? html`<span>${word}</span>` : nothing;
    const mine = this.voice === "me" && this.last;
    if (!mine && mark === nothing) return nothing;
    return html`<div class="meta after">${mark}${mine ? html`${this.time()}${this.ticks()}` : nothing}</div>`;
  }

  ticks() {
    const status = this.item && this.state !== "sent" ? "sending" : (this.status ?? "sent");
    const [name, word] = {
      sending: ["clock", t("Sending")],
      sent: ["check", t("Sent")],
      delivered: ["check-check", t("Delivered")],
      read: ["check-check", t("Read")],
    }[status];
    return html`<span class="ticks ${status}" title=${word}>${icon(name, "xs")}<span class="vh">${word}</span></span>`;
  }
}

customElements.define("sd-message", SdMessage);
