// What every part of the inbox is: a custom element in light DOM that draws itself again when its topics tell.

import { LitElement } from "lit";

/** @typedef {import("./desk.js").Desk} Desk */

export class View extends LitElement {
  static properties = { desk: { attribute: false } };

  /** Names of the desk's topics that this view shows. @type {("list" | "room" | "desk")[]} */
  static topics = [];

  /** Whether one frame gathers what a burst of events changed. */
  static gathers = false;

  constructor() {
    super();
    this.desk = /** @type {Desk} */ (/** @type {unknown} */ (null));
    /** @type {(() => void)[]} */
    this.stops = [];
  }

  createRenderRoot() {
    // What the server drew while the scripts were on their way makes room.
    this.replaceChildren();
    return this;
  }

  async scheduleUpdate() {
    const { gathers } = /** @type {typeof View} */ (this.constructor);
    if (gathers && this.hasUpdated && document.visibilityState === "visible") {
      await new Promise((done) => requestAnimationFrame(done));
    }
    super.scheduleUpdate();
  }

  connectedCallback() {
    super.connectedCallback();
    const { topics } = /** @type {typeof View} */ (this.constructor);
    this.stops = topics.map((name) => this.desk.topics[name].on(() => this.requestUpdate()));
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    for (const stop of this.stops) stop();
    this.stops = [];
  }
}
