// The pane beside the room: who the guest is, who takes part, earlier rooms, what robots did.

import { html, nothing } from "lit";
import { locale, t } from "../shared/i18n.js";
import { icon, initials } from "../shared/icon.js";
import { clockTime, dayLabel, fullTime, shortAge } from "../shared/time.js";
import { actionWords, whyBarred } from "./action-words.js";
import { presenceName } from "./availability.js";
import { levelName } from "./event-lines.js";
import { statusName } from "./list-view.js";
import { offersOf, take } from "./offers.js";
import { addressOf } from "./place.js";
import { priorityName } from "./priority.js";
import { titleOf } from "./room-list.js";
import { maySendOut, takeOut } from "./room-people.js";
import { pathOf } from "./room-view.js";
import { View } from "./view.js";

/**
 * @typedef {import("./desk-api.js").RoomDetails} RoomDetails
 * @typedef {import("./desk-api.js").Interaction} Interaction
 * @typedef {import("./open-room.js").OpenRoom} OpenRoom
 * @typedef {import("./room-actions.js").ActionId} ActionId
 */

class CustomerView extends View {
  static topics = /** @type {("room" | "desk")[]} */ (["room", "desk"]);

  static gathers = true;

  static properties = { ...View.properties, acts: { attribute: false } };

  constructor() {
    super();
    this.acts = /** @type {import("./desk-acts.js").DeskActs} */ (/** @type {unknown} */ (null));
  }

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
        </div>
        <button class="btn quiet icon ctx-close" type="button" aria-label=${t("Close the details")} @click=${() => this.desk.showCustomer(false)}>${icon("x")}</button>
      </section>
      ${room.guest?.blocked ? this.blocked(room.guest) : nothing}
      ${this.customer(room)}
      ${this.conversation(room)}
      ${this.people(open, room)}
      ${this.earlierRooms(open)}
      ${this.desk.may("chat:robot:read") ? html`<desk-room-robots .desk=${this.desk} .roomId=${room.id}></desk-room-robots>` : nothing}
      ${this.desk.may("chat:tool:read") ? html`<desk-room-tools .desk=${this.desk} .roomId=${room.id}></desk-room-tools>` : nothing}
      ${this.robots(open)}
    `;
  }

  /** Who keeps the guest out, why and until when. @param {import("./desk-api.js").GuestDetails} guest */
  blocked({ name, block }) {
    const by = block?.by?.id === this.desk.me.id ? t("you") : block?.by?.name;
    /** @type {[string, unknown][]} */
    const known = [
      [t("By"), by],
      [t("Since"), block ? moment(block.at) : null],
      [t("Until"), block?.until ? moment(block.until) : block ? t("for good") : null],
      [t("Marked as"), block?.spam ? t("spam") : null],
    ];
    return html`<section class="block-card" aria-labelledby="block-heading">
      <h3 id="block-heading">${icon("ban")}${t("Blocked")}</h3>
      <p>${t("{name} can neither write nor open conversations.", { name })}</p>
      ${block?.reason ? html`<blockquote dir="auto">${block.reason}</blockquote>` : nothing}
      ${facts(known)}
      ${this.offer("unblock", t("Unblock"))}
    </section>`;
  }

  /** @param {ActionId} id @param {string} label */
  offer(id, label) {
    const bar = offersOf(this.desk)?.barred[id];
    return html`<button class="btn" type="button" aria-disabled=${bar ? "true" : nothing} aria-describedby=${bar ? `why-not-${id}` : nothing}
        @click=${() => take(this.desk, this.acts, id)}>${icon(actionWords()[id].icon)}${label}</button>
      ${bar ? html`<p class="form-hint" id="why-not-${id}">${whyBarred(id, bar)}</p>` : nothing}`;
  }

  /** @param {string} heading @param {ActionId | null} [id] what can be done about it */
  heading(heading, id = null) {
    const offers = offersOf(this.desk);
    const offered = id && [...(offers?.header ?? []), ...(offers?.more ?? [])].includes(id);
    if (!id || !offered) return html`<h3>${heading}</h3>`;
    const bar = offers?.barred[id];
    const { label, icon: name, keys } = actionWords()[id];
    const why = bar ? whyBarred(id, bar) : "";
    return html`<div class="row ctx-head"><h3 class="grow">${heading}</h3>
      <button class="btn quiet icon" type="button" aria-disabled=${bar ? "true" : nothing} aria-label=${why ? `${label}. ${why}` : label}
        title=${why || (keys ? `${label} (${keys.toUpperCase()})` : label)} @click=${() => take(this.desk, this.acts, id)}>${icon(id === "invite" ? "plus" : name)}</button></div>`;
  }

  /** @param {RoomDetails} room */
  customer(room) {
    const { guest } = room;
    if (!guest) return nothing;
    const zone = guest.time_zone;
    return html`<section>
      ${this.heading(t("Customer"))}
      ${facts([
        [t("E-mail"), guest.email ? addressParts(guest.email) : null],
        [t("Language"), languageName(guest.locale ?? room.locale)],
        [t("Local time"), zone ? timeIn(zone) : null],
        [t("Page"), room.page ? html`<span title=${room.page}>${pathOf(room.page)}</span>` : null],
        [t("Site"), room.site],
        [t("First seen"), guest.first_seen_at ? moment(guest.first_seen_at) : null],
      ])}
    </section>`;
  }

  /** @param {RoomDetails} room */
  conversation(room) {
    return html`<section>
      ${this.heading(t("Conversation"), "details")}
      ${facts([
        [t("Name"), room.name ? html`<span class="fact-name" title=${room.name}>${room.name}</span>` : null],
        [t("Priority"), room.priority ? priorityName(room.priority) : null],
        [t("Level"), levelName(room.level)],
        [t("State"), statusName(room.status)],
        [t("Started"), room.created_at ? moment(room.created_at) : null],
        [
          t("Snoozed until"),
          room.snoozed_until && room.status === "snoozed" ? moment(room.snoozed_until) : null,
        ],
        [t("Issue"), room.issue_id],
      ])}
      ${room.tags?.length ? html`<p class="row tags">${room.tags.map((tag) => html`<span class="chip">${tag}</span>`)}</p>` : nothing}
    </section>`;
  }

  /** @param {OpenRoom} open @param {RoomDetails} room */
  people(open, room) {
    const people = open.people.filter((one) => one.kind !== "guest" || open.people.length > 1);
    return html`<section>
      ${this.heading(t("Participants"), "invite")}
      ${people.length === 0 ? html`<p class="sub">${t("Nobody from the desk takes part yet.")}</p>` : nothing}
      <ul class="people">${people.map((one) => this.person(one, open, room))}</ul>
    </section>`;
  }

  /** @param {import("../shared/protocol.js").Participant} one @param {OpenRoom} open @param {RoomDetails} room */
  person(one, open, room) {
    const mine = one.user_id === this.desk.me.id;
    const voice = one.kind === "robot" ? "robot" : mine ? "me" : one.kind === "agent" ? "person" : "";
    const name = open.nameOf(one.user_id) || one.name;
    const double = open.people.some((other) => other !== one && other.name === one.name);
    const account = double && one.account ? html` · <bdi>${one.account}</bdi>` : nothing;
    return html`<li class="row">
      <span class="av s ${voice}" aria-hidden="true">${
        one.kind === "robot" ? icon("bot") : initials(name)
      }${one.kind === "robot" ? nothing : html`<i class="dot ${this.presenceOf(one)}"></i>`}</span>
      <span class="grow person"><span class="clip"><bdi>${name}</bdi>${mine ? html` (${t("you")})` : nothing}</span><span class="sub">${this.partOf(one, room)}${account}</span></span>
      ${one.kind === "robot" ? nothing : html`<span class="vh">${presenceName(this.presenceOf(one))}</span>`}
      ${this.wayOut(one, name, room)}
    </li>`;
  }

  /** What somebody is here. @param {import("../shared/protocol.js").Participant} one @param {RoomDetails} room */
  partOf(one, { owner }) {
    const has = one.kind === "agent" && owner.kind === "human" && owner.id === one.user_id;
    return has ? t("has the conversation") : roleName(one);
  }

  /**
   * One leaves by oneself; colleagues are taken out by those who may, but never whoever has the conversation.
   * @param {import("../shared/protocol.js").Participant} one
   * @param {string} name
   * @param {RoomDetails} room
   */
  wayOut(one, name, room) {
    if (one.kind !== "agent" || room.status === "archived") return nothing;
    if (one.user_id === this.desk.me.id) {
      const id = one.role === "observer" ? "unobserve" : "leave";
      return room.owner.id === one.user_id
        ? nothing
        : this.exit(actionWords()[id].label, actionWords()[id].icon, () => take(this.desk, this.acts, id));
    }
    if (room.owner.id === one.user_id || !maySendOut(this.desk.may)) return nothing;
    const who = { id: one.user_id, name };
    return this.exit(t("Take {name} out", { name }), "x", () => void takeOut(this.acts, room, who));
  }

  /** @param {string} label @param {string} sign @param {() => void} act */
  exit(label, sign, act) {
    return html`<button class="btn quiet icon exit" type="button" aria-label=${label} title=${label} @click=${act}>${icon(sign, sign === "log-out" ? "flip" : "")}</button>`;
  }

  /**
   * Of staff what they say of themselves, as in every list of colleagues; of guests whether they are there.
   * @param {import("../shared/protocol.js").Participant} one
   * @returns {import("./availability.js").Presence}
   */
  presenceOf({ user_id, online, kind }) {
    if (user_id === this.desk.me.id) return this.desk.availability.status;
    const guest = this.desk.open?.room?.guest;
    // The details of the room are read anew with every change; who took part is as of the moment one came.
    const here = guest?.id === user_id ? (guest.online ?? online) : online;
    if (kind === "guest") return here === false ? "offline" : "online";
    // Whoever comes is away until they say that they take conversations.
    return this.desk.presences.get(user_id) ?? (online === false ? "offline" : "away");
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
      <span class="grow"><span><bdi>${one.robot.name}</bdi> <code class="sub">${one.robot.module}</code> <time class="sub" datetime=${one.created_at} title=${fullTime(one.created_at)}>${clockTime(one.created_at)}</time></span><span class="sub num">${parts.join(" · ")}</span></span>
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
  return { moderator: t("moderator"), observer: t("observing") }[role] ?? t("takes part");
}

/** What is known, one line each. @param {[string, unknown][]} known */
function facts(known) {
  return html`<dl>${known.filter(([, value]) => value).map(([term, value]) => html`<div><dt>${term}</dt><dd dir="auto">${value}</dd></div>`)}</dl>`;
}

/** An address that is too long for its line breaks where it can be read. @param {string} email */
function addressParts(email) {
  const at = email.lastIndexOf("@") + 1;
  return html`<bdi>${email.slice(0, at)}<wbr>${email.slice(at)}</bdi>`;
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
