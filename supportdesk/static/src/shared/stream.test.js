import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, settle } from "../testing/fake-clock.js";
import { RoomStream } from "./stream.js";

const ROOM = "room-1";
const guest = { id: "guest-1", kind: /** @type {const} */ ("guest"), name: "Amina" };
const robot = { id: "robot-1", kind: /** @type {const} */ ("robot"), name: "Acme robot" };

/** @param {number} seq @param {Record<string, any>} [more] */
const said = (seq, more = {}) => ({
  room_id: ROOM,
  seq,
  kind: "message.created",
  at: "2026-03-02T10:00:00Z",
  actor: guest,
  data: {
    message: {
      id: `m${seq}`,
      room_id: ROOM,
      seq,
      sender: guest,
      content: `text ${seq}`,
      reactions: [],
      ...more,
    },
  },
});

/** @param {number} seq @param {string} kind @param {Record<string, any>} data */
const happened = (seq, kind, data) => ({
  room_id: ROOM,
  seq,
  kind,
  at: "2026-03-02T10:00:00Z",
  actor: guest,
  data,
});

/** A desk with a log of events, which answers joins and syncs as D5 says. */
class Desk {
  /** @param {number} count */
  constructor(count) {
    /** @type {any[]} */
    this.log = Array.from({ length: count }, (_, at) => said(at + 1));
    this.epoch = "e1";
    /** @type {any[]} */
    this.asked = [];
    this.down = false;
    this.page = 200;
    this.room = {
      id: ROOM,
      status: /** @type {any} */ ("active"),
      owner: { kind: /** @type {any} */ ("robot") },
    };
    /** @type {any[]} */
    this.people = [
      { user_id: guest.id, kind: "guest", name: "Amina", role: "guest" },
      { user_id: robot.id, kind: "robot", name: "Acme robot", role: "ai" },
    ];
  }

  /** @param {any} cursor */
  read({ after_seq, epoch }) {
    if (this.down) throw new Error("timeout");
    if (epoch !== undefined && epoch !== this.epoch)
      return { reset: /** @type {const} */ (true), reason: "epoch" };
    const head = this.log.length;
    const from = after_seq ?? Math.max(0, head - 200);
    return { epoch: this.epoch, head, events: this.log.slice(from, from + this.page) };
  }

  /** @param {any} cursor */
  async join(cursor) {
    this.asked.push({ join: cursor });
    return { ...this.read(cursor), room: this.room, participants: this.people };
  }

  /** @param {any} cursor */
  async sync(cursor) {
    this.asked.push({ sync: cursor });
    return this.read(cursor);
  }
}

/** @param {number} count */
function open(count) {
  const desk = new Desk(count);
  const clock = new FakeClock();
  /** @type {[number, string][]} */
  const heard = [];
  /** @type {string[]} */
  const resets = [];
  const stream = new RoomStream({
    roomId: ROOM,
    clock,
    join: (cursor) => /** @type {any} */ (desk.join(cursor)),
    sync: (cursor) => desk.sync(cursor),
    onEvent: (event, origin) => heard.push([event.seq, origin]),
    onReset: (reason) => resets.push(reason),
  });
  const seqs = () => stream.entries.map((entry) => entry.seq);
  return { desk, clock, stream, heard, resets, seqs };
}

/** @param {number} from @param {number} to */
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

test("the first join shows the newest page and knows that there is more", async () => {
  const { stream, seqs } = open(450);
  await stream.resume();
  assert.deepEqual(seqs(), range(251, 450));
  assert.equal(stream.hasEarlier, true);
});

test("earlier pages come in front, until the start", async () => {
  const { stream, seqs } = open(450);
  await stream.resume();
  assert.equal(await stream.earlier(), true);
  assert.deepEqual(seqs(), range(51, 450));
  assert.equal(await stream.earlier(), true);
  assert.deepEqual(seqs(), range(1, 450));
  assert.equal(stream.hasEarlier, false);
  assert.equal(await stream.earlier(), false);
});

test("a stretch of long messages comes in several pages", async () => {
  const { desk, stream, seqs } = open(450);
  await stream.resume();
  desk.page = 70;
  assert.equal(await stream.earlier(), true);
  assert.deepEqual(seqs(), range(51, 450));
});

test("an earlier page is shown as things are now, later changes are not applied to it twice", async () => {
  const { desk, stream } = open(250);
  desk.log[9] = happened(10, "reaction.added", { message_id: "m5", emoji: "👍", user_id: "x" });
  desk.log[10] = happened(11, "room.owner_changed", { owner: { kind: "human" } });
  desk.log[4] = said(5, { reactions: [] });
  await stream.resume();
  await stream.earlier();
  assert.deepEqual(stream.messages.get("m5")?.reactions, []);
  assert.equal(stream.room?.owner.kind, "robot");
  assert.ok(stream.entries.some((entry) => entry.event?.seq === 11));
});

test("events in order are applied at once, old and doubled ones are dropped", async () => {
  const { stream, seqs, heard } = open(2);
  await stream.resume();
  stream.receive(said(3));
  stream.receive(said(3));
  stream.receive(said(1));
  assert.deepEqual(seqs(), [1, 2, 3]);
  assert.deepEqual(heard, [
    [1, "first"],
    [2, "first"],
    [3, "live"],
  ]);
});

test("events that overtake each other are put in order without asking", async () => {
  const { desk, stream, seqs, clock } = open(1);
  await stream.resume();
  for (const seq of [4, 3, 2]) stream.receive(said(seq));
  assert.deepEqual(seqs(), [1, 2, 3, 4]);
  await clock.forward(1000);
  assert.equal(desk.asked.filter((ask) => ask.sync).length, 0);
});

test("a gap is held for 200 ms, then asked for", async () => {
  const { desk, stream, seqs, clock } = open(1);
  await stream.resume();
  desk.log.push(said(2), said(3), said(4));
  stream.receive(said(4));
  await clock.forward(199);
  assert.deepEqual(seqs(), [1]);
  await clock.forward(1);
  assert.deepEqual(seqs(), [1, 2, 3, 4]);
  assert.deepEqual(desk.asked.at(-1), { sync: { after_seq: 1, epoch: "e1" } });
});

test("a sync that fails is tried again while the gap is open", async () => {
  const { desk, stream, seqs, clock } = open(1);
  await stream.resume();
  desk.log.push(said(2), said(3));
  desk.down = true;
  stream.receive(said(3));
  await clock.forward(500);
  assert.deepEqual(seqs(), [1]);
  desk.down = false;
  await clock.forward(1000);
  assert.deepEqual(seqs(), [1, 2, 3]);
});

test("after a reconnect all that was missed is read, in pages", async () => {
  const { desk, stream, seqs } = open(3);
  await stream.resume();
  for (const seq of range(4, 700)) desk.log.push(said(seq));
  await stream.resume();
  assert.deepEqual(seqs(), range(1, 700));
});

test("what is pushed between joining and its answer is kept", async () => {
  const { desk, stream, seqs } = open(2);
  const joining = stream.resume();
  desk.log.push(said(3));
  stream.receive(said(4));
  stream.receive(said(3));
  await joining;
  await settle();
  assert.deepEqual(seqs(), [1, 2, 3, 4]);
});

test("a new epoch drops everything and reads it anew", async () => {
  const { desk, stream, seqs, resets } = open(5);
  await stream.resume();
  desk.epoch = "e2";
  desk.log = [said(1), said(2)];
  await stream.resume();
  assert.deepEqual(seqs(), [1, 2]);
  assert.deepEqual(resets, ["epoch"]);
  assert.equal(stream.epoch, "e2");
});

test("a new epoch found while closing a gap resets too", async () => {
  const { desk, stream, seqs, resets, clock } = open(5);
  await stream.resume();
  desk.epoch = "e2";
  desk.log = [said(1)];
  stream.receive(said(9));
  await clock.forward(300);
  assert.deepEqual(seqs(), [1]);
  assert.deepEqual(resets, ["epoch"]);
});

test("edits, deletions and reactions change the message in place", async () => {
  const { stream } = open(1);
  await stream.resume();
  const before = stream.messages.get("m1");
  stream.receive(happened(2, "message.edited", { message: { id: "m1", seq: 2, content: "better" } }));
  assert.equal(stream.messages.get("m1")?.content, "better");
  assert.equal(stream.messages.get("m1")?.seq, 1);
  assert.notEqual(stream.messages.get("m1"), before);
  stream.receive(happened(3, "reaction.added", { message_id: "m1", emoji: "👍", user_id: "u1" }));
  stream.receive(happened(4, "reaction.added", { message_id: "m1", emoji: "👍", user_id: "u1" }));
  assert.deepEqual(stream.messages.get("m1")?.reactions, [{ emoji: "👍", count: 1, user_ids: ["u1"] }]);
  stream.receive(happened(5, "reaction.removed", { message_id: "m1", emoji: "👍", user_id: "u1" }));
  assert.deepEqual(stream.messages.get("m1")?.reactions, []);
  stream.receive(happened(6, "message.deleted", { message_id: "m1" }));
  stream.receive(happened(7, "message.edited", { message: { id: "m1", content: "back?" } }));
  assert.equal(stream.messages.get("m1")?.content, "");
  assert.equal(stream.messages.get("m1")?.deleted, true);
});

test("the room follows its events", async () => {
  const { stream } = open(1);
  await stream.resume();
  stream.receive(happened(2, "room.owner_changed", { owner: { kind: "queue" }, status: "waiting" }));
  assert.equal(stream.room?.owner.kind, "queue");
  assert.equal(stream.room?.status, "waiting");
  stream.receive(
    happened(3, "participant.joined", {
      participant: { user_id: "a1", kind: "agent", name: "Milo", role: "member" },
    }),
  );
  assert.equal(stream.participants.get("a1")?.name, "Milo");
  stream.receive(happened(4, "room.closed", {}));
  assert.equal(stream.room?.status, "closed");
  stream.receive(happened(5, "participant.updated", { user_id: "a1", role: "observer" }));
  assert.deepEqual(
    [stream.participants.get("a1")?.name, stream.participants.get("a1")?.role],
    ["Milo", "observer"],
  );
  stream.receive(happened(6, "participant.left", { user_id: "a1" }));
  assert.equal(stream.participants.has("a1"), false);
  stream.receive(happened(7, "room.updated", { name: "Refund", priority: 1, version: 8, fields: ["name"] }));
  assert.deepEqual([stream.room?.name, stream.room?.priority, stream.room?.version], ["Refund", 1, 8]);
});

test("a draft grows by its deltas in order and ends with its message", async () => {
  const { stream } = open(1);
  await stream.resume();
  const delta = (/** @type {number} */ n, /** @type {string} */ text) =>
    stream.delta({ room_id: ROOM, draft_id: "d1", robot_id: robot.id, delta: text, n });
  delta(1, "You ");
  delta(3, "wait.");
  assert.equal(stream.drafts.list()[0].text, "You ");
  delta(2, "can ");
  assert.equal(stream.drafts.list()[0].text, "You can wait.");
  stream.receive(said(2, { draft_id: "d1", sender: robot }));
  assert.deepEqual(stream.drafts.list(), []);
  delta(4, "late");
  assert.deepEqual(stream.drafts.list(), []);
});

test("a lost delta is skipped, an abort and long silence end a draft", async () => {
  const { stream, clock } = open(1);
  await stream.resume();
  const base = { room_id: ROOM, robot_id: robot.id };
  stream.delta({ ...base, draft_id: "d1", delta: "one", n: 0 });
  stream.delta({ ...base, draft_id: "d1", delta: "three", n: 2 });
  await clock.forward(400);
  assert.equal(stream.drafts.list()[0].text, "one … three");
  stream.deltaAborted({ room_id: ROOM, draft_id: "d1" });
  assert.deepEqual(stream.drafts.list(), []);
  stream.delta({ ...base, draft_id: "d2", delta: "from the middle", n: 7 });
  await clock.forward(400);
  assert.equal(stream.drafts.list()[0].text, "… from the middle");
  await clock.forward(30_000);
  assert.deepEqual(stream.drafts.list(), []);
});

test("typing ends by itself after 6 s, or with the message", async () => {
  const { stream, clock } = open(1);
  await stream.resume();
  stream.setTyping({ room_id: ROOM, user_id: robot.id, on: true });
  assert.equal(stream.typing.get(robot.id)?.name, "Acme robot");
  await clock.forward(6000);
  assert.equal(stream.typing.size, 0);
  stream.setTyping({ room_id: ROOM, user_id: robot.id, on: true });
  stream.receive(said(2, { sender: robot }));
  assert.equal(stream.typing.size, 0);
});

test("a message is delivered and read when the first of the other side has it", async () => {
  const { stream } = open(3);
  await stream.resume();
  const own = /** @type {any} */ (stream.messages.get("m2"));
  assert.equal(stream.statusOf(own), "sent");
  stream.receipt({ room_id: ROOM, user_id: guest.id, read_seq: 3 });
  assert.equal(stream.statusOf(own), "sent");
  stream.receipt({ room_id: ROOM, user_id: robot.id, delivered_seq: 2 });
  assert.equal(stream.statusOf(own), "delivered");
  stream.receipt({ room_id: ROOM, user_id: robot.id, read_seq: 2, delivered_seq: 1 });
  assert.equal(stream.statusOf(own), "read");
  assert.equal(stream.participants.get(robot.id)?.delivered_seq, 2);
});

test("whatever order, loss and doubling: the list is the log, each event applied once", async () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (let round = 0; round < 40; round += 1) {
    const { desk, stream, seqs, heard, clock } = open(Math.floor(random() * 5));
    await stream.resume();
    const air = [];
    for (let step = 0; step < 60; step += 1) {
      const event = said(desk.log.length + 1);
      desk.log.push(event);
      if (random() > 0.2) air.push(event);
      if (random() > 0.8) air.push(event);
      while (air.length > 3 || (air.length > 0 && random() > 0.5)) {
        stream.receive(air.splice(Math.floor(random() * air.length), 1)[0]);
      }
      if (random() > 0.9) await clock.forward(250);
      if (random() > 0.97) await stream.resume();
    }
    await stream.resume();
    assert.deepEqual(seqs(), range(1, desk.log.length));
    assert.deepEqual(
      heard.map(([seq]) => seq),
      range(1, desk.log.length),
    );
  }
});

test("a closed stream applies nothing and leaves no timer", async () => {
  const { stream, clock } = open(1);
  await stream.resume();
  stream.receive(said(5));
  stream.setTyping({ room_id: ROOM, user_id: robot.id, on: true });
  stream.close();
  stream.receive(said(2));
  assert.equal(clock.waiting.size, 0);
  assert.deepEqual(stream.entries, []);
});
