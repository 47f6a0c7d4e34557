import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../testing/fake-clock.js";
import { MemoryStore } from "../testing/memory-store.js";
import { accents, contrast } from "./appearance.js";
import { bare } from "./bare.js";
import { admits, attributes, dispatch, identity, limiter, pageInfo } from "./embed.js";
import { Memory } from "./memory.js";
import { Watermarks } from "./watermarks.js";

test("every accent becomes readable in both schemes", () => {
  for (const hex of [
    "#3b4fd8",
    "#ffe600",
    "#00ff88",
    "#111111",
    "#ffffff",
    "#ff5a5f",
    "#808080",
    "#0000ff",
  ]) {
    const found = accents(hex);
    assert.ok(found);
    for (const [scheme, surface] of /** @type {const} */ ([
      ["light", "#ffffff"],
      ["dark", "#161a22"],
    ])) {
      const { accent, on, soft } = found[scheme];
      for (const ground of [surface, on, soft]) {
        assert.ok(contrast(accent, ground) >= 4.5, `${hex} ${scheme}: ${accent} on ${ground}`);
      }
    }
  }
});

test("what is no colour changes nothing", () => {
  for (const value of ["red", "#fff", "#12345g", "url(x)", 3, null, undefined])
    assert.equal(accents(value), null);
});

test("only the site's own pages may embed the chat", () => {
  const allowed = ["https://shop.example", "https://*.acme.example"];
  for (const origin of ["https://shop.example", "https://a.acme.example", "https://b.a.acme.example"]) {
    assert.equal(admits(origin, allowed), true, origin);
  }
  const strangers = [
    "https://shop.example.evil.org",
    "http://shop.example",
    "https://acme.example",
    "https://evilacme.example",
    "https://shop.example:444",
    "null",
  ];
  for (const origin of strangers) assert.equal(admits(origin, allowed), false, origin);
  assert.equal(admits("null", undefined), false);
  assert.equal(admits("https://any.example", undefined), true);
});

test("calls of the page are taken only in their shape", () => {
  /** @type {any[]} */
  const heard = [];
  const calls = /** @type {any} */ (
    new Proxy(
      {},
      {
        get:
          (_, name) =>
          (/** @type {any[]} */ ...args) =>
            heard.push([name, ...args]),
      },
    )
  );
  const nonsense = [
    null,
    "open",
    {},
    [],
    ["constructor"],
    ["__proto__"],
    ["setTheme", "url(x)"],
    ["setLocale", "../../x"],
    ["setLocale", "x".repeat(40)],
    ["compose", { toString: () => "x" }],
    ["compose", "x".repeat(16_001)],
    ["identify", { user_id: "u" }],
    ["identify", null, "hash"],
    ["track", ""],
    ["track", {}],
  ];
  for (const data of nonsense) dispatch(calls, data);
  assert.deepEqual(heard, []);
  dispatch(calls, ["setTheme", "dark"]);
  dispatch(calls, ["setLocale", "pt-BR"]);
  dispatch(calls, ["identify", { user_id: 7, name: "A", email: "a@b.c", role: "admin" }, "hash"]);
  dispatch(calls, ["shown", 1, true, { url: "javascript:alert(1)", title: "T" }]);
  assert.deepEqual(heard, [
    ["setTheme", "dark"],
    ["setLocale", "pt-BR"],
    ["identify", { user_id: "7", hash: "hash", name: "A", email: "a@b.c" }],
    ["shown", false, true, { title: "T" }],
  ]);
});

test("attributes, pages and identities are cut to what is sensible", () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`k${at}`, at]));
  assert.equal(Object.keys(attributes(many)).length, 20);
  assert.deepEqual(attributes({ plan: "pro", n: 3, yes: true, deep: {}, fn: null, ["x".repeat(65)]: 1 }), {
    plan: "pro",
    n: "3",
    yes: "true",
  });
  assert.deepEqual(attributes([1]), {});
  assert.deepEqual(pageInfo({ url: "https://a.example/x", title: "", more: 1 }), {
    url: "https://a.example/x",
  });
  assert.deepEqual(pageInfo(null), {});
  assert.deepEqual(identity("u1", "h"), { user_id: "u1", hash: "h" });
});

test("a flood of calls is cut, and passes", () => {
  let now = 0;
  const allowed = limiter(() => now);
  assert.equal(Array.from({ length: 500 }, allowed).filter(Boolean).length, 100);
  now += 1000;
  assert.equal(Array.from({ length: 500 }, allowed).filter(Boolean).length, 20);
});

test("watermarks are told seldom, only forwards, and again after a failure", async () => {
  const clock = new FakeClock();
  /** @type {any[]} */
  const told = [];
  let works = true;
  const marks = new Watermarks(async (what) => {
    told.push(what);
    return works;
  }, clock);
  for (let seq = 1; seq <= 50; seq += 1) marks.delivered(seq);
  marks.read(40);
  await clock.forward(400);
  assert.deepEqual(told, [{ delivered_seq: 50, read_seq: 40 }]);
  marks.delivered(49);
  marks.read(40);
  await clock.forward(10_000);
  assert.equal(told.length, 1);
  works = false;
  marks.read(51);
  await clock.forward(400);
  works = true;
  await clock.forward(5000);
  assert.deepEqual(told.slice(1), [
    { delivered_seq: 51, read_seq: 51 },
    { delivered_seq: 51, read_seq: 51 },
  ]);
  await clock.forward(60_000);
  assert.equal(told.length, 3);
});

test("a frame without storage remembers while it lives", () => {
  const full = new MemoryStore();
  full.setItem = () => {
    throw new Error("QuotaExceededError");
  };
  for (const storage of [null, full, new MemoryStore()]) {
    const memory = new Memory("demo", storage);
    memory.set("room", "r1");
    assert.equal(memory.get("room"), "r1");
    memory.set("room", null);
    assert.equal(memory.get("room"), null);
  }
});

test("quotes and drafts lose the marks of Markdown, not the words", () => {
  assert.equal(bare("## Open **Account** and *choose* `Return`"), "Open Account and choose Return");
  assert.equal(bare("See [the page](https://a.example/x), 2 * 3 * 4"), "See the page, 2 * 3 * 4");
  assert.equal(bare("unfinished **bo"), "unfinished bo");
});
