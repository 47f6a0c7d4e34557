// Short notices at the foot of the page, some with a way back: undo stands for eight seconds.

import { systemClock } from "../shared/clock.js";
import { Topic } from "./topic.js";

/**
 * @typedef {object} Notice
 * @property {number} id
 * @property {string} text
 * @property {"plain" | "danger"} tone
 * @property {(() => void) | null} undo
 */

const STANDS_MS = 8000;
const AT_MOST = 3;

export class Notices {
  /** @param {import("../shared/clock.js").Clock} [clock] */
  constructor(clock = systemClock) {
    this.clock = clock;
    this.topic = new Topic();
    /** @type {Notice[]} newest last */
    this.items = [];
    this.nextId = 1;
    /** @type {Map<number, any>} */
    this.timers = new Map();
  }

  /**
   * @param {string} text
   * @param {{tone?: "plain" | "danger", undo?: () => void}} [options]
   */
  add(text, { tone = "plain", undo } = {}) {
    const notice = { id: this.nextId++, text, tone, undo: undo ?? null };
    this.items = [...this.items, notice];
    for (const old of this.items.slice(0, -AT_MOST)) this.remove(old.id);
    this.count(notice.id);
    this.topic.tell();
  }

  /** @param {number} id */
  count(id) {
    this.timers.set(
      id,
      this.clock.setTimeout(() => this.remove(id), STANDS_MS),
    );
  }

  /** While pointer or focus rests on the notices none disappears. */
  hold() {
    for (const timer of this.timers.values()) this.clock.clearTimeout(timer);
    this.timers.clear();
  }

  /** The eight seconds begin again. */
  release() {
    this.hold();
    for (const { id } of this.items) this.count(id);
  }

  /** @param {number} id */
  remove(id) {
    this.clock.clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    this.items = this.items.filter((item) => item.id !== id);
    this.topic.tell();
  }

  /** Undoes the newest thing that can be undone; false when there is none. */
  undo() {
    const notice = this.items.findLast((item) => item.undo);
    if (!notice) return false;
    this.remove(notice.id);
    notice.undo?.();
    return true;
  }
}
