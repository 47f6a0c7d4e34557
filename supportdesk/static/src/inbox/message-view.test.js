import assert from "node:assert/strict";
import { test } from "node:test";
import { turnOf } from "./message-view.js";

test("a robot's message leads to its turn, and nothing else does", () => {
  const turn = "0190a0b0-1111-7222-8333-444455556666";
  assert.equal(turnOf(`turn:${turn}:text`), turn);
  for (const key of [null, undefined, "", turn, `turn:${turn}`, `turn:../../${turn}:text`, "turn::text"])
    assert.equal(turnOf(key), null);
});
