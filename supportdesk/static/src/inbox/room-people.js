// Who takes part in a room: bringing a colleague in, taking one out, leaving, and reading along.

import { t } from "../shared/i18n.js";

/**
 * @typedef {import("./desk-acts.js").DeskActs} DeskActs
 * @typedef {import("./desk-api.js").RoomDetails} RoomDetails
 * @typedef {{id: string, name: string}} Person
 */

const TAKE_OUT = "supervisor:chat:takeover";
const BRING_IN = "chat:room:invite";

/** @param {DeskActs} acts @param {RoomDetails} room @param {Person} person */
export function bringIn(acts, room, person) {
  const { me, may } = acts.desk;
  const mine = person.id === me.id;
  const done = mine ? t("You take part now.") : t("{name} takes part now.", { name: person.name });
  const undo = mine || may(TAKE_OUT) ? () => void remove(acts, room, person) : undefined;
  return acts.ask(
    "participant.add",
    { room_id: room.id, user_id: person.id, role: "member" },
    { done, undo },
  );
}

/** @param {DeskActs} acts @param {RoomDetails} room @param {Person} person */
export function takeOut(acts, room, person) {
  const done = t("{name} does not take part any more.", { name: person.name });
  const undo = acts.desk.may(BRING_IN) ? () => void bringIn(acts, room, person) : undefined;
  return remove(acts, room, person, { done, undo });
}

/** @param {DeskActs} acts @param {RoomDetails} room */
export function leave(acts, room) {
  const { me, may } = acts.desk;
  // Out of a room among colleagues one may not find back by oneself.
  const undo = room.guest && may(BRING_IN) ? () => void bringIn(acts, room, me) : undefined;
  return remove(acts, room, me, { done: t("You left the conversation."), undo });
}

/** @param {DeskActs} acts @param {RoomDetails} room */
export function observe(acts, room) {
  const undo = () => void unobserve(acts, room);
  const done = room.guest
    ? t("You read along; {name} does not see you.", { name: room.guest.name })
    : t("You read along.");
  return acts.ask("room.observe", { room_id: room.id }, { done, undo });
}

/** @param {DeskActs} acts @param {RoomDetails} room */
export function unobserve(acts, room) {
  const undo = () => void observe(acts, room);
  return remove(acts, room, acts.desk.me, { done: t("You do not read along any more."), undo });
}

/**
 * @param {DeskActs} acts
 * @param {RoomDetails} room
 * @param {Person} person
 * @param {{done?: string, undo?: () => void}} [options]
 */
function remove(acts, room, person, options) {
  return acts.ask("participant.remove", { room_id: room.id, user_id: person.id }, options);
}

/** Whether this person may take colleagues out of rooms. @param {(permission: string) => boolean} may */
export function maySendOut(may) {
  return may(TAKE_OUT);
}
