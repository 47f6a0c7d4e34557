// A header that holds still: when a colleague takes the conversation, the buttons stay as they were for a moment, so
// that a click already on its way does what its button said, and not what has moved under the pointer.

import { systemClock } from "../shared/clock.js";

/** Longer than a hand needs from seeing a button to pressing it. */
const STILL_MS = 700;

/** @template T */
export class Steady {
  /**
   * @param {() => void} again asks for another look once the moment is over
   * @param {import("../shared/clock.js").Clock} [clock]
   */
  constructor(again, clock = systemClock) {
    this.again = again;
    this.clock = clock;
    /** @type {{room: string, taker: string | null, offers: T} | null} what stands on the screen */
    this.shown = null;
    /** @type {any} */
    this.timer = null;
  }

  /**
   * What to show: the newest, or for a moment what stood there.
   * @param {string} room
   * @param {string | null} taker the colleague who has the room, null where nobody else has it
   * @param {T} offers
   * @returns {T}
   */
  of(room, taker, offers) {
    const { shown } = this;
    const taken = shown?.room === room && taker !== null && taker !== shown.taker;
    if (!taken) {
      this.moveOn();
      this.shown = { room, taker, offers };
      return offers;
    }
    this.timer ??= this.clock.setTimeout(() => {
      this.moveOn();
      this.shown = null;
      this.again();
    }, STILL_MS);
    return shown.offers;
  }

  moveOn() {
    this.clock.clearTimeout(this.timer);
    this.timer = null;
  }
}
