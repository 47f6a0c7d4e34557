import assert from "node:assert/strict";
import { test } from "node:test";
import { waitText, whoAnswers } from "./promises.js";

/** @param {any} conversation @param {any} site @param {string} state */
const app = (conversation, site = {}, state = "connected") =>
  /** @type {any} */ ({ conversation: { written: true, ...conversation }, site, connection: { state } });
const waits = (/** @type {number | null} */ wait, position = 3) =>
  app({ room: { status: "waiting", owner: { kind: "queue" } }, queue: { position, wait } });

test("while nobody is on duty nothing is promised, in the header or in the bar", () => {
  const away = waits(null);
  assert.equal(whoAnswers(away), "We answer when we are back");
  assert.equal(waitText(away), "We have your message and answer when we are back.");
  const early = app(
    { room: { status: "waiting", owner: { kind: "queue" } }, queue: null },
    { online: false },
  );
  assert.equal(whoAnswers(early), "We answer when we are back");
  assert.equal(waitText(early), "We have your message and answer when we are back.");
  early.conversation.written = false;
  assert.equal(waitText(early), "We answer when we are back");
});

test("what the desk says now counts more than what the page was told", () => {
  const back = waits(120);
  back.site.online = false;
  assert.equal(whoAnswers(back), "A person will answer soon");
  assert.equal(waitText(back), "2 people are before you · about 2 minutes");
});

test("the place is told in words", () => {
  assert.equal(waitText(waits(40, 1)), "You are next in line · less than a minute");
  assert.equal(waitText(waits(90, 2)), "1 person is before you · about 2 minutes");
  assert.equal(waitText(app({ queue: null })), "You are in line for a person. You can go on writing.");
});

test("who answers is said of the room, else of the site", () => {
  const of = (/** @type {any} */ room, /** @type {any} */ site = {}) =>
    whoAnswers(app({ room, queue: null }, site));
  assert.equal(of(null, { robots: true }), "Our robot answers at once");
  assert.equal(of(null, { robots: false }), "A person will answer soon");
  assert.equal(of({ status: "active", owner: { kind: "human", name: "Milo" } }), "Milo is answering");
  assert.equal(of({ status: "closed", owner: { kind: "human" } }), "This conversation has ended");
});

test("who may not write here is promised nobody", () => {
  const blocked = app({ room: null, queue: null }, { robots: true }, "refused");
  assert.equal(whoAnswers(blocked), "This chat is closed to you");
});
