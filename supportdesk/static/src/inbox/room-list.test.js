import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../testing/fake-clock.js";
import { afterWords, RoomList, waiting } from "./room-list.js";

/** @param {string} id @returns {any} */
function line(id, more = {}) {
  return { id, name: `Room ${id}`, status: "waiting", unread: 0, owner: { kind: "queue" }, ...more };
}

/** @param {any[]} all what the server holds */
function listOver(all) {
  /** @type {any[]} */
  const asked = [];
  const server = { all };
  const clock = new FakeClock();
  const list = new RoomList({
    clock,
    onChange() {},
    async fetchPage(want) {
      asked.push(want);
      const from = want.cursor ? Number(want.cursor) : 0;
      const to = from + want.limit;
      const items = server.all.slice(from, to).map((item) => ({ ...item }));
      return {
        items,
        next_cursor: to < server.all.length ? String(to) : null,
        counts: { mine: server.all.length },
      };
    },
  });
  return { list, asked, server, clock };
}

const rooms = (/** @type {number} */ count) => Array.from({ length: count }, (_, at) => line(String(at)));

test("a query is shown from its first page, with counts", async () => {
  const { list } = listOver(rooms(3));
  await list.show({ queue: "T1" });
  assert.equal(list.state, "ready");
  assert.equal(list.items.length, 3);
  assert.equal(list.counts.mine, 3);
  assert.equal(list.cursor, null);
});

test("pages are appended without doubles, even when rooms moved meanwhile", async () => {
  const { list, server } = listOver(rooms(120));
  await list.show({});
  server.all = [line("new"), ...server.all];
  await list.more();
  const ids = list.items.map((item) => item.id);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(list.items.length, 99);
});

test("a burst of hints is one reading, and a steady stream one each second", async () => {
  const { list, asked, clock } = listOver(rooms(3));
  await list.show({});
  for (let at = 0; at < 5; at += 1) list.hint();
  await clock.forward(250);
  assert.equal(asked.length, 2);
  for (let at = 0; at < 20; at += 1) {
    list.hint();
    await clock.forward(100);
  }
  assert.ok(asked.length >= 3 && asked.length <= 5, `${asked.length} readings`);
});

test("lines that did not change keep their identity", async () => {
  const { list, server } = listOver(rooms(3));
  await list.show({});
  const [first, second] = list.items;
  server.all[1] = line("1", { unread: 2 });
  await list.refresh();
  assert.equal(list.items[0], first);
  assert.notEqual(list.items[1], second);
});

test("the answer to an earlier query is dropped", async () => {
  /** @type {((page: any) => void)[]} */
  const answers = [];
  const list = new RoomList({ onChange() {}, fetchPage: () => new Promise((done) => answers.push(done)) });
  const slow = list.show({ queue: "T1" });
  const quick = list.show({ queue: "T2" });
  answers[1]({ items: [line("t2")], next_cursor: null });
  answers[0]({ items: [line("t1")], next_cursor: null });
  await Promise.all([slow, quick]);
  assert.deepEqual(
    list.items.map((item) => item.id),
    ["t2"],
  );
});

test("a search looks into all queues", async () => {
  const { list, asked } = listOver(rooms(1));
  await list.show({ queue: "T1", q: "refund" });
  await list.show({ q: "" });
  assert.deepEqual(
    asked.map((want) => want.queue),
    ["all", "T1"],
  );
});

test("a failed reading keeps what is shown; a failed first one says so", async () => {
  let works = true;
  const list = new RoomList({
    onChange() {},
    async fetchPage() {
      if (!works) throw new Error("offline");
      return { items: [line("a")], next_cursor: null };
    },
  });
  await list.show({});
  works = false;
  await list.refresh();
  assert.equal(list.state, "ready");
  assert.equal(list.items.length, 1);
  await list.show({ queue: "T2" });
  assert.equal(list.state, "failed");
});

test("rooms beyond the largest page stay when the first page is read anew", async () => {
  const { list, server } = listOver(rooms(400));
  await list.show({});
  while (list.items.length < 300) await list.more();
  server.all = server.all.filter((item) => item.id !== "3");
  await list.refresh();
  assert.equal(list.find("3"), null);
  assert.ok(list.find("280"));
});

test("rows stay in their places under a moving pointer, and take the desk's order when it rests", async () => {
  const { list, server, clock } = listOver(rooms(4));
  const ids = () => list.items.map((item) => item.id).join(" ");
  await list.show({ queue: "T1" });
  server.all = [line("urgent"), line("2", { unread: 1 }), line("0"), line("3")];
  list.steady();
  list.hint();
  await clock.forward(250);
  assert.equal(ids(), "0 1 2 3");
  assert.equal(list.find("2")?.unread, 1);
  await clock.forward(1000);
  list.steady();
  await clock.forward(1000);
  assert.equal(ids(), "0 1 2 3");
  await clock.forward(2500);
  assert.equal(ids(), "urgent 2 0 3");
});

test("rows move at once when the pointer has left them, and when another list is asked for", async () => {
  const { list, server, clock } = listOver(rooms(3));
  const ids = () => list.items.map((item) => item.id).join(" ");
  await list.show({ queue: "T1" });
  server.all = [line("2"), line("1"), line("0")];
  list.steady();
  await list.refresh();
  assert.equal(ids(), "0 1 2");
  list.unsteady();
  await clock.forward(250);
  assert.equal(ids(), "2 1 0");
  list.steady();
  server.all = rooms(2);
  await list.show({ queue: "T2" });
  assert.equal(ids(), "0 1");
});

test("J and K walk the list and stop at its ends", async () => {
  const { list } = listOver(rooms(3));
  await list.show({});
  assert.equal(list.neighbour(null, 1)?.id, "0");
  assert.equal(list.neighbour(null, -1)?.id, "2");
  assert.equal(list.neighbour("1", 1)?.id, "2");
  assert.equal(list.neighbour("2", 1), null);
  assert.equal(list.neighbour("0", -1), null);
});

test("a wait grows more pressing with time", () => {
  const since = "2026-11-22T10:00:00Z";
  const at = (/** @type {number} */ minutes) => waiting(since, Date.parse(since) + minutes * 60_000)?.tone;
  assert.equal(waiting(null, 0), null);
  assert.deepEqual([at(1), at(5), at(15)], ["", "warn", "danger"]);
});

test("who waits keeps their own last words in the list, whoever speaks after them", () => {
  const by = (/** @type {"guest" | "robot"} */ voice) => ({
    preview: voice,
    preview_by: { voice, mine: false, note: false },
    last_message_at: "2026-11-22T10:00:00Z",
  });
  assert.deepEqual(afterWords(line("a"), by("robot")), { last_message_at: "2026-11-22T10:00:00Z" });
  assert.equal(afterWords(line("a"), by("guest")).preview, "guest");
  assert.equal(afterWords(line("a", { status: "active" }), by("robot")).preview, "robot");
});
