// The log as a list of rows: days, messages in groups, sentences between them, what is on its way.

import { dayKey } from "../shared/time.js";
import { lineOf } from "./lines.js";

/**
 * @typedef {import("../shared/protocol.js").Message} Message
 * @typedef {import("../shared/outbox.js").OutItem} OutItem
 *
 * @typedef {{type: "day", key: string, at: string}} DayRow
 * @typedef {{type: "line", key: string, at: string, icon: string, text: string, about?: string, ofOwner?: boolean, step?: boolean}} LineRow
 * @typedef {{type: "message", key: string, at: string, voice: Voice, message: Message, first: boolean, last: boolean}} MessageRow
 * @typedef {{type: "out", key: string, at: string, item: OutItem, first: boolean, last: boolean}} OutRow
 * @typedef {DayRow | LineRow | MessageRow | OutRow} Row first and last of a group by one sender
 * @typedef {"me" | "guest" | "person" | "robot"} Voice
 */

const GROUP_MS = 5 * 60_000;

/**
 * @param {Message} message
 * @param {string | null} me
 * @returns {Voice}
 */
export function voiceOf({ sender, message_type }, me) {
  if (sender && sender.id === me) return "me";
  if (sender?.kind === "robot" || message_type === "robot") return "robot";
  return sender?.kind === "guest" ? "guest" : "person";
}

/**
 * @param {Pick<import("../shared/stream.js").RoomStream, "entries" | "messages"> | null} stream
 * @param {OutItem[]} out what the room does not show yet
 * @param {string | null} me
 * @param {number} [limit] only this many of the last entries: painting must not grow with the room
 * @returns {Row[]}
 */
export function rowsOf(stream, out, me, limit = Number.POSITIVE_INFINITY) {
  /** @type {Row[]} */
  const rows = [];
  let day = "";
  let taken = false;
  const begin = (/** @type {string} */ at) => {
    if (dayKey(at) === day) return;
    day = dayKey(at);
    rows.push({ type: "day", key: `day-${day}`, at });
  };
  for (const entry of stream?.entries.slice(-limit) ?? []) {
    const message = entry.id === undefined ? undefined : stream?.messages.get(entry.id);
    if (message) {
      begin(message.created_at);
      addMessage(rows, message, me);
    } else if (entry.event) {
      const line = lineOf(entry.event);
      const ofOwner = entry.event.kind === "room.owner_changed";
      // The robot a conversation begins with takes nothing over.
      if (!line || (ofOwner && line.icon === "bot" && !taken)) continue;
      taken ||= ofOwner;
      begin(entry.at);
      addLine(rows, { type: "line", key: `line-${entry.seq}`, at: entry.at, ofOwner, ...line });
    }
  }
  for (const item of out) {
    begin(item.at);
    const row = {
      type: /** @type {const} */ ("out"),
      key: item.client_msg_id,
      at: item.at,
      item,
      first: true,
      last: true,
    };
    const before = rows.at(-1);
    if (before && mine(before) && near(before, row)) {
      before.last = false;
      row.first = false;
    }
    rows.push(row);
  }
  return rows;
}

/**
 * @param {Row} row
 * @returns {row is OutRow | MessageRow}
 */
const mine = (row) => row.type === "out" || (row.type === "message" && row.voice === "me");

/**
 * @param {{at: string}} one
 * @param {{at: string}} next
 */
const near = (one, next) => Date.parse(next.at) - Date.parse(one.at) < GROUP_MS;

/**
 * @param {Row[]} rows
 * @param {Message} message
 * @param {string | null} me
 */
function addMessage(rows, message, me) {
  const at = message.created_at;
  if (message.message_type === "system" || message.sender?.kind === "system") {
    addLine(rows, { type: "line", key: message.id, at, icon: "info", text: message.content });
    return;
  }
  const voice = voiceOf(message, me);
  // Under its client_msg_id the bubble that was shown on its way stays the same element.
  const key = (voice === "me" && message.client_msg_id) || message.id;
  /** @type {MessageRow} */
  const row = { type: "message", key, at, voice, message, first: true, last: true };
  const before = rows.at(-1);
  if (before?.type === "message" && before.message.sender?.id === message.sender?.id && near(before, row)) {
    before.last = false;
    row.first = false;
  }
  rows.push(row);
}

/**
 * One happening often makes several events, and one step soon follows another; the guest reads each fact once, and of
 * what follows without a word between only what holds in the end.
 * @param {Row[]} rows
 * @param {LineRow} line
 */
function addLine(rows, line) {
  const from = rows.findLastIndex(({ type }) => type !== "line") + 1;
  const run = /** @type {LineRow[]} */ (rows.slice(from));
  if (line.ofOwner) {
    // A step to another level says where the conversation waits, and so does what a robot says of it.
    const told = run.some(({ step }) => step) && line.icon === "headset";
    const said = run.at(-1)?.icon === "info";
    const again = rows.findLast((row) => row.type === "line" && row.ofOwner);
    const known = again?.type === "line" && again.text === line.text && !run.includes(again);
    if (told || said || known) return;
  }
  const overtaken = (/** @type {LineRow} */ before) =>
    before.text === line.text ||
    (line.about !== undefined && before.about === line.about) ||
    (before.ofOwner && (line.ofOwner || line.step || line.icon === "info"));
  rows.splice(from, run.length, ...run.filter((before) => !overtaken(before)), line);
}

/**
 * The choices that robots have offered last, until somebody else speaks: what another robot adds takes none away.
 * @param {Row[]} rows
 */
export function choicesOf(rows) {
  const last = rows.findLast(
    (row) => row.type !== "message" || row.voice !== "robot" || row.message.quick_replies?.length,
  );
  return last?.type === "message" && last.voice === "robot" ? last.message.quick_replies : null;
}
