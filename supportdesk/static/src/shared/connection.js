// The socket of one namespace: connects for ever with back-off, renews its token, asks and answers.

import { Manager } from "socket.io-client";
import { backoff, systemClock } from "./clock.js";
import { DeskError } from "./errors.js";

/**
 * @typedef {"connecting" | "connected" | "reconnecting" | "offline" | "refused"} ConnectionState
 *   offline: the browser has no network; refused: the desk wants no more tries (signed out, blocked)
 *
 * @typedef {object} ConnectionOptions
 * @property {"/guest" | "/desk"} namespace
 * @property {(why: "connect" | "refused") => Promise<string>} token "refused": the last one was not accepted.
 *   A DeskError that is not passing ends the tries.
 * @property {string} [url] defaults to the page's own origin
 * @property {import("./clock.js").Clock} [clock]
 * @property {() => number} [random]
 * @property {typeof openSocket} [open] replaced in tests
 */

const ANSWER_MS = 10_000;
const OFFLINE_MS = 30_000;
/** Refusals of a handshake that no other token and no waiting will change. */
const FINAL = new Set(["forbidden", "blocked", "not_found"]);

export class Connection {
  /** @param {ConnectionOptions} options */
  constructor({ namespace, token, url = "", clock = systemClock, random = Math.random, open = openSocket }) {
    this.clock = clock;
    this.token = token;
    this.random = random;
    /** @type {ConnectionState} */
    this.state = "connecting";
    /** @type {DeskError | null} why the state is "refused" */
    this.error = null;
    this.failures = 0;
    this.stopped = true;
    this.everConnected = false;
    /** @type {any} */
    this.timer = null;
    /** @type {Set<(state: ConnectionState) => void>} */
    this.stateListeners = new Set();
    /** @type {Set<() => void>} */
    this.connectListeners = new Set();
    /** @type {"connect" | "refused"} */
    this.why = "connect";
    this.socket = open(url, namespace, (give) => void this.authenticate(give));
    this.socket.on("connect", () => this.onConnect());
    this.socket.on("connect_error", (error) => this.onRefused(error));
    this.socket.on("disconnect", () => this.onLost(0));
    this.retryNow = this.retryNow.bind(this);
    this.onOffline = this.onOffline.bind(this);
  }

  /** Connects, and from then on stays connected as well as the network allows. */
  start() {
    this.stopped = false;
    globalThis.addEventListener?.("online", this.retryNow);
    globalThis.addEventListener?.("offline", this.onOffline);
    this.socket.connect();
  }

  /** Leaves for good. */
  stop() {
    this.stopped = true;
    globalThis.removeEventListener?.("online", this.retryNow);
    globalThis.removeEventListener?.("offline", this.onOffline);
    this.clock.clearTimeout(this.timer);
    this.socket.disconnect();
  }

  /** Leaves and comes back with a fresh token, for instance after signing in. */
  restart() {
    this.stop();
    this.failures = 0;
    this.error = null;
    this.start();
  }

  get connected() {
    return this.socket.connected;
  }

  /** @param {(data: object) => void} give */
  async authenticate(give) {
    try {
      give({ token: await this.token(this.why) });
    } catch (error) {
      const why = error instanceof DeskError ? error : new DeskError("internal", String(error));
      this.socket.disconnect();
      if (why.passing) this.later(why.retryAfter);
      else this.refuse(why);
    }
  }

  onConnect() {
    this.failures = 0;
    this.why = "connect";
    this.everConnected = true;
    this.enter("connected");
    for (const listener of this.connectListeners) listener();
  }

  /** @param {Error & {data?: any}} error */
  onRefused(error) {
    const said = error.data?.error ?? error.data;
    const code = said?.code ?? error.message;
    if (FINAL.has(code)) {
      this.refuse(DeskError.from({ code, message: error.message, ...said }));
      return;
    }
    if (code === "unauthenticated") this.why = "refused";
    this.onLost(DeskError.from({ ...said }).retryAfter);
  }

  /** @param {number} atLeast milliseconds */
  onLost(atLeast) {
    if (!this.stopped && this.state !== "refused") this.later(atLeast);
  }

  /** @param {number} atLeast */
  later(atLeast) {
    if (this.stopped) return;
    this.failures += 1;
    const offline = globalThis.navigator?.onLine === false;
    this.enter(offline ? "offline" : this.everConnected ? "reconnecting" : "connecting");
    this.clock.clearTimeout(this.timer);
    // The first try is quick: most losses are a restarted server or a changed network.
    const usual = this.failures === 1 ? 250 + this.random() * 500 : backoff(this.failures - 1, this.random);
    // Without a network the browser's own word is waited for; it is not always right, so not for ever.
    const wait = offline ? OFFLINE_MS : usual;
    this.timer = this.clock.setTimeout(() => this.socket.connect(), Math.max(atLeast, wait));
  }

  /** @param {DeskError} error */
  refuse(error) {
    this.error = error;
    this.clock.clearTimeout(this.timer);
    this.enter("refused");
  }

  /** Tries at once instead of waiting; for the banner's button and when the network is back. */
  retryNow() {
    if (this.stopped || this.connected) return;
    this.clock.clearTimeout(this.timer);
    this.error = null;
    this.enter(this.everConnected ? "reconnecting" : "connecting");
    this.socket.connect();
  }

  onOffline() {
    if (!this.connected) this.enter("offline");
  }

  /** @param {ConnectionState} state */
  enter(state) {
    // Connecting is told again after each failure: the first one is when a page has something to say.
    if (state === this.state && state !== "connecting") return;
    this.state = state;
    for (const listener of this.stateListeners) listener(state);
  }

  /**
   * Sends an event and waits for its answer. Nothing is buffered: without a connection it fails at once.
   * @param {string} event
   * @param {Record<string, any>} data undefined fields are left out
   * @param {{timeoutMs?: number}} [options]
   * @returns {Promise<any>} the ack without its ok
   * @throws {DeskError} what the desk refused, or the codes timeout and disconnected
   */
  async request(event, data, { timeoutMs = ANSWER_MS } = {}) {
    if (!this.connected) throw new DeskError("disconnected", "There is no connection to the desk.");
    let answer;
    try {
      answer = await this.socket.timeout(timeoutMs).emitWithAck(event, present(data));
    } catch {
      const code = this.connected ? "timeout" : "disconnected";
      throw new DeskError(code, "The desk did not answer in time.");
    }
    if (answer?.ok !== true) throw DeskError.from(answer?.error);
    const { ok: _, ...rest } = answer;
    return rest;
  }

  /**
   * Sends an event that nobody answers and that may be lost.
   * @param {string} event
   * @param {Record<string, any>} data
   */
  tell(event, data) {
    if (this.connected) this.socket.volatile.emit(event, present(data));
  }

  /**
   * @param {string} event
   * @param {(data: any) => void} listener
   * @returns {() => void} stops listening
   */
  on(event, listener) {
    this.socket.on(event, listener);
    return () => void this.socket.off(event, listener);
  }

  /**
   * @param {() => void} listener called after every connect; rooms join again here
   * @returns {() => void}
   */
  onConnected(listener) {
    this.connectListeners.add(listener);
    if (this.connected) listener();
    return () => void this.connectListeners.delete(listener);
  }

  /**
   * @param {(state: ConnectionState) => void} listener called with the present state at once
   * @returns {() => void}
   */
  onState(listener) {
    this.stateListeners.add(listener);
    listener(this.state);
    return () => void this.stateListeners.delete(listener);
  }
}

/**
 * A socket of its own, which never connects by itself: this class decides when.
 * @param {string} url
 * @param {string} namespace
 * @param {(give: (data: object) => void) => void} auth
 */
function openSocket(url, namespace, auth) {
  const manager = new Manager(url || location.origin, {
    transports: ["websocket"],
    autoConnect: false,
    reconnection: false,
  });
  return manager.socket(namespace, { auth });
}

/** @param {Record<string, any>} data */
function present(data) {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
}
