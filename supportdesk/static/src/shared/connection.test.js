import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, settle } from "../testing/fake-clock.js";
import { Connection } from "./connection.js";
import { DeskError } from "./errors.js";

/** Stands in for socket.io's socket: the test decides what happens to each try. */
class Socket {
  /** @param {(give: (data: object) => void) => void} authenticate */
  constructor(authenticate) {
    this.authenticate = authenticate;
    this.connected = false;
    this.tries = 0;
    /** @type {any} */
    this.auth = null;
    /** @type {Map<string, Function[]>} */
    this.listeners = new Map();
    /** @type {any} */
    this.answer = { ok: true };
    /** @type {any[]} */
    this.sent = [];
    this.volatile = { emit: (/** @type {any[]} */ ...args) => this.sent.push(args) };
  }
  connect() {
    this.tries += 1;
    this.authenticate((/** @type {any} */ data) => {
      this.auth = data;
    });
  }
  disconnect() {
    this.connected = false;
  }
  /** @param {string} name @param {Function} run */
  on(name, run) {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), run]);
  }
  /** @param {string} name @param {Function} run */
  off(name, run) {
    this.listeners.set(
      name,
      (this.listeners.get(name) ?? []).filter((one) => one !== run),
    );
  }
  /** @param {string} name @param {any} [data] */
  happen(name, data) {
    if (name === "connect") this.connected = true;
    if (name === "disconnect") this.connected = false;
    for (const run of this.listeners.get(name) ?? []) run(data);
  }
  timeout() {
    return {
      emitWithAck: async (/** @type {any[]} */ ...args) => {
        this.sent.push(args);
        if (this.answer instanceof Error) throw this.answer;
        return this.answer;
      },
    };
  }
}

/** @param {(why: string) => Promise<string>} token */
function open(token) {
  const clock = new FakeClock();
  /** @type {Socket} */
  let socket = /** @type {any} */ (null);
  const connection = new Connection({
    namespace: "/guest",
    token,
    clock,
    random: () => 0.5,
    open: /** @type {any} */ (
      (/** @type {string} */ _url, /** @type {string} */ _namespace, /** @type {any} */ auth) => {
        socket = new Socket(auth);
        return socket;
      }
    ),
  });
  /** @type {string[]} */
  const states = [];
  connection.onState((state) => states.push(state));
  connection.start();
  return { connection, clock, socket, states };
}

/** @param {string} code @param {object} [more] */
const refusal = (code, more = {}) => Object.assign(new Error(code), { data: { code, ...more } });

test("it sends the token as auth", async () => {
  const { socket } = open(async () => "token-1");
  await settle();
  assert.deepEqual(socket.auth, { token: "token-1" });
});

test("after a loss it comes back for ever, with growing waits", async () => {
  const { socket, clock, states } = open(async () => "t");
  socket.happen("connect");
  socket.happen("disconnect", "transport close");
  assert.deepEqual(states, ["connecting", "connected", "reconnecting"]);
  await clock.forward(750);
  assert.equal(socket.tries, 2);
  for (let at = 0; at < 10; at += 1) {
    socket.happen("connect_error", new Error("xhr"));
    await clock.forward(30_000);
  }
  assert.equal(socket.tries, 12);
  socket.happen("connect");
  assert.equal(states.at(-1), "connected");
});

test("a refused token is asked for anew", async () => {
  /** @type {string[]} */
  const asked = [];
  const { socket, clock } = open(async (why) => {
    asked.push(why);
    return `token-${asked.length}`;
  });
  socket.happen("connect_error", refusal("unauthenticated"));
  await clock.forward(1000);
  socket.happen("connect");
  socket.happen("disconnect");
  await clock.forward(1000);
  assert.deepEqual(asked, ["connect", "refused", "connect"]);
});

test("a blocked visitor is not tried again", async () => {
  const { socket, clock, connection } = open(async () => "t");
  socket.happen("connect_error", refusal("forbidden"));
  await clock.forward(600_000);
  assert.equal(socket.tries, 1);
  assert.equal(connection.state, "refused");
  assert.equal(connection.error?.code, "forbidden");
});

test("a token that cannot be had for now is asked for later, one that is denied ends the tries", async () => {
  let fault = new DeskError("timeout", "No answer.");
  const { socket, clock, connection } = open(async () => {
    throw fault;
  });
  await clock.forward(1000);
  assert.equal(socket.tries, 2);
  fault = new DeskError("forbidden", "This site is not known.");
  await clock.forward(30_000);
  assert.equal(connection.state, "refused");
});

test("a busy desk is left alone for as long as it asks", async () => {
  const { socket, clock } = open(async () => "t");
  socket.happen("connect_error", refusal("server_busy", { retry_after: 20 }));
  await clock.forward(19_999);
  assert.equal(socket.tries, 1);
  await clock.forward(1);
  assert.equal(socket.tries, 2);
});

test("a request gives the ack, or throws what the desk said", async () => {
  const { connection, socket } = open(async () => "t");
  await assert.rejects(connection.request("room.join", {}), { code: "disconnected" });
  socket.happen("connect");
  socket.answer = { ok: true, head: 3 };
  assert.deepEqual(await connection.request("room.join", { room_id: "r", epoch: undefined }), { head: 3 });
  assert.deepEqual(socket.sent.at(-1), ["room.join", { room_id: "r" }]);
  socket.answer = { ok: false, error: { code: "rate_limited", message: "Slower.", retry_after: 2 } };
  await assert.rejects(connection.request("message.send", {}), (error) => {
    assert.ok(error instanceof DeskError);
    assert.equal(error.code, "rate_limited");
    assert.equal(error.passing, true);
    assert.equal(error.retryAfter, 2000);
    return true;
  });
  socket.answer = new Error("operation has timed out");
  await assert.rejects(connection.request("message.send", {}), { code: "timeout" });
});

test("listeners of connects hear every one, and stop when told", async () => {
  const { connection, socket } = open(async () => "t");
  let heard = 0;
  const stop = connection.onConnected(() => {
    heard += 1;
  });
  socket.happen("connect");
  socket.happen("disconnect");
  socket.happen("connect");
  stop();
  socket.happen("connect");
  assert.equal(heard, 2);
});

test("once stopped it stays away", async () => {
  const { connection, socket, clock } = open(async () => "t");
  socket.happen("connect");
  connection.stop();
  socket.happen("disconnect");
  await clock.forward(100_000);
  assert.equal(socket.tries, 1);
});
