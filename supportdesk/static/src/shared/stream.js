// One room as this client knows it: durable events applied without gaps (D3–D6), drafts and typing on top.

import { applyEvent } from "./apply.js";
import { systemClock } from "./clock.js";
import { Drafts } from "./drafts.js";
import { PAGE } from "./protocol.js";

/**
 * @typedef {import("./protocol.js").RoomEvent} RoomEvent
 * @typedef {import("./protocol.js").Message} Message
 * @typedef {import("./protocol.js").Participant} Participant
 * @typedef {import("./protocol.js").Room} Room
 * @typedef {import("./protocol.js").Cursor} Cursor
 * @typedef {import("./protocol.js").JoinAnswer} JoinAnswer
 * @typedef {import("./protocol.js").SyncAnswer} SyncAnswer
 * @typedef {import("./protocol.js").ResetAnswer} ResetAnswer
 *
 * @typedef {"live" | "catchup" | "first" | "history"} Origin how an event came: pushed, after a gap, with the
 *   first join, or by scrolling back
 * @typedef {{seq: number, at: string, id?: string, event?: RoomEvent}} Entry a message (id) or another event
 *
 * @typedef {object} StreamOptions
 * @property {string} roomId
 * @property {(cursor: Cursor) => Promise<JoinAnswer | ResetAnswer>} join asks room.join
 * @property {(cursor: Cursor) => Promise<SyncAnswer | ResetAnswer>} sync asks room.sync
 * @property {import("./clock.js").Clock} [clock]
 * @property {() => void} [onChange] something shown has changed
 * @property {(event: RoomEvent, origin: Origin) => void} [onEvent] an event was applied
 * @property {(reason: string) => void} [onReset] everything known was dropped and is read anew
 */

const GAP_MS = 200;
const TYPING_MS = 6000;
const RETRY_MS = 1000;

export class RoomStream {
  /** @type {Room | null} */
  room = null;
  /** @type {string | number | null} */
  epoch = null;
  /** @type {number | null} seq of the last event applied, null before the first join */
  last = null;
  head = 0;
  /** Everything up to this seq has not been read; 0 when the start of the room is here. */
  base = 0;
  loadingEarlier = false;
  /** @type {Map<string, Message>} */
  messages = new Map();
  /** @type {Entry[]} messages and other events, ordered by seq */
  entries = [];
  /** @type {Map<string, Participant>} */
  participants = new Map();
  /** @type {Map<string, {name: string, kind: string, timer: any}>} */
  typing = new Map();
  /** @type {Map<number, RoomEvent>} */
  held = new Map();
  /** @type {any} */
  gapTimer = null;
  /** @type {Promise<void> | null} */
  catching = null;
  closed = false;

  /** @param {StreamOptions} options */
  constructor({ roomId, join, sync, clock = systemClock, onChange, onEvent, onReset }) {
    this.roomId = roomId;
    this.clock = clock;
    this.askJoin = join;
    this.askSync = sync;
    this.changed = onChange ?? (() => {});
    this.heard = onEvent ?? (() => {});
    this.wasReset = onReset ?? (() => {});
    this.drafts = new Drafts(clock, () => this.changed());
  }

  /** Drops all knowledge of the room. */
  forget() {
    this.room = null;
    this.epoch = null;
    this.last = null;
    this.head = 0;
    this.base = 0;
    this.loadingEarlier = false;
    this.messages = new Map();
    this.entries = [];
    this.participants = new Map();
    for (const { timer } of this.typing.values()) this.clock.clearTimeout(timer);
    this.typing.clear();
    this.held.clear();
    this.drafts.clear();
    this.clock.clearTimeout(this.gapTimer);
    this.gapTimer = null;
  }

  /** Whether older messages can be asked for. */
  get hasEarlier() {
    return this.last !== null && this.base > 0;
  }

  /** Stops timers; the stream applies nothing more. */
  close() {
    this.closed = true;
    this.forget();
  }

  /** Joins the room and reads what is missing; called on every connect. Throws what `join` throws. */
  async resume() {
    const known = this.last !== null;
    let answer = await this.askJoin(
      known ? { after_seq: this.last ?? 0, epoch: this.epoch ?? undefined } : {},
    );
    if (this.closed) return;
    if ("reset" in answer || (known && answer.epoch !== this.epoch)) {
      this.reset("reset" in answer ? answer.reason : "epoch");
      answer = await this.askJoin({});
      if (this.closed) return;
      if ("reset" in answer) throw new Error(`The room cannot be read: ${answer.reason}.`);
    }
    this.adopt(answer);
    if ((this.last ?? 0) < this.head) await this.catchUp();
  }

  /** @param {JoinAnswer} answer */
  adopt(answer) {
    const first = this.last === null;
    const events = [...answer.events].sort((a, b) => a.seq - b.seq);
    if (first) {
      this.base = events.length > 0 ? events[0].seq - 1 : answer.head;
      this.last = this.base;
    }
    this.epoch = answer.epoch;
    this.head = Math.max(this.head, answer.head);
    this.participants = new Map(answer.participants.map((person) => [person.user_id, person]));
    for (const event of events) this.take(event, first ? "first" : "catchup");
    // Set last: the room of the answer is as new as its events, and newer than what they patched.
    this.room = answer.room;
    this.drain();
    this.changed();
  }

  /** @param {RoomEvent} event one that the server pushed */
  receive(event) {
    if (this.closed || event.room_id !== this.roomId || event.seq <= (this.last ?? 0)) return;
    this.head = Math.max(this.head, event.seq);
    if (event.seq === (this.last ?? Number.NaN) + 1) {
      this.take(event, "live");
      this.drain();
      this.changed();
    } else {
      this.held.set(event.seq, event);
      if (this.last !== null) this.gapTimer ??= this.clock.setTimeout(() => this.onGap(), GAP_MS);
    }
  }

  onGap() {
    this.gapTimer = null;
    if (!this.closed && this.held.size > 0) void this.catchUp();
  }

  /** Reads pages until nothing is missing; one run at a time. */
  catchUp() {
    this.catching ??= this.readPages().finally(() => {
      this.catching = null;
    });
    return this.catching;
  }

  async readPages() {
    while (!this.closed && this.last !== null && this.last < this.head) {
      const before = this.last;
      let answer;
      try {
        answer = await this.askSync({ after_seq: before, epoch: this.epoch ?? undefined });
      } catch {
        // Disconnected: the next resume reads on. Otherwise the gap is asked for again a little later.
        this.gapTimer ??= this.clock.setTimeout(() => this.onGap(), RETRY_MS);
        return;
      }
      if (this.closed || this.last === null) return;
      if ("reset" in answer || answer.epoch !== this.epoch) {
        this.reset("reset" in answer ? answer.reason : "epoch");
        await this.resume();
        return;
      }
      this.head = Math.max(this.head, answer.head);
      for (const event of [...answer.events].sort((a, b) => a.seq - b.seq)) this.take(event, "catchup");
      this.drain();
      this.changed();
      if (this.last === before) return;
    }
  }

  /** Applies what was held back and now fits. */
  drain() {
    let next = this.held.get((this.last ?? 0) + 1);
    while (next) {
      this.take(next, "live");
      next = this.held.get((this.last ?? 0) + 1);
    }
    for (const seq of this.held.keys()) if (seq <= (this.last ?? 0)) this.held.delete(seq);
    if (this.held.size === 0) {
      this.clock.clearTimeout(this.gapTimer);
      this.gapTimer = null;
    } else {
      this.gapTimer ??= this.clock.setTimeout(() => this.onGap(), GAP_MS);
    }
  }

  /**
   * @param {RoomEvent} event
   * @param {Origin} origin
   */
  take(event, origin) {
    if (event.seq !== (this.last ?? 0) + 1) return;
    this.last = event.seq;
    this.head = Math.max(this.head, event.seq);
    applyEvent(this, event);
    this.heard(event, origin);
  }

  /** @param {string} reason */
  reset(reason) {
    this.forget();
    this.wasReset(reason);
    this.changed();
  }

  /** Reads the page before the oldest known event; resolves to whether anything came. */
  async earlier() {
    if (!this.hasEarlier || this.loadingEarlier) return false;
    this.loadingEarlier = true;
    this.changed();
    const upTo = this.base;
    const after = Math.max(0, upTo - PAGE);
    /** @type {RoomEvent[]} */
    const page = [];
    try {
      // Long messages make shorter pages: read on until the stretch is whole.
      for (let from = after; from < upTo; from = page[page.length - 1].seq) {
        const answer = await this.askSync({ after_seq: from, epoch: this.epoch ?? undefined });
        if (this.closed || this.base !== upTo) return false;
        const events = "reset" in answer ? [] : answer.events.filter(({ seq }) => seq <= upTo);
        if (events.length === 0) break;
        page.push(...events.sort((a, b) => a.seq - b.seq));
      }
      this.base = page.length > 0 ? after : 0;
      const older = new OlderPage(this);
      for (const event of page) {
        older.add(event);
        this.heard(event, "history");
      }
      this.entries = [...older.entries, ...this.entries];
      return page.length > 0;
    } finally {
      this.loadingEarlier = false;
      this.changed();
    }
  }

  /** @param {import("./protocol.js").Delta} delta */
  delta(delta) {
    if (!this.closed && delta.room_id === this.roomId) this.drafts.add(delta);
  }

  /** @param {{room_id: string, draft_id: string}} aborted */
  deltaAborted(aborted) {
    if (aborted.room_id === this.roomId) this.drafts.end(aborted.draft_id);
  }

  /** @param {import("./protocol.js").Typing} typing */
  setTyping({ room_id, user_id, name, kind, on }) {
    if (this.closed || room_id !== this.roomId) return;
    this.clock.clearTimeout(this.typing.get(user_id)?.timer);
    this.typing.delete(user_id);
    if (on) {
      const known = this.participants.get(user_id);
      const timer = this.clock.setTimeout(() => this.setTyping({ room_id, user_id, on: false }), TYPING_MS);
      this.typing.set(user_id, {
        name: name ?? known?.name ?? "",
        kind: kind ?? known?.kind ?? "agent",
        timer,
      });
    }
    this.changed();
  }

  /** @param {import("./protocol.js").Receipt} receipt */
  receipt({ room_id, user_id, delivered_seq = 0, read_seq = 0 }) {
    const person = this.participants.get(user_id);
    if (this.closed || room_id !== this.roomId || !person) return;
    this.participants.set(user_id, {
      ...person,
      delivered_seq: Math.max(person.delivered_seq ?? 0, delivered_seq, read_seq),
      read_seq: Math.max(person.read_seq ?? 0, read_seq),
    });
    this.changed();
  }

  /**
   * How far a message has come: when the first participant of the other side has it.
   * @param {Message} message
   * @returns {"sent" | "delivered" | "read"}
   */
  statusOf(message) {
    const ownSide = message.sender?.kind === "guest";
    let status = message.status ?? "sent";
    for (const person of this.participants.values()) {
      if ((person.kind === "guest") === ownSide) continue;
      if ((person.read_seq ?? 0) >= message.seq) return "read";
      if ((person.delivered_seq ?? 0) >= message.seq && status === "sent") status = "delivered";
    }
    return status;
  }

  /** @param {string} clientMsgId */
  messageOf(clientMsgId) {
    for (let at = this.entries.length - 1; at >= 0; at -= 1) {
      const { id } = this.entries[at];
      const message = id === undefined ? undefined : this.messages.get(id);
      if (message?.client_msg_id === clientMsgId) return message;
    }
    return undefined;
  }
}

/** History is served as things are now, so only what exists is taken, never its later changes. */
class OlderPage {
  /** @param {RoomStream} stream */
  constructor(stream) {
    this.messages = stream.messages;
    /** @type {Entry[]} */
    this.entries = [];
  }

  /** @param {RoomEvent} event */
  add(event) {
    if (event.kind !== "message.created") {
      if (!event.kind.startsWith("message.") && !event.kind.startsWith("reaction.")) {
        this.entries.push({ seq: event.seq, at: event.at, event });
      }
      return;
    }
    const message = event.data.message;
    if (!message || this.messages.has(message.id)) return;
    this.messages.set(message.id, message);
    this.entries.push({ seq: event.seq, at: event.at, id: message.id });
  }
}
