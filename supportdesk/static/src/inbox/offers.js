// What can be done with the room on the screen, for its header, its menu, the keys and the palette alike.

import { whyBarred } from "./action-words.js";
import { actionsFor } from "./room-actions.js";

/**
 * @typedef {import("./desk.js").Desk} Desk
 * @typedef {import("./desk-acts.js").DeskActs} DeskActs
 * @typedef {import("./room-actions.js").ActionId} ActionId
 * @typedef {import("./room-actions.js").Actions} Actions
 */

/** @param {Desk} desk @returns {Actions | null} null while no room is known */
export function offersOf({ open, me, may, config }) {
  const room = open?.room;
  if (!open || !room) return null;
  return actionsFor(room, {
    me: me.id,
    may,
    streaming: open.stream.drafts.list().length > 0,
    hasGuest: Boolean(room.guest),
    blocked: Boolean(room.guest?.blocked),
    role: open.role,
    edges: config.escalation_edges,
  });
}

/**
 * Carries out an action that is offered; one that is barred says why instead.
 * @param {Desk} desk
 * @param {DeskActs} acts
 * @param {ActionId} id
 */
export function take(desk, acts, id) {
  const room = desk.open?.room;
  const bar = offersOf(desk)?.barred[id];
  if (bar) desk.notices.add(whyBarred(id, bar), { tone: "plain" });
  else if (room) acts.run(id, room);
}
