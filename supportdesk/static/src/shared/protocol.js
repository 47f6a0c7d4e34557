// The shapes of delivery.md as both faces read them. Types only.

/**
 * @typedef {"guest" | "agent" | "robot" | "system"} Kind
 * @typedef {{id: string, kind: Kind, name: string, avatar_url?: string | null}} Sender
 * @typedef {{emoji: string, count: number, user_ids: string[]}} Reaction
 * @typedef {{document_id: string, title: string, quote?: string, url?: string | null}} Citation
 * @typedef {{id: string, url: string, type: string, size: number, name: string, thumbnail_url?: string | null}} Attachment
 * @typedef {string | {title: string, text?: string}} QuickReply
 * @typedef {{title: string, summary: string, svg?: string, table: string}} Graph the pictures are the server's HTML
 *
 * @typedef {object} Message
 * @property {string} id
 * @property {string} room_id
 * @property {number} seq
 * @property {string | null} [client_msg_id]
 * @property {Sender | null} sender
 * @property {string} message_type
 * @property {string} content
 * @property {string} [content_html]
 * @property {Attachment[]} [attachments]
 * @property {Citation[]} [citations]
 * @property {QuickReply[]} [quick_replies]
 * @property {Graph} [graph]
 * @property {boolean} [stopped] somebody stopped the robot before it was done
 * @property {string | null} [reply_to]
 * @property {string | null} [thread_id]
 * @property {Reaction[]} [reactions]
 * @property {"sent" | "delivered" | "read"} [status]
 * @property {boolean} [note]
 * @property {string | null} [whisper_to]
 * @property {string | null} [draft_id]
 * @property {number} [version]
 * @property {string} created_at
 * @property {string | null} [edited_at]
 * @property {boolean} [deleted]
 *
 * @typedef {object} Participant
 * @property {string} user_id
 * @property {Kind} kind
 * @property {string} name
 * @property {string | null} [avatar_url]
 * @property {string} role
 * @property {number} [delivered_seq]
 * @property {number} [read_seq]
 * @property {boolean} [online]
 * @property {string} [account] for staff: a robot's module, a colleague's e-mail address
 *
 * @typedef {object} Room
 * @property {string} id
 * @property {string} [name]
 * @property {"waiting" | "active" | "snoozed" | "closed" | "archived"} status
 * @property {string} [level]
 * @property {string | null} [queue]
 * @property {{kind: "robot" | "queue" | "human", id?: string | null, name?: string | null}} owner
 * @property {number} [priority]
 * @property {number} [version] counts the changes of the room itself, for staff
 * @property {string} [created_at]
 * @property {string | null} [last_message_at]
 * @property {number} [unread]
 * @property {number} [head]
 *
 * @typedef {object} RoomEvent
 * @property {string} room_id
 * @property {number} seq
 * @property {string} kind
 * @property {string} at
 * @property {Sender | null} [actor]
 * @property {Record<string, any>} data
 *
 * @typedef {{room: Room, epoch: string | number, head: number, events: RoomEvent[], participants: Participant[]}} JoinAnswer
 * @typedef {{epoch: string | number, head: number, events: RoomEvent[]}} SyncAnswer
 * @typedef {{reset: true, reason: string}} ResetAnswer
 * @typedef {{after_seq?: number, epoch?: string | number}} Cursor
 * @typedef {{room_id: string, draft_id: string, robot_id: string, delta: string, n: number}} Delta
 * @typedef {{draft_id: string, robot_id: string, text: string}} Draft
 * @typedef {{room_id: string, user_id: string, name?: string, kind?: Kind, on: boolean}} Typing
 * @typedef {{room_id: string, user_id: string, delivered_seq?: number, read_seq?: number}} Receipt
 */

export const PAGE = 200;
export const MAX_CONTENT = 16_000;
