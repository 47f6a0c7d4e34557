// The keys of the inbox: which press means which command. Pure; main.js carries the commands out.

import { t } from "../shared/i18n.js";

/**
 * @typedef {object} Shortcut
 * @property {string} id command it stands for
 * @property {string} keys as pressed: "r", "Shift+r", "Mod+k", or a sequence "g i"
 * @property {() => string} label what it does
 * @property {"move"|"room"|"write"|"desk"} group heading on the sheet
 * @property {boolean} [everywhere] also inside text fields
 */

/** @type {readonly Shortcut[]} */
export const SHORTCUTS = [
  {
    id: "palette",
    keys: "Mod+k",
    label: () => t("Find a room or a command"),
    group: "desk",
    everywhere: true,
  },
  { id: "search", keys: "/", label: () => t("Search conversations"), group: "desk" },
  { id: "sheet", keys: "?", label: () => t("Show these shortcuts"), group: "desk" },
  { id: "undo", keys: "Mod+z", label: () => t("Undo the last action"), group: "desk" },
  { id: "next", keys: "j", label: () => t("Next conversation"), group: "move" },
  { id: "previous", keys: "k", label: () => t("Previous conversation"), group: "move" },
  { id: "go-inbox", keys: "g i", label: () => t("Go to my conversations"), group: "move" },
  { id: "go-queue", keys: "g q", label: () => t("Go to the queue of my level"), group: "move" },
  { id: "go-approval", keys: "g a", label: () => t("Go to what waits for approval"), group: "move" },
  { id: "go-wallboard", keys: "g w", label: () => t("Go to the wallboard"), group: "move" },
  { id: "go-robots", keys: "g r", label: () => t("Go to robots"), group: "move" },
  { id: "go-knowledge", keys: "g k", label: () => t("Go to knowledge"), group: "move" },
  { id: "reply", keys: "r", label: () => t("Reply"), group: "write" },
  { id: "note", keys: "n", label: () => t("Write an internal note"), group: "write" },
  { id: "whisper", keys: "w", label: () => t("Whisper to a colleague"), group: "write" },
  {
    id: "suggestion",
    keys: "Mod+.",
    label: () => t("Insert the robot's suggestion"),
    group: "write",
    everywhere: true,
  },
  {
    id: "suggestion-edit",
    keys: "Mod+/",
    label: () => t("Edit the robot's suggestion"),
    group: "write",
    everywhere: true,
  },
  {
    id: "suggestion-dismiss",
    keys: "Mod+Shift+x",
    label: () => t("Dismiss the robot's suggestion"),
    group: "write",
    everywhere: true,
  },
  { id: "claim", keys: "i", label: () => t("Take it myself"), group: "room" },
  { id: "assign", keys: "a", label: () => t("Assign to somebody"), group: "room" },
  { id: "escalate", keys: "e", label: () => t("Escalate"), group: "room" },
  { id: "snooze", keys: "s", label: () => t("Snooze"), group: "room" },
  { id: "details", keys: "p", label: () => t("Name and priority"), group: "room" },
  { id: "invite", keys: "c", label: () => t("Bring a colleague in"), group: "room" },
  { id: "observe", keys: "o", label: () => t("Read along, or stop reading along"), group: "room" },
  { id: "resolve", keys: "x", label: () => t("Resolve"), group: "room" },
  { id: "unread", keys: "u", label: () => t("Mark as unread"), group: "room" },
];

const SEQUENCE_MS = 1200;

/**
 * The press as one word: modifiers in a fixed order, then the key. Shift is named for letters only, since for
 * signs such as "?" it is part of how the sign is typed.
 * @param {Pick<KeyboardEvent, "key"|"ctrlKey"|"metaKey"|"altKey"|"shiftKey">} event
 * @returns {string}
 */
export function pressed(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const letter = key.length === 1 && key !== key.toUpperCase();
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("Mod");
  if (event.altKey) parts.push("Alt");
  if (event.shiftKey && (letter || key.length > 1)) parts.push("Shift");
  return [...parts, key].join("+");
}

/**
 * Whether keys belong to what the person is typing into.
 * @param {EventTarget | null} target
 * @returns {boolean}
 */
export function takesText(target) {
  const element = /** @type {Partial<HTMLElement> & {type?: string} | null} */ (target);
  if (!element || typeof element.tagName !== "string") return false;
  if (element.isContentEditable) return true;
  if (element.tagName === "TEXTAREA" || element.tagName === "SELECT") return true;
  return (
    element.tagName === "INPUT" &&
    !["checkbox", "radio", "button", "submit", "range"].includes(element.type ?? "")
  );
}

/**
 * The shortcuts with a person's own keys laid over them; a key given to another command is taken from its first owner.
 * @param {Record<string, string>} own command id to keys
 * @returns {Shortcut[]}
 */
export function remapped(own) {
  const taken = new Set(Object.values(own));
  return SHORTCUTS.flatMap((item) => {
    if (item.id in own) return own[item.id] ? [{ ...item, keys: own[item.id] }] : [];
    return taken.has(item.keys) ? [] : [item];
  });
}

/**
 * The shortcuts of this desk for this person: what is not here, or is not for them, has no key and stands nowhere.
 * @param {object} config
 * @param {{shortcuts?: Record<string, string>}} config.me
 * @param {string | null} [config.wallboard_url]
 * @param {(permission: string) => boolean} may
 * @returns {Shortcut[]}
 */
export function shortcutsOf({ me, wallboard_url }, may) {
  /** @type {Record<string, boolean>} */
  const leads = {
    "go-wallboard": Boolean(wallboard_url),
    "go-robots": may("chat:robot:read"),
    "go-knowledge": may("desk:knowledge:read"),
  };
  return remapped(me.shortcuts ?? {}).filter((item) => leads[item.id] ?? true);
}

/** Turns presses into commands and remembers the first half of a sequence for a moment. */
export class Keyboard {
  /** @param {readonly Shortcut[]} shortcuts */
  constructor(shortcuts) {
    this.byKeys = new Map(shortcuts.map((item) => [item.keys, item]));
    this.openings = new Set(
      shortcuts.filter((item) => item.keys.includes(" ")).map((item) => item.keys.split(" ")[0]),
    );
    this.opening = "";
    this.openedAt = 0;
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} now milliseconds
   * @returns {string | null} the command, when this press completes one
   */
  press(event, now) {
    if (event.isComposing || ["Shift", "Control", "Meta", "Alt"].includes(event.key)) return null;
    const press = pressed(event);
    const typing = takesText(event.target);
    const opening = now - this.openedAt <= SEQUENCE_MS ? this.opening : "";
    this.opening = "";
    const found = (opening && this.byKeys.get(`${opening} ${press}`)) || this.byKeys.get(press);
    if (found) return typing && !found.everywhere ? null : found.id;
    if (!typing && this.openings.has(press)) {
      this.opening = press;
      this.openedAt = now;
    }
    return null;
  }
}

/**
 * Keys as they are printed on the sheet.
 * @param {string} keys
 * @param {boolean} mac
 * @returns {string[]} one entry per key cap
 */
export function keyCaps(keys, mac) {
  /** @type {Record<string, string>} */
  const names = { Mod: mac ? "⌘" : "Ctrl", Alt: mac ? "⌥" : "Alt", Shift: "⇧", Enter: "↵" };
  return keys
    .split(" ")
    .flatMap((press) => press.split("+"))
    .map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part));
}
