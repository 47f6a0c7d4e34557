// Ties a RoomStream to a Connection: joins on every connect, feeds it what the socket says about its room.

import { DeskError } from "./errors.js";
import { RoomStream } from "./stream.js";

/**
 * @typedef {object} LinkOptions
 * @property {() => void} [onChange]
 * @property {(event: import("./protocol.js").RoomEvent, origin: import("./stream.js").Origin) => void} [onEvent]
 * @property {(reason: string) => void} [onReset]
 * @property {(error: DeskError) => void} [onRefused] the room cannot be joined (any more)
 */

/**
 * @param {import("./connection.js").Connection} connection
 * @param {string} roomId
 * @param {LinkOptions} [options]
 * @returns {{stream: RoomStream, resume: () => Promise<void>, close: () => void}} resume joins again, close leaves
 */
export function linkRoom(connection, roomId, { onRefused, ...listeners } = {}) {
  const stream = new RoomStream({
    roomId,
    join: (cursor) => connection.request("room.join", { room_id: roomId, ...cursor }),
    sync: (cursor) => connection.request("room.sync", { room_id: roomId, ...cursor }),
    ...listeners,
  });
  let attempt = 0;
  /** @type {any} */
  let timer = null;
  const resume = async () => {
    clearTimeout(timer);
    try {
      await stream.resume();
      attempt = 0;
    } catch (error) {
      if (stream.closed || !connection.connected) return;
      if (error instanceof DeskError && !error.passing) {
        onRefused?.(error);
        return;
      }
      attempt += 1;
      const wait = error instanceof DeskError ? error.retryAfter : 0;
      timer = setTimeout(resume, Math.max(wait, Math.min(30_000, 1000 * 2 ** attempt)));
    }
  };
  const stops = [
    connection.on("room.event", (event) => stream.receive(event)),
    connection.on("message.delta", (delta) => stream.delta(delta)),
    connection.on("message.delta_aborted", (aborted) => stream.deltaAborted(aborted)),
    connection.on("typing", (typing) => stream.setTyping(typing)),
    connection.on("receipt", (receipt) => stream.receipt(receipt)),
    connection.onConnected(resume),
  ];
  const close = () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
    stream.close();
    if (connection.connected) connection.request("room.leave", { room_id: roomId }).catch(() => {});
  };
  return { stream, resume, close };
}
