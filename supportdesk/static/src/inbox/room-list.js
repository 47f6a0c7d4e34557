// The list of conversations as this page knows it: one query at a time, pages by cursor, kept fresh by hints.

import { systemClock } from "../shared/clock.js";
import { t } from "../shared/i18n.js";

/**
 * @typedef {object} RoomLine a room as GET /api/v1/rooms lists it
 * @property {string} id
 * @property {string | null} name
 * @property {"waiting" | "active" | "snoozed" | "closed" | "archived"} status
 * @property {"T1" | "T2" | "T3" | "manager"} level
 * @property {string | null} queue
 * @property {{kind: "robot" | "queue" | "human", id?: string | null, name?: string | null}} owner
 * @property {number} priority 1 highest to 5
 * @property {number} [version] counts the changes of the room itself
 * @property {string} created_at
 * @property {string | null} last_message_at
 * @property {number} unread
 * @property {number} [approvals] calls of tools that wait for somebody
 * @property {string[]} [to_decide] the ids of those that this person's level may decide about
 * @property {number} head
 * @property {string | null} preview the beginning of the last message; of a room that waits, of the guest's last one
 * @property {{voice: "guest" | "agent" | "robot" | "system", mine: boolean, note: boolean} | null} [preview_by]
 * @property {string | null} waiting_since
 * @property {{id: string, name: string, verified: boolean} | null} guest
 * @property {string[]} tags
 * @property {string | null} [snoozed_until]
 * @property {string | null} [page]
 * @property {string | null} [site]
 * @property {string | null} [locale]
 * @property {string | null} [issue_id]
 *
 * @typedef {{queue: string, status: string, q: string}} ListQuery
 * @typedef {{items: RoomLine[], next_cursor: string | null, counts?: Record<string, number>}} ListPage
 * @typedef {(want: ListQuery & {cursor?: string, limit: number}) => Promise<ListPage>} FetchPage
 */

export const LIST_PAGE = 50;
const LARGEST_PAGE = 100;
const SETTLE_MS = 250;
const AT_LATEST_MS = 1000;
/** So long after the pointer last moved over the list its rows may change places again. */
const STEADY_MS = 1500;

export class RoomList {
  /**
   * @param {object} options
   * @param {FetchPage} options.fetchPage
   * @param {() => void} options.onChange
   * @param {import("../shared/clock.js").Clock} [options.clock]
   */
  constructor({ fetchPage, onChange, clock = systemClock }) {
    this.fetchPage = fetchPage;
    this.changed = onChange;
    this.clock = clock;
    /** @type {ListQuery} */
    this.query = { queue: "mine", status: "", q: "" };
    /** @type {RoomLine[]} */
    this.items = [];
    /** @type {Record<string, number>} */
    this.counts = {};
    /** @type {string | null} */
    this.cursor = null;
    /** @type {"loading" | "ready" | "failed"} */
    this.state = "loading";
    this.loadingMore = false;
    /** Answers to an earlier query are dropped by this number. */
    this.asked = 0;
    /** @type {any} */
    this.timer = null;
    this.hintedAt = 0;
    this.steadyUntil = 0;
    /** @type {any} */
    this.steadyTimer = null;
  }

  /**
   * Shows another query from its first page.
   * @param {Partial<ListQuery>} change
   */
  async show(change) {
    this.query = { ...this.query, ...change };
    this.items = [];
    this.cursor = null;
    this.state = "loading";
    this.loadingMore = false;
    this.changed();
    await this.refresh();
  }

  /** A search looks into all queues. */
  get wanted() {
    return this.query.q ? { ...this.query, queue: "all" } : this.query;
  }

  /** Reads what is shown anew; lines that stay keep their identity where nothing changed. */
  async refresh() {
    this.clock.clearTimeout(this.timer);
    this.timer = null;
    const asked = ++this.asked;
    const limit = Math.min(LARGEST_PAGE, Math.max(LIST_PAGE, this.items.length));
    try {
      const page = await this.fetchPage({ ...this.wanted, limit });
      if (asked !== this.asked) return;
      const tail = this.items.slice(limit);
      if (this.items.length > 0 && this.clock.now() < this.steadyUntil) {
        this.refreshInPlace(page.items);
      } else {
        const fresh = new Set(page.items.map((item) => item.id));
        const kept = page.next_cursor ? tail.filter((item) => !fresh.has(item.id)) : [];
        this.items = [...this.identical(page.items), ...kept];
        if (kept.length === 0) this.cursor = page.next_cursor;
      }
      this.counts = page.counts ?? this.counts;
      this.state = "ready";
    } catch {
      if (asked !== this.asked) return;
      if (this.items.length === 0) this.state = "failed";
    }
    this.changed();
  }

  /**
   * The order is the desk's, and it changes while one aims at a row: what is new of each row is shown in its place, and
   * rows come, go and move when the pointer has come to rest.
   * @param {RoomLine[]} items
   */
  refreshInPlace(items) {
    const fresh = new Map(this.identical(items).map((item) => [item.id, item]));
    this.items = this.items.map((item) => fresh.get(item.id) ?? item);
    this.clock.clearTimeout(this.steadyTimer);
    this.steadyTimer = this.clock.setTimeout(() => {
      this.steadyTimer = null;
      this.hint();
    }, this.steadyUntil - this.clock.now());
  }

  /** The pointer moves over the rows. */
  steady() {
    this.steadyUntil = this.clock.now() + STEADY_MS;
  }

  /** The pointer has left the rows. */
  unsteady() {
    this.steadyUntil = 0;
    if (this.steadyTimer === null) return;
    this.clock.clearTimeout(this.steadyTimer);
    this.steadyTimer = null;
    this.hint();
  }

  /** Appends the next page, when there is one. */
  async more() {
    if (!this.cursor || this.loadingMore || this.state !== "ready") return;
    this.loadingMore = true;
    this.changed();
    const { asked, cursor } = this;
    try {
      const page = await this.fetchPage({ ...this.wanted, cursor, limit: LIST_PAGE });
      if (asked !== this.asked) return;
      const known = new Set(this.items.map((item) => item.id));
      this.items = [...this.items, ...page.items.filter((item) => !known.has(item.id))];
      this.cursor = page.next_cursor;
    } catch {
      // The line "load more" stays; scrolling or a click asks again.
    } finally {
      this.loadingMore = false;
      this.changed();
    }
  }

  /** Something about some room changed: reads anew once the burst is over, after a second at the latest. */
  hint() {
    const now = this.clock.now();
    if (this.timer === null) this.hintedAt = now;
    this.clock.clearTimeout(this.timer);
    const wait = Math.max(0, Math.min(SETTLE_MS, this.hintedAt + AT_LATEST_MS - now));
    this.timer = this.clock.setTimeout(() => void this.refresh(), wait);
  }

  /**
   * What this page knows about a room before the desk says so.
   * @param {string} id
   * @param {Partial<RoomLine>} change
   */
  patch(id, change) {
    const at = this.items.findIndex((item) => item.id === id);
    if (at < 0) return;
    this.items = this.items.with(at, { ...this.items[at], ...change });
    this.changed();
  }

  /** @param {string | null} id */
  find(id) {
    return this.items.find((item) => item.id === id) ?? null;
  }

  /**
   * The room `step` lines further; from nowhere the first or the last one.
   * @param {string | null} id
   * @param {1 | -1} step
   * @returns {RoomLine | null}
   */
  neighbour(id, step) {
    const at = this.items.findIndex((item) => item.id === id);
    if (at < 0) return this.items.at(step === 1 ? 0 : -1) ?? null;
    return this.items[at + step] ?? null;
  }

  /** @param {RoomLine[]} items */
  identical(items) {
    const before = new Map(this.items.map((item) => [item.id, item]));
    return items.map((item) => {
      const known = before.get(item.id);
      return known && JSON.stringify(known) === JSON.stringify(item) ? known : item;
    });
  }
}

/**
 * What the list shows of a room once somebody has spoken: who waits is shown by their own last words, whoever speaks
 * after them.
 * @param {RoomLine} line
 * @param {Pick<RoomLine, "preview" | "preview_by" | "last_message_at">} said
 * @returns {Partial<RoomLine>}
 */
export function afterWords({ status }, { last_message_at, ...words }) {
  const kept = status === "waiting" && words.preview_by?.voice !== "guest";
  return kept ? { last_message_at } : { last_message_at, ...words };
}

/**
 * What a room is called for people: its guest, else its title.
 * @param {{name?: string | null, guest?: {name: string} | null}} room
 */
export function titleOf({ name, guest }) {
  return guest?.name ?? name ?? t("Conversation");
}

/**
 * How pressing a wait is: a colour for the chip, nothing when nobody waits.
 * @param {string | null} since RFC 3339
 * @param {number} now milliseconds
 * @returns {{ms: number, tone: "" | "warn" | "danger"} | null}
 */
export function waiting(since, now) {
  if (!since) return null;
  const ms = Math.max(0, now - Date.parse(since));
  if (ms >= 15 * 60_000) return { ms, tone: "danger" };
  return { ms, tone: ms >= 5 * 60_000 ? "warn" : "" };
}
