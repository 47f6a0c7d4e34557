// The sheet of shortcuts, and how keys are printed here.

import { html } from "lit";
import { t } from "../shared/i18n.js";
import { keyCaps } from "./shortcuts.js";

export const isMac = () => /Mac|iPhone|iPad/.test(navigator.platform);

/** @param {string} keys */
export function caps(keys) {
  return keyCaps(keys, isMac()).map((cap) => html`<kbd class="kbd">${cap}</kbd>`);
}

/** @param {import("./shortcuts.js").Shortcut[]} shortcuts */
export function shortcutSheet(shortcuts) {
  const groups = /** @type {const} */ ([
    ["move", t("Move")],
    ["room", t("Conversation")],
    ["write", t("Write")],
    ["desk", t("Desk")],
  ]);
  return html`<div class="sheet">
    ${groups.map(
      ([group, heading]) => html`<section>
        <h3>${heading}</h3>
        <dl>
          ${shortcuts
            .filter((item) => item.group === group)
            .map((item) => html`<div><dt>${item.label()}</dt><dd>${caps(item.keys)}</dd></div>`)}
        </dl>
      </section>`,
    )}
  </div>`;
}
