// Text of strangers as it is: what reorders it, or is not seen at all, is spelled out. Pure.

/** Controls but line feed and tab, marks of direction, blanks of no width, tags. core/plainly.py has the same ones. */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;

/**
 * The text with `⟨U+202E⟩` in place of each such character: whoever approves a call must see what will run.
 * @param {string} text
 */
export function plainly(text) {
  return text.replace(HIDDEN, (found) => {
    const code = /** @type {number} */ (found.codePointAt(0)).toString(16).toUpperCase();
    return `⟨U+${code.padStart(4, "0")}⟩`;
  });
}
