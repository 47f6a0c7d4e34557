import assert from "node:assert/strict";
import { test } from "node:test";
import { snoozeChoices } from "./snooze.js";

test("next Monday is always ahead, and not offered when tomorrow is Monday", () => {
  for (let day = 1; day <= 14; day += 1) {
    const now = new Date(2026, 10, day, 15, 30);
    const monday = snoozeChoices(now).find((choice) => choice.label === "Next Monday");
    if (now.getDay() === 0) {
      assert.equal(monday, undefined);
      continue;
    }
    assert.equal(monday?.until.getDay(), 1);
    assert.ok((monday?.until ?? now) > now);
    assert.ok(Number(monday?.until) - Number(now) <= 7 * 86_400_000);
  }
});

test("tomorrow morning is nine o'clock", () => {
  const until = snoozeChoices(new Date(2026, 10, 30, 23, 59))[2].until;
  assert.deepEqual([until.getMonth(), until.getDate(), until.getHours(), until.getMinutes()], [11, 1, 9, 0]);
});
