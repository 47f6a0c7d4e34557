// What the server-rendered pages gain from script; without it they work all the same.

import { wireMenus } from "./inbox/menu.js";
import { wireThemeChoice } from "./inbox/theme-choice.js";
import { wireReading } from "./shared/reading.js";

wireMenus();
wireThemeChoice();
readMoments();
wireCopying();
wireFilling();
wireReading();
/** @type {HTMLElement | null} */ (document.querySelector("[data-autofocus]"))?.focus();

/** Moments are sent in UTC and shown in the reader's own zone. */
function readMoments() {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, {
    dateStyle: "medium",
    timeStyle: "short",
  });
  for (const time of document.querySelectorAll("time[data-moment]")) {
    const at = new Date(time.getAttribute("datetime") ?? "");
    if (!Number.isNaN(at.getTime())) time.textContent = format.format(at);
  }
}

/** Buttons that copy the value of a field. */
function wireCopying() {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const field = /** @type {HTMLInputElement | null} */ (
      document.getElementById(button.getAttribute("data-copy") ?? "")
    );
    if (!field || !navigator.clipboard) continue;
    /** @type {HTMLElement} */ (button).hidden = false;
    button.addEventListener("click", async () => {
      field.select();
      await navigator.clipboard.writeText(field.value);
      const says = button.querySelector("span");
      const done = button.getAttribute("data-copied");
      if (says && done) says.textContent = done;
    });
  }
}

/** The people of the demo workspace fill in the sign-in form. */
function wireFilling() {
  for (const button of document.querySelectorAll("button[data-fill-email]")) {
    button.addEventListener("click", () => {
      const email = /** @type {HTMLInputElement | null} */ (document.querySelector("#f-email"));
      const password = /** @type {HTMLInputElement | null} */ (document.querySelector("#f-password"));
      if (!email || !password) return;
      email.value = button.getAttribute("data-fill-email") ?? "";
      password.value = button.getAttribute("data-fill-password") ?? "";
      password.form?.requestSubmit();
    });
  }
}
