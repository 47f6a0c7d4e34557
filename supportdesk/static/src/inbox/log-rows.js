// From the entries of a room's stream to the rows of its log: days, lines, grouped messages. Pure.

/**
 * @typedef {import("../shared/protocol.js").Message} Message
 * @typedef {import("../shared/protocol.js").RoomEvent} RoomEvent
 * @typedef {{seq: number, at: string, id?: string, event?: RoomEvent}} Entry
 *
 * @typedef {{type: "day", key: string, at: string}} DayRow
 * @typedef {{type: "new", key: string}} NewRow
 * @typedef {{type: "line", key: string, event: RoomEvent}} LineRow
 * @typedef {{type: "message", key: string, message: Message, opens: boolean}} MessageRow opens: first of its group
 * @typedef {DayRow | NewRow | LineRow | MessageRow} Row
 */

const GROUP_MS = 5 * 60_000;
const ONE_ACT_MS = 2000;

const ACTS = new Set([
  "escalation.created",
  "room.assigned",
  "room.owner_changed",
  "room.closed",
  "room.reopened",
  "room.snoozed",
  "room.created",
]);

/**
 * @param {Entry[]} entries ordered by seq
 * @param {Map<string, Message>} messages
 * @param {{newAfter?: number | null, me?: string, shown?: (event: RoomEvent) => boolean}} [options] newAfter: the
 *   reader's watermark when the room was opened; shown: whether an event has a line at all
 * @returns {Row[]}
 */
export function logRows(entries, messages, { newAfter = null, me = "", shown = () => true } = {}) {
  /** @type {Row[]} */
  const rows = [];
  let day = "";
  /** @type {Message | null} */
  let before = null;
  /** @type {RoomEvent | null} */
  let act = null;
  let dividerDue = newAfter !== null;
  for (const { seq, at, id, event } of entries) {
    const message = id === undefined ? undefined : messages.get(id);
    if (event && (!shown(event) || repeats(event, act))) continue;
    if (!message && !event) continue;
    const today = new Date(at).toDateString();
    if (today !== day) {
      rows.push({ type: "day", key: `day-${seq}`, at });
      day = today;
      before = null;
    }
    if (dividerDue && message && seq > (newAfter ?? 0) && message.sender?.id !== me) {
      rows.push({ type: "new", key: "new" });
      dividerDue = false;
      before = null;
    }
    if (message) {
      rows.push({ type: "message", key: message.id, message, opens: !continues(before, message) });
      before = message;
    } else if (event) {
      if (ACTS.has(event.kind)) dropJoining(rows, event);
      rows.push({ type: "line", key: `line-${seq}`, event });
      if (ACTS.has(event.kind)) act = event;
      before = null;
    }
  }
  return rows;
}

/**
 * @param {Message | null} before
 * @param {Message} message
 */
function continues(before, message) {
  if (!before || before.note || message.note || before.whisper_to || message.whisper_to || message.reply_to)
    return false;
  if (before.sender?.id !== message.sender?.id || !message.sender?.id) return false;
  return Date.parse(message.created_at) - Date.parse(before.created_at) < GROUP_MS;
}

/**
 * Whether an event only follows from the act before it, in the same moment by the same person, and tells it again.
 * @param {RoomEvent} event
 * @param {RoomEvent | null} act
 */
function repeats(event, act) {
  if (!act || event.kind === act.kind) return false;
  if (!sameMoment(event, act)) return false;
  if (event.kind.startsWith("participant.")) {
    // That somebody else was brought in at the same moment is news.
    const subject = subjectOf(event);
    return subject === null || subject === ownerOf(act) || subject === (event.actor?.id ?? null);
  }
  if (event.kind !== "room.assigned" && event.kind !== "room.owner_changed") return false;
  // An escalation frees the room; every other act leaves it with whom it names.
  return ownerOf(event) === (act.kind === "escalation.created" ? null : ownerOf(act));
}

/**
 * Whoever takes a room joins it first; the taking tells it.
 * @param {Row[]} rows
 * @param {RoomEvent} act
 */
function dropJoining(rows, act) {
  const last = rows.at(-1);
  if (last?.type !== "line" || last.event.kind !== "participant.joined" || !sameMoment(last.event, act))
    return;
  if (subjectOf(last.event) === ownerOf(act)) rows.pop();
}

/** Who came or went. @param {RoomEvent} event @returns {string | null} */
function subjectOf({ data }) {
  return data.participant?.user_id ?? data.user_id ?? null;
}

/** @param {RoomEvent} one @param {RoomEvent} other */
function sameMoment(one, other) {
  const together = Math.abs(Date.parse(one.at) - Date.parse(other.at)) < ONE_ACT_MS;
  return together && (one.actor?.id ?? null) === (other.actor?.id ?? null);
}

/** @param {RoomEvent} event @returns {string | null} */
function ownerOf({ data }) {
  return data.assignee?.id ?? data.owner?.id ?? data.assignee_id ?? null;
}
