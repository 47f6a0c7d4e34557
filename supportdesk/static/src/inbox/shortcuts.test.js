import assert from "node:assert/strict";
import { test } from "node:test";
import { Keyboard, keyCaps, pressed, remapped, SHORTCUTS, shortcutsOf, takesText } from "./shortcuts.js";

const page = { tagName: "BODY" };
const field = { tagName: "TEXTAREA" };

/** @returns {any} */
function key(/** @type {string} */ name, /** @type {object} */ more = {}) {
  return { key: name, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, target: page, ...more };
}

test("a letter means its command, whether capital or not", () => {
  const keyboard = new Keyboard(SHORTCUTS);
  assert.equal(keyboard.press(key("r"), 0), "reply");
  assert.equal(keyboard.press(key("R"), 0), "reply");
});

test("shift with a letter is another key, shift with a sign is how the sign is typed", () => {
  assert.equal(pressed(key("R", { shiftKey: true })), "Shift+r");
  assert.equal(pressed(key("?", { shiftKey: true })), "?");
  assert.equal(new Keyboard(SHORTCUTS).press(key("?", { shiftKey: true }), 0), "sheet");
});

test("inside a text field letters are letters, but the palette opens", () => {
  const keyboard = new Keyboard(SHORTCUTS);
  assert.equal(keyboard.press(key("r", { target: field }), 0), null);
  assert.equal(keyboard.press(key("k", { target: field, metaKey: true }), 0), "palette");
  assert.equal(keyboard.press(key("z", { target: field, ctrlKey: true }), 0), null);
});

test("a sequence completes within its moment and is forgotten after it", () => {
  const keyboard = new Keyboard(SHORTCUTS);
  assert.equal(keyboard.press(key("g"), 0), null);
  assert.equal(keyboard.press(key("i"), 500), "go-inbox");
  assert.equal(keyboard.press(key("g"), 1000), null);
  assert.equal(keyboard.press(key("i"), 4000), "claim");
});

test("a modifier between the halves of a sequence does not break it", () => {
  const keyboard = new Keyboard(SHORTCUTS);
  keyboard.press(key("g"), 0);
  assert.equal(keyboard.press(key("Shift"), 10), null);
  assert.equal(keyboard.press(key("q"), 20), "go-queue");
});

test("the second half alone is its own command", () => {
  assert.equal(new Keyboard(SHORTCUTS).press(key("w"), 0), "whisper");
});

test("composing in an input method triggers nothing", () => {
  assert.equal(new Keyboard(SHORTCUTS).press(key("r", { isComposing: true }), 0), null);
});

test("own keys win over the defaults, and an empty one switches a command off", () => {
  const own = remapped({ resolve: "r", note: "" });
  const keyboard = new Keyboard(own);
  assert.equal(keyboard.press(key("r"), 0), "resolve");
  assert.equal(keyboard.press(key("n"), 0), null);
  assert.equal(
    own.some((item) => item.id === "reply"),
    false,
  );
});

test("no two shortcuts share their keys", () => {
  assert.equal(new Set(SHORTCUTS.map((item) => item.keys)).size, SHORTCUTS.length);
});

test("check boxes do not take text, search boxes do", () => {
  assert.equal(takesText(/** @type {any} */ ({ tagName: "INPUT", type: "checkbox" })), false);
  assert.equal(takesText(/** @type {any} */ ({ tagName: "INPUT", type: "search" })), true);
  assert.equal(takesText(null), false);
});

test("caps are printed as on the keyboard at hand", () => {
  assert.deepEqual(keyCaps("Mod+k", true), ["⌘", "K"]);
  assert.deepEqual(keyCaps("Mod+k", false), ["Ctrl", "K"]);
  assert.deepEqual(keyCaps("g i", false), ["G", "I"]);
});

test("what is not here, or not for this person, has no key", () => {
  const ids = (/** @type {any} */ config, /** @type {boolean} */ allowed) =>
    shortcutsOf(config, () => allowed).map((item) => item.id);
  assert.equal(ids({ me: {} }, true).includes("go-wallboard"), false);
  assert.equal(ids({ me: {} }, true).includes("go-robots"), true);
  assert.equal(ids({ me: {} }, false).includes("go-robots"), false);
  const all = ids({ me: { shortcuts: { "go-wallboard": "g b" } }, wallboard_url: "/wallboard" }, true);
  assert.deepEqual(
    all,
    SHORTCUTS.map((item) => item.id),
  );
});
