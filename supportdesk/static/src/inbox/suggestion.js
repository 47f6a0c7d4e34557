// What a robot for the staff suggests to say now: found in the log of the room, put into the box.

/**
 * @typedef {import("../shared/protocol.js").Message} Message
 * @typedef {import("../shared/stream.js").Entry} Entry
 * @typedef {{id: string, robot: {id: string, name: string}, message_id: string, content: string, content_html: string,
 *   citations?: import("../shared/protocol.js").Citation[], decision: string | null}} Suggestion
 */

/**
 * The newest suggestion that nobody has decided about, unless a guest or a colleague has written since. Once one of
 * them was inserted the others are of no more use; one that was dismissed uncovers the one before it.
 * @param {Entry[]} entries ordered by seq
 * @param {Map<string, Message>} messages
 * @param {ReadonlySet<string>} [gone] decided about in this window, and not told by the desk yet
 * @returns {Suggestion | null}
 */
export function suggestionOf(entries, messages, gone = new Set()) {
  /** What was done with each last. @type {Map<string, string>} */
  const last = new Map();
  for (let at = entries.length - 1; at >= 0; at -= 1) {
    const { id, event } = entries[at];
    if (id !== undefined && overtakes(messages.get(id))) return null;
    if (event?.kind === "suggestion.decided") {
      const { decision, suggestion_id: about } = event.data;
      if (decision !== "dismissed" && decision !== "restored") return null;
      if (!last.has(about)) last.set(about, decision);
    }
    /** @type {Suggestion | undefined} */
    const found = event?.kind === "suggestion.made" ? event.data.suggestion : undefined;
    if (found && !gone.has(found.id) && (last.get(found.id) ?? found.decision ?? "restored") === "restored")
      return found;
  }
  return null;
}

/** Robots' answers and notes among the staff leave the guest's question open. @param {Message | undefined} message */
function overtakes(message) {
  if (!message || message.note || message.whisper_to) return false;
  return message.sender?.kind === "guest" || message.sender?.kind === "agent";
}

/** What was written already stays, and the suggestion comes after it. @param {string} written @param {string} suggested */
export function behind(written, suggested) {
  return written.trim() ? `${written.trimEnd()}\n\n${suggested}` : suggested;
}

/**
 * Puts a text into the box as if it was typed: the browser's own undo brings back what was there. No other way of
 * writing into a box leaves a step to undo, so the old command is the one that serves.
 * @param {HTMLTextAreaElement | null} box which has the focus
 * @param {string} text
 */
export function typeInto(box, text) {
  box?.select();
  document.execCommand("insertText", false, text);
}
