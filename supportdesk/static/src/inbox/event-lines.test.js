import assert from "node:assert/strict";
import { test } from "node:test";
import { lineOf } from "./event-lines.js";

const milo = { id: "milo", kind: "agent", name: "Milo" };
const faq = { id: "faq", kind: "robot", name: "faq" };

/** @returns {any} */
const event = (
  /** @type {string} */ kind,
  /** @type {any} */ data = {},
  /** @type {any} */ actor = milo,
) => ({
  room_id: "r",
  seq: 1,
  kind,
  at: "2026-11-22T10:00:00Z",
  actor,
  data,
});

test("an escalation says who, to which level and why", () => {
  const step = { from_level: "T1", to_level: "T2", reason: "guest asked for a person" };
  assert.equal(
    lineOf(event("escalation.created", step, faq), "me")?.text,
    "faq escalated to T2: guest asked for a person",
  );
  assert.equal(
    lineOf(event("escalation.created", { escalation: step }), "milo")?.text,
    "You escalated to T2: guest asked for a person",
  );
});

test("a step down is told as one", () => {
  const line = lineOf(event("escalation.created", { from_level: "T3", to_level: "T1", reason: "" }), "me");
  assert.deepEqual(line, { icon: "arrow-down", text: "Milo lowered to T1" });
});

test("claiming, assigning and releasing are three sentences", () => {
  assert.equal(lineOf(event("room.assigned", { assignee: milo }), "me")?.text, "Milo took the conversation");
  assert.equal(
    lineOf(event("room.assigned", { assignee: milo }, faq), "milo")?.text,
    "faq assigned the conversation to you",
  );
  assert.equal(
    lineOf(event("room.assigned", { assignee: null }), "me")?.text,
    "Milo put the conversation back into the queue",
  );
});

test("a name that is written from right to left does not turn its sentence around", () => {
  const amina = { id: "amina", name: "أمينة" };
  const text = lineOf(event("room.assigned", { assignee: amina }), "me")?.text;
  assert.equal(text, "Milo assigned the conversation to \u2068أمينة\u2069");
});

test("why a room changed hands is told in words, not in codes", () => {
  const queue = { kind: "queue", id: null, name: null };
  const own = { kind: "human", id: "milo", name: "Milo" };
  const told = (/** @type {any} */ owner, /** @type {string} */ reason, /** @type {any} */ actor = milo) =>
    lineOf(event("room.owner_changed", { owner, reason }, actor), "me")?.text;
  assert.equal(told(own, "claimed"), "Milo took the conversation");
  assert.equal(told(own, "taken_over"), "Milo took over");
  assert.equal(told(own, "assigned", null), "The desk assigned the conversation to Milo");
  assert.equal(told(queue, "unassigned"), "Milo put the conversation back into the queue");
  assert.equal(told(queue, "robot_timed_out", faq), "Waiting for a person: the robot took too long");
  assert.equal(told(queue, "budget_spent", faq), "Waiting for a person: budget spent");
  assert.equal(
    told({ kind: "robot", id: null, name: null }, "handed_back"),
    "Milo handed the conversation to the robot",
  );
});

test("nobody in particular is the desk", () => {
  assert.equal(lineOf(event("room.closed", {}, null), "me")?.text, "The desk resolved the conversation");
});

test("guests and robots joining, and updates without a story, have no line", () => {
  assert.equal(
    lineOf(
      event("participant.joined", { participant: { user_id: "g", kind: "guest", name: "Amina" } }),
      "me",
    ),
    null,
  );
  assert.equal(lineOf(event("room.updated", { name: "x" }), "me"), null);
  assert.equal(lineOf(event("escalation.updated", { status: "resolved" }), "me"), null);
});

test("names and reasons are text, whatever they hold", () => {
  const line = lineOf(
    event("escalation.created", { from_level: "T1", to_level: "T2", reason: "{who} <b>" }),
    "me",
  );
  assert.equal(line?.text, "Milo escalated to T2: {who} <b>");
});

test("whoever is brought in, taken out or reads along is told with who did it", () => {
  const joined = (/** @type {any} */ person, /** @type {any} */ actor = milo) =>
    lineOf(
      event("participant.joined", { participant: { kind: "agent", role: "member", ...person } }, actor),
      "me",
    )?.text;
  const priya = { user_id: "priya", name: "Priya" };
  assert.equal(joined({ user_id: "milo", name: "Milo" }), "Milo joined");
  assert.equal(joined(priya), "Milo brought Priya in");
  assert.equal(
    joined({ user_id: "me", name: "Me", role: "observer" }, { id: "me", kind: "agent", name: "Me" }),
    "You began to read along, unseen by the guest",
  );
  assert.equal(joined({ ...priya, role: "observer" }), "Milo let Priya read along, unseen by the guest");
  const left = (/** @type {any} */ data, /** @type {any} */ actor = milo) =>
    lineOf(event("participant.left", data, actor), "me")?.text;
  assert.equal(left({ user_id: "milo", name: "Milo", status: "left" }), "Milo left");
  assert.equal(left({ user_id: "priya", name: "Priya", status: "removed" }), "Milo took Priya out");
  assert.equal(left({ user_id: "faq", name: "faq" }, faq), undefined);
});

test("a new name and a new priority are told, a name that went with its message is not", () => {
  const told = (/** @type {any} */ data, /** @type {any} */ actor = milo) =>
    lineOf(event("room.updated", { name: "Refund", priority: 2, ...data }, actor), "me")?.text;
  assert.equal(told({ fields: ["name"] }), "Milo renamed the conversation");
  assert.equal(told({ fields: ["priority"] }), "Milo set the priority to high");
  assert.equal(
    told({ fields: ["name", "priority"] }),
    "Milo renamed the conversation and set its priority to high",
  );
  assert.equal(told({ fields: ["name"] }, { id: "g", kind: "guest", name: "Amina" }), undefined);
  assert.equal(told({ fields: ["issue_id"] }), undefined);
});

test("what became of a tool is told by whom, by the clock, or by the robot that asks no more", () => {
  const text = (/** @type {string} */ decision) =>
    lineOf(event("tool.decided", { decision, tool_name: "issue_voucher" }), "me")?.text;
  assert.equal(text("approve"), "Milo approved issue_voucher");
  assert.equal(text("deny"), "Milo denied issue_voucher");
  assert.equal(text("lapse"), "Nobody decided about issue_voucher in time");
  assert.equal(text("withdraw"), "issue_voucher is no longer asked for");
});
