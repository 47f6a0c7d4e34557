// What a conversation is called and how urgent it is, as the form that changes it.

import { html } from "lit";
import { t } from "../shared/i18n.js";
import { PRIORITIES, priorityName } from "./priority.js";
import { changeOf, changeRoom, isEmpty } from "./room-change.js";

/**
 * @typedef {import("./dialog-view.js").DialogView} DialogView
 * @typedef {import("./desk-api.js").RoomDetails} RoomDetails
 * @typedef {import("./room-change.js").Base} Base
 */

const LONGEST = 200;

/** @param {number} chosen */
export function priorityChoices(chosen) {
  return html`<fieldset class="choices"><legend>${t("Priority")}</legend>
    ${PRIORITIES.map(
      (number) =>
        html`<label class="choice"><input type="radio" name="priority" value=${number} ?checked=${number === chosen}><span>${priorityName(number)}</span></label>`,
    )}
  </fieldset>`;
}

/** @param {DialogView} dialog @param {RoomDetails} room @param {Base} base what stood when the form opened */
export function detailsForm(dialog, room, base) {
  return html`<form class="form" novalidate @submit=${(/** @type {SubmitEvent} */ event) => save(event, dialog, room, base)}>
    <div class="form-field"><label for="details-name">${t("Name")}</label>
      <input class="field" id="details-name" name="name" autocomplete="off" maxlength=${LONGEST} dir="auto" data-first value=${base.name}
        aria-describedby="details-hint">
      <p class="form-hint" id="details-hint">${t("Only your colleagues read it.")}</p></div>
    ${priorityChoices(base.priority)}
    ${dialog.foot(t("Save"), "check")}
  </form>`;
}

/** @param {SubmitEvent} event @param {DialogView} dialog @param {RoomDetails} room @param {Base} base */
function save(event, dialog, room, base) {
  event.preventDefault();
  const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
  const name = String(form.get("name")).replace(/\s+/g, " ").trim();
  if (name === "" && base.name !== "") return dialog.complain(t("A conversation needs a name."));
  const change = changeOf(base, { name, priority: Number(form.get("priority")) });
  if (isEmpty(change)) return dialog.close();
  return void dialog.carryOut(async () => {
    const { done, fresh } = await changeRoom(dialog.acts, room.id, base, change);
    if (fresh) dialog.startAnew(fresh, clash(base, fresh));
    return done;
  });
}

/**
 * What somebody else has made of it meanwhile. One's own words still stand in the form.
 * @param {Base} base
 * @param {Base} fresh
 */
function clash(base, fresh) {
  const { name, priority } = changeOf(base, fresh);
  const now =
    name === undefined
      ? t("Its priority is {priority} now.", { priority: priorityName(priority ?? fresh.priority) })
      : priority === undefined
        ? t("It is called “{name}” now.", { name })
        : t("It is called “{name}” and its priority is {priority} now.", {
            name,
            priority: priorityName(priority),
          });
  return t("Somebody changed this conversation meanwhile. {now} Save again to put yours in place.", { now });
}
