// Finding a command or a room by some of its letters. Pure.

/** @typedef {{id: string, label: string, icon: string, keys?: string, hint?: string, run: () => unknown}} Choice */

/** Letters that lie farther apart than this were not meant. */
const FARTHEST = 8;

/**
 * How well letters match a label: null when not all are there in order, else smaller is better.
 * @param {string} letters
 * @param {string} label
 * @returns {number | null}
 */
export function fit(letters, label) {
  const wanted = plain(letters).replaceAll(" ", "");
  const text = plain(label);
  const whole = text.indexOf(plain(letters).trim());
  if (whole >= 0) return whole === 0 || text[whole - 1] === " " ? whole / 1000 : 1 + whole / 1000;
  let at = -1;
  let gaps = 0;
  for (const letter of wanted) {
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return null;
    gaps += next - at - 1;
    at = next;
  }
  return gaps > FARTHEST ? null : 10 + gaps;
}

/**
 * @template {{label: string}} T
 * @param {string} letters
 * @param {T[]} choices
 * @returns {T[]} those that match, the best first; all of them when nothing is typed
 */
export function matching(letters, choices) {
  if (letters.trim() === "") return choices;
  return choices
    .map((choice) => ({ choice, rank: fit(letters, choice.label) }))
    .filter((item) => item.rank !== null)
    .sort((a, b) => Number(a.rank) - Number(b.rank))
    .map((item) => item.choice);
}

/** Without case and accents. @param {string} text */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
