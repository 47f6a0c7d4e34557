// Answers that are still being written: deltas in the order of n, each draft until its message or its abort.

import { systemClock } from "./clock.js";

const SKIP_MS = 400;
const STALE_MS = 30_000;
const REMEMBERED = 50;

/** @typedef {import("./protocol.js").Draft & {next: number | null, waiting: Map<number, string>, skip: any, stale: any}} OpenDraft */

export class Drafts {
  /**
   * @param {import("./clock.js").Clock} clock
   * @param {() => void} onChange
   */
  constructor(clock = systemClock, onChange = () => {}) {
    this.clock = clock;
    this.changed = onChange;
    /** @type {Map<string, OpenDraft>} */
    this.open = new Map();
    /** @type {Set<string>} a late delta must not bring a finished draft back */
    this.ended = new Set();
  }

  /** Drafts with something to show, oldest first. */
  list() {
    return [...this.open.values()].filter((draft) => draft.text !== "");
  }

  /** @param {import("./protocol.js").Delta} delta n counts from 0 or 1; a lost one is skipped after 400 ms */
  add({ draft_id, robot_id, delta, n }) {
    if (this.ended.has(draft_id)) return;
    let draft = this.open.get(draft_id);
    if (!draft) {
      draft = {
        draft_id,
        robot_id,
        text: "",
        next: n <= 1 ? n : null,
        waiting: new Map(),
        skip: null,
        stale: null,
      };
      this.open.set(draft_id, draft);
    }
    if (draft.next !== null && n < draft.next) return;
    draft.waiting.set(n, delta);
    this.clock.clearTimeout(draft.stale);
    draft.stale = this.clock.setTimeout(() => this.end(draft_id), STALE_MS);
    this.flow(draft);
  }

  /** @param {OpenDraft} draft */
  flow(draft) {
    const before = draft.text;
    while (draft.next !== null && draft.waiting.has(draft.next)) {
      draft.text += draft.waiting.get(draft.next);
      draft.waiting.delete(draft.next);
      draft.next += 1;
    }
    this.clock.clearTimeout(draft.skip);
    draft.skip = draft.waiting.size > 0 ? this.clock.setTimeout(() => this.skip(draft), SKIP_MS) : null;
    if (draft.text !== before) this.changed();
  }

  /** @param {OpenDraft} draft one that waits for a delta that will not come: its final text will */
  skip(draft) {
    draft.next = Math.min(...draft.waiting.keys());
    draft.text += draft.text === "" ? "… " : " … ";
    this.flow(draft);
  }

  /** @param {string} draftId */
  end(draftId) {
    this.ended.add(draftId);
    if (this.ended.size > REMEMBERED) this.ended.delete(this.ended.values().next().value ?? "");
    const draft = this.open.get(draftId);
    if (!draft) return;
    this.clock.clearTimeout(draft.skip);
    this.clock.clearTimeout(draft.stale);
    this.open.delete(draftId);
    this.changed();
  }

  /** Forgets all of them. */
  clear() {
    for (const { skip, stale } of this.open.values()) {
      this.clock.clearTimeout(skip);
      this.clock.clearTimeout(stale);
    }
    this.open.clear();
  }
}
