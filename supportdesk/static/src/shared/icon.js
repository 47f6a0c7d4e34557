// Icons are symbols of the one sprite; the page says where it is: <meta name="icons" content="/static/…/icons.svg">.

import { html } from "lit";

let sprite = "";

/**
 * A decorative icon: what it means is always also said in words.
 * @param {string} name of icons.txt
 * @param {string} [classes]
 */
export function icon(name, classes = "") {
  sprite ||= document.querySelector('meta[name="icons"]')?.getAttribute("content") ?? "";
  return html`<svg class="ic ${classes}" aria-hidden="true" focusable="false"><use href="${sprite}#i-${name}"></use></svg>`;
}

/** "Milo Krüger" → "MK". @param {string | null | undefined} name */
export function initials(name) {
  const parts = (name ?? "").trim().split(/\s+/).filter(Boolean);
  const first = Array.from(parts[0] ?? "?")[0];
  const last =
    parts.length > 1 ? Array.from(parts[parts.length - 1])[0] : (Array.from(parts[0] ?? "")[1] ?? "");
  return (first + last).toLocaleUpperCase();
}
