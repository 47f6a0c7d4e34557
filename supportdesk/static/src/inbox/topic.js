// The smallest thing that can be listened to.

export class Topic {
  constructor() {
    /** @type {Set<() => void>} */
    this.listeners = new Set();
  }

  /** @param {() => void} listener @returns {() => void} stops listening */
  on(listener) {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Bound, so that it can be handed on as a callback. */
  tell = () => {
    for (const listener of this.listeners) listener();
  };
}
