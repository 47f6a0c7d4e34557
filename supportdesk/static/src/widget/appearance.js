// A site's own accent colour, bent until every pair it is part of passes WCAG AA in both schemes.

const LIGHT = { surface: "#ffffff", toward: "#000000", on: "#ffffff", softness: 0.88 };
const DARK = { surface: "#161a22", toward: "#ffffff", on: "#0e1117", softness: 0.76 };
const READABLE = 4.5;

/** @typedef {{accent: string, on: string, soft: string}} Accent */

/** @param {string} hex "#rrggbb" @returns {number[]} */
const channels = (hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/**
 * @param {string} from
 * @param {string} to
 * @param {number} share of `to`, 0–1
 */
export function mix(from, to, share) {
  const [a, b] = [channels(from), channels(to)];
  const mixed = a.map((value, at) => Math.round(value * (1 - share) + b[at] * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** Relative luminance as WCAG defines it. @param {string} hex */
function luminance(hex) {
  const [r, g, b] = channels(hex).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * @param {string} one
 * @param {string} other
 */
export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/**
 * @param {string} hex
 * @param {typeof LIGHT} scheme
 * @returns {Accent}
 */
function readable(hex, { surface, toward, on, softness }) {
  let best = { accent: hex, on, soft: surface };
  for (let share = 0; share <= 1; share += 0.04) {
    const accent = mix(hex, toward, share);
    const soft = mix(accent, surface, softness);
    best = { accent, on, soft };
    if ([surface, soft, on].every((ground) => contrast(accent, ground) >= READABLE)) break;
  }
  return best;
}

/**
 * @param {unknown} value what an administrator or a page gave
 * @returns {{light: Accent, dark: Accent} | null} null when it is not a colour like #3b4fd8
 */
export function accents(value) {
  if (typeof value !== "string" || !/^#[0-9a-f]{6}$/i.test(value)) return null;
  return { light: readable(value, LIGHT), dark: readable(value, DARK) };
}

/**
 * Dresses the page in the site's accent; returns what the launcher needs of it.
 * @param {HTMLElement} root
 * @param {unknown} accent
 */
export function dress(root, accent) {
  const found = accents(accent);
  if (!found) return {};
  const pair = (/** @type {keyof Accent} */ name) => `light-dark(${found.light[name]}, ${found.dark[name]})`;
  root.style.setProperty("--accent", pair("accent"));
  root.style.setProperty("--on-accent", pair("on"));
  root.style.setProperty("--accent-soft", pair("soft"));
  return { accent: pair("accent"), onAccent: pair("on") };
}
