// Whether this person takes conversations now: chosen in the rail's menu, told to the desk on every connect.

import { t } from "../shared/i18n.js";
import { localStore } from "../shared/outbox.js";
import { Topic } from "./topic.js";

/** @typedef {"online" | "away" | "busy" | "offline"} Presence */

/** @type {readonly Presence[]} */
const CHOICES = ["online", "away", "busy", "offline"];

export class Availability {
  /**
   * @param {string} me own id
   * @param {import("../shared/connection.js").Connection} connection
   */
  constructor(me, connection) {
    this.key = `supportdesk:availability:${me}`;
    this.connection = connection;
    this.topic = new Topic();
    const kept = /** @type {Presence} */ (localStore()?.getItem(this.key));
    /** @type {Presence} opening the inbox means being there, unless the person said otherwise */
    this.status = CHOICES.includes(kept) ? kept : "online";
    connection.onConnected(() => this.tell());
    connection.on("presence", ({ user_id, status, room_id }) => {
      if (user_id === me && !room_id && CHOICES.includes(status)) this.adopt(status);
    });
  }

  /** Whether a sound or a notification is welcome. */
  get welcomesNotices() {
    return this.status === "online";
  }

  /** @param {Presence} status */
  choose(status) {
    this.adopt(status);
    this.tell();
  }

  /** @param {Presence} status also when another tab of the same person chose it */
  adopt(status) {
    this.status = status;
    localStore()?.setItem(this.key, status);
    this.topic.tell();
  }

  tell() {
    if (!this.connection.connected) return;
    this.connection.request("presence.set", { status: this.status }).catch(() => {
      // Lost with the connection: the next connect tells it again.
    });
  }
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
