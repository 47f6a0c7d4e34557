import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, settle } from "../testing/fake-clock.js";
import { MemoryStore } from "../testing/memory-store.js";
import { DeskError } from "./errors.js";
import { Outbox } from "./outbox.js";

/** A desk that keeps one row per client_msg_id, as D1 says, and can be told to fail. */
function open({ storage = new MemoryStore(), clock = new FakeClock() } = {}) {
  /** @type {Map<string, any>} */
  const rows = new Map();
  /** @type {{id: string, text: string}[]} */
  const sends = [];
  /** @type {(DeskError | "lost ack")[]} */
  const faults = [];
  let made = 0;
  const outbox = new Outbox({
    name: "guest",
    storage,
    clock,
    random: () => 0,
    uuid: () => `id-${clock.now()}-${++made}`,
    send: async (item) => {
      sends.push({ id: item.client_msg_id, text: item.body.content });
      const fault = faults.shift();
      if (fault instanceof DeskError) throw fault;
      const row = rows.get(item.client_msg_id) ?? {
        id: `m${rows.size + 1}`,
        seq: rows.size + 1,
        created_at: "now",
      };
      rows.set(item.client_msg_id, row);
      if (fault) throw new DeskError("timeout", "No answer.");
      return row;
    },
  });
  return { outbox, rows, sends, faults, storage, clock };
}

test("a message is sent once and forgotten by storage when acknowledged", async () => {
  const { outbox, sends, storage } = open();
  const item = outbox.add("room", { content: "hello" });
  assert.equal(storage.length, 1);
  await settle();
  assert.equal(item.state, "sent");
  assert.deepEqual(item.ack, { id: "m1", seq: 1, created_at: "now" });
  assert.equal(storage.length, 0);
  outbox.flush();
  await settle();
  assert.equal(sends.length, 1);
  outbox.remove(item.client_msg_id);
  assert.deepEqual(outbox.items, []);
});

test("without an ack it is sent again with the same id after 1, 2, 4 … 30 s", async () => {
  const { outbox, sends, faults, clock } = open();
  for (let at = 0; at < 7; at += 1) faults.push(new DeskError("timeout", "No answer."));
  outbox.add("room", { content: "hello" });
  await settle();
  for (const [at, wait] of [1, 2, 4, 8, 16, 30, 30].entries()) {
    await clock.forward(wait * 1000 - 1);
    assert.equal(sends.length, at + 1);
    await clock.forward(1);
    assert.equal(sends.length, at + 2);
  }
  assert.equal(new Set(sends.map(({ id }) => id)).size, 1);
});

test("a lost ack makes no second row", async () => {
  const { outbox, rows, faults, clock } = open();
  faults.push("lost ack");
  const item = outbox.add("room", { content: "hello" });
  await settle();
  await clock.forward(1000);
  assert.equal(rows.size, 1);
  assert.equal(item.state, "sent");
});

test("what was unsent survives a reload, in order and under its id", async () => {
  const { outbox, faults, storage, clock } = open();
  faults.push(new DeskError("disconnected", "No connection."));
  const first = outbox.add("room", { content: "one" });
  await clock.forward(10);
  const second = outbox.add("room", { content: "two" });
  await settle();
  outbox.close();
  const again = open({ storage, clock });
  assert.deepEqual(
    again.outbox.of("room").map((item) => item.client_msg_id),
    [first.client_msg_id, second.client_msg_id],
  );
  again.outbox.flush();
  await settle();
  assert.deepEqual(
    again.sends.map(({ text }) => text),
    ["one", "two"],
  );
  assert.equal(storage.length, 0);
});

test("messages of one room wait for each other, those of another do not", async () => {
  const { outbox, sends, faults, clock } = open();
  faults.push(new DeskError("timeout", "No answer."));
  outbox.add("a", { content: "a1" });
  outbox.add("a", { content: "a2" });
  outbox.add("b", { content: "b1" });
  await settle();
  assert.deepEqual(
    sends.map(({ text }) => text),
    ["a1", "b1"],
  );
  await clock.forward(1000);
  assert.deepEqual(
    sends.map(({ text }) => text),
    ["a1", "b1", "a1", "a2"],
  );
});

test("a refusal is final: shown as failed, kept over a reload, the next one goes on", async () => {
  const { outbox, sends, faults, storage, clock } = open();
  faults.push(new DeskError("invalid", "The message is empty."));
  const bad = outbox.add("room", { content: "" });
  const good = outbox.add("room", { content: "fine" });
  await clock.forward(60_000);
  assert.equal(bad.state, "failed");
  assert.equal(bad.error?.code, "invalid");
  assert.equal(good.state, "sent");
  assert.equal(sends.length, 2);
  const again = open({ storage, clock });
  assert.equal(again.outbox.items[0].state, "failed");
  again.outbox.retry(bad.client_msg_id);
  await settle();
  assert.equal(again.outbox.items[0].state, "sent");
});

test("after an idempotency conflict a retry is a new message", async () => {
  const { outbox, faults, storage } = open();
  faults.push(new DeskError("idempotency_conflict", "The id was used."));
  const item = outbox.add("room", { content: "other body" });
  await settle();
  const old = item.client_msg_id;
  outbox.retry(old);
  await settle();
  assert.notEqual(item.client_msg_id, old);
  assert.equal(item.state, "sent");
  assert.equal(storage.length, 0);
});

test("a busy desk says how long to wait", async () => {
  const { outbox, sends, faults, clock } = open();
  faults.push(new DeskError("server_busy", "Busy.", { retry_after: 12 }));
  outbox.add("room", { content: "hello" });
  await settle();
  await clock.forward(11_999);
  assert.equal(sends.length, 1);
  await clock.forward(1);
  assert.equal(sends.length, 2);
});

test("a new connection does not wait for the back-off", async () => {
  const { outbox, sends, faults, clock } = open();
  faults.push(new DeskError("disconnected", "No connection."));
  outbox.add("room", { content: "hello" });
  await settle();
  outbox.flush();
  await settle();
  assert.equal(sends.length, 2);
  await clock.forward(60_000);
  assert.equal(sends.length, 2);
});

test("what its room shows has arrived, before, with or without its ack", async () => {
  const { outbox, sends, faults, storage, clock } = open();
  const early = outbox.add("room", { content: "seen before the ack" });
  outbox.settle(early.client_msg_id);
  await settle();
  assert.deepEqual(outbox.items, []);
  const late = outbox.add("room", { content: "seen after the ack" });
  await settle();
  outbox.settle(late.client_msg_id);
  assert.deepEqual(outbox.items, []);
  faults.push("lost ack");
  const lost = outbox.add("room", { content: "seen, never acknowledged" });
  await settle();
  outbox.settle(lost.client_msg_id);
  await clock.forward(60_000);
  assert.deepEqual(outbox.items, []);
  assert.equal(sends.length, 3);
  assert.equal(storage.length, 0);
});

test("a person may give a failed message up", async () => {
  const { outbox, faults, storage } = open();
  faults.push(new DeskError("forbidden", "You may not write here."));
  const item = outbox.add("room", { content: "hello" });
  await settle();
  outbox.remove(item.client_msg_id);
  assert.deepEqual(outbox.items, []);
  assert.equal(storage.length, 0);
});

test("messages move to another lane, and are forgotten together", async () => {
  const { outbox, sends, faults, storage } = open();
  faults.push(new DeskError("disconnected", "No connection."));
  outbox.add("old", { content: "one" });
  await settle();
  outbox.move("old", "new");
  await settle();
  assert.deepEqual(outbox.of("old"), []);
  assert.equal(outbox.of("new")[0].state, "sent");
  assert.equal(sends.length, 2);
  faults.push(new DeskError("disconnected", "No connection."));
  outbox.add("new", { content: "two" });
  await settle();
  outbox.clear();
  assert.deepEqual(outbox.items, []);
  assert.equal(storage.length, 0);
});

test("full storage does not stop a message", async () => {
  const storage = new MemoryStore();
  storage.setItem = () => {
    throw new Error("QuotaExceededError");
  };
  const { outbox } = open({ storage });
  const item = outbox.add("room", { content: "hello" });
  await settle();
  assert.equal(item.state, "sent");
});

test("what is older than a week is not sent behind a person's back", async () => {
  const { outbox, faults, storage, clock } = open();
  faults.push(new DeskError("disconnected", "No connection."));
  outbox.add("room", { content: "old news" });
  await settle();
  outbox.close();
  clock.time += 8 * 24 * 3600 * 1000;
  const again = open({ storage, clock });
  again.outbox.flush();
  await settle();
  assert.equal(again.sends.length, 0);
  assert.equal(again.outbox.items[0].error?.code, "expired");
});

test("broken entries in storage are dropped", () => {
  const storage = new MemoryStore();
  storage.setItem("guest:out:x", "{no json");
  storage.setItem("other", "kept");
  const { outbox } = open({ storage });
  assert.deepEqual(outbox.items, []);
  assert.equal(storage.length, 1);
});
