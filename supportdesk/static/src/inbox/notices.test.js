import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../testing/fake-clock.js";
import { Notices } from "./notices.js";

test("a notice stands for eight seconds", async () => {
  const clock = new FakeClock();
  const notices = new Notices(clock);
  notices.add("Resolved");
  await clock.forward(7900);
  assert.equal(notices.items.length, 1);
  await clock.forward(200);
  assert.equal(notices.items.length, 0);
});

test("while it is held it stays, and then for eight seconds more", async () => {
  const clock = new FakeClock();
  const notices = new Notices(clock);
  notices.add("Resolved");
  notices.hold();
  await clock.forward(60_000);
  assert.equal(notices.items.length, 1);
  notices.release();
  await clock.forward(8100);
  assert.equal(notices.items.length, 0);
});

test("undo takes back the newest thing that can be taken back, once", () => {
  /** @type {string[]} */
  const undone = [];
  const notices = new Notices(new FakeClock());
  notices.add("first", { undo: () => undone.push("first") });
  notices.add("second", { undo: () => undone.push("second") });
  notices.add("third");
  assert.equal(notices.undo(), true);
  assert.deepEqual(undone, ["second"]);
  notices.undo();
  assert.equal(notices.undo(), false);
  assert.deepEqual(undone, ["second", "first"]);
});

test("no more than three stand at once", () => {
  const notices = new Notices(new FakeClock());
  for (const text of ["a", "b", "c", "d"]) notices.add(text);
  assert.deepEqual(
    notices.items.map((item) => item.text),
    ["b", "c", "d"],
  );
});
