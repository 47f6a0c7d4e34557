// What each kind of durable event does to the state of a room. Applying the same event twice changes nothing.

/**
 * @typedef {import("./protocol.js").RoomEvent} RoomEvent
 * @typedef {import("./protocol.js").Reaction} Reaction
 * @typedef {import("./stream.js").RoomStream} RoomStream
 */

const ROOM_FIELDS = ["name", "status", "level", "queue", "owner", "priority", "version", "last_message_at"];

/**
 * @param {RoomStream} state
 * @param {RoomEvent} event
 */
export function applyEvent(state, event) {
  const { kind, data } = event;
  if (kind === "message.created") return created(state, event);
  if (kind === "message.edited") return patch(state, data.message ?? { ...data, id: data.message_id });
  if (kind === "message.deleted") {
    return patch(state, { ...gone(), id: data.message_id ?? data.message?.id });
  }
  if (kind === "reaction.added" || kind === "reaction.removed") return react(state, event);
  people(state, event);
  if (state.room) state.room = { ...state.room, ...roomChange(event) };
  state.entries.push({ seq: event.seq, at: event.at, event });
}

/** The text of a deleted message is nowhere: neither on the wire nor here. */
function gone() {
  return {
    deleted: true,
    content: "",
    content_html: "",
    attachments: [],
    citations: [],
    quick_replies: [],
    reactions: [],
  };
}

/**
 * @param {RoomStream} state
 * @param {RoomEvent} event
 */
function created(state, { seq, at, data }) {
  const { message } = data;
  if (!message) return;
  if (message.draft_id) state.drafts.end(message.draft_id);
  const typing = message.sender && state.typing.get(message.sender.id);
  if (typing) {
    state.clock.clearTimeout(typing.timer);
    state.typing.delete(message.sender.id);
  }
  // Shown again after having been hidden: the entry moves to where it was shown.
  if (state.messages.has(message.id))
    state.entries = state.entries.filter((entry) => entry.id !== message.id);
  state.messages.set(message.id, message);
  state.entries.push({ seq, at, id: message.id });
}

/**
 * @param {RoomStream} state
 * @param {Record<string, any>} change
 */
function patch(state, change) {
  const message = state.messages.get(change.id);
  if (!message || message.deleted) return;
  const known = Object.entries(change).filter(([, value]) => value !== undefined);
  state.messages.set(message.id, { ...message, ...Object.fromEntries(known), seq: message.seq });
}

/**
 * @param {RoomStream} state
 * @param {RoomEvent} event
 */
function react(state, { kind, data, actor }) {
  const message = state.messages.get(data.message_id);
  if (!message || message.deleted) return;
  const reactions =
    data.reactions ??
    toggled(message.reactions ?? [], data.emoji, data.user_id ?? actor?.id, kind === "reaction.added");
  state.messages.set(message.id, { ...message, reactions });
}

/**
 * @param {Reaction[]} reactions
 * @param {string} emoji
 * @param {string} userId
 * @param {boolean} on
 * @returns {Reaction[]}
 */
export function toggled(reactions, emoji, userId, on) {
  const others = reactions.find((item) => item.emoji === emoji)?.user_ids.filter((id) => id !== userId) ?? [];
  const userIds = on ? [...others, userId] : others;
  const next = { emoji, count: userIds.length, user_ids: userIds };
  const known = reactions.some((item) => item.emoji === emoji);
  const all = known ? reactions.map((item) => (item.emoji === emoji ? next : item)) : [...reactions, next];
  return all.filter((item) => item.count > 0);
}

/**
 * @param {RoomStream} state
 * @param {RoomEvent} event
 */
function people(state, { kind, data }) {
  if (kind === "participant.left") {
    state.participants.delete(data.user_id ?? data.participant?.user_id);
  } else if (kind === "participant.joined" || kind === "participant.updated") {
    const known = state.participants.get(data.participant?.user_id ?? data.user_id);
    const person =
      data.participant ?? (known && data.role ? { user_id: data.user_id, role: data.role } : null);
    if (person) state.participants.set(person.user_id, { ...known, ...person });
  }
}

/**
 * @param {RoomEvent} event
 * @returns {Partial<import("./protocol.js").Room>}
 */
function roomChange({ kind, data }) {
  const from = data.room ?? data;
  const change = Object.fromEntries(
    ROOM_FIELDS.filter((field) => from[field] !== undefined).map((field) => [field, from[field]]),
  );
  if (!kind.startsWith("room.")) return data.room ? change : {};
  if (kind === "room.closed") return { ...change, status: "closed" };
  if (kind === "room.reopened") return { status: "active", ...change };
  if (kind === "room.snoozed") return { ...change, status: "snoozed" };
  return change;
}
