// What waits for approval in a room, and what has just come of it. Pure.

import { t } from "../shared/i18n.js";
import { countdown } from "../shared/time.js";
import { plainly } from "./plainly.js";

/**
 * @typedef {object} ToolCall a call of a tool as GET /api/v1/tool-executions shows it
 * @property {string} id
 * @property {string} room_id
 * @property {{id: string, name: string | null}} robot
 * @property {string} tool
 * @property {string} description what the tool says of itself; empty when it is gone or another one by now
 * @property {{method: string, address: string, server: string} | null} goes_to where it leaves the desk for
 * @property {Record<string, unknown>} args
 * @property {string} args_sha256
 * @property {"pending" | "approved" | "executing" | "completed" | "failed" | "denied" | "cancelled"} status
 * @property {"read" | "low" | "high"} risk
 * @property {string} why
 * @property {string | null} cost
 * @property {string} required_level
 * @property {string} routed_level
 * @property {string} requested_at
 * @property {string | null} expires_at
 * @property {{id: string, name: string | null} | null} decided_by
 * @property {string | null} decision_note
 * @property {string | null} completed_at
 * @property {unknown} result
 * @property {string | null} error
 */

const LEVELS = ["T1", "T2", "T3", "manager"];
/** What a person has to do stands first, then what runs; the rest is over. */
const RANKS = ["pending", "approved", "executing"];
/** So long an outcome stays above the composer when nobody takes it away. */
const SHOWN_MS = 15 * 60_000;
/** An argument of more characters, or of more lines, is folded. */
const LONG_TEXT = 240;
const LONG_LINES = 6;
/** Of what a tool says of itself so much stands there unfolded. */
const LONG_ABOUT = 200;

/**
 * The cards of a room: what waits, what runs, and what a person was asked about and is over since not long ago; of each
 * the oldest first.
 * @param {ToolCall[]} calls
 * @param {Set<string>} put away by this person
 * @param {number} now
 */
export function cardsOf(calls, put, now) {
  return calls
    .filter((call) => {
      if (put.has(call.id) || call.expires_at === null) return false;
      if (RANKS.includes(call.status)) return true;
      return call.completed_at !== null && now - Date.parse(call.completed_at) < SHOWN_MS;
    })
    .sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
}

/** @param {ToolCall} call */
function rank({ status }) {
  const at = RANKS.indexOf(status);
  return at < 0 ? RANKS.length : at;
}

/** Whether it is over. @param {ToolCall} call */
export function isOver(call) {
  return rank(call) === RANKS.length;
}

/** What stands between the robot's name and the tool's. @param {ToolCall} call */
export function deed({ status }) {
  switch (status) {
    case "approved":
    case "executing":
      return t("is running");
    case "completed":
      return t("has run");
    case "failed":
      return t("failed to run");
    case "denied":
    case "cancelled":
      return t("wanted to run");
    default:
      return t("wants to run");
  }
}

/** Whether its time ran out; what was ended before that has been withdrawn. @param {ToolCall} call */
export function hasLapsed({ completed_at, expires_at }) {
  return Date.parse(completed_at ?? "") >= Date.parse(expires_at ?? "");
}

/**
 * Why this person cannot decide; empty when they can. Whether its time has run out the server knows: a clock here may
 * be fast.
 * @param {ToolCall} call
 * @param {{level: string | null}} me
 * @param {(permission: string) => boolean} may
 */
export function whyNot(call, me, may) {
  if (!may("chat:tool:decide")) return t("Your role may not decide about tools.");
  if (LEVELS.indexOf(me.level ?? "") < LEVELS.indexOf(call.required_level)) {
    const level = call.required_level === "manager" ? t("a manager") : call.required_level;
    return t("This needs somebody of {level} or above.", { level });
  }
  return "";
}

/**
 * An argument as one reads it: text as it is, everything else as JSON, and nothing in it unseen.
 * @param {unknown} value
 */
export function argumentText(value) {
  return plainly(typeof value === "string" ? value : JSON.stringify(value, null, 1));
}

/**
 * What a tool says of itself, in a beginning and the rest.
 * @param {string} description
 */
export function inTwo(description) {
  const text = plainly(description.trim());
  if (text.length <= LONG_ABOUT) return { head: text, rest: "" };
  const space = text.lastIndexOf(" ", LONG_ABOUT);
  const cut = space > LONG_ABOUT / 2 ? space : LONG_ABOUT;
  return { head: text.slice(0, cut).trimEnd(), rest: text.slice(cut).trimStart() };
}

/** Whether an argument is too long to stand there unfolded. @param {string} text */
export function isLong(text) {
  return text.length > LONG_TEXT || text.split("\n").length > LONG_LINES;
}

/**
 * The guest's words after which the robot asked: the newest before the call.
 * @param {Iterable<import("../shared/protocol.js").Message>} messages
 * @param {ToolCall} call
 */
export function questionBefore(messages, { requested_at: at }) {
  let found = null;
  for (const message of messages)
    if (
      message.sender?.kind === "guest" &&
      !message.deleted &&
      Date.parse(message.created_at) <= Date.parse(at) &&
      (found === null || message.created_at > found.created_at)
    )
      found = message;
  return found?.content ?? null;
}

/**
 * Why a person is asked at all, in a sentence.
 * @param {ToolCall} call
 */
export function whyAsked({ why, risk }) {
  if (!why.startsWith("risk ")) return t("It needs approval because {why}.", { why });
  return risk === "high"
    ? t("It needs approval because its risk is high.")
    : t("It needs approval by the rules for tools of its risk.");
}

/**
 * @param {ToolCall} call
 * @param {number} now
 */
export function timeLeft(call, now) {
  const left = Date.parse(call.expires_at ?? "") - now;
  return left > 0 ? t("expires in {time}", { time: countdown(left) }) : t("expired");
}

/**
 * What has become of it, in a sentence.
 * @param {ToolCall} call
 * @param {string} me own id
 */
export function outcome({ status, decided_by, decision_note, error }, me) {
  const why = error === null ? null : plainly(error);
  const who = decided_by === null ? t("A rule") : decided_by.id === me ? t("You") : (decided_by.name ?? "");
  switch (status) {
    case "approved":
    case "executing":
      return t("{who} approved it; it is running.", { who });
    case "completed":
      return t("{who} approved it, and it was done.", { who });
    case "failed":
      return why ?? t("It failed.");
    case "denied":
      return decision_note
        ? t("{who} denied it: {note}", { who, note: decision_note })
        : t("{who} denied it.", { who });
    case "cancelled":
      return why ?? t("Nobody decided in time.");
    default:
      return "";
  }
}
