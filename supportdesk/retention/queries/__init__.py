"""All SQL of retention."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from supportdesk.actor import WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.core.wire import to_json
from supportdesk.retention.model import Due, Policy

LIST_POLICIES: Final = """
    SELECT room_type, online_days, archive_days
      FROM retention_policies
     WHERE workspace_id = $1 AND subject = 'messages' AND is_active
     ORDER BY room_type NULLS LAST
"""

LIST_DUE: Final = """
    SELECT r.id, h.last_seq, r.closed_at
      FROM chat_rooms r
      JOIN room_heads h ON h.room_id = r.id
     WHERE r.workspace_id = $1 AND r.status = 'closed' AND r.closed_at < $2 AND r.room_type = ANY ($3)
       AND NOT EXISTS (
           SELECT 1
             FROM legal_holds l
            WHERE l.workspace_id = $1 AND l.released_at IS NULL
              AND (l.scope = 'workspace' OR l.room_id = r.id OR l.guest_id = r.creator_id OR l.guest_id IN (
                  SELECT p.user_id FROM room_participants p WHERE p.room_id = r.id)))
     ORDER BY r.closed_at
     LIMIT $4
"""

PREVIEW: Final = """
    SELECT count(*) FILTER (WHERE NOT held) AS rooms,
           coalesce(sum(total_messages) FILTER (WHERE NOT held), 0) AS messages,
           min(closed_at) FILTER (WHERE NOT held) AS oldest, count(*) FILTER (WHERE held) AS held
      FROM (
          SELECT r.closed_at, h.total_messages, EXISTS (
                     SELECT 1
                       FROM legal_holds l
                      WHERE l.workspace_id = $1 AND l.released_at IS NULL
                        AND (l.scope = 'workspace' OR l.room_id = r.id OR l.guest_id = r.creator_id OR l.guest_id IN (
                            SELECT p.user_id FROM room_participants p WHERE p.room_id = r.id))) AS held
            FROM chat_rooms r
            JOIN room_heads h ON h.room_id = r.id
           WHERE r.workspace_id = $1 AND r.status = 'closed' AND r.closed_at < $2 AND r.room_type = ANY ($3)
      ) due
"""

LOCK_ROOMS: Final = """
    WITH heads AS MATERIALIZED (
        SELECT room_id, last_seq
          FROM room_heads
         WHERE room_id = ANY ($1::uuid[])
         ORDER BY room_id
           FOR UPDATE -- first, as in every flight: nobody writes a last note into a room while it leaves
    )
    SELECT r.id, r.status, h.last_seq
      FROM heads h
      JOIN chat_rooms r ON r.id = h.room_id
     ORDER BY r.id
       FOR UPDATE OF r -- nor reopens it, nor lays a hold on it
"""

ANY_HELD: Final = """
    SELECT EXISTS (
        SELECT 1
          FROM legal_holds l
         WHERE l.released_at IS NULL
           AND (l.scope = 'workspace' OR l.room_id = ANY ($1::uuid[]) OR l.guest_id IN (
               SELECT p.user_id FROM room_participants p WHERE p.room_id = ANY ($1::uuid[])) OR l.guest_id IN (
               SELECT r.creator_id FROM chat_rooms r WHERE r.id = ANY ($1::uuid[]))))
"""

START_ARCHIVE: Final = """
    INSERT INTO archive_transactions (id, workspace_id, kind, status, location)
         VALUES ($1, $2, 'archive', 'running', $3)
"""

COMPLETE_ARCHIVE: Final = """
    UPDATE archive_transactions
       SET status = 'completed', completed_at = now(), room_count = $2, row_counts = $3, location = $4, manifest = $5,
           manifest_sha256 = $6, restore_until = now() + interval '30 days',
           purge_after = CASE WHEN $7::interval IS NULL THEN NULL ELSE now() + $7::interval END
     WHERE id = $1 AND status = 'running' -- else it was given up, and its files may be gone already
 RETURNING id
"""

FAIL_ARCHIVE: Final = """
    UPDATE archive_transactions
       SET status = 'failed', error_message = coalesce(error_message, $2)
     WHERE id = $1 AND status IN ('running', 'failed') -- a commit whose answer was lost may have completed it
 RETURNING id
"""

LIST_UNFINISHED: Final = """
    SELECT id, location
      FROM archive_transactions
     WHERE workspace_id = $1 AND kind = 'archive' AND status IN ('running', 'failed') AND location IS NOT NULL
       AND started_at < $2
     ORDER BY started_at
"""

FORGET_LOCATION: Final = """
    UPDATE archive_transactions
       SET location = NULL
     WHERE id = $1 AND status = 'failed'
"""

INSERT_ARCHIVED: Final = """
    INSERT INTO archived_rooms (archive_id, room_id, workspace_id, first_seq, last_seq)
         SELECT $1, room_id, $2, 1, last_seq
           FROM unnest($3::uuid[], $4::bigint[]) AS a (room_id, last_seq)
"""

BLANK_HISTORY: Final = """
    SELECT desk_blank_history('messages', array_agg(id))
      FROM messages
     WHERE room_id = ANY ($1::uuid[])
"""

BLANK_EXECUTIONS: Final = """
    SELECT desk_blank_history('tool_executions', array_agg(id))
      FROM tool_executions
     WHERE room_id = ANY ($1::uuid[])
"""

BLANK_ATTACHMENTS: Final = """
    SELECT desk_blank_history('chat_file_attachments', array_agg(id))
      FROM chat_file_attachments
     WHERE room_id = ANY ($1::uuid[])
"""

DELETE_MESSAGES: Final = """
    DELETE FROM messages
     WHERE room_id = ANY ($1::uuid[])
"""

DELETE_EVENTS: Final = """
    DELETE FROM room_events
     WHERE room_id = ANY ($1::uuid[])
"""

DELETE_INTERACTIONS: Final = """
    DELETE FROM robot_interactions
     WHERE room_id = ANY ($1::uuid[])
"""

DELETE_UNANSWERED: Final = """
    DELETE FROM unanswered_questions
     WHERE room_id = ANY ($1::uuid[])
"""

MARK_ARCHIVED: Final = """
    UPDATE chat_rooms
       SET status = 'archived', version = version + 1
     WHERE id = ANY ($1::uuid[])
"""

LIST_PURGEABLE: Final = """
    SELECT t.id, t.location, t.manifest
      FROM archive_transactions t
     WHERE t.workspace_id = $1 AND t.kind = 'archive' AND t.status = 'completed' AND t.purge_after < $2
       AND NOT EXISTS (
           SELECT 1
             FROM legal_holds l
            WHERE l.workspace_id = $1 AND l.released_at IS NULL
              AND (l.scope = 'workspace' OR l.room_id IN (
                  SELECT a.room_id FROM archived_rooms a WHERE a.archive_id = t.id) OR l.guest_id IN (
                  SELECT p.user_id FROM room_participants p JOIN archived_rooms a ON a.room_id = p.room_id
                   WHERE a.archive_id = t.id)))
     ORDER BY t.purge_after
"""

ARCHIVED_ROOMS: Final = """
    SELECT room_id
      FROM archived_rooms
     WHERE archive_id = $1
"""

BLANK_ROOMS: Final = """
    SELECT desk_blank_history('chat_rooms', $1::uuid[])
"""

BLANK_ESCALATIONS: Final = """
    SELECT desk_blank_history('escalations', array_agg(id))
      FROM escalations
     WHERE source_room_id = ANY ($1::uuid[])
"""

DELETE_RELEASED_HOLDS: Final = """
    DELETE FROM legal_holds
     WHERE room_id = ANY ($1::uuid[]) AND released_at IS NOT NULL
"""

PURGE_ROOMS: Final = """
    DELETE FROM chat_rooms r
     USING archived_rooms a
     WHERE a.archive_id = $1 AND r.id = a.room_id AND r.status = 'archived'
"""

MARK_PURGED: Final = """
    UPDATE archive_transactions
       SET status = 'purged', purged_at = now()
     WHERE id = $1
"""

COPY_CHAT_ROOMS: Final = "SELECT * FROM chat_rooms WHERE id = ANY ($1::uuid[])"
COPY_ROOM_HEADS: Final = "SELECT * FROM room_heads WHERE room_id = ANY ($1::uuid[])"
COPY_ROOM_PARTICIPANTS: Final = "SELECT * FROM room_participants WHERE room_id = ANY ($1::uuid[])"
COPY_ROOM_TAGS: Final = "SELECT * FROM room_tags WHERE room_id = ANY ($1::uuid[])"
COPY_ROOM_ROBOTS: Final = "SELECT * FROM room_robots WHERE room_id = ANY ($1::uuid[])"
COPY_ROOM_EVENTS: Final = "SELECT * FROM room_events WHERE room_id = ANY ($1::uuid[]) ORDER BY room_id, seq"
COPY_MESSAGES: Final = "SELECT * FROM messages WHERE room_id = ANY ($1::uuid[]) ORDER BY room_id, seq"
COPY_MESSAGE_REACTIONS: Final = """
    SELECT x.*
      FROM message_reactions x
      JOIN messages m ON m.id = x.message_id
     WHERE m.room_id = ANY ($1::uuid[])
"""
COPY_CHAT_FILE_ATTACHMENTS: Final = "SELECT * FROM chat_file_attachments WHERE room_id = ANY ($1::uuid[])"
COPY_ROBOT_INTERACTIONS: Final = "SELECT * FROM robot_interactions WHERE room_id = ANY ($1::uuid[])"
COPY_ROBOT_SUGGESTIONS: Final = "SELECT * FROM robot_suggestions WHERE room_id = ANY ($1::uuid[])"
COPY_TOOL_EXECUTIONS: Final = "SELECT * FROM tool_executions WHERE room_id = ANY ($1::uuid[])"
COPY_LLM_PAUSES: Final = "SELECT * FROM llm_pauses WHERE room_id = ANY ($1::uuid[])"
COPY_UNANSWERED: Final = "SELECT * FROM unanswered_questions WHERE room_id = ANY ($1::uuid[])"
COPY_CONTEXT_OPTIMIZATIONS: Final = "SELECT * FROM context_optimizations WHERE room_id = ANY ($1::uuid[])"
COPY_ESCALATIONS: Final = "SELECT * FROM escalations WHERE source_room_id = ANY ($1::uuid[])"
COPY_SLA_CLOCKS: Final = "SELECT * FROM sla_clocks WHERE room_id = ANY ($1::uuid[])"
COPY_CSAT_RATINGS: Final = "SELECT * FROM csat_ratings WHERE room_id = ANY ($1::uuid[])"

COPIES: Final = {
    "chat_rooms": COPY_CHAT_ROOMS,
    "room_heads": COPY_ROOM_HEADS,
    "room_participants": COPY_ROOM_PARTICIPANTS,
    "room_tags": COPY_ROOM_TAGS,
    "room_robots": COPY_ROOM_ROBOTS,
    "room_events": COPY_ROOM_EVENTS,
    "messages": COPY_MESSAGES,
    "message_reactions": COPY_MESSAGE_REACTIONS,
    "chat_file_attachments": COPY_CHAT_FILE_ATTACHMENTS,
    "robot_interactions": COPY_ROBOT_INTERACTIONS,
    "robot_suggestions": COPY_ROBOT_SUGGESTIONS,
    "tool_executions": COPY_TOOL_EXECUTIONS,
    "llm_pauses": COPY_LLM_PAUSES,
    "unanswered_questions": COPY_UNANSWERED,
    "context_optimizations": COPY_CONTEXT_OPTIMIZATIONS,
    "escalations": COPY_ESCALATIONS,
    "sla_clocks": COPY_SLA_CLOCKS,
    "csat_ratings": COPY_CSAT_RATINGS,
}


async def list_policies(conn: Connection, workspace_id: WorkspaceId) -> list[Policy]:
    """How long messages are kept: by room type first, then for all others."""
    return [
        Policy(
            room_type=row["room_type"],
            online=timedelta(days=row["online_days"]),
            archived=timedelta(days=row["archive_days"]) if row["archive_days"] is not None else None,
        )
        for row in await conn.fetch(LIST_POLICIES, workspace_id)
    ]


async def list_due(
    conn: Connection, workspace_id: WorkspaceId, closed_before: datetime, room_types: Sequence[str], limit: int
) -> list[Due]:
    """Closed rooms whose time is over and that no hold keeps, oldest first."""
    rows = await conn.fetch(LIST_DUE, workspace_id, closed_before, list(room_types), limit)
    return [Due(room_id=row["id"], last_seq=row["last_seq"], closed_at=row["closed_at"]) for row in rows]


async def preview(
    conn: Connection, workspace_id: WorkspaceId, closed_before: datetime, room_types: Sequence[str]
) -> Mapping[str, Any]:
    """How much is due, and how much of it a hold keeps."""
    row = await conn.fetchrow(PREVIEW, workspace_id, closed_before, list(room_types))
    return dict(row) if row else {}


async def unchanged(conn: Connection, rooms: Sequence[Due]) -> bool:
    """Whether these rooms are as they were copied and nobody keeps them; holds them until the transaction ends."""
    ids = [due.room_id for due in rooms]
    rows = {row["id"]: row for row in await conn.fetch(LOCK_ROOMS, ids)}
    return not await conn.fetchval(ANY_HELD, ids) and all(
        due.room_id in rows
        and rows[due.room_id]["status"] == "closed"
        and rows[due.room_id]["last_seq"] == due.last_seq
        for due in rooms
    )


async def start_archive(conn: Connection, workspace_id: WorkspaceId, archive_id: UUID, location: str) -> None:
    """Say that an archive is being made, and where, before anything is written there."""
    await conn.execute(START_ARCHIVE, archive_id, workspace_id, location)


async def complete_archive(
    conn: Connection,
    archive_id: UUID,
    *,
    rooms: Sequence[Due],
    row_counts: Mapping[str, int],
    location: str,
    manifest: bytes,
    digest: str,
    keep: timedelta | None,
) -> bool:
    """The archive is whole and has been read back; False when it was given up meanwhile."""
    done = await conn.fetchval(
        COMPLETE_ARCHIVE,
        archive_id,
        len(rooms),
        to_json(row_counts).decode(),
        location,
        manifest.decode(),
        digest,
        keep,
    )
    return done is not None


async def fail_archive(conn: Connection, archive_id: UUID, problem: str) -> bool:
    """The archive was given up and nothing was deleted; False when it had been completed after all."""
    return await conn.fetchval(FAIL_ARCHIVE, archive_id, problem[:1000]) is not None


async def list_unfinished(conn: Connection, workspace_id: WorkspaceId, before: datetime) -> list[tuple[UUID, str]]:
    """Archives begun before that instant that were never completed, and where they may have left something."""
    return [(row["id"], row["location"]) for row in await conn.fetch(LIST_UNFINISHED, workspace_id, before)]


async def forget_location(conn: Connection, archive_id: UUID) -> None:
    """Nothing is left of a failed archive."""
    await conn.execute(FORGET_LOCATION, archive_id)


async def take_offline(conn: Connection, workspace_id: WorkspaceId, archive_id: UUID, rooms: Sequence[Due]) -> None:
    """Leave the rooms' rows, marked archived, and delete what was copied; the history keeps no text of it."""
    ids = [due.room_id for due in rooms]
    await conn.execute(INSERT_ARCHIVED, archive_id, workspace_id, ids, [due.last_seq for due in rooms])
    await conn.execute(BLANK_HISTORY, ids)
    await conn.execute(BLANK_EXECUTIONS, ids)
    await conn.execute(BLANK_ATTACHMENTS, ids)
    await conn.execute(DELETE_INTERACTIONS, ids)
    await conn.execute(DELETE_UNANSWERED, ids)
    await conn.execute(DELETE_MESSAGES, ids)
    await conn.execute(DELETE_EVENTS, ids)
    await conn.execute(MARK_ARCHIVED, ids)


async def copy_table(conn: Connection, table: str, rooms: Sequence[Due]) -> list[Mapping[str, Any]]:
    """Every row of a table that belongs to these rooms."""
    return [dict(row) for row in await conn.fetch(COPIES[table], [due.room_id for due in rooms])]


async def list_purgeable(conn: Connection, workspace_id: WorkspaceId, now: datetime) -> list[Mapping[str, Any]]:
    """Archives whose time is over and that no hold keeps."""
    return [dict(row) for row in await conn.fetch(LIST_PURGEABLE, workspace_id, now)]


async def is_held(conn: Connection, archive_id: UUID) -> bool:
    """Whether a hold keeps any room of the archive; no new hold on one of its rooms until the transaction ends."""
    ids = [row["room_id"] for row in await conn.fetch(ARCHIVED_ROOMS, archive_id)]
    await conn.execute(LOCK_ROOMS, ids)
    return bool(await conn.fetchval(ANY_HELD, ids))


async def purge(conn: Connection, archive_id: UUID) -> None:
    """Delete the rooms' last rows, blank what the history still says of them, and write down that it was done."""
    ids = [row["room_id"] for row in await conn.fetch(ARCHIVED_ROOMS, archive_id)]
    await conn.execute(BLANK_ROOMS, ids)
    await conn.execute(BLANK_ESCALATIONS, ids)
    await conn.execute(DELETE_RELEASED_HOLDS, ids)
    await conn.execute(PURGE_ROOMS, archive_id)
    await conn.execute(MARK_PURGED, archive_id)
