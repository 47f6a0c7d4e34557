// What stands around the field that one writes into: whom it reaches, and what to know before it does.

import { html, nothing } from "lit";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icon.js";
import { actionWords } from "./action-words.js";
import { levelName } from "./event-lines.js";
import { offersOf, take } from "./offers.js";

/**
 * @typedef {import("./desk.js").Desk} Desk
 * @typedef {import("./desk-acts.js").DeskActs} DeskActs
 * @typedef {import("./unsent-text.js").Mode} Mode
 */

/** What the button does. @param {Mode} mode */
export function sendWord(mode) {
  return { reply: t("Send"), note: t("Add note"), whisper: t("Whisper") }[mode];
}

/** @param {string} status why nothing can be written here */
export function whySilent(status) {
  if (status === "archived") return t("This conversation is archived; nothing can be written.");
  if (status === "closed") return t("This conversation is resolved; reopen it to write.");
  return t("Your role may read this conversation, not write in it.");
}

/** @param {Mode | "edit"} kind @param {string} name the guest's */
export function labelOf(kind, name) {
  if (kind === "edit") return t("Edit your message");
  if (kind === "note") return t("Note for colleagues");
  return kind === "whisper" ? t("Whisper to a colleague or a robot") : t("Reply to {name}", { name });
}

/** Who reads it. @param {Desk} desk @param {Mode} mode @param {string} name the guest's */
export function hintOf({ open }, mode, name) {
  if (mode !== "reply") return html`${icon("lock", "xs")}${t("only staff see this")}`;
  const { room, role } = open ?? {};
  const owner = room?.owner;
  if (room?.guest?.blocked)
    return html`${icon("ban", "xs")}${t("{name} is blocked and reads this only once let in again", { name })}`;
  if (role === "observer")
    return html`${icon("eye", "xs")}${t("You read along unseen; a reply shows you to {name}", { name })}`;
  if (owner?.kind === "robot")
    return html`${icon("bot", "xs")}${t("{robot} answers here; your reply takes over", { robot: owner.name ?? t("A robot") })}`;
  return html`${t("{name} sees this", { name })}`;
}

/**
 * Where a colleague has the conversation: who, what a word from here does, and the way to take it over.
 * @param {Desk} desk
 * @param {DeskActs} acts
 * @param {Mode} mode
 */
export function besideBar(desk, acts, mode) {
  const { open } = desk;
  const name = open?.room?.owner.name ?? t("A colleague");
  const offers = offersOf(desk);
  const mayTake = [...(offers?.header ?? []), ...(offers?.more ?? [])].includes("takeover");
  const says =
    mode === "reply"
      ? t("{name} has this conversation. The guest reads what you write here.", { name })
      : mayTake
        ? t("{name} has this conversation. Write a note, or take over to reply.", { name })
        : t("{name} has this conversation. Write a note; only a reply goes to the guest.", { name });
  const { label, icon: sign } = actionWords().takeover;
  return html`<div class="row beside"><span class="grow">${icon("user-round", "xs")} ${says}</span>
    ${mayTake ? html`<button class="btn" type="button" @click=${() => take(desk, acts, "takeover")}>${icon(sign)}${label}</button>` : nothing}</div>`;
}

/**
 * Whom one can whisper to: staff and robots of the room, then the other staff.
 * @param {import("./desk.js").Desk} desk
 */
function hearersOf({ open, me, colleagues }) {
  const here = (open?.people ?? [])
    .filter((one) => one.kind !== "guest" && one.user_id !== me.id)
    .map((one) => ({
      id: one.user_id,
      name: one.kind === "robot" ? t("{name} (robot)", { name: one.name }) : one.name,
    }));
  const known = new Set(here.map((one) => one.id));
  const others = colleagues
    .filter((one) => !known.has(one.id) && one.id !== me.id)
    .map((one) => ({ id: one.id, name: one.level ? `${one.name} · ${levelName(one.level)}` : one.name }));
  return [...here, ...others];
}

/**
 * Whom a whisper is for.
 * @param {Desk} desk
 * @param {string} chosen
 * @param {(event: Event) => void} choose
 */
export function whisperTo(desk, chosen, choose) {
  return html`<div class="row whisper-to"><label for="whisper-to">${t("To")}</label>
    <select class="field" id="whisper-to" required @change=${choose}>
      <option value="">${t("Choose somebody")}</option>
      ${hearersOf(desk).map((one) => html`<option value=${one.id} ?selected=${one.id === chosen}>${one.name}</option>`)}
    </select></div>`;
}
