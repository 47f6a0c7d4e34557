// The HTTP side of the inbox: JSON with the session cookie, refusals as DeskError.

import { DeskError } from "../shared/errors.js";

/**
 * @typedef {import("./room-list.js").ListPage} ListPage
 * @typedef {import("./room-list.js").RoomLine} RoomLine
 *
 * @typedef {RoomLine & RoomMore} RoomDetails a room as GET /api/v1/rooms/{id} shows it
 * @typedef {object} RoomMore
 * @property {string | null} [page] where the guest is
 * @property {string | null} [site] the site the room came by
 * @property {string | null} [locale]
 * @property {string | null} [issue_id]
 * @property {string | null} [snoozed_until]
 * @property {GuestDetails | null} [guest]
 *
 * @typedef {object} GuestDetails
 * @property {string} id
 * @property {string} name
 * @property {boolean} verified
 * @property {string | null} [email]
 * @property {string | null} [locale]
 * @property {string | null} [time_zone]
 * @property {string | null} [first_seen_at]
 * @property {boolean} [online]
 * @property {boolean} [blocked]
 * @property {Block | null} [block]
 *
 * @typedef {object} Block what keeps a guest out
 * @property {string} reason
 * @property {string} at since when
 * @property {string | null} until null for good
 * @property {{id: string, name: string} | null} by
 * @property {boolean} spam
 *
 * @typedef {object} Interaction
 * @property {string} id
 * @property {{id: string, name: string, module: string}} robot
 * @property {"pending" | "processing" | "completed" | "failed"} status
 * @property {string | null} [trigger_kind]
 * @property {string} created_at
 * @property {string | null} [started_at]
 * @property {string | null} [completed_at]
 * @property {number | null} [tokens]
 * @property {string | number | null} [cost]
 * @property {string | null} [error_message]
 * @property {any} [request_data]
 * @property {any} [observation_data]
 * @property {any} [response_data]
 *
 * @typedef {{id: string, name: string, level: string | null, presence: string}} Colleague
 *
 * @typedef {{id: string, name: string, module: string, active: boolean, active_in_workspace: boolean,
 *   order: number | null, staff_only: boolean, settings: Record<string, unknown>}} RoomRobot as it stands in one room
 * @typedef {{own: boolean, read_only: boolean, low_risk: boolean, asks_for_new: boolean, max_cost_per_tool: string,
 *   max_cost_per_hour: string, rules: Record<string, {rule: "run" | "ask" | "deny", at_most: Record<string, string>}>}}
 *   ToolApproval what runs by itself; own: the room's instead of the workspace's
 */

export class DeskApi {
  /**
   * @param {string} csrfToken
   * @param {typeof fetch} [fetcher]
   */
  constructor(csrfToken, fetcher = (...args) => fetch(...args)) {
    this.csrfToken = csrfToken;
    this.fetcher = fetcher;
  }

  /**
   * @param {string} path
   * @param {RequestInit} [init]
   * @returns {Promise<any>}
   * @throws {DeskError}
   */
  async ask(path, init = {}) {
    let response;
    try {
      response = await this.fetcher(path, {
        ...init,
        credentials: "same-origin",
        headers: { Accept: "application/json", "X-CSRF-Token": this.csrfToken, ...init.headers },
      });
    } catch {
      throw new DeskError("offline", "The desk cannot be reached.");
    }
    const body = response.status === 204 ? null : await response.json().catch(() => null);
    if (response.ok) return body;
    const details = {
      retry_after: response.headers.get("Retry-After") ?? undefined,
      ...body?.error?.details,
    };
    throw DeskError.from({ ...body?.error, details });
  }

  /** A single-use token for the socket. @returns {Promise<string>} */
  async socketTicket() {
    try {
      return (await this.ask("/api/v1/socket-tickets", { method: "POST" })).token;
    } catch (error) {
      // The cookie itself is no longer good: more tries would all be refused.
      if (error instanceof DeskError && error.code === "unauthenticated") {
        throw new DeskError("signed_out", error.message);
      }
      throw error;
    }
  }

  /**
   * @param {Record<string, string | number | undefined>} want
   * @returns {Promise<ListPage>}
   */
  rooms(want) {
    return this.ask(`/api/v1/rooms?${query(want)}`);
  }

  /** @param {string} id @returns {Promise<RoomDetails>} */
  room(id) {
    return this.ask(`/api/v1/rooms/${encodeURIComponent(id)}`);
  }

  /** @param {string} roomId @returns {Promise<{items: Interaction[]}>} */
  interactions(roomId) {
    return this.ask(`/api/v1/interactions?${query({ room_id: roomId })}`);
  }

  /** Calls of tools in a room, the newest first. @param {string} roomId @returns {Promise<{items: import("./approvals.js").ToolCall[]}>} */
  toolCalls(roomId) {
    return this.ask(`/api/v1/tool-executions?${query({ room_id: roomId })}`);
  }

  /** @param {string} roomId @returns {Promise<{items: RoomRobot[]}>} in the order in which they lead */
  roomRobots(roomId) {
    return this.ask(`/api/v1/rooms/${encodeURIComponent(roomId)}/robots`);
  }

  /**
   * @param {string} roomId
   * @param {string} id the robot's
   * @param {boolean} active
   * @param {number | null} order null for its place in the workspace
   */
  putRobot(roomId, id, active, order) {
    return this.put(`/api/v1/rooms/${encodeURIComponent(roomId)}/robots/${encodeURIComponent(id)}`, {
      active,
      order,
    });
  }

  /** @returns {Promise<{items: {name: string, risk: string}[]}>} by name */
  tools() {
    return this.ask("/api/v1/tools");
  }

  /** @param {string} roomId @returns {Promise<ToolApproval>} what is in force */
  toolApproval(roomId) {
    return this.ask(`/api/v1/rooms/${encodeURIComponent(roomId)}/tool-approval`);
  }

  /** @param {string} roomId @param {Omit<ToolApproval, "own">} approval */
  saveToolApproval(roomId, approval) {
    return this.put(`/api/v1/rooms/${encodeURIComponent(roomId)}/tool-approval`, approval);
  }

  /** @param {string} roomId */
  dropToolApproval(roomId) {
    return this.ask(`/api/v1/rooms/${encodeURIComponent(roomId)}/tool-approval`, { method: "DELETE" });
  }

  /** @param {string} path @param {unknown} body */
  put(path, body) {
    return this.ask(path, {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  /** Staff who can be given a room. @returns {Promise<{items: Colleague[]}>} */
  agents() {
    return this.ask("/api/v1/agents");
  }
}

/** @param {Record<string, string | number | undefined>} values empty ones are left out */
function query(values) {
  const known = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  return new URLSearchParams(known.map(([name, value]) => [name, String(value)])).toString();
}
