// The guest's conversation: connection, room, what is on its way, who answers, what is unread. No markup.

import { DeskError } from "../shared/errors.js";
import { Outbox } from "../shared/outbox.js";
import { linkRoom } from "../shared/room-link.js";
import { Watermarks } from "./watermarks.js";

/**
 * @typedef {import("../shared/protocol.js").Message} Message
 * @typedef {import("../shared/protocol.js").RoomEvent} RoomEvent
 * @typedef {import("../shared/stream.js").RoomStream} RoomStream
 * @typedef {import("../shared/stream.js").Origin} Origin
 * @typedef {{position: number | null, wait: number | null}} Queue
 *
 * @typedef {object} ConversationOptions
 * @property {import("../shared/connection.js").Connection} connection
 * @property {import("./session.js").GuestSession} session
 * @property {import("./memory.js").Memory} memory
 * @property {Storage | null} storage of the outbox
 * @property {() => Record<string, any>} about locale and page of room.open
 * @property {() => void} onChange
 * @property {(message: Message, origin: Origin) => void} onMessage one by somebody else arrived
 * @property {(error: DeskError) => void} onError something the guest asked for was refused
 */

const TYPING_EVERY_MS = 3000;

export class Conversation {
  /** @type {{stream: RoomStream, close: () => void} | null} */
  link = null;
  /** @type {Queue | null} */
  queue = null;
  /** @type {Promise<string> | null} */
  opening = null;
  /** @type {DeskError | null} why the room cannot be read */
  refused = null;
  askingForPerson = false;
  typingSince = 0;

  /** @param {ConversationOptions} options */
  constructor({ connection, session, memory, storage, about, onChange, onMessage, onError }) {
    this.connection = connection;
    this.session = session;
    this.memory = memory;
    this.about = about;
    this.changed = onChange;
    this.onMessage = onMessage;
    this.onError = onError;
    /** @type {string | null} the client_room_id of this conversation */
    this.lane = memory.get("room");
    this.outbox = new Outbox({
      name: memory.prefix.slice(0, -1),
      storage,
      send: (item) => this.deliver(item),
      onChange: () => this.changed(),
    });
    this.marks = new Watermarks((marks) => this.tellMarks(marks));
    connection.onConnected(() => this.onConnected());
    connection.on("queue.position", (position) => this.onPosition(position));
  }

  get stream() {
    return this.link?.stream ?? null;
  }

  get room() {
    return this.stream?.room ?? null;
  }

  get me() {
    return this.session.guestId;
  }

  get closed() {
    return this.room?.status === "closed" || this.room?.status === "archived";
  }

  /** What was sent from here and is not in the room's log yet. */
  get out() {
    if (!this.lane) return [];
    const stream = this.stream;
    return this.outbox
      .of(this.lane)
      .filter(
        (item) => !(item.ack && stream?.messages.has(item.ack.id)) && !stream?.messageOf(item.client_msg_id),
      );
  }

  onConnected() {
    if (this.lane) this.openRoom(this.lane).catch((error) => this.report(error));
    this.outbox.flush();
  }

  /**
   * The room of a client_room_id, opened where it is not yet; asking twice is harmless.
   * @param {string} lane
   * @returns {Promise<string>} its id
   */
  async openRoom(lane) {
    if (this.link && lane === this.lane) return this.link.stream.roomId;
    if (lane !== this.lane) return this.askForRoom(lane);
    this.opening ??= this.askForRoom(lane)
      .then((roomId) => {
        if (lane === this.lane && !this.link) this.follow(roomId);
        return roomId;
      })
      .finally(() => {
        this.opening = null;
      });
    return this.opening;
  }

  /** @param {string} lane @returns {Promise<string>} */
  async askForRoom(lane) {
    const { room } = await this.connection.request("room.open", { client_room_id: lane, ...this.about() });
    return room.id;
  }

  /** @param {string} roomId */
  follow(roomId) {
    this.refused = null;
    this.marks.clear();
    this.link = linkRoom(this.connection, roomId, {
      onChange: () => this.changed(),
      onEvent: (event, origin) => this.onEvent(event, origin),
      onReset: () => this.marks.clear(),
      onRefused: (error) => {
        this.refused = error;
        this.changed();
      },
    });
  }

  /** Begins a conversation if there is none; what is sent from now on belongs to it. */
  begin() {
    if (this.lane) return this.lane;
    this.lane = crypto.randomUUID();
    this.memory.set("room", this.lane);
    return this.lane;
  }

  /** Begins a conversation before anything is said, so that a robot can greet. */
  visit() {
    const lane = this.begin();
    if (this.connection.connected) this.openRoom(lane).catch((error) => this.report(error));
  }

  /** Leaves this conversation; the next message begins another. */
  leave() {
    this.link?.close();
    this.link = null;
    this.queue = null;
    this.refused = null;
    this.lane = null;
    this.memory.set("room", null);
    this.marks.clear();
    this.changed();
  }

  /** The desk knows this guest no more and made a new one: what was unsent begins a new conversation. */
  moveOn() {
    const old = this.lane;
    this.leave();
    if (old && this.outbox.of(old).some((item) => item.state !== "sent")) this.outbox.move(old, this.begin());
  }

  /** Another tab began or left a conversation. */
  adopt() {
    const lane = this.memory.get("room");
    if (lane === this.lane) return;
    this.link?.close();
    this.link = null;
    this.queue = null;
    this.lane = lane;
    if (lane && this.connection.connected) this.openRoom(lane).catch((error) => this.report(error));
    this.changed();
  }

  /** @param {import("../shared/outbox.js").OutItem} item */
  async deliver({ lane, client_msg_id, body }) {
    const room_id = await this.openRoom(lane);
    return this.connection.request("message.send", { room_id, client_msg_id, ...body });
  }

  /**
   * @param {string} content
   * @param {string | null} [replyTo]
   */
  send(content, replyTo = null) {
    this.typing(false);
    return this.outbox.add(this.begin(), { content, ...(replyTo && { reply_to: replyTo }) });
  }

  /**
   * @param {RoomEvent} event
   * @param {Origin} origin
   */
  onEvent(event, origin) {
    if (origin === "history") return;
    if (event.kind === "room.owner_changed" && event.data.owner?.kind !== "queue") this.queue = null;
    this.marks.delivered(event.seq);
    const message = event.kind === "message.created" ? event.data.message : null;
    if (!message) return;
    if (message.sender?.id === this.me) this.outbox.settle(message.client_msg_id);
    else if (!message.deleted) this.onMessage(message, origin);
  }

  /** The guest has said something here, or has done so before what is loaded. */
  get written() {
    const { stream, me } = this;
    if (!stream) return this.out.length > 0;
    const mine = (/** @type {{id?: string}} */ { id }) => stream.messages.get(id ?? "")?.sender?.id === me;
    return stream.hasEarlier || this.out.length > 0 || stream.entries.some(mine);
  }

  /** Opened to be looked at: the guest has neither written nor asked for a person. */
  get untouched() {
    return this.room?.owner.kind === "robot" && !this.written;
  }

  /** Messages by others after the read mark; a greeting that nobody has asked for calls nobody back. */
  get unread() {
    const stream = this.stream;
    if (!stream || this.untouched) return 0;
    const read = Math.max(this.marks.readSeq, stream.participants.get(this.me ?? "")?.read_seq ?? 0);
    let count = 0;
    for (let at = stream.entries.length - 1; at >= 0 && stream.entries[at].seq > read; at -= 1) {
      const message = stream.messages.get(stream.entries[at].id ?? "");
      if (message && !message.deleted && message.sender?.id !== this.me) count += 1;
    }
    return count;
  }

  /** The guest sees the end of the log. */
  markRead() {
    if (this.stream?.last) this.marks.read(this.stream.last);
  }

  /** @param {{delivered_seq?: number, read_seq?: number}} marks */
  async tellMarks(marks) {
    if (!this.link || !this.connection.connected) return false;
    try {
      await this.connection.request("receipt", { room_id: this.link.stream.roomId, ...marks });
      return true;
    } catch {
      return false;
    }
  }

  /** @param {boolean} on */
  typing(on) {
    const now = Date.now();
    if (!this.link || (on ? now - this.typingSince < TYPING_EVERY_MS : this.typingSince === 0)) return;
    this.typingSince = on ? now : 0;
    this.connection.tell("typing", { room_id: this.link.stream.roomId, on });
  }

  /** @param {{room_id: string, queue_position?: number, position?: number, expected_wait_s?: number}} said */
  onPosition({ room_id, queue_position, position, expected_wait_s }) {
    if (room_id !== this.link?.stream.roomId) return;
    this.queue = { position: queue_position ?? position ?? null, wait: expected_wait_s ?? null };
    this.changed();
  }

  /** Asks for a person in place of the robot. */
  async requestPerson() {
    if (this.askingForPerson) return;
    this.askingForPerson = true;
    this.changed();
    try {
      const room_id = await this.openRoom(this.begin());
      this.onPosition({ room_id, ...(await this.connection.request("room.request_person", { room_id })) });
    } catch (error) {
      this.report(error);
    } finally {
      this.askingForPerson = false;
      this.changed();
    }
  }

  /**
   * A command of the guest upon the room; a refusal is reported.
   * @param {string} event
   * @param {Record<string, any>} data
   * @returns {Promise<boolean>} whether it was done
   */
  async command(event, data) {
    try {
      await this.connection.request(event, data);
      return true;
    } catch (error) {
      this.report(error);
      return false;
    }
  }

  /** @param {unknown} error */
  report(error) {
    const known = error instanceof DeskError ? error : new DeskError("internal", String(error));
    // What is on its way says so itself, and the banner tells of the connection.
    if (known.code !== "disconnected") this.onError(known);
  }
}
