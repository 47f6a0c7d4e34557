import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../testing/fake-clock.js";
import { MemoryStore } from "../testing/memory-store.js";
import { GuestSession } from "./session.js";

const HOUR = 3_600_000;

/** A desk that knows the tokens it gave, until told to forget them. */
function open({
  storage = /** @type {MemoryStore | null} */ (new MemoryStore()),
  clock = new FakeClock(),
} = {}) {
  /** @type {Map<string, string>} */
  const guests = new Map();
  /** @type {{auth: string | undefined, body: any}[]} */
  const asked = [];
  /** @type {any} */
  let fault = null;
  let made = 0;
  const session = new GuestSession({
    siteKey: "demo",
    storage,
    clock,
    about: () => ({ locale: "en" }),
    ask: /** @type {any} */ (
      async (/** @type {string} */ _address, /** @type {any} */ { headers, body }) => {
        const auth = headers.Authorization?.slice("Bearer ".length);
        asked.push({ auth, body: JSON.parse(body) });
        if (fault instanceof Error) throw fault;
        if (fault) return { ok: false, status: fault.status, json: async () => ({ error: fault }) };
        if (auth && !guests.has(auth))
          return { ok: false, status: 401, json: async () => ({ error: { code: "expired" } }) };
        made += 1;
        const guest = (auth && guests.get(auth)) || `guest-${made}`;
        guests.set(`token-${made}`, guest);
        const expires_at = new Date(clock.now() + HOUR).toISOString();
        return {
          ok: true,
          status: 201,
          json: async () => ({ token: `token-${made}`, guest_id: guest, expires_at }),
        };
      }
    ),
  });
  const fail = (/** @type {any} */ how) => {
    fault = how;
  };
  return { session, asked, guests, fail, storage, clock };
}

test("the first token is asked for once and kept for later visits", async () => {
  const { session, asked, storage, clock } = open();
  assert.equal(await session.token("connect"), "token-1");
  assert.equal(await session.token("connect"), "token-1");
  assert.deepEqual(asked, [{ auth: undefined, body: { site_key: "demo", locale: "en" } }]);
  const later = open({ storage, clock });
  assert.equal(await later.session.token("connect"), "token-1");
  assert.equal(later.session.guestId, "guest-1");
});

test("it is renewed before it expires, for the same guest", async () => {
  const { session, asked, clock } = open();
  await session.token("connect");
  await clock.forward(0.8 * HOUR);
  assert.deepEqual(asked[1], { auth: "token-1", body: { site_key: "demo", locale: "en" } });
  assert.equal(session.current?.token, "token-2");
  assert.equal(session.guestId, "guest-1");
});

test("a renewal that fails is tried again", async () => {
  const { session, fail, clock } = open();
  await session.token("connect");
  fail(new Error("network"));
  await clock.forward(0.8 * HOUR);
  assert.equal(session.current?.token, "token-1");
  fail(null);
  await clock.forward(0.2 * HOUR);
  assert.equal(session.current?.token, "token-2");
});

test("one that is about to expire is not used to connect", async () => {
  const { session, clock } = open();
  await session.token("connect");
  session.clock.clearTimeout(session.timer);
  clock.time += HOUR - 30_000;
  assert.equal(await session.token("connect"), "token-2");
});

test("a refused token makes a new guest when the desk knows the old one no more", async () => {
  const { session, guests, asked } = open();
  let moved = 0;
  session.onNewGuest = () => {
    moved += 1;
  };
  await session.token("connect");
  guests.clear();
  assert.equal(await session.token("refused"), "token-2");
  assert.deepEqual(
    asked.map(({ auth }) => auth),
    [undefined, "token-1", undefined],
  );
  assert.equal(session.guestId, "guest-2");
  assert.equal(moved, 1);
});

test("what another tab renewed is taken over", async () => {
  const storage = new MemoryStore();
  const clock = new FakeClock();
  const one = open({ storage, clock });
  await one.session.token("connect");
  const stale = one.session.current;
  await one.session.renew(stale);
  const two = open({ storage, clock });
  assert.equal((await two.session.renew(stale)).token, "token-2");
  assert.equal(two.asked.length, 0);
});

test("an identity keeps the guest", async () => {
  const { session, asked } = open();
  await session.token("connect");
  const identity = { user_id: "u1", hash: "abc" };
  await session.identify(identity);
  assert.deepEqual(asked[1], { auth: "token-1", body: { site_key: "demo", locale: "en", identity } });
  assert.equal(session.guestId, "guest-1");
});

test("trouble on the way is passing, a refusal is final", async () => {
  const { session, fail } = open();
  fail(new Error("network"));
  await assert.rejects(session.token("connect"), { code: "disconnected", passing: true });
  fail({ status: 502 });
  await assert.rejects(session.token("connect"), { code: "server_busy", passing: true });
  fail({ status: 429, code: "rate_limited", message: "Slower.", details: { retry_after: 7 } });
  await assert.rejects(session.token("connect"), { code: "rate_limited", retryAfter: 7000 });
  fail({ status: 403, code: "forbidden", message: "This site is not known." });
  await assert.rejects(session.token("connect"), { code: "forbidden", passing: false });
});

test("without storage the guest lasts as long as the page; forgotten is forgotten", async () => {
  const { session } = open({ storage: null });
  await session.token("connect");
  assert.equal(session.guestId, "guest-1");
  session.forget();
  assert.equal(session.guestId, null);
});
