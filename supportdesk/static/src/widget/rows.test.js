import assert from "node:assert/strict";
import { test } from "node:test";
import { lineOf } from "./lines.js";
import { choicesOf, rowsOf } from "./rows.js";

const ME = "guest-1";
const me = { id: ME, kind: "guest", name: "Amina" };
const robot = { id: "robot-1", kind: "robot", name: "Acme robot" };
const milo = { id: "agent-1", kind: "agent", name: "Milo" };

/** A room's log from messages and events, a minute apart. @param {any[]} things */
function stream(things) {
  const messages = new Map();
  const entries = things.map((thing, index) => {
    const seq = index + 1;
    const at = thing.at ?? new Date(2026, 2, 2, 10, index).toISOString();
    if (thing.kind) return { seq, at, event: { room_id: "r", seq, at, ...thing } };
    const id = `m${seq}`;
    messages.set(id, { id, seq, content: "text", message_type: "chat", created_at: at, ...thing });
    return { seq, at, id };
  });
  return /** @type {any} */ ({ entries, messages });
}

/** @param {any[]} rows */
const short = (rows) =>
  rows.map((row) => (row.type === "message" ? row.voice : row.type === "line" ? row.text : row.type));

const owner = (/** @type {any} */ to) => ({ kind: "room.owner_changed", data: { owner: to } });
const joined = {
  kind: "participant.joined",
  data: { participant: { user_id: milo.id, kind: "agent", name: "Milo" } },
};

test("each voice is told apart, each day is named once", () => {
  const log = stream([
    { sender: robot },
    { sender: me },
    { sender: milo },
    { sender: me, at: new Date(2026, 2, 3, 9).toISOString() },
  ]);
  assert.deepEqual(short(rowsOf(log, [], ME)), ["day", "robot", "me", "person", "day", "me"]);
});

test("a robot's choices stay when another robot adds something, until somebody else speaks", () => {
  const offer = { sender: robot, quick_replies: ["Refunds", "Shipping"] };
  const other = { sender: { ...robot, id: "robot-2" } };
  const shown = (/** @type {any[]} */ ...things) => choicesOf(rowsOf(stream(things), [], ME)) ?? null;
  assert.deepEqual(shown(offer), offer.quick_replies);
  assert.deepEqual(shown(offer, other, other), offer.quick_replies);
  assert.deepEqual(shown(offer, { ...other, quick_replies: ["More"] }), ["More"]);
  assert.equal(shown(offer, other, { sender: me }, other), null);
  assert.equal(shown(offer, { sender: milo }), null);
  assert.equal(shown(other), null);
  assert.equal(shown(), null);
});

test("messages of one sender within five minutes are one group", () => {
  const at = (/** @type {number} */ minute) => new Date(2026, 2, 2, 10, minute).toISOString();
  const log = stream([
    { sender: me, at: at(0) },
    { sender: me, at: at(1) },
    { sender: me, at: at(9) },
    { sender: robot, at: at(9) },
  ]);
  const ends = rowsOf(log, [], ME).flatMap((row) => (row.type === "message" ? [[row.first, row.last]] : []));
  assert.deepEqual(ends, [
    [true, false],
    [false, true],
    [true, true],
    [true, true],
  ]);
});

test("what is on its way comes last and keeps its element when it arrives", () => {
  const item = /** @type {any} */ ({
    client_msg_id: "c1",
    at: new Date(2026, 2, 2, 10, 1).toISOString(),
    body: {},
    state: "sending",
  });
  const before = rowsOf(stream([{ sender: me }]), [item], ME);
  const after = rowsOf(stream([{ sender: me }, { sender: me, client_msg_id: "c1" }]), [], ME);
  assert.equal(before.at(-1)?.type, "out");
  assert.equal(after.at(-1)?.type, "message");
  assert.equal(before.at(-1)?.key, after.at(-1)?.key);
  assert.equal(/** @type {any} */ (before.at(-2)).last, false);
});

test("another guest cannot take the place of one's own message", () => {
  const log = stream([{ sender: { id: "other", kind: "guest", name: "X" }, client_msg_id: "c1" }]);
  assert.equal(rowsOf(log, [], ME).at(-1)?.key, "m1");
});

test("a hand-off is told in one sentence per step", () => {
  const log = stream([
    { sender: me },
    owner({ kind: "queue" }),
    joined,
    owner({ kind: "human", id: milo.id, name: "Milo" }),
  ]);
  assert.deepEqual(short(rowsOf(log, [], ME)), ["day", "me", "Milo is answering you now."]);
});

const PASSED_ON = "Passed on to our team. A person will answer here.";
const SPECIALIST = "Your request went to a specialist.";
const step = { kind: "escalation.created", data: { to_level: "T2" } };
const milos = owner({ kind: "human", id: milo.id, name: "Milo" });
const priyas = owner({ kind: "human", id: "agent-2", name: "Priya" });

test("of what follows without a word between, the guest reads what holds in the end", () => {
  const log = [{ sender: robot }, owner({ kind: "queue" }), milos, step, owner({ kind: "queue" })];
  assert.deepEqual(short(rowsOf(stream(log), [], ME)), ["day", "robot", SPECIALIST]);
  assert.deepEqual(short(rowsOf(stream([...log, priyas]), [], ME)), [
    "day",
    "robot",
    SPECIALIST,
    "Priya is answering you now.",
  ]);
});

test("what was said between two steps keeps both", () => {
  const log = [
    owner({ kind: "queue" }),
    { sender: me },
    milos,
    { sender: milo },
    step,
    owner({ kind: "queue" }),
  ];
  assert.deepEqual(short(rowsOf(stream(log), [], ME)), [
    "day",
    PASSED_ON,
    "me",
    "Milo is answering you now.",
    "person",
    SPECIALIST,
  ]);
});

test("nobody is told again who has the conversation, unless another had it meanwhile", () => {
  const queue = owner({ kind: "queue" });
  const still = stream([queue, { sender: me }, queue]);
  assert.deepEqual(short(rowsOf(still, [], ME)), ["day", PASSED_ON, "me"]);
  const back = stream([queue, { sender: me }, milos, { sender: milo }, queue]);
  assert.equal(short(rowsOf(back, [], ME)).filter((text) => text === PASSED_ON).length, 2);
});

test("a robot answers again only where somebody else did", () => {
  const again = "The robot is answering again.";
  assert.deepEqual(short(rowsOf(stream([owner({ kind: "robot" }), { sender: robot }]), [], ME)), [
    "day",
    "robot",
  ]);
  const back = stream([
    { sender: me },
    owner({ kind: "human", name: "Milo" }),
    { sender: milo },
    owner({ kind: "robot" }),
  ]);
  assert.equal(short(rowsOf(back, [], ME)).at(-1), again);
});

test("what a robot says of its hand-off stands for the event", () => {
  const system = { message_type: "system", sender: null, content: "I am passing you on." };
  const said = ["day", "me", "I am passing you on."];
  assert.deepEqual(short(rowsOf(stream([{ sender: me }, system, owner({ kind: "queue" })]), [], ME)), said);
  assert.deepEqual(short(rowsOf(stream([{ sender: me }, owner({ kind: "queue" }), system]), [], ME)), said);
});

test("a guest reads of what concerns them, and of nothing else", () => {
  const line = (/** @type {string} */ kind, /** @type {any} */ data = {}) =>
    lineOf(/** @type {any} */ ({ kind, data }))?.text ?? null;
  assert.equal(line("escalation.created", { to_level: "T2" }), "Your request went to a specialist.");
  assert.equal(line("escalation.created", { to_level: "manager" }), "Your request went to a manager.");
  assert.equal(line("participant.left", { user_id: "x", name: "Milo" }), "Milo left the conversation.");
  assert.equal(line("room.closed", { status: "closed" }), "This conversation has ended.");
  assert.equal(line("room.reopened", { status: "active" }), "This conversation is open again.");
  assert.equal(line("csat.given", { score: 4 }), "You rated this conversation 4 of 5.");
  assert.equal(line("room.owner_changed", { owner: { kind: "robot" } }), "The robot is answering again.");
  for (const kind of ["room.created", "room.updated", "tool.requested", "something.new"])
    assert.equal(line(kind), null);
  assert.equal(line("participant.joined", { participant: { kind: "robot", name: "R" } }), null);
  assert.equal(line("room.owner_changed"), null);
});
