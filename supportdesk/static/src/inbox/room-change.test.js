import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskError } from "../shared/errors.js";
import { baseOf, changeOf, changeRoom } from "./room-change.js";

const REFUND = { name: "Refund", priority: 3, version: 4 };

/**
 * A desk whose room stands somewhere, and what was said to it.
 * @param {{name: string, priority: number, version: number}} stands
 */
function desk(stands) {
  const room = { ...stands };
  /** @type {any[]} */
  const asked = [];
  /** @type {{text: string, undo?: () => unknown}[]} */
  const notices = [];
  /** @type {string[]} */
  const problems = [];
  /** @type {any} */
  const acts = {
    complain: (/** @type {string} */ sentence) => problems.push(sentence),
    desk: {
      connection: {
        request: async (
          /** @type {string} */ event,
          /** @type {any} */ { room_id: _, version, ...change },
        ) => {
          asked.push({ event, version, ...change });
          if (version !== room.version)
            throw new DeskError("version_conflict", "Somebody else changed this room.");
          Object.assign(room, change, { version: room.version + 1 });
        },
      },
      api: { room: async () => ({ id: "r", ...room }) },
      list: { hint() {} },
      open: null,
      notices: {
        add: (/** @type {string} */ text, /** @type {any} */ more) => notices.push({ text, ...more }),
      },
    },
  };
  return { acts, room, asked, notices, problems };
}

test("only what is different is sent, with the version that was seen", async () => {
  const { acts, asked, notices } = desk(REFUND);
  const change = changeOf(REFUND, { name: "Refund", priority: 1 });
  assert.deepEqual(await changeRoom(acts, "r", REFUND, change), { done: true });
  assert.deepEqual(asked, [{ event: "room.update", version: 4, priority: 1 }]);
  assert.equal(notices[0].text, "Priority changed.");
});

test("a room that only changed hands meanwhile is changed all the same", async () => {
  const { acts, room } = desk({ ...REFUND, version: 9 });
  assert.deepEqual(await changeRoom(acts, "r", REFUND, { name: "Card refund" }), { done: true });
  assert.equal(room.name, "Card refund");
});

test("what somebody else called it is shown before it is overwritten", async () => {
  const { acts, room } = desk({ name: "Billing", priority: 3, version: 5 });
  const { done, fresh } = await changeRoom(acts, "r", REFUND, { name: "Card refund" });
  assert.equal(done, false);
  assert.deepEqual(fresh, { name: "Billing", priority: 3, version: 5 });
  assert.equal(room.name, "Billing");
  assert.ok(fresh);
  assert.deepEqual(await changeRoom(acts, "r", fresh, { name: "Card refund" }), { done: true });
  assert.equal(room.name, "Card refund");
});

test("undo puts back what was there, but not over a later change", async () => {
  const { acts, room, notices } = desk(REFUND);
  await changeRoom(acts, "r", REFUND, { name: "Card refund", priority: 2 });
  await notices[0].undo?.();
  assert.deepEqual([room.name, room.priority], ["Refund", 3]);

  await changeRoom(acts, "r", baseOf(room), { name: "Card refund" });
  const { undo } = notices[notices.length - 1];
  Object.assign(room, { name: "Chargeback", version: room.version + 1 });
  await undo?.();
  assert.equal(room.name, "Chargeback");
  assert.match(notices[notices.length - 1].text, /changed again/);
});

test("a first name cannot be undone: no room is nameless again", async () => {
  const nameless = { name: "", priority: 3, version: 1 };
  const { acts, notices } = desk(nameless);
  await changeRoom(acts, "r", nameless, { name: "Refund" });
  assert.equal(notices[0].undo, undefined);
});

test("a refusal is told, and the form stays", async () => {
  const { acts, problems } = desk(REFUND);
  acts.desk.connection.request = async () => {
    throw new DeskError("forbidden", "You may not do this.");
  };
  assert.deepEqual(await changeRoom(acts, "r", REFUND, { priority: 1 }), { done: false });
  assert.deepEqual(problems, ["You may not do this."]);
});
