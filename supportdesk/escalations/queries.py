"""All SQL of levels, presence and assignment."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg

from supportdesk.actor import Actor, Level, UserId, WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.escalations.model import (
    Edge,
    Escalation,
    EscalationId,
    EscalationStatus,
    Match,
    Place,
    Presence,
    Trigger,
)
from supportdesk.rooms.model import RoomId

FIND_EDGE: Final = """
    SELECT from_level, to_level, permission, robots_allowed, reason_required, default_priority
      FROM escalation_edges
     WHERE workspace_id = $1 AND from_level = $2 AND to_level = $3 AND is_active
"""

INSERT_ESCALATION: Final = """
    INSERT INTO escalations (workspace_id, source_room_id, reason, trigger_kind, from_level, to_level, priority,
                             created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
      RETURNING id, source_room_id, reason, from_level, to_level, priority, status, created_by, assigned_to, created_at
"""

FIND_OPEN_ESCALATION: Final = """
    SELECT id, source_room_id, reason, from_level, to_level, priority, status, created_by, assigned_to, created_at
      FROM escalations
     WHERE source_room_id = $1 AND status IN ('created', 'assigned', 'in_progress')
     ORDER BY created_at DESC
     LIMIT 1
       FOR UPDATE -- its status moves one step at a time
"""

LIST_ESCALATIONS: Final = """
    SELECT id, source_room_id, reason, from_level, to_level, priority, status, created_by, assigned_to, created_at
      FROM escalations
     WHERE id = ANY ($1::uuid[])
"""

SET_ESCALATION: Final = """
    UPDATE escalations
       SET status = $2, assigned_to = CASE WHEN $2 = 'created' THEN NULL ELSE coalesce($3, assigned_to) END,
           resolved_at = CASE WHEN $2 = 'resolved' THEN now() END,
           resolution_notes = coalesce($4, resolution_notes)
     WHERE id = $1
"""

START_ESCALATIONS: Final = """
    WITH spoken AS (
        SELECT room_id, agent_id
          FROM unnest($1::uuid[], $2::uuid[]) AS s (room_id, agent_id)
    ), fresh AS (
        SELECT id
          FROM chat_rooms
         WHERE id IN (SELECT room_id FROM spoken) AND first_reply_at IS NULL
         ORDER BY id
           FOR NO KEY UPDATE -- always in the order of ids, so that two of these never wait for each other in a circle
    ), replied AS (
        UPDATE chat_rooms r
           SET first_reply_at = now()
          FROM fresh f
         WHERE r.id = f.id
    ), begun AS (
        SELECT e.id
          FROM escalations e
          JOIN spoken s ON s.room_id = e.source_room_id AND s.agent_id = e.assigned_to
         WHERE e.status = 'assigned'
         ORDER BY e.id
           FOR NO KEY UPDATE OF e -- as above
    )
    UPDATE escalations e
       SET status = 'in_progress'
      FROM begun b
     WHERE e.id = b.id
 RETURNING e.id, e.source_room_id, e.reason, e.from_level, e.to_level, e.priority, e.status, e.created_by,
           e.assigned_to, e.created_at
"""

FIND_STAFF: Final = """
    SELECT coalesce(display_name, username) AS name, level
      FROM users
     WHERE id = $1 AND account_type_informal NOT IN ('guest', 'robot') AND current_account_status = 'active'
       AND deleted_at IS NULL
"""

QUEUE_FOR: Final = """
    SELECT q.id
      FROM queues q
      LEFT JOIN chat_rooms r ON r.id = $3
     WHERE q.workspace_id = $1 AND q.level = $2 AND q.deleted_at IS NULL
     ORDER BY (SELECT count(*) FROM unnest(q.skills) skill WHERE r.room_settings -> 'filed' -> 'skills' ? skill) DESC,
              q.is_default DESC, q.created_at
     LIMIT 1
"""

SET_PRESENCE: Final = """
    UPDATE users
       SET current_status = $2, last_seen_at = now()
     WHERE id = $1 AND current_status IS DISTINCT FROM $2
 RETURNING id
"""

COME_BACK: Final = """
    UPDATE users
       SET current_status = 'away', last_seen_at = now()
     WHERE id = $1 AND current_status = 'offline'
 RETURNING id
"""

TOUCH: Final = """
    UPDATE users
       SET last_seen_at = now()
     WHERE id = ANY ($1::uuid[])
"""

SET_ABSENT: Final = """
    UPDATE users
       SET current_status = 'offline'
     WHERE workspace_id = $1 AND current_status <> 'offline' AND account_type_informal NOT IN ('guest', 'robot')
       AND deleted_at IS NULL AND coalesce(last_seen_at, '-infinity') < now() - $2::interval
 RETURNING id
"""

WORKSPACES_WITH_SNOOZED: Final = """
    SELECT desk_due_workspaces('snoozed_rooms') AS workspace_id
"""

LIST_DUE_SNOOZED: Final = """
    SELECT id
      FROM chat_rooms
     WHERE workspace_id = $1 AND status = 'snoozed' AND snoozed_until <= now() AND deleted_at IS NULL
     ORDER BY snoozed_until
     LIMIT 200
"""

IS_DUE: Final = """
    SELECT status = 'snoozed' AND snoozed_until <= now()
      FROM chat_rooms
     WHERE id = $1
"""

HOLD_ASSIGNMENT: Final = """
    SELECT pg_advisory_xact_lock(735, hashtext($1)) -- one at a time: the second counts what the first has given
"""

MATCH_WAITING: Final = """
    WITH people AS (
        SELECT u.id, u.level, coalesce(u.display_name, u.username) AS name, u.capacity, u.last_seen_at,
               (SELECT count(*)
                  FROM chat_rooms r
                 WHERE r.assignee_id = u.id AND r.status = 'active' AND r.deleted_at IS NULL) AS load
          FROM users u
         WHERE u.workspace_id = $1 AND u.current_status = 'online' AND u.account_type_informal NOT IN ('guest', 'robot')
           AND u.current_account_status = 'active' AND u.deleted_at IS NULL
    ), slots AS (
        SELECT p.id, p.level, p.name,
               row_number() OVER (PARTITION BY p.level ORDER BY p.load + s.extra, p.last_seen_at, p.id) AS nth
          FROM people p, generate_series(0, p.capacity - 1 - p.load) AS s (extra)
    ), waiting AS (
        SELECT r.id, r.level, r.priority, r.waiting_since,
               row_number() OVER (PARTITION BY r.level ORDER BY r.priority, r.waiting_since, r.id) AS nth
          FROM chat_rooms r
          JOIN queues q ON q.id = r.queue_id AND q.auto_assign
         WHERE r.workspace_id = $1 AND r.status = 'waiting' AND r.owner_kind = 'queue' AND r.deleted_at IS NULL
           AND r.level IN (SELECT level FROM slots) AND r.id <> ALL ($3::uuid[])
    )
    SELECT w.id AS room_id, s.id AS agent_id, s.name
      FROM waiting w
      JOIN slots s ON s.level = w.level AND s.nth = w.nth
     ORDER BY w.priority, w.waiting_since, w.id
     LIMIT $2
"""

LIST_PLACES: Final = """
    WITH on_duty AS (
        SELECT count(*) AS anybody, count(*) FILTER (WHERE level = $2) AS of_level
          FROM users
         WHERE workspace_id = $1 AND current_status IN ('online', 'busy')
           AND account_type_informal NOT IN ('guest', 'robot')
           AND current_account_status = 'active' AND deleted_at IS NULL
    )
    SELECT r.id, row_number() OVER (ORDER BY r.priority, r.waiting_since, r.id) AS position,
           d.anybody, d.of_level
      FROM chat_rooms r, on_duty d
     WHERE r.workspace_id = $1 AND r.level = $2 AND r.status = 'waiting' AND r.deleted_at IS NULL
     ORDER BY position
     LIMIT $3
"""

COUNT_WAITING: Final = """
    SELECT level, count(*) AS waiting
      FROM chat_rooms
     WHERE workspace_id = $1 AND status = 'waiting' AND deleted_at IS NULL
     GROUP BY level
"""

SECONDS_PER_PLACE = 90
"""A rough guess of how long one conversation keeps one person, for the expected wait."""


def _escalation(row: asyncpg.Record) -> Escalation:
    return Escalation(
        id=EscalationId(row["id"]),
        room_id=RoomId(row["source_room_id"]),
        reason=row["reason"],
        from_level=Level(row["from_level"]),
        to_level=Level(row["to_level"]),
        priority=row["priority"],
        status=EscalationStatus(row["status"]),
        created_by=row["created_by"],
        assigned_to=row["assigned_to"],
        created_at=row["created_at"],
    )


async def find_edge(conn: Connection, actor: Actor, present: Level, wanted: Level) -> Edge | None:
    """The step from one level to another, where the workspace has it."""
    row = await conn.fetchrow(FIND_EDGE, actor.workspace_id, present, wanted)
    if row is None:
        return None
    return Edge(**{**dict(row), "from_level": Level(row["from_level"]), "to_level": Level(row["to_level"])})


async def insert_escalation(
    conn: Connection, actor: Actor, room_id: RoomId, *, reason: str | None, trigger: Trigger, edge: Edge, priority: int
) -> Escalation:
    """Write the step down."""
    row = await conn.fetchrow(
        INSERT_ESCALATION,
        actor.workspace_id,
        room_id,
        reason,
        trigger,
        edge.from_level,
        edge.to_level,
        priority,
        actor.id,
    )
    if row is None:
        raise LookupError("An INSERT returns its row")
    return _escalation(row)


async def find_open_escalation(conn: Connection, room_id: UUID) -> Escalation | None:
    """The room's step that is not yet ended; held until the transaction ends."""
    row = await conn.fetchrow(FIND_OPEN_ESCALATION, room_id)
    return None if row is None else _escalation(row)


async def list_escalations(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Escalation]:
    """Escalations by id."""
    return {row["id"]: _escalation(row) for row in await conn.fetch(LIST_ESCALATIONS, ids)}


async def set_escalation(
    conn: Connection,
    escalation_id: EscalationId,
    status: EscalationStatus,
    *,
    assigned_to: UserId | None,
    notes: str | None,
) -> None:
    """Move an escalation on; the action has checked that it may."""
    await conn.execute(SET_ESCALATION, escalation_id, status, assigned_to, notes)


async def start_escalations(conn: Connection, spoken: Sequence[tuple[RoomId, UserId]]) -> list[Escalation]:
    """People have replied in these rooms: first replies are dated, and the steps that begin by it are returned."""
    rows = await conn.fetch(START_ESCALATIONS, [room for room, _ in spoken], [agent for _, agent in spoken])
    return [_escalation(row) for row in rows]


async def find_staff(conn: Connection, user_id: UUID) -> tuple[str, str | None] | None:
    """Name and level of an active member of staff."""
    row = await conn.fetchrow(FIND_STAFF, user_id)
    return None if row is None else (row["name"], row["level"])


async def queue_for(conn: Connection, actor: Actor, level: Level, room_id: UUID) -> UUID | None:
    """Where a room of this level waits: in the queue with the most of the skills that it needs, else in the default."""
    found: UUID | None = await conn.fetchval(QUEUE_FOR, actor.workspace_id, level, room_id)
    return found


async def set_presence(conn: Connection, user_id: UserId, presence: Presence) -> bool:
    """Say whether somebody takes rooms; False when they had said so before."""
    return await conn.fetchval(SET_PRESENCE, user_id, presence) is not None


async def come_back(conn: Connection, user_id: UserId) -> bool:
    """From offline to away; False when they were not offline."""
    return await conn.fetchval(COME_BACK, user_id) is not None


async def touch(conn: Connection, user_ids: Collection[UserId]) -> None:
    """These people's dashboards are open."""
    await conn.execute(TOUCH, list(user_ids))


async def set_absent(conn: Connection, actor: Actor, after: timedelta) -> list[UserId]:
    """Set offline whom nobody has seen for so long; returns them."""
    return [UserId(row["id"]) for row in await conn.fetch(SET_ABSENT, actor.workspace_id, after)]


async def workspaces_with_snoozed(conn: Connection) -> list[WorkspaceId]:
    """Workspaces in which a snooze has run out."""
    return [WorkspaceId(row["workspace_id"]) for row in await conn.fetch(WORKSPACES_WITH_SNOOZED)]


async def list_due_snoozed(conn: Connection, actor: Actor) -> list[RoomId]:
    """Rooms whose snooze has run out, longest first."""
    return [RoomId(row["id"]) for row in await conn.fetch(LIST_DUE_SNOOZED, actor.workspace_id)]


async def is_due(conn: Connection, room_id: RoomId) -> bool:
    """Whether the room's snooze has run out, by PostgreSQL's clock."""
    return bool(await conn.fetchval(IS_DUE, room_id))


async def hold_assignment(conn: Connection, actor: Actor) -> None:
    """Be the only one who gives rooms away in this workspace until the transaction ends; waits for the one before."""
    await conn.execute(HOLD_ASSIGNMENT, str(actor.workspace_id))


async def match_waiting(
    conn: Connection, actor: Actor, limit: int, *, passing_over: Collection[RoomId] = ()
) -> list[Match]:
    """Pair the waiting with the free, most urgent and longest waiting first, least busy first; holds neither."""
    rows = await conn.fetch(MATCH_WAITING, actor.workspace_id, limit, list(passing_over))
    return [Match(RoomId(row["room_id"]), UserId(row["agent_id"]), row["name"]) for row in rows]


async def list_places(conn: Connection, actor: Actor, level: Level, limit: int) -> list[Place]:
    """The queue of a level, next first."""
    return [
        Place(RoomId(row["id"]), row["position"], _expected_wait_s(row))
        for row in await conn.fetch(LIST_PLACES, actor.workspace_id, level, limit)
    ]


def _expected_wait_s(row: asyncpg.Record) -> int | None:
    # While nobody is on duty any number would be a promise that nobody keeps. Another level may help out, at the
    # pace of one.
    return int(row["position"] * SECONDS_PER_PLACE / max(1, row["of_level"])) if row["anybody"] else None


async def count_waiting(conn: Connection, actor: Actor) -> dict[str, int]:
    """How many rooms wait at each level."""
    return {row["level"]: row["waiting"] for row in await conn.fetch(COUNT_WAITING, actor.workspace_id)}
