// The log: what was said, and below it what is being said.

import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { t } from "../../shared/i18n.js";
import { icon, initials } from "../../shared/icon.js";
import { dayLabel } from "../../shared/time.js";
import { bare } from "../bare.js";
import { sentenceOf } from "../refusals.js";
import { choicesOf } from "../rows.js";

/**
 * @typedef {import("../app.js").SdWidget} SdWidget
 * @typedef {import("../rows.js").Row} Row
 */

/** @param {SdWidget} app @param {Row[]} rows */
export function log(app, rows) {
  const { stream } = app.conversation;
  const focusable = app.focused ?? rows.findLast((row) => row.type === "message")?.key;
  // History is not news: it is shown without being read out.
  const live = stream && (stream.loadingEarlier || stream.last === null) ? "off" : "polite";
  return html`<div class="scroll" @scroll=${() => app.place.moved()} @act=${app.onAct} @keydown=${app.onLogKeydown}>
    ${app.place.hasEarlier ? earlierButton(app) : greeting(app)}
    <div class="log" role="log" aria-label=${app.site.name} aria-live=${live} aria-relevant="additions">
      ${repeat(
        rows,
        (row) => row.key,
        (row) => oneRow(app, row, row.key === focusable, row === rows.at(-1)),
      )}
    </div>
    <div class="now">${drafts(app)}${typing(app)}${quickReplies(app, rows)}</div>
  </div>`;
}

/** @param {SdWidget} app @param {Row} row @param {boolean} focusable @param {boolean} newest */
function oneRow(app, row, focusable, newest) {
  if (row.type === "day") return html`<div class="day">${dayLabel(row.at)}</div>`;
  if (row.type === "line") return html`<div class="ev">${icon(row.icon)}<span>${row.text}</span></div>`;
  const { conversation } = app;
  const { stream } = conversation;
  const message = row.type === "message" ? row.message : null;
  const item = row.type === "out" ? row.item : null;
  const quoted = message?.reply_to ?? item?.body.reply_to;
  return html`<sd-message
    data-key=${row.key}
    .message=${message}
    .item=${item}
    .state=${item?.state ?? null}
    .error=${item?.error ? sentenceOf(item.error) : null}
    .voice=${row.type === "message" ? row.voice : "me"}
    .first=${row.first}
    .last=${row.last}
    .status=${message && stream && row.type === "message" && row.voice === "me" ? stream.statusOf(message) : null}
    .open=${app.opened === row.key}
    .focusable=${focusable}
    .quoted=${(quoted && stream?.messages.get(quoted)) || null}
    .me=${conversation.me}
    .judged=${newest && message !== null && !message.stopped && row.type === "message" && row.voice === "robot"}
    .frozen=${conversation.closed || app.shut}
  ></sd-message>`;
}

/** @param {SdWidget} app */
function earlierButton(app) {
  const loading = app.conversation.stream?.loadingEarlier;
  return html`<button class="btn earlier" type="button" aria-disabled=${Boolean(loading)} @click=${() => app.place.earlier()}>
    ${loading ? icon("refresh-cw", "spin") : icon("history")}${t("Show earlier messages")}
  </button>`;
}

/** What the site says before anybody has. @param {SdWidget} app */
function greeting({ site, conversation, shut }) {
  if (!site.greeting) return nothing;
  const voice = site.robots ? "robot" : "person";
  const chip = site.robots
    ? html`<span class="chip robot">${t("robot")}</span>`
    : html`<span class="chip accent">${icon("user-round")}${t("team")}</span>`;
  const fresh = !shut && conversation.out.length === 0 && !conversation.stream?.entries.length;
  return html`<div class="msg ${voice} greeting">
      <span class="av s ${voice}" aria-hidden="true">${icon(site.robots ? "bot" : "headset")}</span>
      <div class="body">
        <div class="meta"><b dir="auto">${site.robot_name || site.name}</b>${chip}</div>
        <div class="bub plain" dir="auto">${site.greeting}</div>
      </div>
    </div>
    ${fresh && site.suggestions?.length ? choices(site.suggestions, (text) => conversation.send(text)) : nothing}`;
}

/** @param {SdWidget} app */
function drafts({ conversation }) {
  const { stream } = conversation;
  return (stream?.drafts.list() ?? []).map(({ draft_id, robot_id, text }) => {
    const name = stream?.participants.get(robot_id)?.name ?? t("Robot");
    const stop = () => conversation.command("robot.stop", { room_id: stream?.roomId });
    return html`<div class="msg robot draft" data-draft=${draft_id}>
      <span class="av s robot" aria-hidden="true">${icon("bot")}</span>
      <div class="body">
        <div class="meta"><b dir="auto">${name}</b><span class="chip robot">${t("robot")}</span></div>
        <div class="bub plain" dir="auto">${bare(text)}<span class="caret" aria-hidden="true"></span></div>
      </div>
    </div>
    <button class="btn stop" type="button" @click=${stop}>${icon("square", "xs")}${t("Stop")}</button>`;
  });
}

/** @param {SdWidget} app */
function typing({ conversation }) {
  const { stream, me } = conversation;
  const writing = [...(stream?.typing ?? [])].filter(([id]) => id !== me);
  const drafting = new Set(stream?.drafts.list().map(({ robot_id }) => robot_id));
  return writing
    .filter(([id]) => !drafting.has(id))
    .map(([, { name, kind }]) => {
      const robot = kind === "robot";
      const words = t("{name} is typing", { name: name || (robot ? t("Robot") : t("A person")) });
      return html`<div class="msg ${robot ? "robot" : "person"}">
        <span class="av s ${robot ? "robot" : "person"}" aria-hidden="true">${robot ? icon("bot") : initials(name)}</span>
        <div class="bub"><span class="typing" role="img" aria-label=${words}><i></i><i></i><i></i></span></div>
      </div>`;
    });
}

/** @param {SdWidget} app @param {Row[]} rows */
function quickReplies({ conversation, shut }, rows) {
  const replies = conversation.closed || shut ? null : choicesOf(rows);
  return replies ? choices(replies, (text) => conversation.send(text)) : nothing;
}

/**
 * @param {import("../../shared/protocol.js").QuickReply[]} replies
 * @param {(text: string) => void} pick
 */
function choices(replies, pick) {
  return html`<div class="choices" role="group" aria-label=${t("Suggestions")}>
    ${replies.map((reply) => {
      const { title, text = title } = typeof reply === "string" ? { title: reply } : reply;
      return html`<button class="btn" type="button" dir="auto" @click=${() => pick(text)}>${title}</button>`;
    })}
  </div>`;
}
