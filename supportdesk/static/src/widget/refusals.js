// What the desk refuses, in the reader's language: its own sentences are English.

import { isTranslated, t } from "../shared/i18n.js";

/** @param {{code: string, message: string}} error */
export function sentenceOf({ code, message }) {
  if (!isTranslated()) return message;
  switch (code) {
    case "blocked":
    case "account_not_active":
    case "forbidden":
      return t("You cannot write here; ask the company by other means.");
    case "rate_limited":
      return t("That was a lot at once. Please wait a moment and try again.");
    case "room_closed":
      return t("This conversation has ended.");
    case "too_many_rooms":
      return t("You have many open conversations; please go on in one of them.");
    case "expired":
      return t("This message was not sent in time.");
    default:
      return t("That did not work. Please try again later.");
  }
}
