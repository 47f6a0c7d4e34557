// The middle of the inbox: who it is, what can be done, the log, the composer.

import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { t } from "../shared/i18n.js";
import { icon, initials } from "../shared/icon.js";
import { shortAge } from "../shared/time.js";
import { actionWords, whyBarred } from "./action-words.js";
import { levelName } from "./event-lines.js";
import { statusName } from "./list-view.js";
import { offersOf, take } from "./offers.js";
import { priorityName } from "./priority.js";
import { isAnothers } from "./room-actions.js";
import { titleOf, waiting } from "./room-list.js";
import { caps } from "./sheet-view.js";
import { Steady } from "./steady.js";
import { View } from "./view.js";

/**
 * @typedef {import("./room-actions.js").ActionId} ActionId
 * @typedef {import("./desk-api.js").RoomDetails} RoomDetails
 */

class RoomView extends View {
  static topics = /** @type {("room" | "desk")[]} */ (["room", "desk"]);

  static gathers = true;

  static properties = { ...View.properties, acts: { attribute: false } };

  constructor() {
    super();
    this.acts = /** @type {import("./desk-acts.js").DeskActs} */ (/** @type {unknown} */ (null));
    /** @type {Steady<import("./room-actions.js").Actions>} */
    this.steady = new Steady(() => this.requestUpdate());
  }

  render() {
    const { open } = this.desk;
    if (!open) return this.nothingChosen();
    if (open.refused) return this.refusal(open.refused);
    const { room } = open;
    return html`
      ${room ? this.header(room) : ghostHeader()}
      ${this.connectionBanner()}
      <desk-log .desk=${this.desk} .acts=${this.acts}></desk-log>
      ${room ? html`<desk-approvals .desk=${this.desk} .acts=${this.acts}></desk-approvals>` : nothing}
      ${room ? html`<desk-composer .desk=${this.desk} .acts=${this.acts}></desk-composer>` : nothing}
    `;
  }

  nothingChosen() {
    return html`${this.connectionBanner()}
      <div class="empty fill">
        ${icon("message-circle")}
        <h2>${t("No conversation chosen")}</h2>
        <p>${t("Choose one from the list, or walk it by keyboard.")}</p>
        <p class="row hints">
          <span>${caps("j")} ${caps("k")} ${t("move")}</span><span>${caps("Mod+k")} ${t("go to")}</span><span>${caps("?")} ${t("all shortcuts")}</span>
        </p>
      </div>`;
  }

  /** @param {{code: string, message: string}} refused */
  refusal({ code, message }) {
    return html`<div class="empty fill refused" role="alert">
      ${icon(code === "not_found" ? "search" : "lock")}
      <h2>${code === "not_found" ? t("This conversation is not here") : t("This conversation cannot be opened")}</h2>
      <p>${code === "not_found" ? t("It was removed, or it is not yours to see.") : message}</p>
      <button class="btn" type="button" @click=${() => this.desk.select(null)}>${t("Back to the list")}</button>
    </div>`;
  }

  connectionBanner() {
    const { connectionState: state, connection } = this.desk;
    if (state === "refused") {
      const out = connection.error?.code === "signed_out";
      return html`<div class="banner danger" role="alert">
        ${icon("wifi-off")}<span class="grow">${out ? t("You are signed out.") : (connection.error?.message ?? t("The desk refused the connection."))}</span>
        ${out ? html`<a class="btn" href="/login?next=${encodeURIComponent(location.pathname + location.search)}">${t("Sign in")}</a>` : html`<button class="btn" type="button" @click=${connection.retryNow}>${t("Try again")}</button>`}
      </div>`;
    }
    if (state !== "reconnecting" && state !== "offline") return nothing;
    return html`<div class="banner" role="status">
      ${icon(state === "offline" ? "wifi-off" : "refresh-cw", state === "offline" ? "" : "spin")}
      <span class="grow">${state === "offline" ? t("You are offline. What you write is sent when the network is back.") : t("Connection lost. Reconnecting; what you write is kept.")}</span>
      <button class="btn" type="button" @click=${connection.retryNow}>${t("Now")}</button>
    </div>`;
  }

  /** @param {RoomDetails} room */
  header(room) {
    const open = /** @type {import("./open-room.js").OpenRoom} */ (this.desk.open);
    const taker = isAnothers(room, this.desk.me.id) ? (room.owner.id ?? null) : null;
    const offers = this.steady.of(
      room.id,
      taker,
      offersOf(this.desk) ?? { header: [], more: [], barred: {} },
    );
    const name = titleOf(room);
    const wait = room.status === "waiting" ? waiting(room.waiting_since, Date.now()) : null;
    return html`<div class="pane-head">
      <button class="btn quiet icon back" type="button" aria-label=${t("Back to the list")} @click=${() => this.desk.select(null)}>${icon("arrow-left", "flip")}</button>
      <span class="av" aria-hidden="true">${initials(name)}${room.guest?.online ? html`<i class="dot"></i>` : nothing}</span>
      <div class="grow pane-who">
        <h1 class="clip"><bdi>${name}</bdi></h1>
        <p class="sub pane-sub">${this.subtitle(room)}</p>
      </div>
      ${wait ? html`<span class="chip ${wait.tone} wait">${icon("clock")}${t("waiting {age}", { age: shortAge(Date.now() - wait.ms) })}</span>` : nothing}
      ${this.viewers(open)}
      <div class="row pane-acts">
        ${repeat(
          offers.header,
          (id) => id,
          (id) => this.button(id),
        )}
        ${this.moreMenu(offers)}
        <button class="btn quiet icon customer-toggle" type="button" aria-expanded=${this.desk.customerShown} aria-controls="customer"
          aria-label=${t("Customer details")} title=${t("Customer details")} @click=${() => this.desk.showCustomer(!this.desk.customerShown)}>${icon("panel-right", "flip")}</button>
      </div>
      ${this.marks(room, open)}
    </div>`;
  }

  /** What to know before one writes. @param {RoomDetails} room @param {import("./open-room.js").OpenRoom} open */
  marks({ priority, guest }, { role }) {
    const observing = role === "observer";
    if (priority > 2 && !guest?.blocked && !observing) return nothing;
    return html`<p class="marks">
      ${priority <= 2 ? html`<span class="chip danger" title=${t("Priority")}>${icon("flag")}${priorityName(priority)}</span>` : nothing}
      ${guest?.blocked ? html`<span class="chip danger">${icon("ban")}${t("blocked")}</span>` : nothing}
      ${observing ? html`<span class="chip accent">${icon("eye")}${t("reading along")}</span>` : nothing}
    </p>`;
  }

  /** What it is called, and where it stands. @param {RoomDetails} room */
  subtitle(room) {
    const { owner } = room;
    const named = room.name && room.guest ? room.name : null;
    const stands = [
      html`<bdi dir="ltr" title=${room.id}>#${shortId(room.id)}</bdi>`,
      levelName(room.level),
      statusName(room.status),
      ...(owner.kind === "human"
        ? [html`<bdi>${owner.id === this.desk.me.id ? t("yours") : owner.name}</bdi>`]
        : []),
      ...(owner.kind === "robot" ? [html`<bdi class="robot-word">${owner.name ?? t("robot")}</bdi>`] : []),
    ];
    // Beside the pane that shows them these are only in the way.
    const came = [
      ...(room.site ? [html`<bdi>${room.site}</bdi>`] : []),
      ...(room.page ? [html`${t("on")} <bdi>${pathOf(room.page)}</bdi>`] : []),
    ];
    return html`${named ? html`<bdi class="room-name clip" title=${named}>${named}</bdi>` : nothing}<span class="clip">${dotted(stands)}${came.length > 0 ? html`<span class="came"> · ${dotted(came)}</span>` : nothing}</span>`;
  }

  /** @param {import("./open-room.js").OpenRoom} open */
  viewers({ viewers }) {
    if (viewers.size === 0) return nothing;
    const names = [...viewers.values()].map((one) => one.name).join(", ");
    return html`<span class="viewers" title=${t("{names} is looking too", { names })}>
      ${icon("eye", "xs")}${[...viewers.values()].slice(0, 3).map((one) => html`<span class="av s person" aria-hidden="true">${initials(one.name)}</span>`)}
      <span class="vh">${t("{names} is looking too", { names })}</span>
    </span>`;
  }

  /** The action that is filled with colour; what a colleague has is theirs to resolve. @param {ActionId} id */
  leads(id) {
    const room = this.desk.open?.room;
    return id === "reopen" || (id === "resolve" && !(room && isAnothers(room, this.desk.me.id)));
  }

  /** @param {ActionId} id */
  button(id) {
    const { label, icon: name, keys } = actionWords()[id];
    return html`<button class="btn act ${this.leads(id) ? "primary" : ""}" type="button" title=${keys ? `${label} (${keys.toUpperCase()})` : label}
      @click=${() => take(this.desk, this.acts, id)}>${icon(name)}<span class="act-word">${label}</span></button>`;
  }

  /** @param {import("./room-actions.js").Actions} offers a narrow header leaves all but its first action to the menu */
  moreMenu({ header, more, barred }) {
    const leftOut = header.filter((id) => !this.leads(id));
    return html`<details class="menu" data-menu>
      <summary class="btn quiet icon" aria-label=${t("More actions")} title=${t("More actions")}>${icon("ellipsis")}</summary>
      <div class="menu-sheet end">
        ${leftOut.map((id) => this.menuItem(id, "narrow"))}
        ${more.map((id) => this.menuItem(id, id === "spam" || id === "block" ? "danger" : "", barred[id]))}
      </div>
    </details>`;
  }

  /** @param {ActionId} id @param {string} kind @param {import("./room-actions.js").Bar} [bar] */
  menuItem(id, kind, bar) {
    const { label, icon: name, keys } = actionWords()[id];
    return html`<button class="menu-item ${kind}" type="button" aria-disabled=${bar ? "true" : nothing} @click=${() => take(this.desk, this.acts, id)}>
      ${icon(name)}<span class="grow">${label}${bar ? html`<span class="sub">${whyBarred(id, bar)}</span>` : nothing}</span>${keys ? caps(keys) : nothing}</button>`;
  }
}

/** @param {unknown[]} parts */
function dotted(parts) {
  return parts.map((part, at) => (at === 0 ? part : html` · ${part}`));
}

/** The tail of an id tells rooms of one moment apart; its head is the time. @param {string} id */
export function shortId(id) {
  return id.replaceAll("-", "").slice(-6);
}

/** @param {string} page */
export function pathOf(page) {
  try {
    const { pathname, search } = new URL(page);
    return pathname + search;
  } catch {
    return page;
  }
}

function ghostHeader() {
  return html`<div class="pane-head" aria-hidden="true"><span class="av skel"></span><div class="grow pane-who"><span class="skel line-a"></span><span class="skel line-b"></span></div></div>`;
}

customElements.define("desk-room", RoomView);
