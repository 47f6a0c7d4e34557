// Which robots take part in this conversation: a switch for each, read when the list is unfolded.

import { html, nothing } from "lit";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icon.js";
import { sentenceOf } from "./desk-acts.js";
import { View } from "./view.js";

/** @typedef {import("./desk-api.js").RoomRobot} RoomRobot */

class RoomRobots extends View {
  static topics = /** @type {("room" | "desk")[]} */ ([]);

  static properties = { ...View.properties, roomId: { attribute: false } };

  constructor() {
    super();
    this.roomId = "";
    this.of = "";
    /** @type {RoomRobot[] | null} */
    this.robots = null;
    this.problem = "";
  }

  willUpdate() {
    if (this.of === this.roomId) return;
    this.of = this.roomId;
    this.robots = null;
    this.problem = "";
    const fold = this.querySelector("details");
    if (fold) fold.open = false;
  }

  render() {
    return html`<section><details class="room-robots" @toggle=${this.onToggle}>
      <summary><h3>${t("Robots of this conversation")}</h3>${icon("chevron-down")}</summary>
      ${this.problem ? html`<p class="turn-error" role="alert">${icon("circle-alert", "xs")}${this.problem}</p>` : nothing}
      ${this.robots?.length === 0 ? html`<p class="sub">${t("The workspace has no robots.")}</p>` : nothing}
      <ul>${(this.robots ?? []).map((one) => html`<li>${this.line(one)}</li>`)}</ul>
    </details></section>`;
  }

  /** @param {RoomRobot} one */
  line(one) {
    const off = !one.active_in_workspace;
    return html`<span class="av s robot" aria-hidden="true">${icon("bot")}</span>
      <span class="grow"><bdi class="clip">${one.name}</bdi>
        <span class="sub">${off ? t("switched off everywhere") : one.staff_only ? html`${icon("lock", "xs")} ${t("suggests to staff")}` : one.module}</span></span>
      <button class="switch" type="button" role="switch" aria-checked=${one.active && !off ? "true" : "false"} aria-label=${`${one.name} (${one.module})`}
        ?disabled=${off || !this.desk.may("chat:room:update")} @click=${() => void this.turn(one)}><i></i></button>`;
  }

  /** @param {Event} event */
  onToggle(event) {
    const { open } = /** @type {HTMLDetailsElement} */ (event.target);
    if (open && this.robots === null) void this.load();
  }

  async load() {
    const { roomId } = this;
    try {
      const { items } = await this.desk.api.roomRobots(roomId);
      if (roomId === this.roomId) this.robots = items;
      this.problem = "";
    } catch (error) {
      this.problem = sentenceOf(error);
    }
    this.requestUpdate();
  }

  /** @param {RoomRobot} one */
  async turn(one) {
    try {
      await this.desk.api.switchRobot(this.roomId, one);
      this.problem = "";
    } catch (error) {
      this.problem = sentenceOf(error);
    }
    await this.load();
  }
}

customElements.define("desk-room-robots", RoomRobots);
