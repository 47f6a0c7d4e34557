import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { DeskError } from "../shared/errors.js";
import { settle } from "../testing/fake-clock.js";
import { MemoryStore } from "../testing/memory-store.js";
import { Conversation } from "./conversation.js";
import { Memory } from "./memory.js";

const ME = "guest-1";

/** The desk and the socket to it in one: rooms by client_room_id, each with a log. */
class FakeDesk {
  connected = false;
  /** @type {[string, any][]} */
  asked = [];
  /** @type {Map<string, any>} */
  rooms = new Map();
  /** @type {Map<string, (data: any) => void>} */
  listeners = new Map();
  /** @type {Set<() => void>} */
  onConnects = new Set();
  /** @type {DeskError | null} */
  fault = null;

  connect() {
    this.connected = true;
    for (const run of this.onConnects) run();
  }

  /** @param {() => void} run */
  onConnected(run) {
    this.onConnects.add(run);
    if (this.connected) run();
    return () => this.onConnects.delete(run);
  }

  /** @param {string} event @param {(data: any) => void} run */
  on(event, run) {
    const before = this.listeners.get(event);
    this.listeners.set(event, (data) => {
      before?.(data);
      run(data);
    });
    return () => {};
  }

  tell() {}

  /** @param {string} event @param {any} data */
  async request(event, data) {
    if (!this.connected) throw new DeskError("disconnected", "No connection.");
    this.asked.push([event, data]);
    if (this.fault) throw this.fault;
    if (event === "room.open") {
      const id = `room-${data.client_room_id}`;
      const owner = { kind: "robot" };
      if (!this.rooms.has(id)) this.rooms.set(id, { room: { id, status: "active", owner }, log: [] });
      return { room: this.rooms.get(id).room };
    }
    const { room, log } = this.rooms.get(data.room_id) ?? { room: {}, log: [] };
    if (event === "room.join")
      return { room, epoch: "e", head: log.length, events: [...log], participants: [] };
    if (event === "message.send") {
      const message = this.say(data.room_id, { id: ME, kind: "guest", name: "" }, data);
      return { id: message.id, seq: message.seq, created_at: message.created_at };
    }
    if (event === "room.request_person") return { queue_position: 3, expected_wait_s: 90 };
    return {};
  }

  /** @param {string} roomId @param {any} sender @param {any} data */
  say(roomId, sender, data) {
    const { log } = this.rooms.get(roomId);
    const seq = log.length + 1;
    const message = {
      id: `m${seq}`,
      seq,
      room_id: roomId,
      sender,
      created_at: "2026-03-02T10:00:00Z",
      ...data,
    };
    return this.happen(roomId, "message.created", { message }).data.message;
  }

  /** @param {string} roomId @param {string} kind @param {any} data */
  happen(roomId, kind, data) {
    const { log } = this.rooms.get(roomId);
    const event = { room_id: roomId, seq: log.length + 1, kind, at: "2026-03-02T10:00:00Z", data };
    log.push(event);
    this.listeners.get("room.event")?.(event);
    return event;
  }

  /** @param {string} name */
  count(name) {
    return this.asked.filter(([event]) => event === name).length;
  }
}

/** @type {Conversation[]} */
const opened = [];

afterEach(() => {
  for (const conversation of opened.splice(0)) {
    conversation.link?.close();
    conversation.outbox.close();
    conversation.marks.clear();
  }
});

function open({ desk = new FakeDesk(), storage = new MemoryStore() } = {}) {
  /** @type {string[]} */
  const heard = [];
  /** @type {string[]} */
  const errors = [];
  const conversation = new Conversation({
    connection: /** @type {any} */ (desk),
    session: /** @type {any} */ ({ guestId: ME }),
    memory: new Memory("demo", storage),
    storage: /** @type {any} */ (storage),
    about: () => ({ locale: "en" }),
    onChange: () => {},
    onMessage: (message, origin) => heard.push(`${origin}: ${message.content}`),
    onError: (error) => errors.push(error.code),
  });
  opened.push(conversation);
  const id = () => `room-${conversation.lane}`;
  return { conversation, desk, storage, heard, errors, id };
}

const robot = { id: "robot", kind: "robot", name: "R" };

test("the first message opens the room, joins it and is shown once", async () => {
  const { conversation, desk } = open();
  desk.connect();
  conversation.send("hello");
  assert.equal(conversation.out.length, 1);
  await settle();
  assert.equal(desk.count("room.open"), 1);
  assert.equal(desk.count("room.join"), 1);
  assert.equal(desk.count("message.send"), 1);
  assert.deepEqual(conversation.out, []);
  assert.deepEqual(conversation.outbox.items, []);
  assert.equal(conversation.stream?.messages.size, 1);
});

test("what was written without a connection goes out with it, into the same room after a reload", async () => {
  const { conversation, desk, storage } = open();
  conversation.send("written offline");
  await settle();
  conversation.outbox.close();
  const again = open({ desk: new FakeDesk(), storage });
  assert.equal(again.conversation.lane, conversation.lane);
  assert.equal(again.conversation.out[0].body.content, "written offline");
  again.desk.connect();
  await settle();
  assert.equal(again.desk.count("room.open"), 1);
  assert.equal(again.desk.count("message.send"), 1);
  assert.equal(desk.asked.length, 0);
});

test("messages of others are unread until the guest has seen the end", async () => {
  const { conversation, desk, heard, id } = open();
  desk.connect();
  conversation.send("hello");
  await settle();
  desk.say(id(), robot, { content: "one" });
  desk.say(id(), robot, { content: "two" });
  assert.equal(conversation.unread, 2);
  assert.deepEqual(heard, ["live: one", "live: two"]);
  conversation.markRead();
  assert.equal(conversation.unread, 0);
});

test("a greeting calls nobody back who has only looked", async () => {
  const { conversation, desk, id } = open();
  desk.connect();
  conversation.visit();
  await settle();
  desk.say(id(), robot, { content: "Welcome" });
  assert.deepEqual([conversation.untouched, conversation.unread], [true, 0]);
  conversation.send("hello");
  await settle();
  desk.say(id(), robot, { content: "How can I help?" });
  assert.deepEqual([conversation.untouched, conversation.unread], [false, 2]);
});

test("who has asked for a person is called when one answers, though nothing was written", async () => {
  const { conversation, desk, id } = open();
  desk.connect();
  await conversation.requestPerson();
  desk.rooms.get(id()).room.owner = { kind: "queue" };
  desk.happen(id(), "room.owner_changed", { owner: { kind: "queue" } });
  desk.say(id(), { id: "agent-1", kind: "agent", name: "Milo" }, { content: "Hello" });
  assert.deepEqual([conversation.written, conversation.unread], [false, 1]);
});

test("the queue is shown until somebody answers", async () => {
  const { conversation, desk, id } = open();
  desk.connect();
  await conversation.requestPerson();
  assert.deepEqual(conversation.queue, { position: 3, wait: 90 });
  desk.listeners.get("queue.position")?.({ room_id: id(), queue_position: 1, expected_wait_s: 20 });
  assert.deepEqual(conversation.queue, { position: 1, wait: 20 });
  desk.listeners.get("queue.position")?.({ room_id: "another", queue_position: 9 });
  desk.happen(id(), "room.owner_changed", { owner: { kind: "human", name: "Milo" } });
  assert.equal(conversation.queue, null);
});

test("a refusal is reported, a lost connection is not", async () => {
  const { conversation, desk, errors } = open();
  await conversation.requestPerson();
  assert.equal(errors.length, 0);
  desk.connect();
  desk.fault = new DeskError("rate_limited", "Slower.");
  await conversation.requestPerson();
  assert.ok(errors.includes("rate_limited"));
  assert.equal(conversation.askingForPerson, false);
});

test("a new conversation is another room", async () => {
  const { conversation, desk } = open();
  desk.connect();
  conversation.send("first");
  await settle();
  const first = conversation.stream?.roomId;
  conversation.leave();
  conversation.send("second");
  await settle();
  assert.notEqual(conversation.stream?.roomId, first);
  assert.equal(desk.count("room.leave"), 1);
});

test("another tab's conversation is taken over", async () => {
  const storage = new MemoryStore();
  const desk = new FakeDesk();
  const one = open({ desk, storage });
  const two = open({ desk, storage });
  desk.connect();
  one.conversation.send("hello");
  await settle();
  two.conversation.adopt();
  await settle();
  assert.equal(two.conversation.stream?.roomId, one.conversation.stream?.roomId);
  one.conversation.leave();
  two.conversation.adopt();
  assert.equal(two.conversation.stream, null);
});

test("when the desk knows the guest no more, what was unsent begins a new conversation", async () => {
  const { conversation, desk } = open();
  conversation.send("kept");
  await settle();
  const old = conversation.lane;
  conversation.moveOn();
  assert.notEqual(conversation.lane, old);
  await settle();
  desk.connect();
  await settle();
  assert.equal(conversation.stream?.messages.get("m1")?.content, "kept");
});
