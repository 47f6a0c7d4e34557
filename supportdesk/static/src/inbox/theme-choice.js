// The choice of theme in the rail's menu; theme.js has applied it before the first paint.

import { localStore } from "../shared/outbox.js";

const KEY = "supportdesk:theme";

/** Shows the choice and applies it at once. */
export function wireThemeChoice() {
  const choices = /** @type {HTMLElement | null} */ (document.querySelector("[data-theme-choice]"));
  if (!choices) return;
  const root = document.documentElement;
  const now = root.dataset.theme ?? "auto";
  const input = /** @type {HTMLInputElement | null} */ (
    choices.querySelector(`[value="${CSS.escape(now)}"]`)
  );
  if (input) input.checked = true;
  choices.hidden = false;
  choices.addEventListener("change", (event) => {
    const { value } = /** @type {HTMLInputElement} */ (event.target);
    if (value === "auto") delete root.dataset.theme;
    else root.dataset.theme = value;
    if (value === "auto") localStore()?.removeItem(KEY);
    else localStore()?.setItem(KEY, value);
  });
}
