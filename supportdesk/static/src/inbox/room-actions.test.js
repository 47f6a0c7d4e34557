import assert from "node:assert/strict";
import { test } from "node:test";
import { actionsFor, allows, levelsAbove, levelsBelow } from "./room-actions.js";

/** @returns {any} */
const room = (more = {}) => ({ id: "r", status: "waiting", level: "T1", owner: { kind: "queue" }, ...more });
const everything = () => true;
const mine = { kind: "human", id: "me", name: "Me" };
const theirs = { kind: "human", id: "other", name: "Other" };

/** @param {string[]} grants */
const grantedTo = (grants) => (/** @type {string} */ permission) => allows(grants, permission);

test("a star stands for one segment, and nothing else does", () => {
  assert.equal(allows(["chat:*:*"], "chat:room:close"), true);
  assert.equal(allows(["chat:room:*"], "chat:message:send"), false);
  assert.equal(allows(["chat:room"], "chat:room:close"), false);
  assert.equal(allows([], "chat:room:close"), false);
});

test("the header never holds more than three actions and none twice", () => {
  for (const owner of [{ kind: "queue" }, { kind: "robot", id: "b" }, mine, theirs]) {
    for (const status of ["waiting", "active", "snoozed", "closed", "archived"]) {
      for (const level of ["T1", "T2", "T3", "manager"]) {
        const { header, more } = actionsFor(room({ owner, status, level }), {
          me: "me",
          may: everything,
          streaming: true,
        });
        assert.ok(header.length <= 3, `${owner.kind} ${status} ${level}: ${header}`);
        assert.equal(new Set([...header, ...more]).size, header.length + more.length);
      }
    }
  }
});

test("a waiting room is claimed, a robot's is taken over, a person's is assigned", () => {
  const facts = { me: "me", may: everything };
  assert.ok(actionsFor(room(), facts).header.includes("claim"));
  assert.ok(actionsFor(room({ owner: { kind: "robot", id: "b" } }), facts).header.includes("takeover"));
  assert.ok(actionsFor(room({ owner: theirs }), facts).header.includes("assign"));
  assert.ok(actionsFor(room({ owner: theirs }), facts).more.includes("takeover"));
});

test("without the right to take over, a robot's room can still be claimed", () => {
  const may = grantedTo(["chat:room:claim", "chat:room:close"]);
  assert.deepEqual(actionsFor(room({ owner: { kind: "robot", id: "b" } }), { me: "me", may }).header, [
    "claim",
    "resolve",
  ]);
});

test("only what a role may do is offered", () => {
  const may = grantedTo(["chat:room:read"]);
  const { header, more, barred } = actionsFor(room(), { me: "me", may });
  assert.deepEqual([header, more], [[], ["details", "invite", "unread", "copy-link"]]);
  assert.deepEqual(barred, { details: "permission", invite: "permission", unblock: "permission" });
});

test("a resolved room can be reopened, an archived one only linked to", () => {
  const facts = { me: "me", may: everything };
  assert.deepEqual(actionsFor(room({ status: "closed" }), facts).header, ["reopen"]);
  assert.deepEqual(actionsFor(room({ status: "archived" }), facts), {
    header: [],
    more: ["copy-link"],
    barred: {},
  });
});

test("a staff room offers nothing that concerns a guest", () => {
  const { more } = actionsFor(room({ owner: mine }), { me: "me", may: everything, hasGuest: false });
  assert.equal(more.includes("block") || more.includes("spam"), false);
});

test("the next level is offered, others only where an edge leads there", () => {
  assert.deepEqual(levelsAbove(room(), everything), ["T2"]);
  const edges = [
    { from_level: "T1", to_level: "T2" },
    { from_level: "T1", to_level: "manager" },
  ];
  assert.deepEqual(levelsAbove(room(), everything, edges), ["T2", "manager"]);
  assert.deepEqual(levelsAbove(room({ level: "manager" }), everything, edges), []);
  assert.deepEqual(levelsAbove(room(), grantedTo(["chat:escalation:to_t3"])), []);
});

test("lowering goes a level down, or where an edge leads, for those who may", () => {
  assert.deepEqual(levelsBelow(room({ level: "T3" }), everything), ["T2"]);
  assert.deepEqual(levelsBelow(room({ level: "T3" }), everything, [{ from_level: "T3", to_level: "T1" }]), [
    "T1",
  ]);
  assert.deepEqual(levelsBelow(room({ level: "T3" }), grantedTo([])), []);
});

test("one's own room can be passed on without the right to assign others'", () => {
  const may = grantedTo(["chat:room:claim"]);
  assert.deepEqual(actionsFor(room({ owner: mine }), { me: "me", may }).header, ["assign"]);
  assert.deepEqual(actionsFor(room({ owner: theirs }), { me: "me", may }).header, []);
});

test("a blocked guest is unblocked instead of blocked, by those who may", () => {
  for (const status of ["active", "closed"]) {
    const all = actionsFor(room({ status }), { me: "me", may: everything, blocked: true });
    assert.ok(all.more.includes("unblock") && !all.more.includes("block"), status);
    assert.equal(all.barred.unblock, undefined);
  }
  const agent = actionsFor(room(), { me: "me", may: grantedTo(["chat:room:read"]), blocked: true });
  assert.ok(agent.more.includes("unblock"));
  assert.equal(agent.barred.unblock, "permission");
});

test("one reads along until one takes part, and leaves unless one has the room", () => {
  const offered = (/** @type {string | null} */ role, /** @type {any} */ owner = theirs) => {
    const { more, barred } = actionsFor(room({ owner }), { me: "me", may: everything, role });
    const ways = more.filter((id) => ["observe", "unobserve", "leave"].includes(id));
    return [ways, barred.leave];
  };
  assert.deepEqual(offered(null), [["observe"], undefined]);
  assert.deepEqual(offered("observer"), [["unobserve"], undefined]);
  assert.deepEqual(offered("member"), [["leave"], undefined]);
  assert.deepEqual(offered("member", mine), [["leave"], "owner"]);
  const agent = actionsFor(room(), { me: "me", may: grantedTo(["chat:room:read"]) });
  assert.equal(agent.more.includes("observe"), false);
});
