// Giving a conversation another name or priority, when somebody else may be doing the same.

import { DeskError } from "../shared/errors.js";
import { t } from "../shared/i18n.js";
import { sentenceOf } from "./desk-acts.js";
import { USUAL_PRIORITY } from "./priority.js";

/**
 * @typedef {import("./desk-acts.js").DeskActs} DeskActs
 * @typedef {{name: string, priority: number, version: number}} Base what a person saw before they changed it
 * @typedef {{name?: string, priority?: number}} Change
 */

/** @param {{name?: string | null, priority?: number, version?: number}} room @returns {Base} */
export function baseOf({ name, priority, version }) {
  return { name: name ?? "", priority: priority ?? USUAL_PRIORITY, version: version ?? 1 };
}

/**
 * What is different, and nothing else: what a person left alone is not set back to what they saw.
 * @param {Base} from
 * @param {{name: string, priority: number}} to
 * @returns {Change}
 */
export function changeOf(from, to) {
  return {
    ...(to.name === from.name ? {} : { name: to.name }),
    ...(to.priority === from.priority ? {} : { priority: to.priority }),
  };
}

/** @param {Change} change */
export function isEmpty(change) {
  return Object.keys(change).length === 0;
}

/**
 * @param {DeskActs} acts
 * @param {string} roomId
 * @param {Base} base
 * @param {Change} change
 * @returns {Promise<{done: boolean, fresh?: Base}>} fresh: how the room stands now, where somebody else has changed it
 */
export async function changeRoom(acts, roomId, base, change) {
  const { connection, api, list, open } = acts.desk;
  const send = (/** @type {number} */ version) =>
    connection.request("room.update", { room_id: roomId, version, ...change });
  try {
    try {
      await send(base.version);
    } catch (error) {
      if (!(error instanceof DeskError) || error.code !== "version_conflict") throw error;
      const fresh = baseOf(await api.room(roomId));
      // A room that changed hands meanwhile is at another version too; that is nobody's name or priority.
      if (!isEmpty(changeOf(base, fresh))) return { done: false, fresh };
      await send(fresh.version);
    }
  } catch (error) {
    acts.complain(sentenceOf(error));
    return { done: false };
  } finally {
    list.hint();
    if (open?.id === roomId) open.detailsSoon();
  }
  acts.desk.notices.add(doneSentence(change), { undo: wayBack(acts, roomId, base, change) });
  return { done: true };
}

/** @param {Change} change */
function doneSentence({ name, priority }) {
  if (name !== undefined && priority !== undefined) return t("Name and priority changed.");
  return name === undefined ? t("Priority changed.") : t("Renamed.");
}

/**
 * Puts back what was there, unless somebody has changed it since; a room cannot be made nameless again.
 * @param {DeskActs} acts
 * @param {string} roomId
 * @param {Base} base
 * @param {Change} change
 */
function wayBack(acts, roomId, base, change) {
  if (change.name !== undefined && base.name === "") return undefined;
  return async () => {
    const { connection, api, notices, open, list } = acts.desk;
    try {
      const fresh = baseOf(await api.room(roomId));
      if (!isEmpty(changeOf(fresh, { ...fresh, ...change }))) {
        notices.add(t("It was changed again meanwhile, so it stays as it is."), { tone: "danger" });
        return;
      }
      const before = changeOf(fresh, { ...fresh, ...back(base, change) });
      await connection.request("room.update", { room_id: roomId, version: fresh.version, ...before });
      notices.add(t("As it was before."));
    } catch (error) {
      acts.complain(sentenceOf(error));
    } finally {
      list.hint();
      if (open?.id === roomId) open.detailsSoon();
    }
  };
}

/** @param {Base} base @param {Change} change @returns {Change} the earlier values of what was changed */
function back(base, change) {
  return {
    ...(change.name === undefined ? {} : { name: base.name }),
    ...(change.priority === undefined ? {} : { priority: base.priority }),
  };
}
