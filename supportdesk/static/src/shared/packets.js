// Socket.IO 5 packets as text, for socket.io-client: "2/guest,7["message.send",{…}]". Without binary attachments,
// which the desk never sends; build.mjs puts this in the place of socket.io-parser.

import { Emitter } from "@socket.io/component-emitter";

/** @typedef {{type: number, nsp: string, data?: any, id?: number}} Packet */

export const PacketType = {
  CONNECT: 0,
  DISCONNECT: 1,
  EVENT: 2,
  ACK: 3,
  CONNECT_ERROR: 4,
  BINARY_EVENT: 5,
  BINARY_ACK: 6,
};
export const protocol = 5;

/** type, namespace with its comma, acknowledgement, JSON */
const SHAPE = /^([0-4])(?:(\/[^,]*),?)?(\d+)?(.*)$/s;
const RESERVED = new Set([
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
]);

export class Encoder {
  /** @param {Packet} packet @returns {string[]} */
  encode({ type, nsp, id, data }) {
    const space = nsp === "/" ? "" : `${nsp},`;
    return [`${type}${space}${id ?? ""}${data === undefined ? "" : JSON.stringify(data)}`];
  }
}

/** @extends {Emitter<any, any>} */
export class Decoder extends Emitter {
  /** @param {string} text of one packet; throws when it is none */
  add(text) {
    const [, type, nsp = "/", id, json] = SHAPE.exec(text) ?? [];
    if (type === undefined) throw new Error("This is no packet.");
    /** @type {Packet} */
    const packet = { type: Number(type), nsp };
    if (id !== undefined) packet.id = Number(id);
    if (json) packet.data = JSON.parse(json);
    if (!sound(packet)) throw new Error("The packet carries the wrong data.");
    this.emit("decoded", packet);
  }

  destroy() {}
}

/** @param {Packet} packet */
function sound({ type, data }) {
  if (type === PacketType.DISCONNECT) return data === undefined;
  if (type === PacketType.EVENT)
    return Array.isArray(data) && typeof data[0] === "string" && !RESERVED.has(data[0]);
  if (type === PacketType.ACK) return Array.isArray(data);
  return type === PacketType.CONNECT_ERROR || (typeof data === "object" && data !== null);
}
