// A clock for tests: time stands still until it is told to go on.

export class FakeClock {
  constructor(start = Date.parse("2026-03-02T10:00:00Z")) {
    this.time = start;
    this.nextId = 1;
    /** @type {Map<number, {at: number, run: () => void}>} */
    this.waiting = new Map();
  }

  now() {
    return this.time;
  }

  /**
   * @param {() => void} run
   * @param {number} ms
   */
  setTimeout(run, ms) {
    const id = this.nextId++;
    this.waiting.set(id, { at: this.time + ms, run });
    return id;
  }

  /** @param {any} id */
  clearTimeout(id) {
    this.waiting.delete(id);
  }

  /** Runs what falls due, in order, letting promises settle in between. @param {number} ms */
  async forward(ms) {
    const end = this.time + ms;
    await settle();
    for (;;) {
      const due = [...this.waiting].filter(([, item]) => item.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.waiting.delete(due[0]);
      this.time = due[1].at;
      due[1].run();
      await settle();
    }
    this.time = end;
  }
}

/** Lets everything that is already resolved go on. */
export async function settle() {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
