"""All SQL of rooms and the log; that of participants stands beside it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from supportdesk.actor import Actor, Level, UserId
from supportdesk.core.db import Connection
from supportdesk.core.wire import to_json
from supportdesk.rooms.model import (
    EventKind,
    Head,
    OwnerKind,
    Room,
    RoomChanges,
    RoomEvent,
    RoomId,
    RoomStatus,
    RoomType,
)
from supportdesk.rooms.queries.participants import (
    count_participants,
    find_kind,
    find_participant,
    list_participants,
    public_numbers,
    put_participant,
    put_receipt,
    put_seen,
    seq_of_public,
    update_participant,
)

FIND_ROOM: Final = """
    SELECT r.id, r.workspace_id, r.name, r.name_source, r.room_type, r.status, r.level, r.owner_kind, r.assignee_id,
           a.display_name AS assignee_name, r.queue_id, q.name AS queue_name, r.site_id, r.priority, r.is_private,
           r.guest_access_allowed, r.max_participants, r.creator_id, r.version, r.created_at, r.closed_at,
           r.snoozed_until, r.waiting_since, r.locale, r.room_settings ->> 'url' AS page,
           h.last_message_at, h.last_public_message_at, h.last_seq, h.last_public_seq,
           h.turn_no, h.guest_messages, h.desk_messages
      FROM chat_rooms r
      JOIN room_heads h ON h.room_id = r.id
      LEFT JOIN users a ON a.id = r.assignee_id
      LEFT JOIN queues q ON q.id = r.queue_id
     WHERE r.id = $1 AND r.deleted_at IS NULL
"""

LOCK_ROOM: Final = """
    WITH head AS MATERIALIZED (
        SELECT room_id
          FROM room_heads
         WHERE room_id = $1
           FOR UPDATE -- first, as in every flight: the messages' foreign keys need the room's row after it
    )
    SELECT r.id
      FROM head
      JOIN chat_rooms r ON r.id = head.room_id
     WHERE r.deleted_at IS NULL
       FOR NO KEY UPDATE OF r -- changes of one room's state happen one after the other
"""

TRY_LOCK_ROOM: Final = """
    WITH head AS MATERIALIZED (
        SELECT room_id
          FROM room_heads
         WHERE room_id = $1
           FOR UPDATE SKIP LOCKED -- whoever holds it is quick, or stuck: the caller comes back
    )
    SELECT r.id
      FROM head
      JOIN chat_rooms r ON r.id = head.room_id
     WHERE r.deleted_at IS NULL
       FOR NO KEY UPDATE OF r SKIP LOCKED -- as above
"""

FIND_ROOM_OF_CLIENT: Final = """
    SELECT id
      FROM chat_rooms
     WHERE creator_id = $1 AND client_room_id = $2 AND deleted_at IS NULL
"""

COUNT_OPEN_ROOMS: Final = """
    SELECT count(*)
      FROM chat_rooms
     WHERE creator_id = $1 AND status IN ('waiting', 'active', 'snoozed') AND deleted_at IS NULL
"""

INSERT_ROOM: Final = """
    INSERT INTO chat_rooms (id, workspace_id, client_room_id, name, room_type, status, level, owner_kind, site_id,
                            queue_id, creator_id, is_private, locale, waiting_since, room_settings, name_source)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, CASE WHEN $6 = 'waiting' THEN now() END, $14,
                 $15)
    ON CONFLICT (workspace_id, creator_id, client_room_id) WHERE client_room_id IS NOT NULL DO NOTHING
      RETURNING id
"""

INSERT_HEAD: Final = """
    INSERT INTO room_heads (room_id, workspace_id)
         VALUES ($1, $2)
"""

WRITE_EVENT: Final = """
    WITH head AS (
        UPDATE room_heads
           SET last_seq = last_seq + 1, last_public_seq = last_public_seq + $3::boolean::integer
         WHERE room_id = $1
     RETURNING last_seq, last_public_seq
    )
    INSERT INTO room_events (room_id, workspace_id, seq, public_seq, kind, actor_id, actor_kind, subject_id, data)
         SELECT $1, $2, head.last_seq, CASE WHEN $3::boolean THEN head.last_public_seq END, $4, $5, $6, $7, $8
           FROM head
      RETURNING id, seq, public_seq, at
"""

SET_OWNER: Final = """
    UPDATE chat_rooms
       SET owner_kind = $2, assignee_id = $3, status = $4, level = $5, priority = $6, version = version + 1,
           last_activity_at = now(), queue_id = coalesce($7, queue_id), snoozed_until = NULL,
           waiting_since = CASE WHEN $4 = 'waiting' THEN coalesce(waiting_since, now()) END
     WHERE id = $1
"""

NEXT_TURN: Final = """
    UPDATE room_heads
       SET turn_no = turn_no + 1
     WHERE room_id = $1
"""

SET_STATUS: Final = """
    UPDATE chat_rooms
       SET status = $2, version = version + 1, snoozed_until = $3,
           closed_at = CASE WHEN $2 = 'closed' THEN now() END, closed_by = CASE WHEN $2 = 'closed' THEN $5::uuid END,
           conclusion_outcome = CASE WHEN $2 = 'closed' THEN $4 END, last_activity_at = now(),
           waiting_since = CASE WHEN $2 = 'waiting' THEN coalesce(waiting_since, now()) END
     WHERE id = $1
"""

UPDATE_ROOM: Final = """
    UPDATE chat_rooms
       SET name = coalesce($3, name), name_source = CASE WHEN $3 IS NULL THEN name_source ELSE 'person' END,
            description = coalesce($4, description), priority = coalesce($5, priority),
           issue_id = coalesce($6, issue_id), system_prompt = coalesce($7, system_prompt),
           provider = coalesce($8, provider), model = coalesce($9, model), version = version + 1
     WHERE id = $1 AND version = $2
     RETURNING version
"""

RETITLE: Final = """
    UPDATE chat_rooms
       SET name = left(regexp_replace(btrim($3), '\\s+', ' ', 'g'), 80), version = version + 1
     WHERE id = $1 AND name_source = 'first_question'
       AND name = left(regexp_replace(btrim($2), '\\s+', ' ', 'g'), 80)
 RETURNING name, version
"""

LIST_CSAT_COMMENTS: Final = """
    SELECT room_id, comment FROM csat_ratings WHERE room_id = ANY ($1::uuid[]) AND comment IS NOT NULL
"""

PUT_CSAT: Final = """
    WITH given AS (
        INSERT INTO csat_ratings (workspace_id, room_id, guest_id, agent_id, score, comment)
             VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT ON CONSTRAINT uq_csat_ratings_guest DO UPDATE
                SET score = excluded.score, comment = excluded.comment
    )
    UPDATE chat_rooms
       SET csat_score = $5
     WHERE id = $2
"""


async def find_room(conn: Connection, room_id: UUID) -> Room | None:
    """The room with its head, whoever asks: access.py decides whether they may see it."""
    row = await conn.fetchrow(FIND_ROOM, room_id)
    return None if row is None else _room(row)


def _room(row: asyncpg.Record) -> Room:
    fields = dict(row)
    head = Head(
        last_seq=fields.pop("last_seq"),
        last_public_seq=fields.pop("last_public_seq"),
        turn_no=fields.pop("turn_no"),
        guest_messages=fields.pop("guest_messages"),
        desk_messages=fields.pop("desk_messages"),
    )
    return Room(
        **{
            **fields,
            "room_type": RoomType(fields["room_type"]),
            "status": RoomStatus(fields["status"]),
            "level": Level(fields["level"]),
            "owner_kind": OwnerKind(fields["owner_kind"]),
        },
        head=head,
    )


async def lock_room(conn: Connection, room_id: UUID) -> bool:
    """Hold the room until the transaction ends; False when there is none."""
    return await conn.fetchval(LOCK_ROOM, room_id) is not None


async def try_lock_room(conn: Connection, room_id: UUID) -> bool:
    """Hold the room until the transaction ends unless somebody else does; False then, or when there is none."""
    return await conn.fetchval(TRY_LOCK_ROOM, room_id) is not None


async def find_room_of_client(conn: Connection, creator: UserId, client_room_id: str) -> RoomId | None:
    """The room this client opened under its own id before."""
    found: RoomId | None = await conn.fetchval(FIND_ROOM_OF_CLIENT, creator, client_room_id)
    return found


async def count_open_rooms(conn: Connection, creator: UserId) -> int:
    """How many conversations somebody has begun that are not closed."""
    count: int = await conn.fetchval(COUNT_OPEN_ROOMS, creator)
    return count


async def insert_room(
    conn: Connection,
    room_id: RoomId,
    actor: Actor,
    *,
    client_room_id: str,
    name: str | None,
    room_type: RoomType,
    status: RoomStatus,
    owner_kind: OwnerKind,
    site_id: UUID | None,
    queue_id: UUID | None,
    is_private: bool,
    locale: str | None,
    settings: Mapping[str, Any],
) -> bool:
    """Write the room and its head; False when the same client id made one at the same moment."""
    made = await conn.fetchval(
        INSERT_ROOM,
        room_id,
        actor.workspace_id,
        client_room_id,
        name,
        room_type,
        status,
        Level.T1,
        owner_kind,
        site_id,
        queue_id,
        actor.id,
        is_private,
        locale,
        to_json(settings).decode(),
        "person" if actor.is_staff else "first_question",  # whose words the name is in: guests read their own only
    )
    if made is None:
        return False
    await conn.execute(INSERT_HEAD, room_id, actor.workspace_id)
    return True


async def write_event(
    conn: Connection,
    room: Room,
    actor: Actor,
    kind: EventKind,
    *,
    public: bool,
    subject_id: UUID | None,
    data: Mapping[str, Any],
) -> RoomEvent:
    """Append to the room's log, taking the next number of each stream it belongs to."""
    row = await conn.fetchrow(
        WRITE_EVENT,
        room.id,
        room.workspace_id,
        public,
        kind,
        actor.id,
        actor.kind,
        subject_id,
        to_json(data).decode(),
    )
    if row is None:
        raise LookupError(f"Room {room.id} has no head")
    return RoomEvent(
        id=row["id"],
        room_id=room.id,
        workspace_id=room.workspace_id,
        seq=row["seq"],
        public_seq=row["public_seq"],
        kind=kind,
        at=row["at"],
        actor_id=actor.id,
        actor_kind=actor.kind,
        subject_id=subject_id,
        data=data,
    )


async def set_owner(
    conn: Connection,
    room_id: UUID,
    *,
    owner_kind: OwnerKind,
    assignee_id: UserId | None,
    status: RoomStatus,
    level: Level,
    priority: int,
    queue_id: UUID | None,
) -> None:
    """Give the room to a robot, a queue or a person."""
    await conn.execute(SET_OWNER, room_id, owner_kind, assignee_id, status, level, priority, queue_id)


async def next_turn(conn: Connection, room_id: UUID) -> None:
    """Silence every robot turn under way: its turn number is no longer the room's."""
    await conn.execute(NEXT_TURN, room_id)


async def set_status(
    conn: Connection,
    room_id: UUID,
    status: RoomStatus,
    *,
    snoozed_until: datetime | None = None,
    outcome: str | None = None,
    by: UserId | None = None,
) -> None:
    """Move the room along its statuses; the action has checked that it may go there."""
    await conn.execute(SET_STATUS, room_id, status, snoozed_until, outcome, by)


async def update_room(conn: Connection, room_id: UUID, version: int, want: RoomChanges) -> int | None:
    """Change what is given but the tags; None when somebody else changed the room since `version`."""
    fresh: int | None = await conn.fetchval(
        UPDATE_ROOM,
        room_id,
        version,
        want.name,
        want.description,
        want.priority,
        want.issue_id,
        want.system_prompt,
        want.provider,
        want.model,
    )
    return fresh


async def retitle(conn: Connection, room_id: UUID, said: str, instead: str | None) -> tuple[str | None, int] | None:
    """Name the room after other words where it is named after these; returns its name and version, None otherwise."""
    row = await conn.fetchrow(RETITLE, room_id, said, instead)
    return None if row is None else (row["name"], row["version"])


async def put_csat(conn: Connection, room: Room, guest_id: UserId, score: int, comment: str | None) -> None:
    """Keep a guest's rating of a room, and the score on the room itself."""
    await conn.execute(PUT_CSAT, room.workspace_id, room.id, guest_id, room.assignee_id, score, comment)


async def list_csat_comments(conn: Connection, room_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The comments to ratings by room, where there are any."""
    return {row["room_id"]: row["comment"] for row in await conn.fetch(LIST_CSAT_COMMENTS, room_ids)}


__all__ = [
    "count_participants",
    "find_kind",
    "find_participant",
    "list_participants",
    "public_numbers",
    "put_participant",
    "put_receipt",
    "put_seen",
    "seq_of_public",
    "update_participant",
]
