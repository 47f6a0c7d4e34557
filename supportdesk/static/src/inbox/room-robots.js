// Who answers in this conversation, in which order: a switch and two arrows for each, read when the list is unfolded.

import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icon.js";
import { RoomFold } from "./room-fold.js";

/** @typedef {import("./desk-api.js").RoomRobot} RoomRobot */

class RoomRobots extends RoomFold {
  constructor() {
    super();
    /** @type {RoomRobot[] | null} */
    this.robots = null;
  }

  forget() {
    this.robots = null;
  }

  get isRead() {
    return this.robots !== null;
  }

  /** @param {string} roomId */
  async read(roomId) {
    const { items } = await this.desk.api.roomRobots(roomId);
    return () => {
      this.robots = items;
    };
  }

  render() {
    const robots = this.robots ?? [];
    return this.fold(
      "room-robots",
      t("Robots of this conversation"),
      html`${this.robots?.length === 0 ? html`<p class="sub">${t("The workspace has no robots.")}</p>` : nothing}
      ${robots.length > 1 ? html`<p class="sub">${t("The first that has an answer gives it; the others may add to it.")}</p>` : nothing}
      <ol>${repeat(
        robots,
        ({ id }) => id,
        (one, at) => html`<li data-robot=${one.id}>${this.line(one, at)}</li>`,
      )}</ol>`,
    );
  }

  /** @param {RoomRobot} one @param {number} at */
  line(one, at) {
    const off = !one.active_in_workspace;
    const own = Object.keys(one.settings);
    return html`<span class="av s robot" aria-hidden="true">${icon("bot")}</span>
      <span class="grow"><bdi class="clip">${one.name}</bdi>
        <span class="sub">${this.doing(one)}</span>
        ${own.length > 0 ? html`<span class="sub" title=${own.join(", ")}>${t("set otherwise here: {names}", { names: own.join(", ") })}</span>` : nothing} ${this.settings(one)}</span>
      ${this.arrow(one, at, -1)}${this.arrow(one, at, 1)}
      <button class="switch" type="button" role="switch" aria-checked=${one.active && !off ? "true" : "false"} aria-label=${`${one.name} (${one.module})`}
        ?disabled=${off || !this.desk.may("chat:room:update")} @click=${() => void this.turn(one)}><i></i></button>`;
  }

  /** What it does here; one that was installed after the conversation began does nothing until it is switched on. @param {RoomRobot} one */
  doing(one) {
    if (!one.active_in_workspace) return t("switched off everywhere");
    if (!one.active)
      return t("{module}, not in this conversation; switch it on to bring it in", { module: one.module });
    return one.staff_only ? html`${icon("lock", "xs")} ${t("suggests to staff")}` : one.module;
  }

  /** @param {RoomRobot} one */
  settings(one) {
    if (!this.desk.may("chat:room:update") || !this.desk.may("chat:robot:configure")) return nothing;
    const label = t("Set {name} for this conversation", { name: one.name });
    return html`<a class="sub" href=${`/admin/rooms/${this.roomId}/robots/${one.id}`} aria-label=${label} title=${label}>${t("Settings here")}</a>`;
  }

  /** @param {RoomRobot} one @param {number} at @param {1 | -1} step */
  arrow(one, at, step) {
    if (!this.desk.may("chat:room:update") || (this.robots ?? []).length < 2) return nothing;
    const label =
      step < 0 ? t("Move {name} up", { name: one.name }) : t("Move {name} down", { name: one.name });
    const last = at + step < 0 || at + step >= (this.robots ?? []).length;
    // Not disabled but said to be: focus stays where it is when a robot arrives at an end.
    return html`<button class="btn quiet icon sm move" type="button" aria-label=${label} title=${label} aria-disabled=${last ? "true" : nothing}
      @click=${() => (last ? undefined : void this.move(one, at, step))}>${icon(step < 0 ? "arrow-up" : "arrow-down")}</button>`;
  }

  /** @param {RoomRobot} one */
  turn(one) {
    const done = one.active
      ? t("{name} no longer answers here.", { name: one.name })
      : t("{name} answers here.", { name: one.name });
    return this.change(() => this.desk.api.putRobot(this.roomId, one.id, !one.active, one.order), done);
  }

  /**
   * Every robot gets the number of its place; those that have it already are left alone.
   * @param {RoomRobot} one
   * @param {number} at
   * @param {1 | -1} step
   */
  async move(one, at, step) {
    const order = [...(this.robots ?? [])];
    order.splice(at, 1);
    order.splice(at + step, 0, one);
    const done = t("{name} is number {place} now.", { name: one.name, place: at + step + 1 });
    await this.change(async () => {
      for (const [place, { id, active, order: own }] of order.entries())
        if (own !== place + 1) await this.desk.api.putRobot(this.roomId, id, active, place + 1);
    }, done);
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (
      this.querySelector(`[data-robot="${one.id}"] .move:nth-of-type(${step < 0 ? 1 : 2})`)
    )?.focus();
  }
}

customElements.define("desk-room-robots", RoomRobots);
