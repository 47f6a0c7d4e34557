// Who the guest is to the desk: a token in this frame's own storage, renewed before it expires.

import { systemClock } from "../shared/clock.js";
import { DeskError } from "../shared/errors.js";
import { oneAtATime } from "../shared/locks.js";

/**
 * @typedef {{token: string, guest_id: string, expires_at: string}} Session
 * @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} Store
 * @typedef {object} SessionOptions
 * @property {string} siteKey
 * @property {Store | null} storage
 * @property {() => Record<string, any>} about locale and page, sent along
 * @property {import("../shared/clock.js").Clock} [clock]
 * @property {typeof fetch} [ask]
 */

const ADDRESS = "/api/v1/guest/sessions";
/** Renewed when less than this is left, or a fifth of its life. */
const MARGIN_MS = 60_000;

export class GuestSession {
  /** @param {SessionOptions} options */
  constructor({ siteKey, storage, about, clock = systemClock, ask = (...args) => fetch(...args) }) {
    this.siteKey = siteKey;
    this.storage = storage;
    this.about = about;
    this.clock = clock;
    this.ask = ask;
    this.key = `supportdesk:${siteKey}:session`;
    /** @type {Session | null} as last read; all there is where there is no storage */
    this.kept = null;
    /** @type {string | null} what it was read from */
    this.read = null;
    /** @type {any} */
    this.timer = null;
    /** @type {() => void} the guest is another one than before */
    this.onNewGuest = () => {};
  }

  /** @returns {Session | null} the one another tab may just have renewed */
  get current() {
    const text = this.storage?.getItem(this.key) ?? null;
    if (this.storage && text !== this.read) {
      this.read = text;
      this.kept = parsed(text);
    }
    return this.kept;
  }

  get guestId() {
    return this.current?.guest_id ?? null;
  }

  /**
   * A token that will be accepted, as far as can be known.
   * @param {"connect" | "refused"} why
   */
  async token(why) {
    const known = this.current;
    const fresh = known && Date.parse(known.expires_at) - this.clock.now() > MARGIN_MS;
    if (known && fresh && why === "connect") {
      this.plan(known);
      return known.token;
    }
    return (await this.renew(known)).token;
  }

  /**
   * @param {Session | null} old the session to replace; another tab may have done so meanwhile
   * @param {Record<string, any>} [identity]
   * @returns {Promise<Session>}
   */
  async renew(old, identity) {
    return oneAtATime(this.key, async () => {
      const now = this.current;
      if (!identity && now && now.token !== old?.token) return now;
      let fresh;
      try {
        fresh = await this.post(now?.token, identity);
      } catch (error) {
        if (!now || !(error instanceof DeskError) || error.code !== "unauthenticated") throw error;
        fresh = await this.post(undefined, identity);
      }
      this.keep(fresh);
      if (now && now.guest_id !== fresh.guest_id) this.onNewGuest();
      return fresh;
    });
  }

  /** @param {Record<string, any>} identity {user_id, hash, name?, email?} as the company's server signed it */
  identify(identity) {
    return this.renew(this.current, identity);
  }

  /** Forgets the guest on this device. */
  forget() {
    this.clock.clearTimeout(this.timer);
    this.kept = null;
    this.read = null;
    this.storage?.removeItem(this.key);
  }

  /** @param {Session} session */
  keep(session) {
    this.kept = session;
    try {
      this.storage?.setItem(this.key, JSON.stringify(session));
    } catch {
      this.storage = null;
    }
    this.plan(session);
  }

  /** Renews in good time. @param {Session} session */
  plan(session) {
    this.clock.clearTimeout(this.timer);
    const left = Date.parse(session.expires_at) - this.clock.now();
    const wait = Math.min(Math.max(MARGIN_MS, left * 0.8), 24 * 3_600_000);
    this.timer = this.clock.setTimeout(() => {
      const later = () => this.plan(session);
      if (Date.parse(session.expires_at) - this.clock.now() > left * 0.25) later();
      else this.renew(session).catch(later);
    }, wait);
  }

  /**
   * @param {string} [token]
   * @param {Record<string, any>} [identity]
   * @returns {Promise<Session>}
   */
  async post(token, identity) {
    const headers = {
      "Content-Type": "application/json",
      ...(token && { Authorization: `Bearer ${token}` }),
    };
    const body = JSON.stringify({ site_key: this.siteKey, ...(identity && { identity }), ...this.about() });
    let response;
    try {
      response = await this.ask(ADDRESS, {
        method: "POST",
        headers,
        body,
        credentials: "omit",
        cache: "no-store",
      });
    } catch {
      throw new DeskError("disconnected", "There is no connection to the desk.");
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const code =
      response.status >= 500 ? "server_busy" : response.status === 401 ? "unauthenticated" : undefined;
    throw DeskError.from({ ...answer.error, ...(code && { code }) });
  }
}

/** @param {string | null} text @returns {Session | null} */
function parsed(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
