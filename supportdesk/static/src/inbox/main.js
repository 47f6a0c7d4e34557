// The live inbox: reads the page's data block, starts the desk, and draws its parts.

import { html } from "lit";
import { dataBlock, t, useCatalogue } from "../shared/i18n.js";
import "./approvals-view.js";
import { wireAvailability } from "./availability.js";
import { runCommand } from "./commands.js";
import "./composer-view.js";
import "./customer-view.js";
import { Desk } from "./desk.js";
import { DeskActs } from "./desk-acts.js";
import "./dialog-view.js";
import "./list-view.js";
import "./log-view.js";
import { wireMenus } from "./menu.js";
import { wireNotifications } from "./notifications.js";
import "./notices-view.js";
import "./room-robots.js";
import "./room-tools.js";
import "./room-view.js";
import { placeOf } from "./place.js";
import { Keyboard } from "./shortcuts.js";
import { wireThemeChoice } from "./theme-choice.js";
import { View } from "./view.js";

class Inbox extends View {
  static topics = /** @type {("room" | "desk")[]} */ (["desk"]);

  constructor() {
    super();
    const config = /** @type {import("./desk.js").Config} */ (dataBlock("config"));
    useCatalogue({ locale: config.locale, dir: config.dir, messages: config.i18n });
    this.desk = new Desk(config);
    this.acts = new DeskActs(this.desk);
    /** @type {string | null} the one of the address was not chosen just now: it takes no focus */
    this.shownRoom = placeOf(location.search).room;
    this.shownCustomer = false;
    this.keyboard = new Keyboard(this.desk.shortcuts);
  }

  connectedCallback() {
    super.connectedCallback();
    addEventListener("keydown", (event) => this.onKey(event));
    wireMenus();
    wireThemeChoice();
    wireAvailability(this.desk.availability);
    wireNotifications();
    void this.desk.start();
  }

  render() {
    const { desk, acts } = this;
    return html`
      <main id="main" tabindex="-1" class="inbox ${desk.open ? "has-room" : ""} ${desk.customerShown ? "has-customer" : ""}">
        <desk-list class="list" role="region" aria-label=${t("Conversations")} .desk=${desk}></desk-list>
        <desk-room class="pane" role="region" aria-label=${t("Conversation")} .desk=${desk} .acts=${acts}></desk-room>
        <desk-customer class="ctx" id="customer" role="region" aria-label=${t("Customer details")} .desk=${desk} .acts=${acts}></desk-customer>
      </main>
      <desk-notices .desk=${desk}></desk-notices>
      <desk-dialogs .desk=${desk} .acts=${acts}></desk-dialogs>
      <div class="vh" role="status" aria-live="polite">${desk.announcement}</div>
    `;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.defaultPrevented || this.desk.dialog) return;
    if (event.key === "Escape") {
      if (this.desk.customerShown) this.desk.showCustomer(false);
      return;
    }
    const command = this.keyboard.press(event, performance.now());
    if (command && runCommand(this.desk, this.acts, command)) event.preventDefault();
  }

  updated() {
    const { open, customerShown } = this.desk;
    document.body.classList.toggle("in-room", open !== null);
    if ((open?.id ?? null) !== this.shownRoom) this.followRoom(open?.id ?? null);
    if (customerShown !== this.shownCustomer) {
      this.shownCustomer = customerShown;
      this.focusOn(customerShown ? ".ctx-close" : ".customer-toggle");
    }
  }

  /** Where list and room share one place, focus goes with what is shown. @param {string | null} id */
  followRoom(id) {
    const left = this.shownRoom;
    this.shownRoom = id;
    if (!matchMedia("(width < 900px)").matches) return;
    this.focusOn(id ? ".log" : `[data-room="${CSS.escape(left ?? "")}"]`);
  }

  /** @param {string} selector something that may still have to be drawn */
  focusOn(selector) {
    requestAnimationFrame(() => {
      requestAnimationFrame(() =>
        /** @type {HTMLElement | null} */ (this.querySelector(selector))?.focus({ preventScroll: true }),
      );
    });
  }
}

customElements.define("desk-inbox", Inbox);
