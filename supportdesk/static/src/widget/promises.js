// What the guest is told of who answers, and when: never more than the desk can keep.

import { t, tn } from "../shared/i18n.js";
import { roughly } from "../shared/time.js";

/** @typedef {Pick<import("./app.js").SdWidget, "conversation" | "site" | "connection">} App */

/** Who speaks for the desk now. @param {App} app @returns {"robot" | "queue" | "human"} */
export function owner({ conversation, site }) {
  return conversation.room?.owner.kind ?? (site.robots ? "robot" : "queue");
}

/** Whether somebody takes conversations: where the guest waits, the desk says so with their place. @param {App} app */
function onDuty({ conversation: { queue }, site }) {
  return queue?.position ? queue.wait !== null : site.online !== false;
}

/** The line under the name. @param {App} app */
export function whoAnswers(app) {
  const { room } = app.conversation;
  if (app.connection.state === "refused") return t("This chat is closed to you");
  if (room?.status === "closed" || room?.status === "archived") return t("This conversation has ended");
  if (room?.owner.kind === "human")
    return t("{name} is answering", { name: room.owner.name || t("A person") });
  if (owner(app) === "robot") return t("Our robot answers at once");
  return onDuty(app) ? t("A person will answer soon") : t("We answer when we are back");
}

/** The place in the queue. @param {App} app */
export function waitText(app) {
  const { queue, written } = app.conversation;
  // A number would be a promise, and there is nobody to keep it.
  if (!onDuty(app))
    return written ? t("We have your message and answer when we are back.") : t("We answer when we are back");
  if (!queue?.position) return t("You are in line for a person. You can go on writing.");
  const place =
    queue.position === 1
      ? t("You are next in line")
      : tn("{count} person is before you", "{count} people are before you", queue.position - 1);
  if (queue.wait === null) return place;
  const time = roughly(queue.wait);
  return `${place} · ${queue.wait < 60 ? time : t("about {time}", { time })}`;
}
