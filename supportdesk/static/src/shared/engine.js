// The engine under socket.io-client: one WebSocket, text only. The desk speaks nothing else (no polling, no
// upgrade, no binary), so build.mjs puts this in the place of engine.io-client and saves a third of the library.
// Protocol: Engine.IO 4; the first character of a frame is its type.

import { Emitter } from "@socket.io/component-emitter";

const [OPEN, CLOSE, PING, PONG, MESSAGE] = ["0", "1", "2", "3", "4"];

/** @extends {Emitter<any, any>} */
export class Socket extends Emitter {
  /**
   * @param {string} uri http or https address of the server
   * @param {{path?: string}} options
   */
  constructor(uri, { path = "/socket.io" }) {
    super();
    const address = new URL(`${path.replace(/\/$/, "")}/?EIO=4&transport=websocket`, uri);
    address.protocol = address.protocol.replace("http", "ws");
    /** @type {"opening" | "open" | "closed"} */
    this.readyState = "opening";
    /** Silence after which the connection is dead: two times of the server, in milliseconds. */
    this.patience = 0;
    this.aliveUntil = Number.POSITIVE_INFINITY;
    /** @type {any} */
    this.timer = null;
    this.offline = () => this.closed("transport close");
    globalThis.addEventListener?.("offline", this.offline);
    this.socket = new WebSocket(address);
    this.socket.onmessage = ({ data }) => this.read(data);
    this.socket.onclose = () => this.closed("transport close");
  }

  /** Whether a volatile packet would leave at once. */
  get transport() {
    return { writable: this.readyState === "open" && this.socket.bufferedAmount === 0 };
  }

  /** @param {unknown} frame */
  read(frame) {
    if (typeof frame !== "string" || this.readyState === "closed") return;
    const rest = frame.slice(1);
    switch (frame[0]) {
      case OPEN: {
        const { pingInterval, pingTimeout } = JSON.parse(rest);
        this.patience = pingInterval + pingTimeout;
        this.readyState = "open";
        this.heard();
        this.emit("open");
        return;
      }
      case PING:
        this.socket.send(PONG);
        this.heard();
        this.emit("ping");
        return;
      case MESSAGE:
        this.emit("data", rest);
        return;
      case CLOSE:
        this.closed("transport close");
    }
  }

  /** The server lives: it must be heard again in time. */
  heard() {
    clearTimeout(this.timer);
    this.aliveUntil = Date.now() + this.patience;
    this.timer = setTimeout(() => this.closed("ping timeout"), this.patience);
  }

  /** Asked before each packet: a timer may sleep with the machine, the clock does not. */
  _hasPingExpired() {
    if (Date.now() <= this.aliveUntil) return false;
    queueMicrotask(() => this.closed("ping timeout"));
    return true;
  }

  /** @param {string} packet */
  write(packet) {
    if (this.readyState === "open" && this.socket.readyState === WebSocket.OPEN)
      this.socket.send(MESSAGE + packet);
  }

  close() {
    this.closed("forced close");
  }

  /** @param {string} reason */
  closed(reason) {
    if (this.readyState === "closed") return;
    const opening = this.readyState === "opening";
    this.readyState = "closed";
    clearTimeout(this.timer);
    globalThis.removeEventListener?.("offline", this.offline);
    this.socket.onmessage = null;
    this.socket.onclose = null;
    this.socket.close();
    if (opening && reason !== "forced close")
      this.emit("error", new Error("The connection could not be opened."));
    else this.emit("close", reason);
  }
}

/** @param {any} target socket.io's manager sets its timers through it */
export function installTimerFunctions(target) {
  target.setTimeoutFn = setTimeout.bind(globalThis);
  target.clearTimeoutFn = clearTimeout.bind(globalThis);
}

/** @param {() => void} run */
export const nextTick = (run) => queueMicrotask(run);
