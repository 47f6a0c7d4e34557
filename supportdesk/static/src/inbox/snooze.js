// The moments a room is usually put off to. Pure.

import { t } from "../shared/i18n.js";

/**
 * @param {Date} now in the reader's own zone
 * @returns {{label: string, until: Date}[]}
 */
export function snoozeChoices(now) {
  const inHours = (/** @type {number} */ hours) => new Date(now.getTime() + hours * 3_600_000);
  const morning = (/** @type {number} */ days) => {
    const day = new Date(now);
    day.setDate(day.getDate() + days);
    day.setHours(9, 0, 0, 0);
    return day;
  };
  const toMonday = (8 - now.getDay()) % 7 || 7;
  const choices = [
    { label: t("In an hour"), until: inHours(1) },
    { label: t("In four hours"), until: inHours(4) },
    { label: t("Tomorrow morning"), until: morning(1) },
  ];
  return toMonday > 1 ? [...choices, { label: t("Next Monday"), until: morning(toMonday) }] : choices;
}
