// What the actions of a room are called, and why one that is shown cannot be taken.

import { t } from "../shared/i18n.js";

/**
 * @typedef {import("./room-actions.js").ActionId} ActionId
 * @typedef {import("./room-actions.js").Bar} Bar
 */

/** @returns {Record<ActionId, {label: string, icon: string, keys?: string}>} */
export function actionWords() {
  return {
    claim: { label: t("Claim"), icon: "user-check", keys: "i" },
    takeover: { label: t("Take over"), icon: "hand" },
    assign: { label: t("Assign"), icon: "user-plus", keys: "a" },
    escalate: { label: t("Escalate"), icon: "arrow-up", keys: "e" },
    resolve: { label: t("Resolve"), icon: "check", keys: "x" },
    reopen: { label: t("Reopen"), icon: "undo-2" },
    snooze: { label: t("Snooze"), icon: "alarm-clock", keys: "s" },
    wake: { label: t("End the snooze"), icon: "bell" },
    "to-robot": { label: t("Hand back to the robot"), icon: "bot" },
    "to-queue": { label: t("Put back into the queue"), icon: "inbox" },
    lower: { label: t("Lower the level"), icon: "arrow-down" },
    details: { label: t("Name and priority"), icon: "pencil", keys: "p" },
    invite: { label: t("Bring a colleague in"), icon: "users", keys: "c" },
    observe: { label: t("Read along unseen"), icon: "eye", keys: "o" },
    unobserve: { label: t("Stop reading along"), icon: "eye-off", keys: "o" },
    leave: { label: t("Leave the conversation"), icon: "log-out" },
    unread: { label: t("Mark as unread"), icon: "mail", keys: "u" },
    "stop-robot": { label: t("Stop the robot"), icon: "circle-stop" },
    spam: { label: t("Mark as spam"), icon: "flag" },
    block: { label: t("Block the guest"), icon: "ban" },
    unblock: { label: t("Unblock the guest"), icon: "lock-open" },
    "copy-link": { label: t("Copy the link"), icon: "link" },
  };
}

/** @param {ActionId} id @param {Bar} bar */
export function whyBarred(id, bar) {
  if (bar === "owner") return t("You have this conversation; hand it on first.");
  /** @type {Partial<Record<ActionId, string>>} */
  const sentences = {
    details: t("Your role may not change conversations."),
    invite: t("Your role may not bring colleagues in."),
    unblock: t("Your role may not unblock guests."),
  };
  return sentences[id] ?? t("Your role may not do this.");
}
