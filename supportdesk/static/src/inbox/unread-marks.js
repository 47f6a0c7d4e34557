// Rooms a person marked as unread: a note to oneself on this browser, until the room is opened again.

import { localStore } from "../shared/outbox.js";

const AT_MOST = 200;

export class UnreadMarks {
  /**
   * @param {string} me own id
   * @param {Pick<Storage, "getItem" | "setItem"> | null} [storage]
   */
  constructor(me, storage = localStore()) {
    this.key = `supportdesk:unread:${me}`;
    this.storage = storage;
    /** @type {Set<string>} */
    this.rooms = new Set(this.restore());
  }

  /** @returns {string[]} */
  restore() {
    try {
      const kept = JSON.parse(this.storage?.getItem(this.key) ?? "[]");
      return Array.isArray(kept) ? kept.filter((id) => typeof id === "string") : [];
    } catch {
      return [];
    }
  }

  /** @param {string} roomId */
  add(roomId) {
    this.rooms.add(roomId);
    this.keep();
  }

  /** @param {string} roomId */
  remove(roomId) {
    if (this.rooms.delete(roomId)) this.keep();
  }

  /** @param {string} roomId */
  has(roomId) {
    return this.rooms.has(roomId);
  }

  keep() {
    this.rooms = new Set([...this.rooms].slice(-AT_MOST));
    try {
      this.storage?.setItem(this.key, JSON.stringify([...this.rooms]));
    } catch {
      // Storage is full or forbidden: the mark stands until the page is left.
    }
  }
}
