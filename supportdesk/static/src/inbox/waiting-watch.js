// Who began to wait since the last look, so that a waiting guest is rung for once. Pure.

/** @typedef {import("./room-list.js").RoomLine} RoomLine */

export class WaitingWatch {
  /** @param {(line: RoomLine) => string[]} [keysOf] what of a line is news when it is new */
  constructor(keysOf = (line) => [keyOf(line)]) {
    this.keysOf = keysOf;
    /** Room id and the moment the wait began: a guest who waits again is news again. @type {Set<string> | null} */
    this.known = null;
  }

  /**
   * @param {RoomLine[]} lines rooms that wait for a person, and own rooms
   * @returns {{arrived: RoomLine[], waiting: number}} arrived is empty at the first look
   */
  look(lines) {
    const keys = new Map(lines.flatMap((line) => this.keysOf(line).map((key) => [key, line])));
    const known = this.known;
    this.known = new Set(keys.keys());
    const arrived = known
      ? new Set([...keys].filter(([key]) => !known.has(key)).map(([, line]) => line))
      : [];
    return { arrived: [...arrived], waiting: keys.size };
  }
}

/** The calls of tools in it that this person may decide about: a second one in a room is news again. @param {RoomLine} line */
export function callsOf({ to_decide: calls }) {
  return calls ?? [];
}

/** @param {RoomLine} line */
export function keyOf(line) {
  return `${line.id}@${line.waiting_since ?? line.last_message_at ?? line.created_at}`;
}
