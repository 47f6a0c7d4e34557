import assert from "node:assert/strict";
import { test } from "node:test";
import { keepUnsent, unsentOf } from "./unsent-text.js";

function memory() {
  /** @type {Map<string, string>} */
  const kept = new Map();
  return {
    kept,
    /** @param {string} key */
    getItem: (key) => kept.get(key) ?? null,
    /** @param {string} key @param {string} value */
    setItem: (key, value) => void kept.set(key, value),
    /** @param {string} key */
    removeItem: (key) => void kept.delete(key),
  };
}

test("what was written for the guest and what for staff stay apart", () => {
  const storage = memory();
  keepUnsent("r", { mode: "note", reply: "Hello", note: "careful", whisper: "", whisperTo: "" }, storage);
  const unsent = unsentOf("r", storage);
  assert.equal(unsent.reply, "Hello");
  assert.equal(unsent.note, "careful");
  assert.equal(unsent.mode, "note");
  assert.equal(unsentOf("other", storage).reply, "");
});

test("nothing written leaves nothing behind", () => {
  const storage = memory();
  keepUnsent("r", { ...unsentOf("r", storage), reply: "x" }, storage);
  keepUnsent("r", { ...unsentOf("r", storage), reply: "" }, storage);
  assert.equal(storage.kept.size, 0);
});

test("a spoilt entry is an empty composer", () => {
  const storage = memory();
  storage.setItem("supportdesk:unsent:r", "{");
  assert.equal(unsentOf("r", storage).reply, "");
});
