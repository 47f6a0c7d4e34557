import assert from "node:assert/strict";
import { test } from "node:test";
import {
  argumentText,
  cardsOf,
  deed,
  hasLapsed,
  inTwo,
  isLong,
  isOver,
  outcome,
  questionBefore,
  timeLeft,
  whyAsked,
  whyNot,
} from "./approvals.js";

const NOW = Date.parse("2026-11-20T10:00:00Z");

/** @param {Partial<import("./approvals.js").ToolCall>} more @returns {import("./approvals.js").ToolCall} */
const call = (more) => ({
  id: "1",
  room_id: "r",
  robot: { id: "b", name: "Orders" },
  tool: "issue_voucher",
  description: "",
  goes_to: null,
  args: {},
  args_sha256: "",
  status: "pending",
  risk: "high",
  why: "",
  cost: null,
  required_level: "T2",
  routed_level: "T2",
  requested_at: "2026-11-20T09:49:40Z",
  expires_at: "2026-11-20T10:04:40Z",
  decided_by: null,
  decision_note: null,
  completed_at: null,
  result: null,
  error: null,
  ...more,
});

test("what waits stands there until it is over, and its outcome for a while", () => {
  const ids = (/** @type {import("./approvals.js").ToolCall[]} */ calls, put = new Set()) =>
    cardsOf(calls, put, NOW).map(({ id }) => id);
  const done = call({ id: "2", status: "completed", completed_at: "2026-11-20T09:59:00Z" });
  const old = call({ id: "0", status: "denied", completed_at: "2026-11-20T09:00:00Z" });
  const byRule = call({
    id: "3",
    status: "completed",
    completed_at: "2026-11-20T09:59:00Z",
    expires_at: null,
  });
  assert.deepEqual(ids([done, call({}), old, byRule]), ["1", "2"]);
  assert.deepEqual(ids([done, call({})], new Set(["2"])), ["1"]);
  const runs = call({ id: "0", status: "executing" });
  assert.deepEqual(ids([runs, done, call({ id: "4" }), call({ id: "3" })]), ["3", "4", "0", "2"]);
  assert.ok(isOver(done));
  assert.ok(!isOver(runs));
});

test("a person below the level, or without the right, is told why they cannot decide", () => {
  const all = () => true;
  assert.equal(whyNot(call({}), { level: "T2" }, all), "");
  assert.equal(whyNot(call({}), { level: "manager" }, all), "");
  assert.match(whyNot(call({}), { level: "T1" }, all), /T2 or above/);
  assert.match(whyNot(call({}), { level: null }, all), /T2 or above/);
  assert.match(
    whyNot(call({}), { level: "T3" }, () => false),
    /Your role/,
  );
});

test("arguments, time left and outcomes read as sentences", () => {
  assert.equal(argumentText("A-1"), "A-1");
  assert.equal(argumentText(10), "10");
  assert.equal(argumentText(["a"]), '[\n "a"\n]');
  assert.equal(timeLeft(call({}), NOW), "expires in 4:40");
  assert.equal(timeLeft(call({}), NOW + 600_000), "expired");
  const decided_by = { id: "me", name: "Milo" };
  assert.equal(
    outcome(call({ status: "denied", decided_by, decision_note: "no" }), "me"),
    "You denied it: no",
  );
  assert.equal(outcome(call({ status: "denied", decided_by }), "other"), "Milo denied it.");
  assert.equal(
    outcome(call({ status: "failed", error: "The till is closed." }), "me"),
    "The till is closed.",
  );
  assert.equal(outcome(call({ status: "cancelled" }), "me"), "Nobody decided in time.");
  assert.equal(
    outcome(call({ status: "cancelled", error: "The robot was interrupted." }), "me"),
    "The robot was interrupted.",
  );
  assert.ok(hasLapsed(call({ status: "cancelled", completed_at: "2026-11-20T10:04:50Z" })));
  assert.ok(!hasLapsed(call({ status: "cancelled", completed_at: "2026-11-20T09:50:00Z" })));
  assert.equal(deed(call({})), "wants to run");
  assert.equal(deed(call({ status: "executing" })), "is running");
  assert.equal(deed(call({ status: "completed" })), "has run");
  assert.equal(deed(call({ status: "failed" })), "failed to run");
  assert.equal(deed(call({ status: "cancelled" })), "wanted to run");
});

test("what would show other text than runs is spelled out", () => {
  assert.equal(argumentText("<img src=x>\u202eevil"), "<img src=x>⟨U+202E⟩evil");
  assert.equal(
    argumentText("a\u0000\u00ad\u0085\ufeff\u{e0041}\u2066b"),
    "a⟨U+0000⟩⟨U+00AD⟩⟨U+0085⟩⟨U+FEFF⟩⟨U+E0041⟩⟨U+2066⟩b",
  );
  assert.equal(argumentText({ "na\u200bme": "\u061c" }), '{\n "na⟨U+200B⟩me": "⟨U+061C⟩"\n}');
  assert.equal(argumentText("Zwei\n\tZeilen, שלום 🙂"), "Zwei\n\tZeilen, שלום 🙂");
  assert.equal(outcome(call({ status: "failed", error: "\u202ddone" }), "me"), "⟨U+202D⟩done");
});

test("what a tool says of itself is cut at a word, and nothing of it is lost", () => {
  assert.deepEqual(inTwo(" Finds a customer. "), { head: "Finds a customer.", rest: "" });
  const long = "word ".repeat(60).trim();
  const { head, rest } = inTwo(long);
  assert.ok(head.length <= 200);
  assert.equal(`${head} ${rest}`, long);
  assert.deepEqual(inTwo("x".repeat(201)), { head: "x".repeat(200), rest: "x" });
  assert.equal(inTwo("a\u202eb").head, "a⟨U+202E⟩b");
});

test("a card says after which words of the guest the robot asks, and why a person decides", () => {
  const said = (/** @type {string} */ content, /** @type {string} */ created_at, kind = "guest") =>
    /** @type {import("../shared/protocol.js").Message} */ (
      /** @type {unknown} */ ({ id: content, content, created_at, sender: { id: "g", kind } })
    );
  const messages = [
    said("A voucher, please", "2026-11-20T09:49:30Z"),
    said("Hello", "2026-11-20T09:40:00Z"),
    said("A colleague is checking", "2026-11-20T09:49:40Z", "robot"),
    said("And now?", "2026-11-20T09:55:00Z"),
  ];
  assert.equal(questionBefore(messages, call({})), "A voucher, please");
  assert.equal(questionBefore([], call({})), null);
  assert.match(whyAsked(call({ why: "risk high" })), /its risk is high/);
  assert.equal(
    whyAsked(call({ why: "the rule for issue_voucher asks" })),
    "It needs approval because the rule for issue_voucher asks.",
  );
  assert.ok(isLong("x".repeat(241)));
  assert.ok(isLong("1\n2\n3\n4\n5\n6\n7"));
  assert.ok(!isLong("A-10042"));
});
