// How far this guest has received and read: told to the desk seldom, forwards only, again after a failure.

import { systemClock } from "../shared/clock.js";

const EVERY_MS = 400;
const AGAIN_MS = 5000;

export class Watermarks {
  readSeq = 0;
  deliveredSeq = 0;
  told = { delivered: 0, read: 0 };
  /** @type {any} */
  timer = null;

  /**
   * @param {(marks: {delivered_seq?: number, read_seq?: number}) => Promise<boolean>} tell resolves to whether it arrived
   * @param {import("../shared/clock.js").Clock} [clock]
   */
  constructor(tell, clock = systemClock) {
    this.tell = tell;
    this.clock = clock;
  }

  /** @param {number} seq */
  delivered(seq) {
    if (seq <= this.deliveredSeq) return;
    this.deliveredSeq = seq;
    this.plan(EVERY_MS);
  }

  /** @param {number} seq */
  read(seq) {
    if (seq <= this.readSeq) return;
    this.readSeq = seq;
    this.deliveredSeq = Math.max(this.deliveredSeq, seq);
    this.plan(EVERY_MS);
  }

  /** @param {number} ms */
  plan(ms) {
    this.timer ??= this.clock.setTimeout(() => void this.flush(), ms);
  }

  async flush() {
    this.timer = null;
    const { readSeq, deliveredSeq } = this;
    const marks = {
      ...(deliveredSeq > this.told.delivered && { delivered_seq: deliveredSeq }),
      ...(readSeq > this.told.read && { read_seq: readSeq }),
    };
    if (Object.keys(marks).length === 0) return;
    if (await this.tell(marks)) {
      this.told = {
        delivered: Math.max(this.told.delivered, deliveredSeq),
        read: Math.max(this.told.read, readSeq),
      };
    } else this.plan(AGAIN_MS);
  }

  /** Another room, or this one anew. */
  clear() {
    this.clock.clearTimeout(this.timer);
    this.timer = null;
    this.readSeq = 0;
    this.deliveredSeq = 0;
    this.told = { delivered: 0, read: 0 };
  }
}
