// The queues, the filters and the list of conversations.

import { html, nothing } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import { locale, t, tn } from "../shared/i18n.js";
import { icon, initials } from "../shared/icon.js";
import { clockTime, dayLabel, fullTime, shortAge } from "../shared/time.js";
import { presenceName } from "./availability.js";
import { levelName } from "./event-lines.js";
import { APPROVALS, addressOf, QUEUES, STATUSES } from "./place.js";
import { titleOf, waiting } from "./room-list.js";
import { isMac } from "./sheet-view.js";
import { View } from "./view.js";

/** @typedef {import("./room-list.js").RoomLine} RoomLine */

const SEARCH_MS = 200;
/** Ages in the list are this fresh. */
const TICK_MS = 15_000;
const MOST_SHOWN = 99;

/** @param {string} queue */
function queueName(queue) {
  if (queue === "mine") return t("Mine");
  if (queue === "manager") return t("Mgr");
  return queue === "robots" ? t("Robots") : queue;
}

/** The product's words for the states. @param {string} status */
export function statusName(status) {
  return (
    {
      "": t("All open"),
      waiting: t("Pending"),
      active: t("Open"),
      snoozed: t("Snoozed"),
      closed: t("Resolved"),
      archived: t("Archived"),
    }[status] ?? status
  );
}

class ListView extends View {
  static topics = /** @type {("list")[]} */ (["list"]);

  static gathers = true;

  constructor() {
    super();
    /** @type {any} */
    this.searchTimer = null;
    this.searching = false;
    /** @type {string | null} */
    this.revealed = null;
    this.revealedQueue = "";
  }

  render() {
    const { list } = this.desk;
    return html`
      <div class="list-head">
        <div class="row">
          <h1 class="grow">${t("Inbox")}</h1>
          <button class="btn quiet to-palette" type="button" @click=${() => this.desk.ask({ kind: "palette" })}>
            ${icon("command")}${t("Go to")} <span class="kbd">${isMac() ? "⌘" : "Ctrl "}K</span>
          </button>
        </div>
        <div class="seg queues" role="tablist" aria-label=${t("Queue")} @keydown=${this.onQueueKey}>
          ${QUEUES.map((queue) => this.queueTab(queue))}
        </div>
        <div class="row list-filter">
          <div class="search grow">
            ${icon("search")}
            <label class="vh" for="list-search">${t("Search conversations")}</label>
            <input class="field" id="list-search" type="search" placeholder=${t("Search")} autocomplete="off"
              .value=${list.query.q} @input=${this.onSearch} @keydown=${this.onSearchKey}>
          </div>
          <label class="vh" for="list-status">${t("State")}</label>
          <select class="field status" id="list-status" @change=${this.onStatus}>
            ${STATUSES.map((status) => html`<option value=${status} ?selected=${status === list.query.status && !this.toApprove}>${statusName(status)}</option>`)}
            ${this.desk.may("chat:tool:decide") ? html`<option value=${APPROVALS} ?selected=${this.toApprove}>${t("To approve")}</option>` : nothing}
          </select>
        </div>
      </div>
      ${this.approvalStrip()}
      ${this.awayStrip()}
      <div class="convs" id="conversations" role="tabpanel" aria-label=${t("Conversations")} aria-busy=${list.state === "loading"}
        tabindex="-1" @scroll=${this.onScroll} @pointermove=${() => list.steady()} @pointerleave=${() => list.unsteady()}>
        ${this.body()}
      </div>
    `;
  }

  /** Whether the list is of what waits for approval, whatever queue it is in. */
  get toApprove() {
    return this.desk.list.query.queue === APPROVALS;
  }

  /** Guests have been told that a colleague is checking: whoever may decide sees so, whatever list they look at. */
  approvalStrip() {
    const count = this.desk.list.counts.approvals ?? 0;
    if (count === 0 || this.toApprove) return nothing;
    return html`<div class="strip row asks">
      ${icon("wrench")}
      <span class="grow">${tn("{count} conversation waits for approval", "{count} conversations wait for approval", count)}</span>
      <button class="btn" type="button" @click=${() => this.showApprovals()}>${t("Show")}</button>
    </div>`;
  }

  showApprovals() {
    this.desk.filter({ queue: APPROVALS, status: "", q: "" });
    /** @type {HTMLElement | null} */ (this.querySelector("#conversations"))?.focus();
  }

  /** Whoever is not online is given nothing, and should know it; where nothing is given to anybody, that one claims. */
  awayStrip() {
    const { availability, me } = this.desk;
    if (availability.status === "online" || !this.desk.may("desk:presence:set")) return nothing;
    const status = presenceName(availability.status);
    return html`<div class="strip row">
      <i class="dot ${availability.status}" aria-hidden="true"></i>
      <span class="grow">${me.is_given_rooms === false ? t("{status}: you can claim from the queue all the same", { status }) : t("{status}: no conversations are given to you", { status })}</span>
      <button class="btn" type="button" @click=${() => availability.choose("online")}>${t("Go online")}</button>
    </div>`;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(this.desk.availability.topic.on(() => this.requestUpdate()));
  }

  /** @param {string} queue */
  queueTab(queue) {
    const { list } = this.desk;
    const selected = queue === list.query.queue;
    return html`<button type="button" role="tab" id="queue-${queue}" aria-selected=${selected} aria-controls="conversations"
      tabindex=${selected || (this.toApprove && queue === QUEUES[0]) ? 0 : -1} @click=${() => this.desk.filter({ queue })}><span>${queueName(queue)}</span>${countOf(list.counts[queue])}</button>`;
  }

  body() {
    const { list } = this.desk;
    if (list.state === "loading" && list.items.length === 0) return skeleton();
    if (list.state === "failed") {
      return html`<div class="empty">
        ${icon("wifi-off")}
        <h2>${t("The list could not be read")}</h2>
        <button class="btn" type="button" @click=${() => void list.refresh()}>${icon("refresh-cw")}${t("Try again")}</button>
      </div>`;
    }
    if (list.items.length === 0) return this.emptiness();
    const open = this.desk.open?.id;
    const minute = Math.floor(Date.now() / TICK_MS);
    return html`<ul>
        ${repeat(
          list.items,
          (line) => line.id,
          (line) =>
            html`<li>${guard([line, line.id === open, this.desk.marks.has(line.id), minute, list.query], () => this.line(line))}</li>`,
        )}
      </ul>
      ${
        list.cursor
          ? html`<div class="more"><button class="btn quiet sm" type="button" ?disabled=${list.loadingMore} @click=${() => void list.more()}>
        ${list.loadingMore ? t("Loading…") : t("Show more")}</button></div>`
          : nothing
      }`;
  }

  emptiness() {
    const { q, status, queue } = this.desk.list.query;
    if (q) {
      return html`<div class="empty">
        ${icon("search")}
        <h2>${t("Nothing found for “{q}”", { q })}</h2>
        <button class="btn" type="button" @click=${() => this.desk.filter({ q: "" })}>${t("Clear the search")}</button>
      </div>`;
    }
    if (this.toApprove) {
      return html`<div class="empty">
        ${icon("circle-check")}
        <h2>${t("Nothing waits for approval")}</h2>
        <p>${t("What robots may not do by themselves stands here, the oldest request first.")}</p>
      </div>`;
    }
    if (status) {
      return html`<div class="empty">
        ${icon("inbox")}
        <h2>${t("Nothing here is “{state}”", { state: statusName(status) })}</h2>
        <button class="btn" type="button" @click=${() => this.desk.filter({ status: "" })}>${t("Show all open")}</button>
      </div>`;
    }
    const own = queue === "mine";
    return html`<div class="empty">
      ${icon(own ? "inbox" : "circle-check")}
      <h2>${own ? t("You have no conversations") : t("Nobody waits here")}</h2>
      <p>${own ? t("Take one from a queue: what you claim stands here.") : t("New conversations appear here by themselves.")}</p>
    </div>`;
  }

  /** @param {RoomLine} line */
  line(line) {
    const current = line.id === this.desk.open?.id;
    const marked = this.desk.marks.has(line.id);
    const unread = current ? 0 : Math.max(line.unread, marked ? 1 : 0);
    const name = titleOf(line);
    const at = line.last_message_at ?? line.created_at;
    const href = addressOf({ ...this.desk.place, room: line.id });
    return html`<a class="conv ${unread > 0 ? "unread" : ""}" href=${href} data-room=${line.id}
      aria-current=${current ? "true" : nothing} @click=${(/** @type {MouseEvent} */ event) => this.onLine(event, line.id)}>
      <span class="av" aria-hidden="true">${initials(name)}</span>
      <span class="who"><bdi class="clip">${name}</bdi>${line.guest?.verified ? html`<span class="verified" title=${t("identity verified")}>${icon("shield", "xs")}<span class="vh">${t("identity verified")}</span></span>` : nothing}</span>
      <time datetime=${at} title=${fullTime(at)}>${shortAge(at)}</time>
      <span class="prev clip" dir="auto">${preview(line)}</span>
      <span class="tags">${this.tags(line, unread)}</span>
    </a>`;
  }

  /** @param {RoomLine} line @param {number} unread none are while the room is open */
  tags(line, unread) {
    const wait = line.status === "waiting" ? waiting(line.waiting_since, Date.now()) : null;
    const { queue, q } = this.desk.list.query;
    const showLevel = q !== "" || !["T1", "T2", "T3", "manager"].includes(queue);
    return html`
      ${wait ? html`<span class="chip ${wait.tone}">${icon("clock")}<span>${t("waiting {age}", { age: shortAge(Date.now() - wait.ms) })}</span></span>` : nothing}
      ${line.approvals ? html`<span class="chip warn">${icon("wrench")}${t("{count} to approve", { count: line.approvals })}</span>` : nothing}
      ${line.priority <= 2 ? html`<span class="chip danger">${icon("flag")}${line.priority === 1 ? t("urgent") : t("high")}</span>` : nothing}
      ${line.owner.kind === "robot" ? html`<span class="chip robot">${icon("bot")}<span class="clip">${line.owner.name ?? t("robot")}</span></span>` : nothing}
      ${line.owner.kind === "human" ? this.ownerChip(line.owner, queue) : nothing}
      ${showLevel ? html`<span class="chip">${levelName(line.level)}</span>` : nothing}
      ${["snoozed", "closed", "archived"].includes(line.status) ? html`<span class="chip">${line.status === "snoozed" && line.snoozed_until ? t("until {when}", { when: `${dayLabel(line.snoozed_until)} ${clockTime(line.snoozed_until)}` }) : statusName(line.status)}</span>` : nothing}
      ${line.tags.map((tag) => html`<span class="chip"><span class="clip">${tag}</span></span>`)}
      ${unread > 0 ? html`<span class="count"><span aria-hidden="true">${unread > 99 ? "99+" : unread}</span><span class="vh">${tn("{count} unread message", "{count} unread messages", unread)}</span></span>` : nothing}
    `;
  }

  /** Among one's own rooms all are one's own. @param {RoomLine["owner"]} owner @param {string} queue */
  ownerChip({ id, name }, queue) {
    const mine = id === this.desk.me.id;
    if (mine && queue === "mine") return nothing;
    return html`<span class="chip accent">${icon("user-round")}<span class="clip">${mine ? t("yours") : name}</span></span>`;
  }

  /** @param {MouseEvent} event @param {string} id */
  onLine(event, id) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    this.desk.select(id);
  }

  /** @param {KeyboardEvent} event */
  onQueueKey(event) {
    const rtl = getComputedStyle(this).direction === "rtl";
    const steps = /** @type {Record<string, number>} */ ({
      ArrowRight: rtl ? -1 : 1,
      ArrowLeft: rtl ? 1 : -1,
    });
    const at = QUEUES.indexOf(this.desk.list.query.queue);
    const ends = /** @type {Record<string, number>} */ ({ Home: 0, End: QUEUES.length - 1 });
    const to = event.key in ends ? ends[event.key] : event.key in steps ? at + steps[event.key] : -1;
    if (to < 0 && !(event.key in steps)) return;
    event.preventDefault();
    const queue = QUEUES[(to + QUEUES.length) % QUEUES.length];
    this.desk.filter({ queue });
    void this.updateComplete.then(() =>
      /** @type {HTMLElement | null} */ (this.querySelector(`#queue-${queue}`))?.focus(),
    );
  }

  /** @param {InputEvent} event */
  onSearch(event) {
    const q = /** @type {HTMLInputElement} */ (event.target).value;
    clearTimeout(this.searchTimer);
    this.searchTimer = setTimeout(() => this.desk.filter({ q: q.trim() }), SEARCH_MS);
  }

  /** @param {KeyboardEvent} event */
  onSearchKey(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (event.key === "Escape" && input.value) {
      event.preventDefault();
      event.stopPropagation();
      clearTimeout(this.searchTimer);
      this.desk.filter({ q: "" });
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      /** @type {HTMLElement | null} */ (this.querySelector(".conv"))?.focus();
    }
  }

  /** @param {Event} event */
  onStatus(event) {
    const status = /** @type {HTMLSelectElement} */ (event.target).value;
    if (status === APPROVALS) this.desk.filter({ queue: APPROVALS, status: "" });
    else this.desk.filter(this.toApprove ? { queue: "mine", status } : { status });
  }

  /** @param {Event} event */
  onScroll(event) {
    const box = /** @type {HTMLElement} */ (event.target);
    if (box.scrollHeight - box.scrollTop - box.clientHeight < 400) void this.desk.list.more();
  }

  updated() {
    const { queue } = this.desk.list.query;
    if (queue !== this.revealedQueue) {
      this.revealedQueue = queue;
      this.querySelector(`#queue-${queue}`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    const id = this.desk.open?.id ?? null;
    if (id === this.revealed) return;
    this.revealed = id;
    if (id) this.querySelector(`[data-room="${CSS.escape(id)}"]`)?.scrollIntoView({ block: "nearest" });
  }
}

/** How many there are: beyond two digits nobody counts, and the tabs have one line. @param {number} [count] */
function countOf(count) {
  if (count === undefined) return nothing;
  const whole = new Intl.NumberFormat(locale()).format(count);
  if (count <= MOST_SHOWN) return html` <b>${whole}</b>`;
  const most = new Intl.NumberFormat(locale()).format(MOST_SHOWN);
  return html` <b title=${whole}><span aria-hidden="true">${most}+</span><span class="vh">${whole}</span></b>`;
}

/** @param {RoomLine} line */
function preview({ preview: text, preview_by: by }) {
  if (text === null) return t("No messages yet");
  const shown = text === "" ? t("Message deleted") : text;
  if (by?.note) return html`${icon("lock", "xs")} ${shown}`;
  if (by?.mine) return t("You: {text}", { text: shown });
  return by?.voice === "robot" ? html`${icon("bot", "xs")} ${shown}` : shown;
}

function skeleton() {
  return html`<ul aria-hidden="true">
    ${[0, 1, 2, 3, 4, 5].map(
      () =>
        html`<li class="conv ghost"><span class="av skel"></span><span class="skel wide"></span><span class="skel short"></span><span class="skel full"></span></li>`,
    )}
  </ul><p class="vh" role="status">${t("Loading conversations")}</p>`;
}

customElements.define("desk-list", ListView);
