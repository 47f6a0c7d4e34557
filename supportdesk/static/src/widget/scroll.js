// Where the log stands: at its end it stays at its end, elsewhere nothing moves under the reader's eyes. Only a
// part of a long room is painted.

/** @typedef {import("./app.js").SdWidget} SdWidget */

const NEAR_END = 48;
const NEAR_START = 120;
/** Entries that are painted at first, and added with each step back. */
const STEP = 100;
/** By then the older messages have been laid out. */
const SETTLED_MS = 300;

export class LogScroll {
  atEnd = true;
  /** How many of the last entries are painted. */
  limit = STEP;
  lastTop = 0;
  /** @type {number | null} the distance to the end that is kept while older messages come in front */
  fromEnd = null;

  /** @param {SdWidget} app */
  constructor(app) {
    this.app = app;
  }

  get box() {
    return this.app.querySelector(".scroll");
  }

  get stream() {
    return this.app.conversation.stream;
  }

  /** Something older can be shown. */
  get hasEarlier() {
    return Boolean(this.stream && (this.stream.entries.length > this.limit || this.stream.hasEarlier));
  }

  /** The log grows in many ways (an answer, the keyboard, older messages): each time its place is kept. */
  follow() {
    const { box } = this;
    if (!box) return;
    const observer = new ResizeObserver(() => {
      if (this.fromEnd !== null) box.scrollTop = box.scrollHeight - this.fromEnd;
      else if (this.atEnd) this.toEnd();
    });
    observer.observe(box);
    for (const part of box.querySelectorAll(".log, .now")) observer.observe(part);
  }

  toEnd() {
    const { box } = this;
    if (!box) return;
    box.scrollTop = box.scrollHeight;
    this.lastTop = box.scrollTop;
    this.atEnd = true;
    this.limit = STEP;
  }

  moved() {
    const { box } = this;
    if (!box) return;
    const near = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;
    // Only a person moves up; when the log grows, the distance to its end does too.
    const up = box.scrollTop < this.lastTop;
    this.lastTop = box.scrollTop;
    const atEnd = near || (this.atEnd && !up);
    if (atEnd !== this.atEnd) {
      this.atEnd = atEnd;
      if (atEnd) this.limit = STEP;
      this.app.see();
    }
    if (up && box.scrollTop < NEAR_START) void this.earlier();
  }

  async earlier() {
    const { box, stream } = this;
    if (!box || !stream || !this.hasEarlier || stream.loadingEarlier || this.fromEnd !== null) return;
    try {
      if (stream.entries.length <= this.limit) await stream.earlier();
    } catch (error) {
      this.app.conversation.report(error);
      return;
    }
    this.atEnd = false;
    this.limit += STEP;
    this.fromEnd = box.scrollHeight - box.scrollTop;
    this.app.requestUpdate();
    setTimeout(() => {
      this.fromEnd = null;
    }, SETTLED_MS);
  }

  /** Paints at least so many of the last entries. @param {number} count */
  reveal(count) {
    this.limit = Math.max(this.limit, count + 1);
    this.atEnd = false;
    this.app.requestUpdate();
  }
}
