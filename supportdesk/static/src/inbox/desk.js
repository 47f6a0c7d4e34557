// The state behind the inbox: the list, the open room, the connection; views listen to its topics.

import { Bell, badge } from "../shared/bell.js";
import { Connection } from "../shared/connection.js";
import { t } from "../shared/i18n.js";
import { localStore, Outbox } from "../shared/outbox.js";
import { Availability, known } from "./availability.js";
import { DeskApi } from "./desk-api.js";
import { markFavicon } from "./favicon.js";
import { Notices } from "./notices.js";
import { OpenRoom } from "./open-room.js";
import { APPROVALS, addressOf, placeOf } from "./place.js";
import { allows } from "./room-actions.js";
import { afterWords, RoomList, titleOf } from "./room-list.js";
import { shortcutsOf } from "./shortcuts.js";
import { Topic } from "./topic.js";
import { UnreadMarks } from "./unread-marks.js";
import { callsOf, keyOf, WaitingWatch } from "./waiting-watch.js";

/**
 * @typedef {import("./room-list.js").RoomLine} RoomLine
 * @typedef {import("./place.js").Place} Place
 * @typedef {import("./desk-api.js").Colleague} Colleague
 *
 * @typedef {object} Config the data block of the page
 * @property {{id: string, name: string, email: string, level: string | null, permissions: string[],
 *   avatar_url?: string | null, status?: string, is_given_rooms?: boolean, shortcuts?: Record<string, string>}} me
 * @property {{name: string}} workspace
 * @property {string} csrf_token
 * @property {string} epoch
 * @property {string} locale
 * @property {string} dir
 * @property {import("../shared/i18n.js").Catalogue} [i18n]
 * @property {string | null} [wallboard_url]
 * @property {import("./room-actions.js").Edge[]} [escalation_edges]
 *
 * @typedef {{kind: "escalate" | "lower" | "assign" | "snooze" | "block" | "details" | "invite" | "leave" | "delete"
 *   | "palette" | "sheet", messageId?: string}} Dialog
 */

const LOOK_MS = 1000;
const TICK_MS = 15_000;

export class Desk {
  /** @param {Config} config */
  constructor(config) {
    this.config = config;
    this.me = config.me;
    this.topics = { list: new Topic(), room: new Topic(), desk: new Topic() };
    this.api = new DeskApi(config.csrf_token);
    this.notices = new Notices();
    this.connection = new Connection({ namespace: "/desk", token: () => this.api.socketTicket() });
    this.availability = new Availability(config.me, this.connection);
    this.bell = new Bell({ name: "desk" });
    this.watch = new WaitingWatch();
    this.approvals = new WaitingWatch(callsOf);
    this.marks = new UnreadMarks(config.me.id);
    this.waitingCount = 0;
    this.list = new RoomList({ fetchPage: (want) => this.api.rooms(want), onChange: this.topics.list.tell });
    this.outbox = new Outbox({
      name: `desk:${config.me.id}`,
      storage: localStore(),
      onChange: this.topics.room.tell,
      send: ({ lane, client_msg_id, body }) =>
        this.connection.request("message.send", { room_id: lane, client_msg_id, ...body }),
    });
    /** @type {OpenRoom | null} */
    this.open = null;
    /** @type {Dialog | null} */
    this.dialog = null;
    /** @type {Colleague[]} */
    this.colleagues = [];
    /** What colleagues say of themselves. @type {Map<string, import("./availability.js").Presence>} */
    this.presences = new Map();
    this.customerShown = false;
    this.announcement = "";
    /** @type {import("../shared/connection.js").ConnectionState} */
    this.connectionState = "connecting";
    /** @type {any} */
    this.lookTimer = null;
    /** What a reply, an edit or a focus is asked of the composer; it listens. */
    this.composer = new Topic();
    /** @type {{mode?: "reply" | "note" | "whisper", replyTo?: string, edit?: string, suggestion?: import("./suggestion-bar.js").Decision} | null} */
    this.composerWish = null;
  }

  /** Connects, and shows what the address says. */
  async start() {
    this.connection.onState((state) => {
      this.connectionState = state;
      this.topics.desk.tell();
    });
    this.connection.on("presence", ({ user_id, status }) => this.heardOf(user_id, status));
    this.connection.onConnected(() => {
      this.outbox.flush();
      void this.loadColleagues();
      this.list.hint();
      this.lookSoon();
    });
    this.connection.on("inbox.changed", (changed) => {
      this.list.hint();
      // Without a name it is about no room in particular, such as a guest who was blocked.
      if (changed?.room_ids?.length === 0) this.open?.detailsSoon();
      // A room without its state is one that this person was taken out of.
      if (changed?.room_id && !changed.status && changed.room_id === this.open?.id) this.open?.rejoinSoon();
      this.lookSoon();
    });
    this.connection.start();
    addEventListener("popstate", () => this.goTo(placeOf(location.search)));
    setInterval(() => this.tick(), TICK_MS);
    document.addEventListener("visibilitychange", () => this.topics.room.tell());
    const place = placeOf(location.search);
    if (place.room) this.openRoom(place.room);
    await this.list.show({ queue: place.queue, status: place.status, q: place.q });
    const own = this.me.level;
    const nothingMine = this.list.state === "ready" && this.list.items.length === 0 && !location.search;
    if (nothingMine && own && this.list.query.queue === "mine") await this.list.show({ queue: own });
  }

  /** Ages grow, and hints may get lost or not be given: the list is read anew now and then. */
  tick() {
    this.topics.list.tell();
    if (!this.connection.connected) return;
    if (document.visibilityState === "visible") this.list.hint();
    this.lookSoon();
  }

  /** @param {string} permission */
  may = (permission) => allows(this.me.permissions, permission);

  get shortcuts() {
    return shortcutsOf(this.config, this.may);
  }

  /** @returns {Place} */
  get place() {
    return { ...this.list.query, room: this.open?.id ?? null };
  }

  /** @param {Place} place */
  goTo({ room, ...query }) {
    const { queue, status, q } = this.list.query;
    if (queue !== query.queue || status !== query.status || q !== query.q) void this.list.show(query);
    if (room !== (this.open?.id ?? null)) this.openRoom(room);
  }

  /** @param {Partial<import("./room-list.js").ListQuery>} change */
  filter(change) {
    void this.list.show(change);
    history.replaceState(null, "", addressOf(this.place));
  }

  /** @param {string | null} id the room to show, null for none */
  select(id) {
    if (id === (this.open?.id ?? null)) return;
    this.openRoom(id);
    history.pushState(null, "", addressOf(this.place));
  }

  /** @param {string | null} id */
  openRoom(id) {
    this.open?.close();
    this.customerShown = false;
    this.open = id === null ? null : this.newRoom(id);
    if (id !== null) {
      this.marks.remove(id);
      this.list.patch(id, { unread: 0 });
    }
    this.topics.list.tell();
    this.topics.room.tell();
    this.topics.desk.tell();
  }

  /** @param {string} id */
  newRoom(id) {
    return new OpenRoom({
      id,
      me: this.me.id,
      connection: this.connection,
      api: this.api,
      line: this.list.find(id),
      onChange: this.topics.room.tell,
      onEvent: (event, origin) => this.onEvent(event, origin),
    });
  }

  /**
   * @param {import("../shared/protocol.js").RoomEvent} event one of the open room
   * @param {import("../shared/stream.js").Origin} origin
   */
  onEvent({ kind, room_id, data }, origin) {
    const message = kind === "message.created" ? data.message : null;
    if (!message) return;
    const mine = message.sender?.id === this.me.id;
    if (mine && message.client_msg_id) this.outbox.remove(message.client_msg_id);
    if (origin !== "live") return;
    if (!mine && message.sender) {
      this.announce(
        t("{name}: {text}", {
          name: this.open?.nameOf(message.sender.id) || message.sender.name,
          text: message.content,
        }),
      );
    }
    const voice = message.sender?.kind ?? "system";
    const note = Boolean(message.note || message.whisper_to);
    const line = this.list.find(room_id);
    const words = { preview: message.content, preview_by: { voice, mine, note } };
    if (line) this.list.patch(room_id, afterWords(line, { ...words, last_message_at: message.created_at }));
  }

  /** @param {string} text read out by screen readers, shown nowhere */
  announce(text) {
    this.announcement = text;
    this.topics.desk.tell();
  }

  /** @param {Dialog | null} dialog */
  ask(dialog) {
    this.dialog = dialog;
    this.topics.desk.tell();
    if (dialog?.kind === "assign" || dialog?.kind === "invite") void this.loadColleagues();
  }

  /** @param {NonNullable<Desk["composerWish"]>} wish */
  compose(wish) {
    this.composerWish = wish;
    this.composer.tell();
  }

  /** @param {boolean} shown the customer pane, where it is a drawer */
  showCustomer(shown) {
    this.customerShown = shown;
    this.topics.desk.tell();
  }

  /** @param {string} id @param {string} [status] of a member of staff; guests have none */
  heardOf(id, status) {
    const presence = known(status);
    if (!presence || this.presences.get(id) === presence) return;
    this.presences.set(id, presence);
    this.topics.room.tell();
  }

  async loadColleagues() {
    try {
      this.colleagues = (await this.api.agents()).items;
      for (const one of this.colleagues) this.heardOf(one.id, one.presence);
    } catch {
      // Without the list of staff the people of the room are still offered.
    }
    this.topics.desk.tell();
    this.topics.room.tell();
  }

  lookSoon() {
    this.lookTimer ??= setTimeout(() => {
      this.lookTimer = null;
      void this.look();
    }, LOOK_MS);
  }

  /** Who waits for a person at this person's level, who has written to this person, and what they may approve. */
  async look() {
    const own = this.me.level ?? "T1";
    try {
      const [queue, mine] = await Promise.all([
        this.api.rooms({ queue: own, status: "waiting", limit: LOOK_AT }),
        this.api.rooms({ queue: "mine", limit: LOOK_AT }),
      ]);
      const asked = queue.counts?.approvals
        ? (await this.api.rooms({ queue: APPROVALS, limit: LOOK_AT })).items
        : [];
      const unread = mine.items.filter((line) => line.unread > 0 && line.id !== this.open?.id);
      const waits = queue.items.filter((line) => line.owner.kind === "queue");
      const { arrived, waiting } = this.watch.look([...waits, ...unread]);
      const calls = this.approvals.look(asked);
      this.waitingCount = waiting + calls.waiting;
      badge(this.waitingCount);
      markFavicon(this.waitingCount);
      for (const line of arrived) this.notify(line);
      for (const line of calls.arrived) this.notifyOfCall(line);
    } catch {
      // The next change or connect looks again.
    }
  }

  /** @param {RoomLine} line somebody who waits since just now */
  notify(line) {
    const name = titleOf(line);
    const waits = line.owner.kind === "queue";
    const title = waits ? t("{name} waits for a person", { name }) : t("New message from {name}", { name });
    this.call(line, { key: keyOf(line), tune: waits ? "waiting" : "message", title, spoken: waits });
  }

  /** @param {RoomLine} line in which a robot asks for a tool since just now */
  notifyOfCall(line) {
    const title = t("Approval needed in the conversation with {name}", { name: titleOf(line) });
    const key = `approval:${callsOf(line).at(-1)}`;
    // The card of the open conversation speaks for itself.
    this.call(line, { key, tune: "waiting", title, spoken: line.id !== this.open?.id });
  }

  /**
   * Rings once over all tabs; says it aloud to whoever sits before this one, else by the browser's own notice.
   * @param {RoomLine} line
   * @param {{key: string, tune: "waiting" | "message", title: string, spoken: boolean}} news
   */
  call(line, { key, tune, title, spoken }) {
    if (!this.availability.welcomesNotices) return;
    void this.bell.ring(key, tune);
    if (document.visibilityState === "visible" && document.hasFocus()) {
      if (spoken) this.announce(title);
      return;
    }
    if (globalThis.Notification?.permission !== "granted") return;
    // The tag makes the notices of several tabs one.
    const notice = new Notification(title, { body: line.preview ?? "", tag: key });
    notice.addEventListener("click", () => {
      window.focus();
      notice.close();
      this.select(line.id);
    });
  }
}

const LOOK_AT = 50;
