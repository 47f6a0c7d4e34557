"""All SQL of messages, reactions and the streams."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from supportdesk.actor import Actor, ActorKind, UserId, WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.core.wire import to_json
from supportdesk.messages.model import Message, MessageType, Outcome, Person, Posting, Reaction, Verdict, Watermark
from supportdesk.rooms.model import EventKind, Room, RoomEvent, RoomId

POST_FLIGHT: Final = """
    SELECT outcome, id, seq, public_seq, created_at, turn_no, owner_kind, status, level, event_id
      FROM post_flight($1, $2, $3, $4, $5)
"""

LIST_EVENTS: Final = """
    SELECT id, seq, public_seq, kind, at, actor_id, actor_kind, subject_id, data
      FROM room_events
     WHERE room_id = $1 AND seq > $2 AND id >= uuid7_floor($3)
     ORDER BY seq
     LIMIT $4
"""

LIST_PUBLIC_EVENTS: Final = """
    SELECT id, seq, public_seq, kind, at, actor_id, actor_kind, subject_id, data
      FROM room_events
     WHERE room_id = $1 AND public_seq > $2 AND seq > $5 AND id >= uuid7_floor($3)
     ORDER BY public_seq
     LIMIT $4
"""


def _with_sender(of: str) -> str:
    """Select messages with their senders, from the table or from a page of it."""
    sql = """
    SELECT m.id, m.room_id, m.seq, m.public_seq, m.sender_id,
           coalesce(u.display_name, u.username, 'Guest') AS sender_name, u.avatar_url AS sender_avatar,
           m.content, coalesce(m.content_html, '') AS content_html, m.client_msg_id, m.is_note, m.whisper_to,
           m.reply_to_message_id, m.thread_id, m.draft_id, m.robot_id, m.created_at, m.edited_at, m.deleted_at,
           m.version, m.sender_type, u.account_type_informal, m.message_type, m.content_metadata, m.context_documents
      FROM {of} m
      LEFT JOIN users u ON u.id = m.sender_id
"""
    return sql.format(of=of)


LIST_MESSAGES: Final = (
    _with_sender("messages")
    + """
     WHERE m.id = ANY ($1::uuid[])
"""
)

LIST_HISTORY: Final = _with_sender(
    """(
        SELECT m.*
          FROM messages m
         WHERE m.room_id = $1 AND m.seq < $2 AND m.seq > $3 AND m.id >= uuid7_floor($4)
         ORDER BY m.seq DESC
         LIMIT $5
    )"""
)

LIST_PUBLIC_HISTORY: Final = _with_sender(
    """(
        SELECT m.*
          FROM messages m
         WHERE m.room_id = $1 AND m.public_seq < $2 AND m.public_seq > $3 AND m.seq > $6 AND m.id >= uuid7_floor($4)
         ORDER BY m.seq DESC
         LIMIT $5
    )"""
)

LIST_AFTER: Final = _with_sender(
    """(
        SELECT m.*
          FROM messages m
         WHERE m.room_id = $1 AND m.seq > $2 AND m.id >= uuid7_floor($3)
         ORDER BY m.seq
         LIMIT $4
    )"""
)

LIST_PUBLIC_AFTER: Final = _with_sender(
    """(
        SELECT m.*
          FROM messages m
         WHERE m.room_id = $1 AND m.public_seq > $2 AND m.seq > $5 AND m.id >= uuid7_floor($3)
         ORDER BY m.seq
         LIMIT $4
    )"""
)

LIST_REACTIONS: Final = """
    SELECT message_id, emoji, array_agg(user_id ORDER BY created_at) AS user_ids
      FROM message_reactions
     WHERE message_id = ANY ($1::uuid[])
     GROUP BY message_id, emoji
     ORDER BY message_id, min(created_at)
"""

LIST_PEOPLE: Final = """
    SELECT id, coalesce(display_name, username, 'Guest') AS name, account_type_informal, avatar_url
      FROM users
     WHERE id = ANY ($1::uuid[])
"""

FIND_ROOM_OF_MESSAGE: Final = """
    SELECT room_id
      FROM messages
     WHERE id = $1
"""

EDIT_MESSAGE: Final = """
    UPDATE messages
       SET content = $2, content_html = $3, edited_at = now(), version = version + 1
     WHERE id = $1 AND deleted_at IS NULL
"""

DELETE_MESSAGE: Final = """
    UPDATE messages
       SET deleted_at = now(), version = version + 1
     WHERE id = $1 AND deleted_at IS NULL
"""

INSERT_REACTION: Final = """
    INSERT INTO message_reactions (workspace_id, message_id, user_id, emoji)
         VALUES ($1, $2, $3, $4)
    ON CONFLICT (message_id, user_id, emoji) DO NOTHING
      RETURNING message_id
"""

COUNT_EMOJI: Final = """
    SELECT count(DISTINCT emoji)
      FROM message_reactions
     WHERE message_id = $1 AND user_id = $2
"""

DELETE_REACTION: Final = """
    DELETE FROM message_reactions
     WHERE message_id = $1 AND user_id = $2 AND emoji = $3
 RETURNING message_id
"""

FIND_EPOCH: Final = """
    SELECT epoch::text
      FROM workspaces
     WHERE id = $1
"""

LIST_HEADS: Final = """
    SELECT room_id, last_seq
      FROM desk_room_heads($1)
"""

LIST_WATERMARKS: Final = """
    SELECT p.user_id, u.account_type_informal, p.last_delivered_seq, p.last_delivered_at, p.last_read_seq,
           p.last_read_at
      FROM room_participants p
      JOIN users u ON u.id = p.user_id
     WHERE p.room_id = $1
"""


async def post_flight(
    conn: Connection, workspace_id: WorkspaceId, postings: Sequence[Posting], *, wait: bool, alone: bool = False
) -> list[Verdict]:
    """Write the postings in one round trip; a verdict for each, in their order. Holds their rooms until the end.

    `alone` is outside a transaction: what sets off more than itself comes back as ATTENDED and unwritten.
    """
    rooms = sorted({posting.room_id for posting in postings})
    packed = to_json([posting.as_row(order) for order, posting in enumerate(postings)]).decode()
    rows = await conn.fetch(POST_FLIGHT, workspace_id, rooms, wait, alone, packed)
    return [Verdict(Outcome(outcome), *rest) for outcome, *rest in rows]


async def list_events(
    conn: Connection, room: Room, after_seq: int, *, public: bool, joined_seq: int, limit: int
) -> list[RoomEvent]:
    """The log after a number of the reader's own stream, oldest first."""
    if public:
        rows = await conn.fetch(LIST_PUBLIC_EVENTS, room.id, after_seq, room.created_at, limit, joined_seq)
    else:
        rows = await conn.fetch(LIST_EVENTS, room.id, max(after_seq, joined_seq), room.created_at, limit)
    return [
        RoomEvent(
            id=row["id"],
            room_id=room.id,
            workspace_id=room.workspace_id,
            seq=row["seq"],
            public_seq=row["public_seq"],
            kind=EventKind(row["kind"]),
            at=row["at"],
            actor_id=row["actor_id"],
            actor_kind=ActorKind(row["actor_kind"]),
            subject_id=row["subject_id"],
            data=orjson.loads(row["data"]),
        )
        for row in rows
    ]


async def list_messages(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Message]:
    """Messages by id, with sender and reactions, as they stand now."""
    if not ids:
        return {}
    return await _with_reactions(conn, await conn.fetch(LIST_MESSAGES, ids))


async def _with_reactions(conn: Connection, rows: Sequence[asyncpg.Record]) -> dict[UUID, Message]:
    reactions: dict[UUID, list[Reaction]] = {}
    for row in await conn.fetch(LIST_REACTIONS, [row["id"] for row in rows]):
        reactions.setdefault(row["message_id"], []).append(Reaction(row["emoji"], tuple(row["user_ids"])))
    return {row["id"]: _message(row, tuple(reactions.get(row["id"], ()))) for row in rows}


def _message(row: asyncpg.Record, reactions: tuple[Reaction, ...]) -> Message:
    # By place, not by name: a page has fifty of them, and this was a fifth of its time.
    *as_it_is, sender_type, account, message_type, metadata, citations = row
    return Message._make(
        (
            *as_it_is,
            _kind(sender_type, account),
            MessageType(message_type),
            _loaded(metadata, {}),
            _loaded(citations, []),
            reactions,
        )
    )


def _loaded(text: str | None, empty: Any) -> Any:
    # Hardly a message has any: nothing is parsed for the others.
    return empty if text is None or text in ("{}", "[]") else orjson.loads(text)


def _kind(sender_type: str, account: str | None) -> ActorKind:
    match sender_type:
        case "ai":
            return ActorKind.ROBOT
        case "system":
            return ActorKind.SYSTEM
        case _:
            return _kind_of_account(account)


def _kind_of_account(account: str | None) -> ActorKind:
    return {"guest": ActorKind.GUEST, "robot": ActorKind.ROBOT}.get(account or "", ActorKind.AGENT)


async def list_history(
    conn: Connection,
    room: Room,
    *,
    before_seq: int | None,
    after_seq: int | None,
    public: bool,
    joined_seq: int,
    limit: int,
) -> list[Message]:
    """Messages around a number of the reader's own stream, oldest first: the newest before it, or the first after."""
    if after_seq is not None and before_seq is None:
        if public:
            rows = await conn.fetch(LIST_PUBLIC_AFTER, room.id, after_seq, room.created_at, limit, joined_seq)
        else:
            rows = await conn.fetch(LIST_AFTER, room.id, max(after_seq, joined_seq), room.created_at, limit)
    else:
        before, after = before_seq or 2**62, after_seq or 0
        if public:
            rows = await conn.fetch(LIST_PUBLIC_HISTORY, room.id, before, after, room.created_at, limit, joined_seq)
        else:
            rows = await conn.fetch(LIST_HISTORY, room.id, before, max(after, joined_seq), room.created_at, limit)
    found = await _with_reactions(conn, rows)
    return sorted(found.values(), key=lambda message: message.seq)


async def find_message(conn: Connection, message_id: UUID) -> Message | None:
    """One message, whoever asks."""
    return (await list_messages(conn, [message_id])).get(message_id)


async def find_room_of_message(conn: Connection, message_id: UUID) -> RoomId | None:
    """The room in which it was said."""
    found: RoomId | None = await conn.fetchval(FIND_ROOM_OF_MESSAGE, message_id)
    return found


async def list_people(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Person]:
    """Those whom a page of the log names, by user id, wherever they are now."""
    if not ids:
        return {}
    return {
        row["id"]: Person(
            id=UserId(row["id"]),
            kind=_kind_of_account(row["account_type_informal"]),
            name=row["name"],
            avatar_url=row["avatar_url"],
        )
        for row in await conn.fetch(LIST_PEOPLE, ids)
    }


async def edit_message(conn: Connection, message_id: UUID, content: str, content_html: str) -> None:
    """Put other words in its place; the trigger keeps the old ones for the audit."""
    await conn.execute(EDIT_MESSAGE, message_id, content, content_html)


async def delete_message(conn: Connection, message_id: UUID) -> None:
    """Hide it at once; the text stays for the audit until retention."""
    await conn.execute(DELETE_MESSAGE, message_id)


async def insert_reaction(conn: Connection, actor: Actor, message_id: UUID, emoji: str) -> bool:
    """React; False when the same person had put the same emoji there."""
    return await conn.fetchval(INSERT_REACTION, actor.workspace_id, message_id, actor.id, emoji) is not None


async def count_emoji(conn: Connection, actor: Actor, message_id: UUID) -> int:
    """How many different emoji the actor has put on a message."""
    return int(await conn.fetchval(COUNT_EMOJI, message_id, actor.id))


async def delete_reaction(conn: Connection, actor: Actor, message_id: UUID, emoji: str) -> bool:
    """Take a reaction back; False when there was none."""
    return await conn.fetchval(DELETE_REACTION, message_id, actor.id, emoji) is not None


async def find_epoch(conn: Connection, workspace_id: WorkspaceId) -> str:
    """The workspace's epoch: it changes at every restore, because numbers then repeat."""
    return str(await conn.fetchval(FIND_EPOCH, workspace_id))


async def list_watermarks(conn: Connection, room_id: UUID) -> list[Watermark]:
    """How far everybody who was ever seen in the room has got; silent observers have no marks from then."""
    return [
        Watermark(
            user_id=UserId(row["user_id"]),
            kind=_kind_of_account(row["account_type_informal"]),
            delivered_seq=row["last_delivered_seq"],
            delivered_at=row["last_delivered_at"],
            read_seq=row["last_read_seq"],
            read_at=row["last_read_at"],
        )
        for row in await conn.fetch(LIST_WATERMARKS, room_id)
    ]


async def list_heads(conn: Connection, room_ids: Sequence[RoomId]) -> dict[RoomId, int]:
    """The last number of each room's log, of all workspaces: for the desk itself, which knows who may hear them."""
    return {RoomId(row["room_id"]): row["last_seq"] for row in await conn.fetch(LIST_HEADS, room_ids)}
