// Where the inbox is, as its address: /inbox?queue=T2&status=waiting&q=refund&room=… Pure.

/** @typedef {{queue: string, status: string, q: string, room: string | null}} Place */

export const QUEUES = ["mine", "T1", "T2", "T3", "manager", "robots"];
/** No tab but a choice among the states: whatever queue they are in, the conversations with something to approve. */
export const APPROVALS = "approvals";
export const STATUSES = ["", "waiting", "active", "snoozed", "closed"];

/**
 * @param {string} search the query part of an address
 * @param {string} [queue] the one to begin with
 * @returns {Place}
 */
export function placeOf(search, queue = "mine") {
  const asked = new URLSearchParams(search);
  const wanted = asked.get("queue") ?? queue;
  const status = asked.get("status") ?? "";
  return {
    queue: wanted === APPROVALS || QUEUES.includes(wanted) ? wanted : queue,
    status: STATUSES.includes(status) ? status : "",
    q: asked.get("q") ?? "",
    room: asked.get("room"),
  };
}

/**
 * @param {Place} place
 * @returns {string} an address on this desk
 */
export function addressOf({ queue, status, q, room }) {
  const search = new URLSearchParams({ queue });
  if (status) search.set("status", status);
  if (q) search.set("q", q);
  if (room) search.set("room", room);
  return `/inbox?${search}`;
}
