// One message in one of four voices: guest, person, robot, staff only. Pure templates.

import { html, nothing } from "lit";
import { chart } from "../shared/chart.js";
import { t, tn } from "../shared/i18n.js";
import { icon, initials } from "../shared/icon.js";
import { serverHtml } from "../shared/markdown-html.js";
import { clockTime, fullTime } from "../shared/time.js";

/**
 * @typedef {import("../shared/protocol.js").Message} Message
 * @typedef {import("../shared/protocol.js").Draft} Draft
 * @typedef {import("../shared/outbox.js").OutItem} OutItem
 *
 * @typedef {object} MessageContext
 * @property {string} me own id
 * @property {(id: string | null | undefined) => string} nameOf somebody in the room
 * @property {(id: string) => Message | undefined} find
 * @property {(message: Message) => "sent" | "delivered" | "read"} statusOf
 * @property {(message: Message) => string[]} readers names, without one's own
 * @property {string | null} lastOwn id of one's newest message
 * @property {string | null} active id of the message under pointer or focus
 * @property {boolean} picking the emoji of the active one are shown
 * @property {(permission: string) => boolean} may
 * @property {(act: "reply" | "edit" | "delete" | "pick" | "jump", message: Message) => void} act
 * @property {(message: Message, emoji: string) => void} react
 */

export const EMOJI = ["👍", "❤️", "😄", "🎉", "👀", "🙏"];

/**
 * @param {Message} message
 * @param {boolean} opens first of its group
 * @param {MessageContext} context
 */
export function messageView(message, opens, context) {
  if (!message.sender || message.sender.kind === "system") return systemLine(message);
  if (message.note || message.whisper_to) return noteView(message, context);
  const mine = message.sender.id === context.me;
  const voice = { guest: "guest", agent: "person", robot: "robot", system: "guest" }[message.sender.kind];
  const showMeta = opens || message.id === context.lastOwn;
  return html`<article class="msg ${voice} ${mine ? "out" : ""} ${opens ? "opens" : ""}" tabindex="-1" data-message=${message.id}>
    ${opens ? senderAvatar(message, mine, context) : html`<span class="av s blank"></span>`}
    <div class="body">
      ${showMeta ? meta(message, mine, opens, context) : nothing}
      ${replied(message, context)}
      ${bubble(message)}
      ${reactions(message, context)}
      ${toolbar(message, mine, context)}
    </div>
  </article>`;
}

/** @param {Message} message */
function systemLine(message) {
  return html`<p class="ev" data-message=${message.id}>${icon("info")}<span dir="auto">${message.content}</span></p>`;
}

/** @param {Message} message @param {boolean} mine @param {MessageContext} context */
function senderAvatar({ sender }, mine, { nameOf }) {
  if (sender?.kind === "robot")
    return html`<span class="av s robot" aria-hidden="true">${icon("bot")}</span>`;
  const voice = mine ? "me" : sender?.kind === "agent" ? "person" : "";
  return html`<span class="av s ${voice}" aria-hidden="true">${initials(mine ? sender?.name : nameOf(sender?.id) || sender?.name)}</span>`;
}

/** @param {Message} message @param {boolean} mine @param {boolean} opens @param {MessageContext} context */
function meta(message, mine, opens, context) {
  const { sender, created_at } = message;
  const name = opens
    ? html`<b dir="auto">${mine ? t("You") : context.nameOf(sender?.id) || sender?.name}</b>`
    : nothing;
  const robot =
    opens && sender?.kind === "robot" ? html`<span class="chip robot">${t("robot")}</span>` : nothing;
  return html`<div class="meta">
    ${name}${robot}
    <time datetime=${created_at} title=${fullTime(created_at)}>${clockTime(created_at)}</time>
    ${message.stopped && !message.deleted ? html`<span>${t("stopped half way")}</span>` : nothing}
    ${message.edited_at && !message.deleted ? html`<span>${t("edited")}</span>` : nothing}
    ${why(message, context)}
    ${mine && !message.deleted ? receipt(message, context) : nothing}
  </div>`;
}

/** The way to the turn in which a robot said this. @param {Message} message @param {MessageContext} context */
function why({ client_msg_id: key, sender }, { may }) {
  const turn = sender?.kind === "robot" ? turnOf(key) : null;
  if (!turn || !may("chat:robot:read")) return nothing;
  return html`<a class="why" href=${`/admin/ledger/${turn}`}>${t("Why this answer")}</a>`;
}

/** The robot's turn that a message came of: its key is turn:ID:part. @param {string | null | undefined} key */
export function turnOf(key) {
  return /^turn:([0-9a-f-]{36}):/.exec(key ?? "")?.[1] ?? null;
}

/** @param {Message} message @param {MessageContext} context */
function receipt(message, context) {
  const status = context.statusOf(message);
  const readers = context.readers(message);
  const word = { sent: t("Sent"), delivered: t("Delivered"), read: t("Read") }[status];
  const who = readers.length > 0 ? t("Read by {names}", { names: readers.join(", ") }) : word;
  return html`<span class="receipt ${status}" title=${who}>${word}${icon(status === "sent" ? "check" : "check-check", "xs")}${
    readers.length > 0 ? html`<span class="vh">: ${who}</span>` : nothing
  }</span>`;
}

/** @param {Message} message @param {MessageContext} context */
function replied(message, context) {
  if (!message.reply_to) return nothing;
  const quoted = context.find(message.reply_to);
  const name =
    quoted?.sender?.id === context.me
      ? t("You")
      : context.nameOf(quoted?.sender?.id) || (quoted?.sender?.name ?? "");
  const text = quoted ? (quoted.deleted ? t("Message deleted") : quoted.content) : t("an earlier message");
  const label = name ? t("{name}: {text}", { name, text }) : text;
  if (!quoted) return html`<span class="quote" dir="auto">${label}</span>`;
  return html`<button class="quote" type="button" dir="auto" @click=${() => context.act("jump", quoted)}>
    <span class="vh">${t("In reply to")} </span>${label}</button>`;
}

/** @param {Message} message */
function bubble(message) {
  if (message.deleted) return html`<div class="bub gone">${t("Message deleted")}</div>`;
  const body = message.content_html
    ? html`<div class="md" dir="auto" ${serverHtml(message.content_html)}></div>`
    : html`<div class="plain-text" dir="auto">${message.content}</div>`;
  return html`<div class="bub">${message.content ? body : nothing}${chart(message.graph)}${attachments(message)}${citations(message)}${offered(message)}</div>`;
}

/** @param {Message} message */
function attachments({ attachments: files = [] }) {
  if (files.length === 0) return nothing;
  return html`<ul class="files">
    ${files.map((file) => html`<li><a class="cite" href=${ownAddress(file.url)} target="_blank" rel="noopener">${icon("paperclip", "xs")}<span dir="auto">${file.name}</span></a></li>`)}
  </ul>`;
}

/** @param {Pick<Message, "citations">} message */
export function citations({ citations: sources = [] }) {
  if (sources.length === 0) return nothing;
  return html`<ol class="cites" aria-label=${t("Sources")}>
    ${sources.map((source, at) => html`<li>${cite(source, at + 1)}</li>`)}
  </ol>`;
}

/** @param {import("../shared/protocol.js").Citation} source @param {number} number */
function cite({ title, quote, url }, number) {
  const label = html`<span dir="auto">${number} ${title}</span>`;
  const link = url ? ownAddress(url) : null;
  if (link)
    return html`<a class="cite" href=${link} target="_blank" rel="noopener noreferrer" title=${quote ?? nothing}>${label}</a>`;
  return html`<span class="cite" title=${quote ?? nothing}>${label}</span>`;
}

/** Only addresses a browser opens as pages; anything else leads nowhere. @param {string} url */
export function ownAddress(url) {
  try {
    const { protocol, href } = new URL(url, location.href);
    return protocol === "https:" || protocol === "http:" ? href : null;
  } catch {
    return null;
  }
}

/** @param {Message} message */
function offered({ quick_replies: options = [] }) {
  if (options.length === 0) return nothing;
  const titles = options.map((option) => (typeof option === "string" ? option : option.title));
  return html`<p class="offered" dir="auto">${t("Offered:")} ${titles.map((title) => html`<span class="chip">${title}</span> `)}</p>`;
}

/** @param {Message} message @param {MessageContext} context */
function reactions(message, context) {
  const given = message.reactions ?? [];
  if (given.length === 0) return nothing;
  return html`<div class="reacts">
    ${given.map(({ emoji, count, user_ids: ids }) => {
      const names = ids.map((id) => context.nameOf(id)).join(", ");
      return html`<button class="react" type="button" aria-pressed=${ids.includes(context.me)} title=${names}
        aria-label=${tn("{emoji}: {count} person ({names})", "{emoji}: {count} people ({names})", count, { emoji, names })}
        @click=${() => context.react(message, emoji)}>${emoji}<span class="num">${count}</span></button>`;
    })}
  </div>`;
}

/** @param {Message} message @param {boolean} mine @param {MessageContext} context */
function toolbar(message, mine, context) {
  if (context.active !== message.id || message.deleted) return nothing;
  if (context.picking) {
    return html`<div class="tools" role="group" aria-label=${t("React")}>
      ${EMOJI.map((emoji) => html`<button class="btn quiet sm icon" type="button" aria-label=${t("React with {emoji}", { emoji })} @click=${() => context.react(message, emoji)}>${emoji}</button>`)}
    </div>`;
  }
  /** @type {(act: "reply" | "edit" | "delete" | "pick", name: string, label: string) => unknown} */
  const tool = (
    act,
    name,
    label,
  ) => html`<button class="btn quiet sm icon" type="button" title=${label} aria-label=${label}
    @click=${() => context.act(act, message)}>${icon(name)}</button>`;
  return html`<div class="tools" role="group" aria-label=${t("Message actions")}>
    ${context.may("chat:message:react") ? tool("pick", "smile-plus", t("React")) : nothing}
    ${context.may("chat:message:send") ? tool("reply", "reply", t("Reply to this message")) : nothing}
    ${mine && context.may("chat:message:edit") ? tool("edit", "pencil", t("Edit")) : nothing}
    ${mine && context.may("chat:message:delete") ? tool("delete", "trash-2", t("Delete")) : nothing}
  </div>`;
}

/** @param {Message} message @param {MessageContext} context */
function noteView(message, context) {
  const mine = message.sender?.id === context.me;
  const who = mine ? t("You") : (message.sender?.name ?? "");
  const to = message.whisper_to === context.me ? t("you") : context.nameOf(message.whisper_to);
  return html`<article class="note-row" tabindex="-1" data-message=${message.id}>
    <div class="note ${message.deleted ? "gone" : ""}">
      <div class="meta">
        ${icon("lock", "xs")}
        <span>${
          message.whisper_to
            ? html`${t("Whisper")} · <bdi>${who}</bdi> <span class="flip arrow">→</span> <bdi>${to}</bdi>`
            : html`${t("Note")} · <bdi>${who}</bdi>`
        } · ${t("only staff see this")}</span>
        <time datetime=${message.created_at} title=${fullTime(message.created_at)}>${clockTime(message.created_at)}</time>
        ${message.edited_at && !message.deleted ? html`<span>${t("edited")}</span>` : nothing}
        ${why(message, context)}
      </div>
      ${replied(message, context)}
      ${
        message.deleted
          ? html`<p>${t("Message deleted")}</p>`
          : message.content_html
            ? html`<div class="md" dir="auto" ${serverHtml(message.content_html)}></div>`
            : html`<div class="plain-text" dir="auto">${message.content}</div>`
      }
      ${citations(message)}
    </div>
    ${reactions(message, context)}
    ${toolbar(message, mine, context)}
  </article>`;
}

/** @param {Draft} draft @param {string} name the robot's */
export function draftView(draft, name) {
  return html`<article class="msg robot draft" aria-busy="true">
    <span class="av s robot" aria-hidden="true">${icon("bot")}</span>
    <div class="body">
      <div class="meta"><b dir="auto">${name}</b><span class="chip robot">${t("robot")}</span><span>${t("writing")}</span></div>
      <div class="bub"><div class="plain-text" dir="auto">${draft.text}<span class="caret" aria-hidden="true"></span></div></div>
    </div>
  </article>`;
}

/**
 * A message of one's own on its way.
 * @param {OutItem} item
 * @param {boolean} opens
 * @param {{own: string, nameOf: (id: string) => string, retry: () => void, discard: () => void}} acts own: one's name
 */
export function pendingView(item, opens, { own, nameOf, retry, discard }) {
  const { content, note, whisper_to: whisperTo } = item.body;
  const failed = item.state === "failed";
  const state = failed
    ? html`<span class="failed">${icon("circle-alert", "xs")}${item.error?.message ?? t("Not sent")}</span>
        <button class="link" type="button" @click=${retry}>${t("Try again")}</button>
        <button class="link" type="button" @click=${discard}>${t("Discard")}</button>`
    : html`<span class="receipt">${icon("clock", "xs")}${item.state === "sent" ? t("Sent") : t("Sending")}</span>`;
  if (note || whisperTo) {
    const what = whisperTo ? t("Whisper to {name}", { name: nameOf(whisperTo) }) : t("Note");
    return html`<article class="note-row pending"><div class="note">
      <div class="meta">${icon("lock", "xs")}<span>${what} · ${t("only staff see this")}</span>${state}</div>
      <div class="plain-text" dir="auto">${content}</div>
    </div></article>`;
  }
  return html`<article class="msg person out pending ${opens ? "opens" : ""}">
    <span class="av s ${opens ? "me" : "blank"}" aria-hidden="true">${opens ? initials(own) : nothing}</span>
    <div class="body">
      <div class="meta">${opens ? html`<b>${t("You")}</b>` : nothing}${state}</div>
      <div class="bub"><div class="plain-text" dir="auto">${content}</div></div>
    </div>
  </article>`;
}
