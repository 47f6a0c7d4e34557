// Every command of the inbox by its name: what the keys and the palette carry out.

import { actionsFor } from "./room-actions.js";
import { remapped } from "./shortcuts.js";

/**
 * @typedef {import("./desk.js").Desk} Desk
 * @typedef {import("./desk-acts.js").DeskActs} DeskActs
 * @typedef {import("./palette.js").Choice} Choice
 */

/** @type {Record<string, string>} */
const ICONS = {
  reply: "reply",
  note: "lock",
  whisper: "lock",
  claim: "user-check",
  assign: "user-plus",
  escalate: "arrow-up",
  snooze: "alarm-clock",
  resolve: "check",
  unread: "mail",
  sheet: "keyboard",
  search: "search",
  undo: "undo-2",
};

/** @param {string} address */
function leave(address) {
  location.assign(address);
}

/** @param {Desk} desk @param {1 | -1} step */
function move(desk, step) {
  const line = desk.list.neighbour(desk.open?.id ?? null, step);
  if (line) desk.select(line.id);
  else if (step === 1) void desk.list.more();
}

/**
 * @param {Desk} desk
 * @param {DeskActs} acts
 * @param {string} id
 * @returns {boolean} whether the command applied here
 */
export function runCommand(desk, acts, id) {
  const room = desk.open?.room ?? null;
  /** @type {Record<string, () => unknown>} */
  const always = {
    palette: () => desk.ask({ kind: "palette" }),
    sheet: () => desk.ask({ kind: "sheet" }),
    search: () => document.getElementById("list-search")?.focus(),
    undo: () => desk.notices.undo(),
    next: () => move(desk, 1),
    previous: () => move(desk, -1),
    "go-inbox": () => desk.filter({ queue: "mine", status: "", q: "" }),
    "go-queue": () => desk.filter({ queue: desk.me.level ?? "T1", status: "", q: "" }),
    "go-wallboard": () => desk.config.wallboard_url && leave(desk.config.wallboard_url),
    "go-robots": () => leave("/admin/robots"),
    "go-knowledge": () => leave("/admin/knowledge"),
  };
  if (id in always) {
    always[id]();
    return true;
  }
  if (!room) return false;
  if (id === "reply" || id === "note" || id === "whisper") {
    desk.compose({ mode: id });
    return true;
  }
  const offered = actionsFor(room, {
    me: desk.me.id,
    may: desk.may,
    hasGuest: Boolean(room.guest),
    edges: desk.config.escalation_edges,
  });
  const all = [...offered.header, ...offered.more];
  // "I" takes the room, by whichever way this role has.
  const wanted = id === "claim" && !all.includes("claim") ? "takeover" : id;
  const action = all.find((one) => one === wanted);
  if (action) acts.run(action, room);
  return action !== undefined;
}

/**
 * The commands that apply now, for the palette.
 * @param {Desk} desk
 * @param {DeskActs} acts
 * @returns {Choice[]}
 */
export function commandsFor(desk, acts) {
  const room = desk.open?.room ?? null;
  const offered = room
    ? actionsFor(room, { me: desk.me.id, may: desk.may, hasGuest: Boolean(room.guest) })
    : null;
  const applying = new Set(offered ? [...offered.header, ...offered.more, "reply", "note", "whisper"] : []);
  const order = ["room", "write", "move", "desk"];
  return remapped(desk.me.shortcuts ?? {})
    .sort((a, b) => order.indexOf(a.group) - order.indexOf(b.group))
    .filter(
      (item) => item.id !== "palette" && (!["room", "write"].includes(item.group) || applying.has(item.id)),
    )
    .filter((item) => item.id !== "go-wallboard" || desk.config.wallboard_url)
    .map((item) => ({
      id: item.id,
      label: item.label(),
      icon: ICONS[item.id] ?? "chevron-right",
      keys: item.keys,
      run: () => runCommand(desk, acts, item.id),
    }));
}
