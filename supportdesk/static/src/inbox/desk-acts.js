// What a person does to a room: each act asks the desk, says what happened, and offers the way back.

import { DeskError } from "../shared/errors.js";
import { t } from "../shared/i18n.js";
import { levelName } from "./event-lines.js";
import { addressOf } from "./place.js";
import { leave, observe, unobserve } from "./room-people.js";

/**
 * @typedef {import("./desk.js").Desk} Desk
 * @typedef {import("./desk-api.js").RoomDetails} RoomDetails
 */

/**
 * A refusal in words a person can act on.
 * @param {unknown} error
 */
export function sentenceOf(error) {
  if (!(error instanceof DeskError)) return t("Something went wrong. Reload the page and try again.");
  if (error.code === "already_claimed") {
    const name = error.details.winner?.name ?? t("A colleague");
    return t("{name} was quicker and has this conversation now.", { name });
  }
  if (error.code === "disconnected" || error.code === "offline") {
    return t("There is no connection to the desk. Try again when it is back.");
  }
  if (error.code === "timeout")
    return t("The desk did not answer in time. Look whether it happened before you try again.");
  return error.message;
}

/**
 * Whether the refusal only says that oneself has decided just so before, such as in another window.
 * @param {unknown} error
 * @param {{decision?: string}} asked
 * @param {string} me own id
 */
export function isDoneAlready(error, { decision }, me) {
  if (!(error instanceof DeskError) || error.code !== "already_decided") return false;
  return error.details.winner?.id === me && (error.details.status === "denied") === (decision === "deny");
}

export class DeskActs {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    /** The last refusal that a window has to tell. */
    this.problem = "";
    /** The calls of tools that this window has decided about, or is about to. @type {Set<string>} */
    this.decided = new Set();
  }

  /** A refusal is told where one looks: in the window that asks, else in a notice. @param {string} sentence */
  complain(sentence) {
    if (this.desk.dialog) this.problem = sentence;
    else this.desk.notices.add(sentence, { tone: "danger" });
  }

  /**
   * @param {string} event
   * @param {Record<string, any>} data
   * @param {{done?: string, undo?: () => void}} [options] done: the notice after it has happened
   * @returns {Promise<boolean>} whether it happened
   */
  async ask(event, data, { done, undo } = {}) {
    const { desk } = this;
    try {
      await desk.connection.request(event, data);
      if (done) desk.notices.add(done, { undo });
      return true;
    } catch (error) {
      if (isDoneAlready(error, data, desk.me.id)) return true;
      this.complain(sentenceOf(error));
      return false;
    } finally {
      desk.list.hint();
    }
  }

  /**
   * Decides about what a robot wants to do, with just the arguments that were shown.
   * @param {import("./approvals.js").ToolCall} call
   * @param {"approve" | "deny"} decision
   * @param {string} [note]
   */
  async decideTool(call, decision, note) {
    if (this.decided.has(call.id)) return;
    this.decided.add(call.id);
    const done = decision === "approve" ? t("Approved.") : t("Denied.");
    const data = {
      tool_execution_id: call.id,
      decision,
      args_sha256: call.args_sha256,
      note: note || undefined,
    };
    const happened = await this.ask("tool.decide", data, { done });
    if (!happened) this.decided.delete(call.id);
    void this.desk.open?.loadCalls();
  }

  /** Who had the room, as an act that gives it back. @param {RoomDetails} room */
  giveBack({ id, owner }) {
    if (owner.kind === "robot") return () => void this.ask("room.handback", { room_id: id, to: "robot" });
    const agent = owner.kind === "human" ? (owner.id ?? null) : null;
    return () => void this.ask("room.assign", { room_id: id, agent_id: agent });
  }

  /** @param {RoomDetails} room */
  claim(room) {
    const done = t("The conversation is yours.");
    return this.ask("room.claim", { room_id: room.id }, { done, undo: this.giveBack(room) });
  }

  /** @param {RoomDetails} room */
  takeover(room) {
    const done = t("You took over.");
    return this.ask("room.takeover", { room_id: room.id }, { done, undo: this.giveBack(room) });
  }

  /**
   * @param {RoomDetails} room
   * @param {{id: string, name: string} | null} agent null puts it into the queue
   */
  assign(room, agent) {
    const mine = agent?.id === this.desk.me.id;
    const done = agent
      ? mine
        ? t("The conversation is yours.")
        : t("Assigned to {name}.", { name: agent.name })
      : t("Back in the queue.");
    return this.ask(
      "room.assign",
      { room_id: room.id, agent_id: agent?.id ?? null },
      { done, undo: this.giveBack(room) },
    );
  }

  /**
   * @param {RoomDetails} room
   * @param {string} [outcome]
   */
  resolve(room, outcome) {
    const done = outcome === "spam" ? t("Marked as spam.") : t("Resolved.");
    const undo = () => void this.reopen(room, false);
    return this.ask("room.close", { room_id: room.id, outcome }, { done, undo });
  }

  /**
   * @param {RoomDetails} room
   * @param {boolean} [tell]
   */
  reopen(room, tell = true) {
    return this.ask("room.reopen", { room_id: room.id }, { done: tell ? t("Open again.") : undefined });
  }

  /**
   * @param {RoomDetails} room
   * @param {Date} until
   */
  snooze(room, until) {
    const undo = () => void this.reopen(room, false);
    return this.ask(
      "room.snooze",
      { room_id: room.id, until: until.toISOString() },
      { done: t("Snoozed."), undo },
    );
  }

  /**
   * @param {RoomDetails} room
   * @param {"robot" | "queue"} to
   */
  handBack(room, to) {
    const done = to === "robot" ? t("Handed to the robot.") : t("Back in the queue.");
    return this.ask("room.handback", { room_id: room.id, to }, { done, undo: this.giveBack(room) });
  }

  /**
   * @param {RoomDetails} room
   * @param {{toLevel: string, reason: string, priority: number, opId: string}} step opId: a second try of the same
   *   step is the same step
   */
  escalate(room, { toLevel, reason, priority, opId }) {
    const done = t("Handed to {level}.", { level: levelName(toLevel) });
    const data = { room_id: room.id, to_level: toLevel, reason, priority, op_id: opId };
    return this.ask("room.escalate", data, { done });
  }

  /** @param {RoomDetails} room */
  stopRobot(room) {
    return this.ask("robot.stop", { room_id: room.id });
  }

  /**
   * @param {string} roomId
   * @param {string} suggestionId
   * @param {import("./suggestion-bar.js").Decision} decision
   * @param {() => void} [restored] is told when a dismissal has been taken back
   */
  decide(roomId, suggestionId, decision, restored) {
    const about = { room_id: roomId, suggestion_id: suggestionId };
    const back = {
      done: t("Suggestion dismissed."),
      undo: () =>
        void this.ask("suggestion.decide", { ...about, decision: "restored" }).then((done) => {
          if (done) restored?.();
        }),
    };
    return this.ask("suggestion.decide", { ...about, decision }, decision === "dismissed" ? back : {});
  }

  /**
   * @param {{id: string, name: string}} guest
   * @param {{reason: string, until?: string, spam?: boolean}} block until: RFC 3339, for ever without it
   * @param {{tell?: boolean}} [options] tell: with a notice and a way back
   */
  async block(guest, block, { tell = true } = {}) {
    const told = {
      done: t("{name} is blocked.", { name: guest.name }),
      undo: () => void this.unblock(guest, { tell: false }),
    };
    const done = await this.ask("guest.block", { guest_id: guest.id, ...block }, tell ? told : {});
    this.desk.open?.detailsSoon();
    return done;
  }

  /**
   * @param {{id: string, name: string, block?: import("./desk-api.js").Block | null}} guest
   * @param {{tell?: boolean}} [options] as above
   */
  async unblock(guest, { tell = true } = {}) {
    const { reason, until, spam } = guest.block ?? {};
    const again = reason ? { reason, until: until ?? undefined, spam } : null;
    const told = {
      done: t("{name} can write again.", { name: guest.name }),
      undo: again ? () => void this.block(guest, again, { tell: false }) : undefined,
    };
    const done = await this.ask("guest.unblock", { guest_id: guest.id }, tell ? told : {});
    this.desk.open?.detailsSoon();
    return done;
  }

  /** @param {import("../shared/protocol.js").Message} message */
  deleteMessage(message) {
    return this.ask(
      "message.delete",
      { message_id: message.id, version: message.version },
      { done: t("Message deleted.") },
    );
  }

  /**
   * @param {import("../shared/protocol.js").Message} message
   * @param {string} content
   */
  edit(message, content) {
    return this.ask("message.edit", { message_id: message.id, content, version: message.version });
  }

  /**
   * @param {import("../shared/protocol.js").Message} message
   * @param {string} emoji
   */
  react(message, emoji) {
    const mine = message.reactions?.find((item) => item.emoji === emoji)?.user_ids.includes(this.desk.me.id);
    return this.ask(mine ? "reaction.remove" : "reaction.add", { message_id: message.id, emoji });
  }

  /** Leaves the open room with a mark in the list. */
  unread() {
    const { desk } = this;
    const { open } = desk;
    if (!open) return;
    desk.select(null);
    desk.marks.add(open.id);
    desk.topics.list.tell();
    const undo = () => desk.select(open.id);
    desk.notices.add(t("Marked as unread."), { undo });
  }

  /** @param {RoomDetails} room */
  async copyLink(room) {
    const address = new URL(addressOf({ queue: "mine", status: "", q: "", room: room.id }), location.href)
      .href;
    try {
      await navigator.clipboard.writeText(address);
      this.desk.notices.add(t("Link copied."));
    } catch {
      this.desk.notices.add(t("The browser did not allow copying. The address bar holds the link."), {
        tone: "danger",
      });
    }
  }

  /**
   * @param {import("./room-actions.js").ActionId} id
   * @param {RoomDetails} room
   */
  run(id, room) {
    const { desk } = this;
    /** @type {Record<import("./room-actions.js").ActionId, () => unknown>} */
    const acts = {
      claim: () => this.claim(room),
      takeover: () => this.takeover(room),
      assign: () => desk.ask({ kind: "assign" }),
      escalate: () => desk.ask({ kind: "escalate" }),
      lower: () => desk.ask({ kind: "lower" }),
      snooze: () => desk.ask({ kind: "snooze" }),
      block: () => desk.ask({ kind: "block" }),
      unblock: () => room.guest && this.unblock(room.guest),
      details: () => desk.ask({ kind: "details" }),
      invite: () => desk.ask({ kind: "invite" }),
      observe: () => observe(this, room),
      unobserve: () => unobserve(this, room),
      // Where nobody else may let one in again it is asked first.
      leave: () => (room.guest ? leave(this, room) : desk.ask({ kind: "leave" })),
      resolve: () => this.resolve(room),
      spam: () => this.resolve(room, "spam"),
      reopen: () => this.reopen(room),
      wake: () => this.reopen(room),
      "to-robot": () => this.handBack(room, "robot"),
      "to-queue": () => this.handBack(room, "queue"),
      "stop-robot": () => this.stopRobot(room),
      unread: () => this.unread(),
      "copy-link": () => this.copyLink(room),
    };
    void acts[id]();
  }
}
