// Words in the reader's language. The page carries its catalogue as a data block; English is the source text.

/**
 * @typedef {Record<string, string | Partial<Record<Intl.LDMLPluralRule, string>>>} Catalogue translations under the short names of
 *   their English texts; for counted sentences one per plural category, under the name of the English plural
 */

/** Hebrew, Arabic and their neighbours. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufefc]/;

/** @type {{locale: string, dir: "ltr" | "rtl", messages: Catalogue}} */
const words = { locale: "en", dir: "ltr", messages: {} };

/** @param {{locale?: string, dir?: string, messages?: Catalogue}} catalogue */
export function useCatalogue({ locale = "en", dir = "ltr", messages = {} }) {
  Object.assign(words, { locale, dir: dir === "rtl" ? "rtl" : "ltr", messages });
}

/** Reads `<script type="application/json" id="…">`; null when it is not there. @param {string} id @returns {any} */
export function dataBlock(id) {
  const text = document.getElementById(id)?.textContent;
  return text ? JSON.parse(text) : null;
}

const NAMES = 36 ** 4;

/**
 * What a catalogue calls a text: four signs in place of a sentence, for the chat's first opening counts every byte.
 * supportdesk/widget/words.py reckons the same, and a test that no two texts share a name.
 * @param {string} text
 */
export function nameOf(text) {
  let sum = 0;
  for (const sign of text) sum = (sum * 31 + /** @type {number} */ (sign.codePointAt(0))) % NAMES;
  return sum.toString(36);
}

/** Whether the page speaks another language than the source. */
export const isTranslated = () => Object.keys(words.messages).length > 0;

export const locale = () => words.locale;

/**
 * @param {string} text English, with {names} to fill in
 * @param {Record<string, string | number>} [values]
 */
export function t(text, values = {}) {
  const found = words.messages[nameOf(text)];
  return fill(typeof found === "string" && found !== "" ? found : text, values);
}

/**
 * @param {string} one English for one
 * @param {string} many English for the others, with {count}
 * @param {number} count
 * @param {Record<string, string | number>} [values]
 */
export function tn(one, many, count, values = {}) {
  const found = words.messages[nameOf(many)];
  const rule = new Intl.PluralRules(words.locale).select(count);
  const own = typeof found === "object" ? (found[rule] ?? found.other) : undefined;
  const english = count === 1 ? one : many;
  return fill(own ?? english, { count: new Intl.NumberFormat(words.locale).format(count), ...values });
}

/**
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    // A name written the other way must not turn the sentence around it.
    return words.dir === "rtl" || RIGHT_TO_LEFT.test(String(value)) ? `\u2068${value}\u2069` : String(value);
  });
}
