import assert from "node:assert/strict";
import { test } from "node:test";
import { logRows } from "./log-rows.js";

const amina = { id: "amina", kind: "guest", name: "Amina" };
const milo = { id: "milo", kind: "agent", name: "Milo" };

/** @param {any[]} things messages and events in order */
function room(things) {
  const messages = new Map();
  const entries = things.map((thing, at) => {
    const seq = at + 1;
    if (thing.kind) return { seq, at: thing.at, event: { seq, room_id: "r", ...thing } };
    messages.set(thing.id, { seq, ...thing });
    return { seq, at: thing.created_at, id: thing.id };
  });
  return { entries, messages };
}

/** @returns {any} */
const says = (/** @type {any} */ sender, /** @type {string} */ id, /** @type {string} */ at, more = {}) => ({
  id,
  sender,
  created_at: `2026-11-22T${at}Z`,
  ...more,
});
/** @returns {any} */
const happens = (
  /** @type {string} */ kind,
  /** @type {any} */ actor,
  /** @type {string} */ at,
  data = {},
) => ({
  kind,
  actor,
  at: `2026-11-22T${at}Z`,
  data,
});

test("a day line opens each day and messages of one voice are grouped", () => {
  const { entries, messages } = room([
    says(amina, "a", "10:00:00"),
    says(amina, "b", "10:01:00"),
    says(milo, "c", "10:02:00"),
    says(milo, "d", "10:20:00"),
  ]);
  const rows = logRows(entries, messages);
  assert.deepEqual(
    rows.map((row) => row.type),
    ["day", "message", "message", "message", "message"],
  );
  assert.deepEqual(
    rows.flatMap((row) => (row.type === "message" ? [row.opens] : [])),
    [true, false, true, true],
  );
});

test("a note is never grouped with a reply of the same person", () => {
  const { entries, messages } = room([
    says(milo, "a", "10:00:00"),
    says(milo, "b", "10:00:10", { note: true }),
  ]);
  assert.deepEqual(
    logRows(entries, messages).flatMap((row) => (row.type === "message" ? [row.opens] : [])),
    [true, true],
  );
});

test("the divider stands before the first unread message of somebody else", () => {
  const { entries, messages } = room([
    says(amina, "a", "10:00:00"),
    says(milo, "b", "10:01:00"),
    says(amina, "c", "10:02:00"),
  ]);
  const rows = logRows(entries, messages, { newAfter: 1, me: "milo" });
  assert.deepEqual(
    rows.map((row) => row.type),
    ["day", "message", "message", "new", "message"],
  );
});

/** @param {any[]} events */
function told(events) {
  const { entries, messages } = room(events);
  return logRows(entries, messages).flatMap((row) => (row.type === "line" ? [row.event.seq] : []));
}

test("what follows from an act in the same moment is not told twice", () => {
  const toMilo = { owner: { kind: "human", id: "milo" } };
  const freed = { owner: { kind: "queue", id: null } };
  const escalated = happens("escalation.created", milo, "10:00:00.000");
  assert.deepEqual(told([escalated, happens("room.owner_changed", milo, "10:00:00.010", freed)]), [1]);
  const claimed = happens("room.assigned", milo, "10:00:00.000", { assignee: { id: "milo" } });
  assert.deepEqual(told([claimed, happens("room.owner_changed", milo, "10:00:00.010", toMilo)]), [1]);
  assert.deepEqual(told([claimed, happens("participant.joined", milo, "10:00:00.010")]), [1]);
});

test("that a colleague is brought in is told, however soon after an act", () => {
  const claimed = happens("room.assigned", milo, "10:00:00.000", { assignee: { id: "milo" } });
  const invited = happens("participant.joined", milo, "10:00:00.900", { participant: { user_id: "priya" } });
  assert.deepEqual(told([claimed, invited]), [1, 2]);
  const left = happens("participant.left", milo, "10:00:01.000", { user_id: "priya" });
  assert.deepEqual(told([claimed, left]), [1, 2]);
});

test("whoever takes a room is not also told to have joined it", () => {
  const joined = happens("participant.joined", milo, "10:00:00.000", { participant: { user_id: "milo" } });
  const taken = happens("room.owner_changed", milo, "10:00:00.000", {
    owner: { id: "milo" },
    reason: "claimed",
  });
  assert.deepEqual(told([joined, taken]), [2]);
  const invited = happens("participant.joined", milo, "10:00:00.000", { participant: { user_id: "priya" } });
  assert.deepEqual(told([invited, taken]), [1, 2]);
});

test("another act in the same moment, by another person or later, is told", () => {
  const claimed = happens("room.assigned", milo, "10:00:00.000", { assignee: { id: "milo" } });
  const released = { assignee: null };
  assert.deepEqual(told([claimed, happens("room.assigned", milo, "10:00:00.900", released)]), [1, 2]);
  assert.deepEqual(
    told([claimed, happens("room.owner_changed", amina, "10:00:00.010", { owner: { id: "milo" } })]),
    [1, 2],
  );
  assert.deepEqual(
    told([claimed, happens("room.owner_changed", milo, "10:05:00.000", { owner: { id: "milo" } })]),
    [1, 2],
  );
});

test("events without a line open no day", () => {
  const { entries, messages } = room([happens("room.updated", milo, "10:00:00")]);
  assert.deepEqual(logRows(entries, messages, { shown: () => false }), []);
});
