// Every command of the inbox by its name: what the keys and the palette carry out.

import { actionWords, whyBarred } from "./action-words.js";
import { offersOf, take } from "./offers.js";
import { APPROVALS } from "./place.js";
import { suggestionOf } from "./suggestion.js";

/**
 * @typedef {import("./desk.js").Desk} Desk
 * @typedef {import("./desk-acts.js").DeskActs} DeskActs
 * @typedef {import("./palette.js").Choice} Choice
 * @typedef {import("./room-actions.js").ActionId} ActionId
 */

/** @type {Record<string, string>} */
const ICONS = {
  reply: "reply",
  note: "lock",
  whisper: "lock",
  sheet: "keyboard",
  search: "search",
  undo: "undo-2",
  suggestion: "bot",
  "suggestion-edit": "pencil",
  "suggestion-dismiss": "x",
};

/** What a command does with a robot's suggestion. @type {Record<string, import("./suggestion-bar.js").Decision>} */
const DECISIONS = { suggestion: "inserted", "suggestion-edit": "edited", "suggestion-dismiss": "dismissed" };

/** @param {string} address */
function leave(address) {
  location.assign(address);
}

/** To the card that waits in the open conversation; where none does, to the conversations in which one does. @param {Desk} desk */
function goToApproval(desk) {
  const card = /** @type {HTMLElement | null} */ (document.querySelector(".appr.pending"));
  if (card) card.focus();
  else if (desk.may("chat:tool:decide")) desk.filter({ queue: APPROVALS, status: "", q: "" });
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
    "go-approval": () => goToApproval(desk),
    "go-wallboard": () => desk.config.wallboard_url && leave(desk.config.wallboard_url),
    "go-robots": () => leave("/admin/robots"),
    "go-knowledge": () => leave("/admin/knowledge"),
  };
  if (id in always) {
    always[id]();
    return true;
  }
  const offers = offersOf(desk);
  if (!offers) return false;
  if (id === "reply" || id === "note" || id === "whisper") {
    desk.compose({ mode: id });
    return true;
  }
  if (Object.hasOwn(DECISIONS, id)) {
    desk.compose({ suggestion: DECISIONS[id] });
    return true;
  }
  const action = meant(id, [...offers.header, ...offers.more]);
  if (action) take(desk, acts, action);
  return action !== null;
}

/**
 * What a key stands for here: "I" takes the room by whichever way this role has, "O" is there and back.
 * @param {string} id
 * @param {ActionId[]} offered
 * @returns {ActionId | null}
 */
function meant(id, offered) {
  /** @type {Record<string, string>} */
  const instead = { claim: "takeover", observe: "unobserve" };
  return offered.find((one) => one === id) ?? offered.find((one) => one === instead[id]) ?? null;
}

/** @param {Desk} desk */
function isSuggested({ open }) {
  return open !== null && suggestionOf(open.stream.entries, open.stream.messages) !== null;
}

/**
 * The commands that apply now, for the palette.
 * @param {Desk} desk
 * @param {DeskActs} acts
 * @returns {Choice[]}
 */
export function commandsFor(desk, acts) {
  const offers = offersOf(desk);
  const offered = offers ? [...offers.header, ...offers.more] : [];
  const order = ["room", "write", "move", "desk"];
  /** @type {Set<string>} */
  const keyed = new Set();
  /** @type {Choice[]} */
  const withKeys = desk.shortcuts
    .toSorted((a, b) => order.indexOf(a.group) - order.indexOf(b.group))
    .flatMap(
      /** @returns {Choice[]} */ (item) => {
        const action = item.group === "room" ? meant(item.id, offered) : null;
        if (action) {
          keyed.add(action);
          return [{ ...choice(desk, acts, action), keys: item.keys }];
        }
        if (Object.hasOwn(DECISIONS, item.id) && !isSuggested(desk)) return [];
        if (item.id === "palette" || item.group === "room" || (item.group === "write" && !offers)) return [];
        const sign = ICONS[item.id] ?? "chevron-right";
        const run = () => runCommand(desk, acts, item.id);
        return [{ id: item.id, label: item.label(), icon: sign, keys: item.keys, run }];
      },
    );
  const without = offered.filter((id) => !keyed.has(id)).map((id) => choice(desk, acts, id));
  const first = withKeys.findIndex(({ id }) => !keyed.has(id));
  return withKeys.toSpliced(first < 0 ? withKeys.length : first, 0, ...without);
}

/** @param {Desk} desk @param {DeskActs} acts @param {ActionId} id @returns {Choice} */
function choice(desk, acts, id) {
  const { label, icon } = actionWords()[id];
  const bar = offersOf(desk)?.barred[id];
  return { id, label, icon, hint: bar ? whyBarred(id, bar) : "", run: () => take(desk, acts, id) };
}
