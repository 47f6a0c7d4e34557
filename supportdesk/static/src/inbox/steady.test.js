import assert from "node:assert/strict";
import { test } from "node:test";
import { Steady } from "./steady.js";

function stage() {
  /** @type {Set<() => void>} */
  const due = new Set();
  let looks = 0;
  const clock = {
    now: () => 0,
    /** @param {() => void} run */
    setTimeout: (run) => {
      due.add(run);
      return run;
    },
    /** @param {() => void} run */
    clearTimeout: (run) => void due.delete(run),
  };
  const steady = new Steady(() => (looks += 1), clock);
  const pass = () => {
    for (const run of [...due]) run();
  };
  return { steady, pass, due, looks: () => looks };
}

test("the buttons stand for a moment when a colleague takes the room, then follow", () => {
  const { steady, pass, looks } = stage();
  assert.equal(steady.of("room", null, "claim"), "claim");
  assert.equal(steady.of("room", "milo", "resolve"), "claim");
  assert.equal(steady.of("room", "milo", "resolve"), "claim");
  pass();
  assert.equal(looks(), 1);
  assert.equal(steady.of("room", "milo", "resolve"), "resolve");
});

test("one's own claim and another room are shown at once", () => {
  const { steady, due } = stage();
  steady.of("room", null, "claim");
  assert.equal(steady.of("room", null, "mine"), "mine");
  assert.equal(steady.of("room", "milo", "resolve"), "mine");
  assert.equal(steady.of("other", "noor", "assign"), "assign");
  assert.equal(due.size, 0);
});
