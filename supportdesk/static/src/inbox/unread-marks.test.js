import assert from "node:assert/strict";
import { test } from "node:test";
import { UnreadMarks } from "./unread-marks.js";

function memory() {
  /** @type {Map<string, string>} */
  const kept = new Map();
  return {
    /** @param {string} key */
    getItem: (key) => kept.get(key) ?? null,
    /** @param {string} key @param {string} value */
    setItem: (key, value) => void kept.set(key, value),
  };
}

test("a mark stands over a reload and goes when the room is opened", () => {
  const storage = memory();
  new UnreadMarks("me", storage).add("room");
  const later = new UnreadMarks("me", storage);
  assert.equal(later.has("room"), true);
  later.remove("room");
  assert.equal(new UnreadMarks("me", storage).has("room"), false);
});

test("marks are one person's own", () => {
  const storage = memory();
  new UnreadMarks("me", storage).add("room");
  assert.equal(new UnreadMarks("somebody else", storage).has("room"), false);
});

test("a spoilt entry marks nothing", () => {
  const storage = memory();
  storage.setItem("supportdesk:unread:me", '{"a"');
  assert.equal(new UnreadMarks("me", storage).rooms.size, 0);
});
