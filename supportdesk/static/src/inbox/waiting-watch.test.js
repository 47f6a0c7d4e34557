import assert from "node:assert/strict";
import { test } from "node:test";
import { callsOf, WaitingWatch } from "./waiting-watch.js";

/** @returns {any} */
const line = (/** @type {string} */ id, /** @type {string} */ since) => ({ id, waiting_since: since });

test("the first look rings for nobody, whoever waits already", () => {
  assert.deepEqual(new WaitingWatch().look([line("a", "10:00")]), { arrived: [], waiting: 1 });
});

test("a new guest is news once", () => {
  const watch = new WaitingWatch();
  watch.look([]);
  assert.deepEqual(
    watch.look([line("a", "10:00")]).arrived.map((one) => one.id),
    ["a"],
  );
  assert.deepEqual(watch.look([line("a", "10:00")]).arrived, []);
});

test("a guest who waits again is news again", () => {
  const watch = new WaitingWatch();
  watch.look([line("a", "10:00")]);
  watch.look([]);
  assert.equal(watch.look([line("a", "11:00")]).arrived.length, 1);
});

test("a second call of a tool in the same conversation is news, and one fewer is none", () => {
  const watch = new WaitingWatch(callsOf);
  const asks = (/** @type {string[]} */ ...to_decide) => /** @type {any} */ ({ id: "a", to_decide });
  assert.deepEqual(watch.look([]), { arrived: [], waiting: 0 });
  assert.equal(watch.look([asks("1")]).arrived.length, 1);
  assert.equal(watch.look([asks("1", "2", "3")]).arrived.length, 1);
  assert.deepEqual(watch.look([asks("2")]), { arrived: [], waiting: 1 });
});
