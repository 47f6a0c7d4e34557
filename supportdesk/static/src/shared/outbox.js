// Messages on their way: each gets its client_msg_id once, is kept until the desk has acknowledged it, and is
// sent again with the same id after a loss of connection or a reload (D1, D2).

import { backoff, systemClock } from "./clock.js";
import { DeskError } from "./errors.js";

/**
 * @typedef {"queued" | "sending" | "sent" | "failed"} OutState
 * @typedef {object} OutItem
 * @property {string} client_msg_id
 * @property {string} lane what is sent in order: one room
 * @property {Record<string, any>} body the fields of message.send beside room_id and client_msg_id
 * @property {string} at when it was written, RFC 3339
 * @property {OutState} state
 * @property {number} attempts
 * @property {{code: string, message: string} | null} error
 * @property {{id: string, seq: number, created_at: string} | null} ack
 * @property {boolean} [arrived] seen in the room's log before its ack
 *
 * @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">} Store
 *
 * @typedef {object} OutboxOptions
 * @property {string} name prefix of the keys in storage; one per guest or account
 * @property {(item: OutItem) => Promise<any>} send resolves to the ack, throws a DeskError
 * @property {Store | null} [storage] null keeps them in memory only
 * @property {import("./clock.js").Clock} [clock]
 * @property {() => number} [random]
 * @property {() => string} [uuid]
 * @property {() => void} [onChange]
 */

/** The desk remembers ids for 30 days; what is older than this waits for a person's decision. */
const MAX_AGE_MS = 7 * 24 * 3600 * 1000;

export class Outbox {
  /** @param {OutboxOptions} options */
  constructor({ name, send, storage = null, clock = systemClock, random, uuid, onChange }) {
    this.prefix = `${name}:out:`;
    this.send = send;
    this.storage = storage;
    this.clock = clock;
    this.random = random ?? Math.random;
    this.uuid = uuid ?? (() => crypto.randomUUID());
    this.changed = onChange ?? (() => {});
    /** @type {OutItem[]} in the order they were written */
    this.items = this.restore();
    /** @type {Map<string, any>} lane → its waiting timer */
    this.timers = new Map();
    this.closed = false;
  }

  /** @returns {OutItem[]} */
  restore() {
    const found = [];
    for (let at = 0; at < (this.storage?.length ?? 0); at += 1) {
      const key = this.storage?.key(at);
      if (!key?.startsWith(this.prefix)) continue;
      try {
        const item = JSON.parse(this.storage?.getItem(key) ?? "");
        const old = this.clock.now() - Date.parse(item.at) > MAX_AGE_MS;
        const error = old ? { code: "expired", message: "This message was not sent in time." } : item.error;
        const state = old || item.state === "failed" ? "failed" : "queued";
        found.push({ ...item, state, error, attempts: 0, ack: null });
      } catch {
        this.storage?.removeItem(key);
        at -= 1;
      }
    }
    return found.sort((a, b) => (a.at < b.at ? -1 : 1));
  }

  /** @param {string} lane */
  of(lane) {
    return this.items.filter((item) => item.lane === lane);
  }

  /**
   * @param {string} lane
   * @param {Record<string, any>} body
   * @returns {OutItem}
   */
  add(lane, body) {
    const at = new Date(this.clock.now()).toISOString();
    /** @type {OutItem} */
    const item = {
      client_msg_id: this.uuid(),
      lane,
      body,
      at,
      state: "queued",
      attempts: 0,
      error: null,
      ack: null,
    };
    this.items.push(item);
    this.keep(item);
    this.changed();
    void this.run(lane);
    return item;
  }

  /** Tries everything unsent now; called on connect. */
  flush() {
    for (const lane of new Set(this.items.map((item) => item.lane))) {
      this.clock.clearTimeout(this.timers.get(lane));
      this.timers.delete(lane);
      void this.run(lane);
    }
  }

  /** @param {string} id a failed message that a person wants sent again */
  retry(id) {
    const item = this.items.find((one) => one.client_msg_id === id && one.state === "failed");
    if (!item) return;
    // A refused body may have been stored under this id after all; under a new id it is a new message.
    if (item.error?.code === "idempotency_conflict") {
      this.storage?.removeItem(this.prefix + id);
      item.client_msg_id = this.uuid();
    }
    Object.assign(item, {
      state: "queued",
      attempts: 0,
      error: null,
      at: new Date(this.clock.now()).toISOString(),
    });
    this.keep(item);
    this.changed();
    void this.run(item.lane);
  }

  /** @param {string} id a message that is shown by its room now, or that a person gave up */
  remove(id) {
    const item = this.items.find((one) => one.client_msg_id === id);
    if (!item || item.state === "sending") return;
    this.items = this.items.filter((one) => one !== item);
    this.storage?.removeItem(this.prefix + id);
    this.changed();
  }

  /**
   * The room's log shows it: it has arrived, whatever became of its ack.
   * @param {string | null | undefined} id
   */
  settle(id) {
    const item = this.items.find((one) => one.client_msg_id === id);
    if (!item) return;
    if (item.state === "sending") item.arrived = true;
    else this.remove(item.client_msg_id);
  }

  /** @param {string} lane sends its oldest unsent message, then the next: the desk sees them in order */
  async run(lane) {
    if (this.closed || this.timers.has(lane)) return;
    const mine = this.of(lane);
    if (mine.some((item) => item.state === "sending")) return;
    const item = mine.find((one) => one.state === "queued");
    if (!item) return;
    item.state = "sending";
    item.attempts += 1;
    this.changed();
    try {
      const { id, seq, created_at } = await this.send(item);
      item.state = "sent";
      item.ack = { id, seq, created_at };
      this.storage?.removeItem(this.prefix + item.client_msg_id);
    } catch (error) {
      this.refused(item, error);
    }
    if (item.arrived) this.remove(item.client_msg_id);
    this.changed();
    void this.run(lane);
  }

  /**
   * @param {OutItem} item
   * @param {unknown} error
   */
  refused(item, error) {
    const why = error instanceof DeskError ? error : new DeskError("internal", String(error));
    if (!why.passing) {
      item.state = "failed";
      item.error = { code: why.code, message: why.message };
      this.keep(item);
      return;
    }
    item.state = "queued";
    const wait = Math.max(why.retryAfter, backoff(item.attempts, this.random));
    const timer = this.clock.setTimeout(() => {
      this.timers.delete(item.lane);
      void this.run(item.lane);
    }, wait);
    this.timers.set(item.lane, timer);
  }

  /** @param {OutItem} item */
  keep({ client_msg_id, lane, body, at, state, error }) {
    try {
      this.storage?.setItem(
        this.prefix + client_msg_id,
        JSON.stringify({ client_msg_id, lane, body, at, state, error }),
      );
    } catch {
      // Storage is full or forbidden: the message still goes out, it only cannot survive a reload.
      this.storage = null;
    }
  }

  /**
   * What is unsent belongs to another lane now.
   * @param {string} from
   * @param {string} to
   */
  move(from, to) {
    for (const item of this.of(from)) {
      item.lane = to;
      if (item.state !== "sent") this.keep(item);
    }
    void this.run(to);
  }

  /** Forgets everything unsent, in storage too. */
  clear() {
    for (const item of this.items) this.storage?.removeItem(this.prefix + item.client_msg_id);
    for (const timer of this.timers.values()) this.clock.clearTimeout(timer);
    this.timers.clear();
    this.items = [];
    this.changed();
  }

  /** Stops sending; what is unsent stays stored. */
  close() {
    this.closed = true;
    for (const timer of this.timers.values()) this.clock.clearTimeout(timer);
    this.timers.clear();
  }
}

/** localStorage where the browser grants it, else null. */
export function localStore() {
  try {
    const probe = "supportdesk:probe";
    localStorage.setItem(probe, "1");
    localStorage.removeItem(probe);
    return localStorage;
  } catch {
    return null;
  }
}
