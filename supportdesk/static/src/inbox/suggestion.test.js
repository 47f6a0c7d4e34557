import assert from "node:assert/strict";
import { test } from "node:test";
import { suggestionOf } from "./suggestion.js";

/** @param {string} kind @param {Record<string, unknown>} [more] */
const message = (kind, more = {}) => /** @type {any} */ ({ sender: { id: "x", kind, name: "" }, ...more });

/** @param {string} id @param {string | null} [decision] */
const made = (id, decision = null) => ({ kind: "suggestion.made", data: { suggestion: { id, decision } } });

/** @param {string} id @param {string} decision */
const decided = (id, decision) => ({
  kind: "suggestion.decided",
  data: { suggestion_id: id, decision },
});

/** @param {any[]} log messages and events, oldest first @param {ReadonlySet<string>} [gone] */
function shown(log, gone) {
  const entries = log.map((one, at) =>
    one.sender ? { seq: at + 1, at: "", id: `m${at}` } : { seq: at + 1, at: "", event: one },
  );
  const messages = new Map(log.map((one, at) => [`m${at}`, one]));
  return suggestionOf(/** @type {any} */ (entries), messages, gone)?.id ?? null;
}

test("the newest suggestion is shown, beside what robots answer and staff note", () => {
  assert.equal(shown([message("guest"), made("a"), made("b")]), "b");
  assert.equal(shown([message("guest"), made("a"), message("robot"), message("agent", { note: true })]), "a");
  assert.equal(shown([message("guest")]), null);
});

test("a guest or a colleague who writes makes it outdated", () => {
  assert.equal(shown([message("guest"), made("a"), message("guest")]), null);
  assert.equal(shown([message("guest"), made("a"), message("agent")]), null);
});

test("a decision takes it away, here at once and elsewhere with its event or with the page of the log", () => {
  assert.equal(shown([message("guest"), made("a"), decided("a", "dismissed")]), null);
  assert.equal(shown([message("guest"), made("a")], new Set(["a"])), null);
  assert.equal(shown([message("guest"), made("a", "inserted")]), null);
});

test("a dismissal that was taken back leaves the suggestion, until the next one", () => {
  const back = [message("guest"), made("a"), decided("a", "dismissed"), decided("a", "restored")];
  assert.equal(shown(back), "a");
  assert.equal(shown([...back, decided("a", "dismissed")]), null);
});

test("one that was dismissed uncovers the one before it, one that was used none", () => {
  const two = [message("guest"), made("a"), made("b")];
  assert.equal(shown([...two, decided("b", "dismissed")]), "a");
  assert.equal(shown([...two, decided("b", "inserted")]), null);
});
