// The sentences for what happens to a room besides messages: who escalated, claimed, resolved, and why.

import { t } from "../shared/i18n.js";
import { clockTime, dayLabel } from "../shared/time.js";
import { priorityName } from "./priority.js";
import { LEVELS } from "./room-actions.js";

/**
 * @typedef {import("../shared/protocol.js").RoomEvent} RoomEvent
 * @typedef {{icon: string, text: string}} Line
 */

/** @param {string | null | undefined} level */
export function levelName(level) {
  return level === "manager" ? t("Manager") : (level ?? "");
}

/**
 * @param {RoomEvent} event
 * @param {string} me own id
 * @param {(id: string) => string} [nameOf] what people of the room are called here; empty when unknown
 * @returns {Line | null} null when there is nothing to tell
 */
export function lineOf(event, me, nameOf = () => "") {
  const { data } = event;
  const who = actorName(event, me, nameOf);
  switch (event.kind) {
    case "room.created":
      return { icon: "message-circle", text: t("{who} started the conversation", { who }) };
    case "room.assigned":
      return assigned(event, who, me);
    case "room.owner_changed":
      return ownerChanged(event, who, me);
    case "room.closed":
      return closed(data, who);
    case "room.reopened":
      return { icon: "undo-2", text: t("{who} reopened the conversation", { who }) };
    case "room.snoozed":
      return snoozed(data, who);
    case "escalation.created":
      return escalated(data.escalation ?? data, who);
    case "escalation.updated":
      return cancelled(data.escalation ?? data, who);
    case "room.updated":
      return updated(event, who);
    case "participant.joined":
      return joined(event, who);
    case "participant.left":
      return left(event, who);
    case "tool.requested":
      return { icon: "wrench", text: t("{who} asks to run {tool}", { who, tool: data.tool_name ?? "" }) };
    case "tool.decided":
      return decided(data, who);
    case "tool.completed":
      return ran(data);
    case "csat.given":
      return rated(data, who);
    default:
      return null;
  }
}

/**
 * @param {RoomEvent} event
 * @param {string} me
 * @param {(id: string) => string} nameOf
 */
function actorName({ actor }, me, nameOf) {
  if (!actor || actor.kind === "system") return t("The desk");
  return actor.id === me ? t("You") : nameOf(actor.id) || actor.name;
}

/**
 * @param {RoomEvent} event
 * @param {string} who
 * @param {string} me
 * @returns {Line}
 */
function assigned({ data, actor }, who, me) {
  const to = data.assignee ?? (data.owner?.kind === "human" ? data.owner : null);
  return to ? given(to, actor?.id ?? null, who, me) : putBack(who);
}

/**
 * @param {{id: string, name?: string | null}} to
 * @param {string | null} by
 * @param {string} who
 * @param {string} me
 * @returns {Line}
 */
function given(to, by, who, me) {
  if (to.id === by) return { icon: "user-check", text: t("{who} took the conversation", { who }) };
  const name = to.id === me ? t("you") : (to.name ?? "");
  return { icon: "user-check", text: t("{who} assigned the conversation to {name}", { who, name }) };
}

/** @param {string} who @returns {Line} */
function putBack(who) {
  return { icon: "inbox", text: t("{who} put the conversation back into the queue", { who }) };
}

/**
 * @param {RoomEvent} event
 * @param {string} who
 * @param {string} me
 * @returns {Line | null}
 */
function ownerChanged({ data, actor }, who, me) {
  const { owner, reason } = data;
  if (!owner) return null;
  if (owner.kind === "human") {
    const taken = reason === "taken_over" && owner.id === actor?.id;
    return taken
      ? { icon: "hand", text: t("{who} took over", { who }) }
      : given(owner, actor?.id ?? null, who, me);
  }
  if (owner.kind === "robot") {
    // That robots answer first is no news; that somebody gave the room back to them is.
    if (actor?.kind !== "agent") return null;
    return { icon: "bot", text: t("{who} handed the conversation to the robot", { who }) };
  }
  if (reason === "unassigned" || reason === "handed_back") return putBack(who);
  return { icon: "hourglass", text: waitingBecause(reason) };
}

/**
 * @param {Record<string, any>} data
 * @param {string} who
 * @returns {Line}
 */
function decided({ decision, tool_name }, who) {
  const tool = tool_name ?? "";
  if (decision === "lapse")
    return { icon: "clock", text: t("Nobody decided about {tool} in time", { tool }) };
  if (decision === "withdraw") return { icon: "undo-2", text: t("{tool} is no longer asked for", { tool }) };
  if (decision === "deny") return { icon: "x", text: t("{who} denied {tool}", { who, tool }) };
  return { icon: "check", text: t("{who} approved {tool}", { who, tool }) };
}

/** @param {Record<string, any>} data @returns {Line} */
function ran({ status, tool_name }) {
  const tool = tool_name ?? "";
  if (status === "failed") return { icon: "circle-alert", text: t("{tool} failed", { tool }) };
  return { icon: "wrench", text: t("{tool} was run", { tool }) };
}

/** @param {string | undefined} reason a code of the product's words, or a sentence */
function waitingBecause(reason) {
  /** @type {Record<string, string>} */
  const sentences = {
    guest_asked: t("Waiting for a person: the guest asked for one"),
    not_in_documents: t("Waiting for a person: the answer is not in the documents"),
    robot_failed: t("Waiting for a person: the robot failed"),
    robot_timed_out: t("Waiting for a person: the robot took too long"),
    escalated: t("Waiting for a person at this level"),
  };
  if (!reason) return t("Waiting for a person");
  return sentences[reason] ?? t("Waiting for a person: {reason}", { reason: reason.replaceAll("_", " ") });
}

/**
 * @param {Record<string, any>} data
 * @param {string} who
 * @returns {Line}
 */
function closed(data, who) {
  if (data.outcome === "spam")
    return { icon: "ban", text: t("{who} marked the conversation as spam", { who }) };
  return { icon: "circle-check", text: t("{who} resolved the conversation", { who }) };
}

/**
 * @param {Record<string, any>} data
 * @param {string} who
 * @returns {Line}
 */
function snoozed(data, who) {
  const until = data.until ?? data.snoozed_until;
  if (!until) return { icon: "alarm-clock", text: t("{who} snoozed the conversation", { who }) };
  const when = `${dayLabel(until)} ${clockTime(until)}`;
  return { icon: "alarm-clock", text: t("{who} snoozed the conversation until {when}", { who, when }) };
}

/**
 * @param {Record<string, any>} step
 * @param {string} who
 * @returns {Line}
 */
function escalated(step, who) {
  const down = LEVELS.indexOf(step.to_level) < LEVELS.indexOf(step.from_level);
  const level = levelName(step.to_level);
  const text = down
    ? t("{who} lowered to {level}", { who, level })
    : t("{who} escalated to {level}", { who, level });
  return { icon: down ? "arrow-down" : "arrow-up", text: step.reason ? `${text}: ${step.reason}` : text };
}

/**
 * @param {Record<string, any>} step
 * @param {string} who
 * @returns {Line | null}
 */
function cancelled(step, who) {
  if (step.status !== "cancelled") return null;
  return {
    icon: "x",
    text: t("{who} cancelled the escalation to {level}", { who, level: levelName(step.to_level) }),
  };
}

/**
 * @param {RoomEvent} event
 * @param {string} who
 * @returns {Line | null}
 */
function updated({ data, actor }, who) {
  // A room that is named after what a guest said loses the name with it; nobody renamed it.
  if (actor?.kind !== "agent") return null;
  const fields = new Set(data.fields ?? []);
  const priority = priorityName(data.priority);
  // Old lines show the present name of a room, so none of them says a name.
  if (fields.has("name") && fields.has("priority"))
    return {
      icon: "pencil",
      text: t("{who} renamed the conversation and set its priority to {priority}", { who, priority }),
    };
  if (fields.has("name")) return { icon: "pencil", text: t("{who} renamed the conversation", { who }) };
  if (fields.has("priority"))
    return { icon: "flag", text: t("{who} set the priority to {priority}", { who, priority }) };
  return null;
}

/**
 * Colleagues come and go visibly; guests and robots are there from the start.
 * @param {RoomEvent} event
 * @param {string} who
 * @returns {Line | null}
 */
function joined({ data, actor }, who) {
  const person = data.participant ?? data;
  if (person.kind !== "agent") return null;
  const name = person.name ?? who;
  const itself = !actor?.id || actor.id === person.user_id;
  if (person.role === "observer") {
    const text = itself
      ? t("{who} began to read along, unseen by the guest", { who })
      : t("{who} let {name} read along, unseen by the guest", { who, name });
    return { icon: "eye", text };
  }
  if (itself) return { icon: "user-plus", text: t("{name} joined", { name: actor?.id ? who : name }) };
  return { icon: "user-plus", text: t("{who} brought {name} in", { who, name }) };
}

/**
 * @param {RoomEvent} event
 * @param {string} who
 * @returns {Line | null}
 */
function left({ data, actor }, who) {
  const name = data.name ?? data.participant?.name;
  // Robots are switched off by the desk, guests do not leave: only staff act here.
  if (!name || actor?.kind !== "agent") return null;
  if (actor.id === data.user_id) return { icon: "log-out", text: t("{name} left", { name: who }) };
  return { icon: "log-out", text: t("{who} took {name} out", { who, name }) };
}

/**
 * @param {Record<string, any>} data
 * @param {string} who
 * @returns {Line}
 */
function rated(data, who) {
  const text = t("{who} gave {score} of 5", { who, score: data.score });
  return { icon: "smile", text: data.comment ? `${text}: ${data.comment}` : text };
}
