import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import * as theirs from "socket.io-parser";
import { Socket } from "./engine.js";
import { Decoder, Encoder, PacketType } from "./packets.js";

/** @param {any} kind @param {string} text */
function decoded(kind, text) {
  /** @type {any} */
  let found;
  const decoder = new kind();
  decoder.on("decoded", (/** @type {any} */ packet) => {
    found = packet;
  });
  decoder.add(text);
  return found;
}

const packets = [
  { type: PacketType.CONNECT, nsp: "/guest", data: { token: "a,b[1]" } },
  { type: PacketType.CONNECT, nsp: "/guest", data: { sid: "x" } },
  {
    type: PacketType.EVENT,
    nsp: "/desk",
    data: ["message.send", { content: 'says "hi", [1,2]\n/desk,9' }],
    id: 12,
  },
  { type: PacketType.EVENT, nsp: "/", data: ["typing", { on: true }] },
  { type: PacketType.ACK, nsp: "/guest", data: [{ ok: true, seq: 3 }], id: 0 },
  { type: PacketType.ACK, nsp: "/guest", data: [], id: 7 },
  { type: PacketType.CONNECT_ERROR, nsp: "/guest", data: { message: "unauthenticated" } },
  { type: PacketType.DISCONNECT, nsp: "/guest" },
];

test("packets are written and read as socket.io-parser does", () => {
  for (const packet of packets) {
    const [text] = new Encoder().encode(packet);
    assert.deepEqual([text], new theirs.Encoder().encode(/** @type {any} */ ({ ...packet })));
    assert.deepEqual(decoded(Decoder, text), decoded(theirs.Decoder, text));
  }
});

test("what is no packet is refused", () => {
  for (const text of [
    "",
    "9",
    "x",
    '2/guest,["connect"]',
    "2{}",
    "3{}",
    '1/guest,["x"]',
    "0/guest,3",
    "2[",
    "51-[]",
  ]) {
    assert.throws(() => decoded(Decoder, text), text);
  }
});

/** The browser's WebSocket, played by the test. */
class FakeWebSocket {
  static OPEN = 1;
  /** @type {FakeWebSocket} */
  static last;
  /** @param {URL} url */
  constructor(url) {
    this.url = String(url);
    this.readyState = 1;
    this.bufferedAmount = 0;
    /** @type {string[]} */
    this.sent = [];
    /** @type {any} */
    this.onmessage = null;
    /** @type {any} */
    this.onclose = null;
    FakeWebSocket.last = this;
  }
  /** @param {string} text */
  send(text) {
    this.sent.push(text);
  }
  close() {
    this.readyState = 3;
  }
}

function open() {
  const engine = new Socket("https://desk.example:8443", {});
  const socket = FakeWebSocket.last;
  /** @type {any[]} */
  const heard = [];
  for (const name of ["open", "data", "error", "close"]) {
    engine.on(name, (/** @type {any} */ what) => heard.push([name, what instanceof Error ? "error" : what]));
  }
  const said = (/** @type {string} */ data) => socket.onmessage?.({ data });
  return { engine, socket, heard, said };
}

beforeEach(() => {
  /** @type {any} */ (globalThis).WebSocket = FakeWebSocket;
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
});
afterEach(() => {
  mock.timers.reset();
});

const HELLO = '0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":65536}';

test("it opens a websocket on the server's own address", () => {
  const { socket, heard, said } = open();
  assert.equal(socket.url, "wss://desk.example:8443/socket.io/?EIO=4&transport=websocket");
  said(HELLO);
  assert.deepEqual(heard, [["open", undefined]]);
});

test("it carries messages and answers pings", () => {
  const { engine, socket, heard, said } = open();
  engine.write("too early");
  said(HELLO);
  said("2");
  said('42/guest,["x"]');
  engine.write("2[]");
  assert.deepEqual(socket.sent, ["3", "42[]"]);
  assert.deepEqual(heard.at(-1), ["data", '2/guest,["x"]']);
});

test("silence longer than the server's two times ends it, once", () => {
  const { heard, said } = open();
  said(HELLO);
  mock.timers.tick(44_000);
  said("2");
  mock.timers.tick(44_999);
  assert.equal(heard.length, 1);
  mock.timers.tick(1);
  assert.deepEqual(heard.slice(1), [["close", "ping timeout"]]);
  said("2");
  assert.equal(heard.length, 2);
});

test("after a sleep of the machine the next packet finds the connection dead", async () => {
  const { engine, heard, said } = open();
  said(HELLO);
  mock.timers.setTime(60_000);
  assert.equal(engine._hasPingExpired(), true);
  await Promise.resolve();
  assert.deepEqual(heard.slice(1), [["close", "ping timeout"]]);
});

test("a connection that never opened is an error, a lost one a close, a left one is closed too", () => {
  const never = open();
  never.socket.onclose({});
  assert.deepEqual(never.heard, [["error", "error"]]);
  const lost = open();
  lost.said(HELLO);
  lost.socket.onclose({});
  assert.deepEqual(lost.heard.slice(1), [["close", "transport close"]]);
  const left = open();
  left.said(HELLO);
  left.engine.close();
  left.engine.close();
  assert.deepEqual(left.heard.slice(1), [["close", "forced close"]]);
  assert.equal(left.socket.readyState, 3);
});

test("volatile packets know when they would wait", () => {
  const { engine, socket, said } = open();
  assert.equal(engine.transport.writable, false);
  said(HELLO);
  assert.equal(engine.transport.writable, true);
  socket.bufferedAmount = 10;
  assert.equal(engine.transport.writable, false);
});
