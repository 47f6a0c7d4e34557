// The conversation on the screen: its stream, its details, and how far it has been read here.

import { systemClock } from "../shared/clock.js";
import { linkRoom } from "../shared/room-link.js";

/**
 * @typedef {import("./desk-api.js").RoomDetails} RoomDetails
 * @typedef {import("./desk-api.js").Interaction} Interaction
 * @typedef {import("../shared/protocol.js").Participant} Participant
 * @typedef {import("../shared/protocol.js").RoomEvent} RoomEvent
 */

const RECEIPT_MS = 250;
const DETAILS_MS = 400;
/** The desk needs a moment to take somebody out of a room. */
const REJOIN_MS = 300;

export class OpenRoom {
  /**
   * @param {object} options
   * @param {string} options.id
   * @param {string} options.me own id
   * @param {import("../shared/connection.js").Connection} options.connection
   * @param {import("./desk-api.js").DeskApi} options.api
   * @param {() => void} options.onChange
   * @param {(event: RoomEvent, origin: import("../shared/stream.js").Origin) => void} options.onEvent
   * @param {Partial<RoomDetails> | null} [options.line] what the list already knows
   * @param {import("../shared/clock.js").Clock} [options.clock]
   */
  constructor({ id, me, connection, api, onChange, onEvent, line = null, clock = systemClock }) {
    this.id = id;
    this.me = me;
    this.connection = connection;
    this.api = api;
    this.changed = onChange;
    this.clock = clock;
    /** @type {Partial<RoomDetails> | null} */
    this.details = line;
    /** @type {import("./room-list.js").RoomLine[]} */
    this.earlierRooms = [];
    /** @type {Interaction[]} */
    this.interactions = [];
    /** @type {{code: string, message: string} | null} */
    this.refused = null;
    /** The reader's watermark when the room was opened; the divider "new" stands after it. @type {number | null} */
    this.newAfter = null;
    /** @type {Map<string, {name: string}>} staff who have this room open too */
    this.viewers = new Map();
    /** What robots have asked to do here. @type {import("./approvals.js").ToolCall[]} */
    this.calls = [];
    /** Cards that this person has put away. @type {Set<string>} */
    this.putAway = new Set();
    this.told = { delivered: 0, read: 0 };
    this.opened = false;
    this.callsWanted = false;
    this.callsLoading = false;
    /** @type {any} */
    this.receiptTimer = null;
    /** @type {any} */
    this.detailsTimer = null;
    /** @type {any} */
    this.rejoinTimer = null;
    const { stream, resume, close } = linkRoom(connection, id, {
      onChange: () => this.onStream(),
      onEvent: (event, origin) => {
        onEvent(event, origin);
        this.onEvent(event, origin);
      },
      onReset: () => this.changed(),
      onRefused: ({ code, message }) => {
        this.refused = { code, message };
        this.changed();
      },
    });
    this.stream = stream;
    this.unlink = close;
    this.resume = resume;
    this.unwatch = connection.on("presence", (data) => this.onPresence(data));
    void this.loadDetails();
    void this.loadCalls();
  }

  /** The room as it is now; null until anything is known of it. @returns {RoomDetails | null} */
  get room() {
    if (!this.details && !this.stream.room) return null;
    // Not every event that changes a room names its version; the higher of the two is the newer one.
    const version = Math.max(this.details?.version ?? 1, this.stream.room?.version ?? 1);
    return /** @type {RoomDetails} */ ({ id: this.id, ...this.details, ...this.stream.room, version });
  }

  /** What this person is in the room; null while they do not take part. */
  get role() {
    return this.stream.participants.get(this.me)?.role ?? null;
  }

  /** Whether the log can be shown. */
  get ready() {
    return this.stream.last !== null;
  }

  onStream() {
    if (this.ready && !this.opened) this.rememberWatermark();
    this.changed();
  }

  /** At the first join: what came since this person last read gets a divider. */
  rememberWatermark() {
    this.opened = true;
    const read = this.stream.participants.get(this.me)?.read_seq ?? 0;
    this.told.read = read;
    this.newAfter = read > 0 && read < this.stream.head ? read : null;
  }

  /**
   * @param {RoomEvent} event
   * @param {import("../shared/stream.js").Origin} origin
   */
  onEvent(event, origin) {
    // Also those of a gap: what waits must be seen after a lost connection.
    if (event.kind.startsWith("tool.")) void this.loadCalls();
    if (origin !== "live") return;
    if (event.kind === "room.owner_changed") {
      this.details = { ...this.details, waiting_since: event.data.owner?.kind === "queue" ? event.at : null };
    }
    if (!event.kind.startsWith("message.") || event.data.message?.sender?.kind === "robot")
      this.detailsSoon();
    this.receiptSoon();
  }

  /** Who leaves hears the room no more; who may still read it joins anew, the others are refused. */
  rejoinSoon() {
    this.clock.clearTimeout(this.rejoinTimer);
    this.rejoinTimer = this.clock.setTimeout(() => void this.resume(), REJOIN_MS);
  }

  /** @param {{room_id?: string, user_id: string, name?: string, kind?: string, viewing?: boolean}} data */
  onPresence({ room_id, user_id, name, viewing }) {
    const person = this.stream.participants.get(user_id);
    if (room_id === this.id && user_id !== this.me) {
      if (viewing) this.viewers.set(user_id, { name: name ?? person?.name ?? "" });
      else if (viewing === false) this.viewers.delete(user_id);
    }
    this.changed();
  }

  detailsSoon() {
    this.clock.clearTimeout(this.detailsTimer);
    this.detailsTimer = this.clock.setTimeout(() => void this.loadDetails(), DETAILS_MS);
  }

  async loadDetails() {
    const [details, interactions] = await Promise.allSettled([
      this.api.room(this.id),
      this.api.interactions(this.id),
    ]);
    if (this.stream.closed) return;
    if (details.status === "fulfilled") {
      const guestBefore = this.details?.guest?.id;
      this.details = { ...this.details, ...details.value };
      if (details.value.guest && (guestBefore !== details.value.guest.id || this.earlierRooms.length === 0)) {
        void this.loadEarlierRooms(details.value.guest.id);
      }
    }
    if (interactions.status === "fulfilled") this.interactions = interactions.value.items;
    this.changed();
  }

  /** What waits for approval, and what came of it; once more when something has changed meanwhile. */
  async loadCalls() {
    this.callsWanted = true;
    if (this.callsLoading) return;
    this.callsLoading = true;
    try {
      while (this.callsWanted && !this.stream.closed) {
        this.callsWanted = false;
        this.calls = (await this.api.toolCalls(this.id)).items;
        this.changed();
      }
    } catch {
      // Whoever may not see them has none; after a failure the next event asks again.
    } finally {
      this.callsLoading = false;
    }
  }

  /** @param {string} id */
  putAwayCall(id) {
    this.putAway.add(id);
    this.changed();
  }

  /** @param {string} guestId */
  async loadEarlierRooms(guestId) {
    try {
      const { items } = await this.api.rooms({ guest_id: guestId, limit: 10 });
      this.earlierRooms = items.filter((item) => item.id !== this.id);
      this.changed();
    } catch {
      // The pane simply shows none; the next change of the room asks again.
    }
  }

  /** The newest messages are before the reader's eyes. */
  seen() {
    if (!this.ready) return;
    this.receiptSoon(this.stream.last ?? 0);
  }

  /** @param {number} [readSeq] */
  receiptSoon(readSeq = 0) {
    const read = Math.max(this.told.read, readSeq);
    const delivered = this.stream.last ?? 0;
    if (read <= this.told.read && delivered <= this.told.delivered) return;
    this.told = { delivered, read };
    this.receiptTimer ??= this.clock.setTimeout(() => {
      this.receiptTimer = null;
      this.sendReceipt(this.told.delivered, this.told.read > 0 ? this.told.read : undefined);
    }, RECEIPT_MS);
  }

  /**
   * @param {number} delivered
   * @param {number | undefined} read
   */
  sendReceipt(delivered, read) {
    this.connection
      .request("receipt", { room_id: this.id, delivered_seq: delivered, read_seq: read })
      .catch(() => {
        // Lost with the connection: what is seen next tells it again.
        this.told = { delivered: 0, read: 0 };
      });
  }

  /** What somebody of this room is called; the guest as the list calls them. @param {string | null | undefined} id */
  nameOf(id) {
    if (!id) return "";
    const { guest } = this.details ?? {};
    return (guest?.id === id ? guest.name : this.stream.participants.get(id)?.name) ?? "";
  }

  /** @returns {Participant[]} staff and robots first, then guests */
  get people() {
    const order = { agent: 0, robot: 1, system: 2, guest: 3 };
    return [...this.stream.participants.values()].sort((a, b) => order[a.kind] - order[b.kind]);
  }

  close() {
    this.clock.clearTimeout(this.receiptTimer);
    this.clock.clearTimeout(this.detailsTimer);
    this.clock.clearTimeout(this.rejoinTimer);
    this.unwatch();
    this.unlink();
  }
}
