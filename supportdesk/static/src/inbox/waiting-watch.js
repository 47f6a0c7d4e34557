// Who began to wait since the last look, so that a waiting guest is rung for once. Pure.

/** @typedef {import("./room-list.js").RoomLine} RoomLine */

export class WaitingWatch {
  constructor() {
    /** Room id and the moment the wait began: a guest who waits again is news again. @type {Set<string> | null} */
    this.known = null;
  }

  /**
   * @param {RoomLine[]} lines rooms that wait for a person, and own rooms
   * @returns {{arrived: RoomLine[], waiting: number}} arrived is empty at the first look
   */
  look(lines) {
    const keys = new Map(lines.map((line) => [keyOf(line), line]));
    const known = this.known;
    this.known = new Set(keys.keys());
    const arrived = known ? [...keys].filter(([key]) => !known.has(key)).map(([, line]) => line) : [];
    return { arrived, waiting: keys.size };
  }
}

/** @param {RoomLine} line */
export function keyOf(line) {
  return `${line.id}@${line.waiting_since ?? line.last_message_at ?? line.created_at}`;
}
