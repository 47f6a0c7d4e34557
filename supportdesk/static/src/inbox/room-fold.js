// A fold of the side panel about one conversation: read when it is unfolded, forgotten when another is opened.

import { html, nothing } from "lit";
import { icon } from "../shared/icon.js";
import { sentenceOf } from "./desk-acts.js";
import { View } from "./view.js";

export class RoomFold extends View {
  static topics = /** @type {("room" | "desk")[]} */ ([]);

  static properties = { ...View.properties, roomId: { attribute: false } };

  constructor() {
    super();
    this.roomId = "";
    this.of = "";
    this.problem = "";
    /** What has happened, for whoever does not see it. */
    this.told = "";
    this.busy = false;
  }

  willUpdate() {
    if (this.of === this.roomId) return;
    this.of = this.roomId;
    this.forget();
    this.problem = "";
    this.told = "";
    const fold = this.querySelector("details");
    if (fold) fold.open = false;
  }

  /** What was read of the conversation before. */
  forget() {
    throw new Error("A fold says what it forgets.");
  }

  /** @returns {boolean} whether the conversation's part was read */
  get isRead() {
    throw new Error("A fold knows whether it was read.");
  }

  /** @param {string} _roomId @returns {Promise<() => void>} what takes in what was read */
  read(_roomId) {
    throw new Error("A fold reads.");
  }

  /** @param {string} kind @param {string} title @param {unknown} content */
  fold(kind, title, content) {
    return html`<section><details class=${kind} @toggle=${this.onToggle}>
      <summary><h3>${title}</h3>${icon("chevron-down")}</summary>
      ${this.problem ? html`<p class="turn-error" role="alert">${icon("circle-alert", "xs")}${this.problem}</p>` : nothing}
      ${content}
      <p class="vh" role="status">${this.told}</p>
    </details></section>`;
  }

  /** @param {Event} event */
  onToggle(event) {
    const { open } = /** @type {HTMLDetailsElement} */ (event.target);
    if (open && !this.isRead) void this.load();
  }

  async load() {
    const { roomId } = this;
    try {
      const take = await this.read(roomId);
      if (roomId === this.roomId) take();
    } catch (error) {
      this.problem = sentenceOf(error);
    }
    this.requestUpdate();
  }

  /**
   * One thing after the other: what is asked for while something is on its way would be of a list that has changed.
   * @param {() => Promise<unknown>} act
   * @param {string} done
   */
  async change(act, done) {
    if (this.busy) return;
    this.busy = true;
    try {
      await act();
      this.problem = "";
      this.told = done;
    } catch (error) {
      this.problem = sentenceOf(error);
      this.told = "";
    }
    await this.load();
    this.busy = false;
  }
}
