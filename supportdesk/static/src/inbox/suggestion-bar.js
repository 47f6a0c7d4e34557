// What a robot suggests, above the composer: into it as it is, into it to be worked on, or away. Guests never see it.

import { html } from "lit";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icon.js";
import { serverHtml } from "../shared/markdown-html.js";
import { citations } from "./message-view.js";
import { caps } from "./sheet-view.js";

/**
 * @typedef {import("./suggestion.js").Suggestion} Suggestion
 * @typedef {"inserted" | "edited" | "dismissed" | "restored"} Decision
 */

/**
 * @param {Suggestion} suggestion
 * @param {(decision: Decision) => void} decide
 */
export function suggestionBar({ robot, content_html: safe, citations: sources }, decide) {
  return html`<div class="sugg" role="group" aria-label=${t("Suggestion by {robot}", { robot: robot.name })}>
    <p class="sugg-head"><span class="chip robot">${icon("bot")}<bdi>${robot.name}</bdi></span>
      <span class="hint">${icon("lock", "xs")}${t("only staff see this")}</span></p>
    <div class="sugg-text md" dir="auto" tabindex="0" ${serverHtml(safe)}></div>
    ${citations({ citations: sources })}
    <div class="row sugg-acts">
      <button class="btn sm" type="button" @click=${() => decide("inserted")}>${t("Insert")} ${caps("Mod+.")}</button>
      <button class="btn sm" type="button" @click=${() => decide("edited")}>${icon("pencil")}${t("Edit")} ${caps("Mod+/")}</button>
      <button class="btn sm quiet" type="button" @click=${() => decide("dismissed")}>${icon("x")}${t("Dismiss")} ${caps("Mod+Shift+x")}</button>
    </div>
  </div>`;
}
