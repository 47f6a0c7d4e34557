// What happened in the room, in a sentence for the guest, from the public fields of each kind.

import { t } from "../shared/i18n.js";

/** @typedef {{icon: string, text: string, about?: string, step?: boolean}} Line about: whose coming or going it tells;
 *   step: the conversation went to another level */

/**
 * @param {import("../shared/protocol.js").RoomEvent} event
 * @returns {Line | null} null for what a guest need not read
 */
export function lineOf({ kind, data }) {
  switch (kind) {
    case "room.owner_changed":
      return ownerLine(data.owner ?? {});
    case "participant.joined": {
      const person = data.participant;
      if (person?.kind !== "agent") return null;
      return {
        icon: "user-round",
        text: t("{name} joined the conversation.", { name: nameOf(person) }),
        about: person.user_id,
      };
    }
    case "participant.left":
      return data.name
        ? { icon: "user-round", text: t("{name} left the conversation.", { name: data.name }) }
        : null;
    case "escalation.created": {
      const manager = data.to_level === "manager";
      const text = manager ? t("Your request went to a manager.") : t("Your request went to a specialist.");
      return { icon: "arrow-up", text, step: true };
    }
    case "room.closed":
      return { icon: "circle-check", text: t("This conversation has ended.") };
    case "room.reopened":
      return { icon: "undo-2", text: t("This conversation is open again.") };
    case "csat.given":
      return { icon: "smile", text: t("You rated this conversation {score} of 5.", { score: data.score }) };
    default:
      return null;
  }
}

/** @param {{kind?: string, id?: string | null, name?: string | null}} owner */
function ownerLine({ kind, id, name }) {
  if (kind === "queue")
    return { icon: "headset", text: t("Passed on to our team. A person will answer here.") };
  if (kind === "robot") return { icon: "bot", text: t("The robot is answering again.") };
  if (kind === "human") {
    return {
      icon: "user-round",
      text: t("{name} is answering you now.", { name: nameOf({ name }) }),
      about: id ?? undefined,
    };
  }
  return null;
}

/** @param {{name?: string | null}} person */
const nameOf = ({ name }) => name || t("A person");
