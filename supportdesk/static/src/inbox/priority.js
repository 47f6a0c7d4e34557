// How urgent a conversation is: 1 urgent to 5 lowest, in the words of the desk. Pure.

import { t } from "../shared/i18n.js";

export const PRIORITIES = [1, 2, 3, 4, 5];
export const USUAL_PRIORITY = 3;

/** @param {number} priority */
export function priorityName(priority) {
  return [t("urgent"), t("high"), t("normal"), t("low"), t("lowest")][priority - 1] ?? String(priority);
}
