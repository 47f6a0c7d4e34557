// Colleagues to choose one of, by name: oneself first, then whoever is there.

import { html, nothing } from "lit";
import { t } from "../shared/i18n.js";
import { initials } from "../shared/icon.js";
import { presenceName } from "./availability.js";
import { levelName } from "./event-lines.js";

/**
 * @typedef {import("./dialog-view.js").DialogView} DialogView
 * @typedef {import("./desk-api.js").Colleague} Colleague
 */

const RANK = /** @type {Record<string, number>} */ ({ online: 0, busy: 1, away: 2, offline: 3 });

/**
 * @param {DialogView} dialog
 * @param {object} options
 * @param {(one: Colleague) => string | null} options.taken why somebody cannot be chosen, null when they can
 * @param {(one: Colleague) => Promise<boolean>} options.pick
 */
export function colleaguePicks(dialog, { taken, pick }) {
  const { me } = dialog.desk;
  const people = offered(dialog);
  return html`
    <label class="vh" for="colleague-filter">${t("Find a colleague")}</label>
    <input class="field" id="colleague-filter" type="search" autocomplete="off" placeholder=${t("Find a colleague")} data-first
      .value=${dialog.filter} @input=${(/** @type {InputEvent} */ event) => dialog.filterBy(/** @type {HTMLInputElement} */ (event.target).value)}>
    <ul class="picks">
      ${people.map((one) => {
        const reason = taken(one);
        return html`<li><button class="menu-item" type="button" ?disabled=${reason !== null || dialog.busy} @click=${() => void dialog.carryOut(() => pick(one))}>
          <span class="av s ${one.id === me.id ? "me" : "person"}" aria-hidden="true">${initials(one.name)}<i class="dot ${one.presence}"></i></span>
          <span class="grow clip"><bdi>${one.name}</bdi>${one.id === me.id ? html` (${t("you")})` : nothing}</span>
          <span class="sub">${reason ?? [levelName(one.level), presenceName(/** @type {any} */ (one.presence))].filter(Boolean).join(" · ")}</span>
        </button></li>`;
      })}
      ${people.length === 0 ? html`<li class="sub">${t("Nobody by that name.")}</li>` : nothing}
    </ul>`;
}

/** @param {DialogView} dialog @returns {Colleague[]} without the list of staff, the people of the room */
function offered({ desk: { colleagues, me, open }, filter }) {
  const here = (open?.people ?? []).filter((one) => one.kind === "agent");
  const known =
    colleagues.length > 0
      ? colleagues
      : here.map((one) => ({
          id: one.user_id,
          name: one.name,
          level: null,
          presence: one.online ? "online" : "offline",
        }));
  const wanted = filter.toLocaleLowerCase();
  return [...known]
    .filter((one) => one.name.toLocaleLowerCase().includes(wanted))
    .sort(
      (a, b) =>
        Number(b.id === me.id) - Number(a.id === me.id) ||
        rankOf(a) - rankOf(b) ||
        a.name.localeCompare(b.name),
    );
}

/** @param {Colleague} one */
function rankOf({ presence }) {
  return RANK[presence] ?? RANK.offline;
}
