// Text that was written and not sent, per room and per kind of message, kept for the life of the tab.

/**
 * @typedef {"reply" | "note" | "whisper"} Mode
 * @typedef {{mode: Mode, reply: string, note: string, whisper: string, whisperTo: string}} Unsent
 */

/** Each kind has its own text: switching tabs must never turn a note into a reply. */
const NOTHING = { mode: /** @type {Mode} */ ("reply"), reply: "", note: "", whisper: "", whisperTo: "" };

/** @param {string} roomId */
const keyOf = (roomId) => `supportdesk:unsent:${roomId}`;

/**
 * @param {string} roomId
 * @param {Pick<Storage, "getItem"> | null} [storage]
 * @returns {Unsent}
 */
export function unsentOf(roomId, storage = sessionStore()) {
  try {
    return { ...NOTHING, ...JSON.parse(storage?.getItem(keyOf(roomId)) ?? "{}") };
  } catch {
    return { ...NOTHING };
  }
}

/**
 * @param {string} roomId
 * @param {Unsent} unsent
 * @param {Pick<Storage, "setItem" | "removeItem"> | null} [storage]
 */
export function keepUnsent(roomId, unsent, storage = sessionStore()) {
  const empty = !unsent.reply && !unsent.note && !unsent.whisper && unsent.mode === "reply";
  try {
    if (empty) storage?.removeItem(keyOf(roomId));
    else storage?.setItem(keyOf(roomId), JSON.stringify(unsent));
  } catch {
    // Storage is full or forbidden: the text still stands in the composer.
  }
}

/** sessionStorage where the browser grants it, else null. */
export function sessionStore() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
