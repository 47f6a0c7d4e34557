import assert from "node:assert/strict";
import { test } from "node:test";
import { fit, matching } from "./palette.js";

const labels = (/** @type {string[]} */ ...all) => all.map((label) => ({ label }));

test("the start of a word beats the middle, the middle beats scattered letters", () => {
  const found = matching("res", labels("Address book", "Rename a set", "Resolve"));
  assert.deepEqual(
    found.map((item) => item.label),
    ["Resolve", "Address book", "Rename a set"],
  );
});

test("accents and case do not matter", () => {
  assert.notEqual(fit("joao", "João Oliveira"), null);
  assert.notEqual(fit("JO", "joão"), null);
});

test("letters scattered over a sentence were not meant", () => {
  assert.equal(fit("len", "Search all conversations of the inbox"), null);
});

test("letters that are not all there match nothing", () => {
  assert.equal(fit("xyz", "Resolve"), null);
});

test("nothing typed is everything, in its own order", () => {
  assert.equal(
    matching("  ", labels("b", "a"))
      .map((item) => item.label)
      .join(""),
    "ba",
  );
});
