// What can be done with a room, by whom, and where the button stands. Pure: it offers, the server decides.

/**
 * @typedef {import("../shared/protocol.js").Room} Room
 * @typedef {"claim" | "takeover" | "assign" | "escalate" | "resolve" | "reopen" | "snooze" | "wake" | "to-robot"
 *   | "to-queue" | "lower" | "details" | "invite" | "observe" | "unobserve" | "leave" | "unread" | "stop-robot" | "spam"
 *   | "block" | "unblock" | "copy-link"} ActionId
 * @typedef {"permission" | "owner"} Bar why an action that is shown cannot be taken: the role has not the right to it,
 *   or one has the room oneself
 * @typedef {{header: ActionId[], more: ActionId[], barred: Partial<Record<ActionId, Bar>>}} Actions
 * @typedef {{from_level: string, to_level: string, default_priority?: number}} Edge a step the workspace allows
 */

export const LEVELS = ["T1", "T2", "T3", "manager"];

const STEP = /** @type {Record<string, string>} */ ({
  T2: "chat:escalation:to_t2",
  T3: "chat:escalation:to_t3",
  manager: "chat:escalation:to_manager",
});

/**
 * Whether a grant covers a permission: equal segment by segment, `*` standing for any one.
 * @param {readonly string[]} grants
 * @param {string} permission
 */
export function allows(grants, permission) {
  const asked = permission.split(":");
  return grants.some((grant) => {
    const granted = grant.split(":");
    return granted.length === asked.length && granted.every((part, at) => part === "*" || part === asked[at]);
  });
}

/**
 * The levels this person may escalate the room to, the next one first.
 * @param {Pick<Room, "level">} room
 * @param {(permission: string) => boolean} may
 * @param {readonly Edge[]} [edges] the steps the workspace allows; without them
 *   the next level only
 * @returns {string[]}
 */
export function levelsAbove(room, may, edges) {
  const at = LEVELS.indexOf(room.level ?? "T1");
  return LEVELS.slice(at + 1).filter((level, ahead) => {
    const drawn = edges
      ? edges.some((edge) => edge.from_level === LEVELS[at] && edge.to_level === level)
      : ahead === 0;
    return drawn && may(STEP[level]);
  });
}

/**
 * The levels this person may lower the room to, the nearest first.
 * @param {Pick<Room, "level">} room
 * @param {(permission: string) => boolean} may
 * @param {readonly Edge[]} [edges] as above
 * @returns {string[]}
 */
export function levelsBelow(room, may, edges) {
  if (!may("chat:escalation:lower")) return [];
  const at = LEVELS.indexOf(room.level ?? "T1");
  return LEVELS.slice(0, Math.max(0, at))
    .reverse()
    .filter((level, ahead) => (edges ? leads(edges, LEVELS[at], level) : ahead === 0));
}

/**
 * Whether a colleague has the room: what one does there is done beside them.
 * @param {Pick<Room, "owner">} room
 * @param {string} me own id
 */
export function isAnothers({ owner }, me) {
  return owner.kind === "human" && owner.id !== me;
}

/** @param {readonly Edge[]} edges @param {string} from @param {string} to */
function leads(edges, from, to) {
  return edges.some((edge) => edge.from_level === from && edge.to_level === to);
}

/**
 * @param {Pick<Room, "status" | "level" | "owner">} room
 * @param {object} facts
 * @param {string} facts.me own id
 * @param {(permission: string) => boolean} facts.may
 * @param {boolean} [facts.streaming] a robot is writing right now
 * @param {boolean} [facts.hasGuest]
 * @param {boolean} [facts.blocked] the guest is kept out
 * @param {string | null} [facts.role] what one is in the room, null for somebody who does not take part
 * @param {readonly Edge[]} [facts.edges]
 * @returns {Actions}
 */
export function actionsFor(room, facts) {
  const { me, may, streaming = false, hasGuest = true, blocked = false, role = null, edges } = facts;
  if (room.status === "archived") return { header: [], more: ["copy-link"], barred: {} };
  const closed = room.status === "closed";
  const mine = room.owner.kind === "human" && room.owner.id === me;
  const robots = room.owner.kind === "robot";
  /** @type {(id: ActionId, when: boolean) => ActionId[]} */
  const given = (id, when) => (when ? [id] : []);
  const mayBlock = may("desk:guest:block");
  const sits = role === "observer" || role === "member" || role === "moderator";
  const barred = bars({
    details: may("chat:room:update") ? null : "permission",
    invite: may("chat:room:invite") ? null : "permission",
    unblock: mayBlock ? null : "permission",
    leave: mine ? "owner" : null,
  });
  const away = [
    ...given("unobserve", role === "observer"),
    ...given("leave", sits && role !== "observer" && !(mine && closed)),
  ];
  const guest = [
    ...given("spam", !closed && hasGuest && may("chat:room:close")),
    ...given("unblock", hasGuest && blocked),
    ...given("block", hasGuest && !blocked && mayBlock),
  ];
  if (closed) {
    return {
      header: given("reopen", may("chat:room:reopen")),
      more: ["details", ...away, "copy-link", ...guest],
      barred,
    };
  }
  const mayTakeOver = may("supervisor:chat:takeover");
  const claim = !mine && may("chat:room:claim") && (room.owner.kind === "queue" || (robots && !mayTakeOver));
  // One's own room may be passed on; others' take the permission to assign.
  const assign = may("chat:room:assign") || (mine && may("chat:room:claim"));
  return {
    header: [
      ...given("escalate", levelsAbove(room, may, edges).length > 0),
      ...given("claim", claim),
      ...given("takeover", !claim && robots && mayTakeOver),
      ...given("assign", !claim && !robots && assign),
      ...given("resolve", may("chat:room:close")),
    ],
    more: [
      ...given("assign", (claim || robots) && assign),
      ...given("takeover", !mine && room.owner.kind === "human" && mayTakeOver),
      ...given("snooze", room.status !== "snoozed" && may("chat:room:snooze")),
      ...given("wake", room.status === "snoozed" && may("chat:room:reopen")),
      ...given("stop-robot", streaming && may("chat:robot:stop")),
      ...given("to-robot", room.owner.kind === "human" && assign),
      ...given("to-queue", room.owner.kind === "human" && assign),
      ...given("lower", levelsBelow(room, may, edges).length > 0),
      "details",
      "invite",
      ...given("observe", !sits && may("supervisor:chat:observe")),
      ...away,
      "unread",
      "copy-link",
      ...guest,
    ],
    barred,
  };
}

/** @param {Partial<Record<ActionId, Bar | null>>} all @returns {Partial<Record<ActionId, Bar>>} those that bar */
function bars(all) {
  return /** @type {any} */ (Object.fromEntries(Object.entries(all).filter(([, bar]) => bar)));
}
