import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, placeOf } from "./place.js";

test("an address leads back to the place it was made from", () => {
  const place = { queue: "T2", status: "waiting", q: "refund & return", room: "0190-a" };
  const address = addressOf(place);
  assert.deepEqual(placeOf(address.slice(address.indexOf("?"))), place);
});

test("what waits for approval has an address of its own", () => {
  assert.equal(placeOf("?queue=approvals").queue, "approvals");
});

test("unknown words in an address fall back to the beginning", () => {
  assert.deepEqual(placeOf("?queue=__proto__&status=gone"), { queue: "mine", status: "", q: "", room: null });
  assert.equal(placeOf("", "T1").queue, "T1");
});
