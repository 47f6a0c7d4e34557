// Whether this person takes conversations now: chosen in the rail's menu, told to the desk on every connect.

import { t } from "../shared/i18n.js";
import { Topic } from "./topic.js";
import { sessionStore } from "./unsent-text.js";

/** @typedef {"online" | "away" | "busy" | "offline"} Presence */

/** @type {readonly Presence[]} */
const CHOICES = ["online", "away", "busy", "offline"];

export class Availability {
  /**
   * @param {{id: string, status?: string}} me with the status the desk knows
   * @param {import("../shared/connection.js").Connection} connection
   */
  constructor(me, connection) {
    this.key = `supportdesk:availability:${me.id}`;
    this.connection = connection;
    this.topic = new Topic();
    /** What this tab chose; a reload or a lost connection does not make it forget. @type {Presence | null} */
    this.chosen = known(sessionStore()?.getItem(this.key));
    /** Whoever comes is away until they say that they take conversations. @type {Presence} */
    this.status = this.chosen ?? known(me.status) ?? "away";
    if (this.status === "offline" && !this.chosen) this.status = "away";
    connection.onConnected(() => this.tell());
    connection.on("presence", ({ user_id, status, room_id }) => {
      const seen = known(status);
      if (user_id === me.id && !room_id && seen) this.adopt(seen);
    });
  }

  /** Whether a sound or a notification is welcome: not to whoever is busy or gone. */
  get welcomesNotices() {
    return this.status === "online" || this.status === "away";
  }

  /** @param {Presence} status */
  choose(status) {
    this.chosen = status;
    sessionStore()?.setItem(this.key, status);
    this.adopt(status);
    this.tell();
  }

  /** @param {Presence} status also when another tab of the same person chose it */
  adopt(status) {
    this.status = status;
    this.topic.tell();
  }

  tell() {
    if (!this.chosen || !this.connection.connected) return;
    this.connection.request("presence.set", { status: this.chosen }).catch(() => {
      // Lost with the connection: the next connect tells it again.
    });
  }
}

/** @param {unknown} status @returns {Presence | null} */
export function known(status) {
  return CHOICES.find((choice) => choice === status) ?? null;
}

/** @param {Presence} status */
export function presenceName(status) {
  return { online: t("Online"), away: t("Away"), busy: t("Busy"), offline: t("Offline") }[status];
}

/**
 * Gives the server-rendered menu of the rail its life.
 * @param {Availability} availability
 */
export function wireAvailability(availability) {
  const choices = /** @type {HTMLElement | null} */ (document.querySelector("[data-availability]"));
  const dot = /** @type {HTMLElement | null} */ (document.querySelector("[data-my-status]"));
  if (!choices || !dot) return;
  const word = document.createElement("span");
  word.className = "vh";
  dot.after(word);
  const show = () => {
    const { status } = availability;
    dot.className = `dot ${status}`;
    word.textContent = presenceName(status);
    const input = /** @type {HTMLInputElement | null} */ (choices.querySelector(`[value="${status}"]`));
    if (input) input.checked = true;
  };
  choices.hidden = false;
  dot.hidden = false;
  choices.addEventListener("change", (event) => {
    availability.choose(/** @type {Presence} */ (/** @type {HTMLInputElement} */ (event.target).value));
  });
  availability.topic.on(show);
  show();
}
