// The pane beside the room: who the guest is, who takes part, earlier rooms, what robots did.

import { html, nothing } from "lit";
import { locale, t } from "../shared/i18n.js";
import { icon, initials } from "../shared/icon.js";
import { clockTime, dayLabel, fullTime, shortAge } from "../shared/time.js";
import { presenceName } from "./availability.js";
import { levelName } from "./event-lines.js";
import { statusName } from "./list-view.js";
import { addressOf } from "./place.js";
import { titleOf } from "./room-list.js";
import { pathOf } from "./room-view.js";
import { View } from "./view.js";

/**
 * @typedef {import("./desk-api.js").RoomDetails} RoomDetails
 * @typedef {import("./desk-api.js").Interaction} Interaction
 * @typedef {import("./open-room.js").OpenRoom} OpenRoom
 */

class CustomerView extends View {
  static topics = /** @type {("room" | "desk")[]} */ (["room", "desk"]);

  static gathers = true;

  render() {
    const { open } = this.desk;
    const room = open?.room;
    if (!open || !room || open.refused) return nothing;
    const name = titleOf(room);
    return html`
      <section class="row ctx-who">
        <span class="av" aria-hidden="true">${initials(name)}${room.guest?.online ? html`<i class="dot"></i>` : nothing}</span>
        <div class="grow">
          <h2><bdi>${name}</bdi></h2>
          ${
            room.guest?.verified
              ? html`<span class="chip ok">${icon("shield")}${t("identity verified")}</span>`
              : room.guest
                ? html`<span class="chip">${t("identity not verified")}</span>`
                : nothing
          }
          ${room.guest?.blocked ? html`<span class="chip danger">${icon("ban")}${t("blocked")}</span>` : nothing}
        </div>
        <button class="btn quiet icon ctx-close" type="button" aria-label=${t("Close the details")} @click=${() => this.desk.showCustomer(false)}>${icon("x")}</button>
      </section>
      ${this.facts(room)}
      ${this.people(open)}
      ${this.earlierRooms(open)}
      ${this.robots(open)}
    `;
  }

  /** @param {RoomDetails} room */
  facts(room) {
    const { guest } = room;
    const zone = guest?.time_zone;
    /** @type {[string, unknown][]} */
    const known = [
      [t("E-mail"), guest?.email],
      [t("Language"), languageName(guest?.locale ?? room.locale)],
      [t("Local time"), zone ? timeIn(zone) : null],
      [t("Page"), room.page ? html`<span title=${room.page}>${pathOf(room.page)}</span>` : null],
      [t("Site"), room.site],
      [t("First seen"), guest?.first_seen_at ? moment(guest.first_seen_at) : null],
      [t("Started"), room.created_at ? moment(room.created_at) : null],
      [t("Level"), levelName(room.level)],
      [t("State"), statusName(room.status)],
      [t("Priority"), room.priority ? t("{number} of 5", { number: room.priority }) : null],
      [
        t("Snoozed until"),
        room.snoozed_until && room.status === "snoozed" ? moment(room.snoozed_until) : null,
      ],
      [t("Issue"), room.issue_id],
    ];
    return html`<section aria-label=${t("Customer")}>
      <h3>${t("Customer")}</h3>
      <dl>${known.filter(([, value]) => value).map(([term, value]) => html`<div><dt>${term}</dt><dd dir="auto">${value}</dd></div>`)}</dl>
      ${room.tags?.length ? html`<p class="row tags">${room.tags.map((tag) => html`<span class="chip">${tag}</span>`)}</p>` : nothing}
    </section>`;
  }

  /** @param {OpenRoom} open */
  people(open) {
    const people = open.people.filter((one) => one.kind !== "guest" || open.people.length > 1);
    if (people.length === 0) return nothing;
    return html`<section>
      <h3>${t("Participants")}</h3>
      <ul class="people">
        ${people.map(
          (one) => html`<li class="row">
            <span class="av s ${one.kind === "robot" ? "robot" : one.user_id === this.desk.me.id ? "me" : one.kind === "agent" ? "person" : ""}" aria-hidden="true">${
              one.kind === "robot" ? icon("bot") : initials(open.nameOf(one.user_id) || one.name)
            }${one.kind === "robot" ? nothing : html`<i class="dot ${this.presenceOf(one)}"></i>`}</span>
            <span class="grow clip"><bdi>${open.nameOf(one.user_id) || one.name}</bdi>${one.user_id === this.desk.me.id ? html` (${t("you")})` : nothing}</span>
            <span class="sub">${roleName(one)}</span>
            ${one.kind === "robot" ? nothing : html`<span class="vh">${presenceName(this.presenceOf(one))}</span>`}
          </li>`,
        )}
      </ul>
    </section>`;
  }

  /** @param {import("../shared/protocol.js").Participant} one @returns {import("./availability.js").Presence} */
  presenceOf({ user_id, online }) {
    if (user_id === this.desk.me.id) return this.desk.availability.status;
    const known = this.desk.open?.presences.get(user_id);
    // Whoever has just joined is here, until something else is heard.
    return known ?? (online === false ? "offline" : "online");
  }

  /** @param {OpenRoom} open */
  earlierRooms({ earlierRooms }) {
    if (earlierRooms.length === 0) return nothing;
    return html`<section>
      <h3>${t("Earlier")}</h3>
      <ul class="earlier-rooms">
        ${earlierRooms.map(
          (
            line,
          ) => html`<li><a href=${addressOf({ ...this.desk.place, room: line.id })} @click=${(/** @type {MouseEvent} */ event) => this.onRoom(event, line.id)}>
            <bdi class="clip">${line.name ?? titleOf(line)}</bdi><span class="sub">${statusName(line.status)} · ${shortAge(line.last_message_at ?? line.created_at)}</span></a></li>`,
        )}
      </ul>
    </section>`;
  }

  /** @param {MouseEvent} event @param {string} id */
  onRoom(event, id) {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    this.desk.select(id);
  }

  /** @param {OpenRoom} open */
  robots({ interactions }) {
    if (interactions.length === 0) return nothing;
    return html`<section>
      <h3>${t("Robot turns")}</h3>
      <ul class="ledger">${interactions.map((one) => html`<li>${turn(one)}</li>`)}</ul>
    </section>`;
  }
}

/** @param {Interaction} one */
function turn(one) {
  const tone = { completed: "ok", failed: "danger", processing: "accent", pending: "" }[one.status];
  const word = { completed: t("done"), failed: t("failed"), processing: t("working"), pending: t("waiting") }[
    one.status
  ];
  const took =
    one.started_at && one.completed_at ? Date.parse(one.completed_at) - Date.parse(one.started_at) : null;
  const parts = [
    ...(took === null ? [] : [t("{seconds} s", { seconds: (took / 1000).toFixed(1) })]),
    ...(one.tokens
      ? [t("{count} tokens", { count: new Intl.NumberFormat(locale()).format(one.tokens) })]
      : []),
    ...(one.cost ? [String(one.cost)] : []),
  ];
  return html`<details>
    <summary>
      <span class="av s robot" aria-hidden="true">${icon("bot")}</span>
      <span class="grow"><span><bdi>${one.robot.name}</bdi> <time class="sub" datetime=${one.created_at} title=${fullTime(one.created_at)}>${clockTime(one.created_at)}</time></span><span class="sub num">${parts.join(" · ")}</span></span>
      ${one.status === "completed" ? html`<span class="done">${icon("circle-check")}<span class="vh">${word}</span></span>` : html`<span class="chip ${tone}">${word}</span>`}
    </summary>
    ${one.error_message ? html`<p class="turn-error" dir="auto">${icon("circle-alert", "xs")}${one.error_message}</p>` : nothing}
    ${data(t("Asked"), one.request_data)} ${data(t("Seen"), one.observation_data)} ${data(t("Answered"), one.response_data)}
  </details>`;
}

/** @param {string} heading @param {unknown} value */
function data(heading, value) {
  if (value === null || value === undefined) return nothing;
  return html`<h4>${heading}</h4><pre tabindex="0" dir="ltr">${JSON.stringify(value, null, 2)}</pre>`;
}

/** @param {import("../shared/protocol.js").Participant} one */
function roleName({ kind, role }) {
  if (kind === "robot") return t("robot");
  if (kind === "guest") return t("guest");
  return { moderator: t("moderator"), observer: t("observing") }[role] ?? "";
}

/** @param {string} at */
function moment(at) {
  return html`<time datetime=${at} title=${fullTime(at)}>${dayLabel(at)} ${clockTime(at)}</time>`;
}

/** Costly to make, and the page has one language. @type {Intl.DisplayNames | undefined} */
let languages;
/** @type {Map<string, Intl.DateTimeFormat>} */
const zoneClocks = new Map();

/** "de-AT" → "German (Austria)". @param {string | null | undefined} tag */
function languageName(tag) {
  if (!tag) return null;
  try {
    languages ??= new Intl.DisplayNames(locale(), { type: "language" });
    return languages.of(tag);
  } catch {
    return tag;
  }
}

/** @param {string} zone */
function timeIn(zone) {
  try {
    const options = /** @type {const} */ ({
      hour: "2-digit",
      minute: "2-digit",
      timeZone: zone,
      timeZoneName: "short",
    });
    const clock = zoneClocks.get(zone) ?? new Intl.DateTimeFormat(locale(), options);
    zoneClocks.set(zone, clock);
    return clock.format(new Date());
  } catch {
    return null;
  }
}

customElements.define("desk-customer", CustomerView);
