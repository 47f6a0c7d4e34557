// What a robot's answer is judged by. Pure.

/** The figures of robots count these. */
export const THUMBS = ["👍", "👎"];

/**
 * What somebody takes back by choosing this emoji: the other thumb, where it is theirs.
 * @param {import("../shared/protocol.js").Message | undefined} message
 * @param {string} emoji
 * @param {string | null} me
 */
export function opposite(message, emoji, me) {
  const other = THUMBS.includes(emoji) ? THUMBS.find((one) => one !== emoji) : undefined;
  const mine = message?.reactions?.some((one) => one.emoji === other && one.user_ids.includes(me ?? ""));
  return mine && other !== undefined ? other : null;
}
