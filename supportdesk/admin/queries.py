"""All SQL of the admin pages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Connection
from supportdesk.robots.watchdog import KeptTheLoop

LIST_ROBOTS: Final = """
    SELECT b.id, b.module, b.name, b.version, b.active, b.staff_only, blocked.id AS blocking_turn,
           blocked.completed_at AS blocked_at
      FROM robots b
      LEFT JOIN LATERAL (
           SELECT i.id, i.completed_at
             FROM robot_interactions i
            WHERE i.robot_id = b.id AND i.status = 'failed' AND starts_with(i.error_message, $2)
              AND i.created_at > now() - make_interval(days => $3)
            ORDER BY i.created_at DESC
            LIMIT 1
      ) AS blocked ON true
     WHERE b.workspace_id = $1 AND b.deleted_at IS NULL
     ORDER BY b.sort_order, b.id
"""
BLOCKING_DAYS: Final = 7
"""So long a robot's page says that it once kept the desk from everything else."""

FIND_REMOVED_ROBOT: Final = """
    SELECT id, name
      FROM robots
     WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NOT NULL
"""

LIST_QUEUES: Final = """
    SELECT id, name, level
      FROM queues
     WHERE workspace_id = $1 AND deleted_at IS NULL
     ORDER BY level, name
"""

LIST_DOCUMENTS: Final = """
    SELECT d.id, coalesce(d.title, d.filename) AS title, d.filename, d.file_size AS size, d.processing_status AS status,
           d.error_message AS error, d.updated_at, d.audience, d.mime_type, d.version, d.source_url, d.scope,
           d.room_id, (SELECT t.name FROM teams t WHERE t.id = d.team_id) AS team,
           d.fetched_from, d.fetch_error, d.chunks_done, d.chunks_total,
           (SELECT count(*) FROM document_chunks c WHERE c.document_id = d.id) AS chunks
      FROM documents d
     WHERE d.workspace_id = $1 AND d.deleted_at IS NULL AND d.entry_id IS NULL
       AND ($2 = '' OR strpos(lower(coalesce(d.title, '') || ' ' || d.filename), lower($2)) > 0)
       AND ($3::text IS NULL OR d.scope = $3) AND ($4::uuid IS NULL OR d.team_id = $4) AND d.audience = ANY ($5)
       AND (d.room_id IS NULL OR ($6 AND (
           SELECT NOT r.is_private OR $7 OR EXISTS (
                      SELECT 1
                        FROM room_participants p
                       WHERE p.room_id = r.id AND p.user_id = $8 AND p.status IN ('active', 'muted')
                  )
             FROM chat_rooms r
            WHERE r.id = d.room_id AND r.deleted_at IS NULL
       )))
     ORDER BY array_position(ARRAY['failed', 'processing', 'pending'], d.processing_status), title
     LIMIT 500
"""

LIST_TEAMS: Final = "SELECT id, name FROM teams WHERE workspace_id = $1 AND deleted_at IS NULL ORDER BY lower(name), id"

FAQ_LAYERS: Final = """
    SELECT b.settings, rr.settings AS room_settings
      FROM robots b
      LEFT JOIN room_robots rr ON rr.robot_id = b.id AND rr.room_id = $2
     WHERE b.workspace_id = $1 AND b.module = 'faq' AND b.deleted_at IS NULL
     ORDER BY b.active DESC, b.sort_order
     LIMIT 1
"""

COUNT_DOCUMENTS: Final = """
    SELECT count(*) AS documents,
           coalesce(sum((SELECT count(*) FROM document_chunks c WHERE c.document_id = d.id)), 0)::bigint AS chunks
      FROM documents d
     WHERE d.workspace_id = $1 AND d.deleted_at IS NULL AND d.entry_id IS NULL
       AND (d.room_id IS NULL OR ($2 AND (
           SELECT NOT r.is_private OR $3 OR EXISTS (
                      SELECT 1
                        FROM room_participants p
                       WHERE p.room_id = r.id AND p.user_id = $4 AND p.status IN ('active', 'muted')
                  )
             FROM chat_rooms r
            WHERE r.id = d.room_id AND r.deleted_at IS NULL
       )))
"""

LIST_SCORED_QUESTIONS: Final = """
    SELECT (searched.call -> 'found' -> 0 ->> 'score')::float8 AS score,
           i.response_data ->> 'fate' = 'posted' AS answered,
           EXISTS (
               SELECT FROM room_events e
                WHERE e.room_id = i.room_id AND e.kind = 'room.owner_changed' AND e.data ->> 'reason' = 'guest_asked'
                  AND e.at > i.completed_at AND e.at < i.completed_at + interval '1 day'
           ) OR EXISTS (
               SELECT FROM messages m
                 JOIN message_reactions mr ON mr.message_id = m.id AND mr.emoji = '👎'
                WHERE m.room_id = i.room_id AND m.robot_response_to = i.message_id
           ) AS regretted
      FROM robot_interactions i
      JOIN robots b ON b.id = i.robot_id AND b.module = 'faq'
     CROSS JOIN LATERAL (
           SELECT call
             FROM jsonb_array_elements(i.observation_data -> 'calls') call
            WHERE call ->> 'call' = 'search'
            LIMIT 1
     ) searched
     WHERE i.workspace_id = $1 AND i.trigger_kind = 'message' AND i.is_leader AND i.status = 'completed'
       AND i.created_at > now() - interval '90 days' AND searched.call -> 'found' -> 0 IS NOT NULL
     ORDER BY i.id DESC
     LIMIT 5000
"""


@dataclass(frozen=True, slots=True)
class ScoredQuestion:
    """A question to the faq robot: its best passage's score, and what came of it."""

    score: float
    answered: bool
    regretted: bool
    """The guest asked for a person within a day, or gave the answer a thumbs-down."""


async def list_scored_questions(conn: Connection, actor: Actor) -> list[ScoredQuestion]:
    """The newest 5,000 questions of the last 90 days for which documents were searched."""
    rows = await conn.fetch(LIST_SCORED_QUESTIONS, actor.workspace_id)
    return [ScoredQuestion(row["score"], row["answered"], row["regretted"]) for row in rows]


async def list_robots(conn: Connection, actor: Actor) -> list[Mapping[str, Any]]:
    """Installed robots in the order in which they lead, with the last turn that was stopped for blocking the desk."""
    rows = await conn.fetch(LIST_ROBOTS, actor.workspace_id, KeptTheLoop.__name__, BLOCKING_DAYS)
    return [dict(row) for row in rows]


async def find_removed_robot(conn: Connection, actor: Actor, robot_id: UUID) -> Mapping[str, Any] | None:
    """A robot that the workspace had."""
    row = await conn.fetchrow(FIND_REMOVED_ROBOT, actor.workspace_id, robot_id)
    return None if row is None else dict(row)


async def list_queues(conn: Connection, actor: Actor) -> list[Mapping[str, Any]]:
    """Where conversations can wait, the first level first."""
    return [dict(row) for row in await conn.fetch(LIST_QUEUES, actor.workspace_id)]


async def list_documents(
    conn: Connection, actor: Actor, text: str, *, scope: str | None, team_id: UUID | None, audiences: Collection[str]
) -> list[Mapping[str, Any]]:
    """Documents by title, failed ones first; of rooms, those that the actor may enter."""
    rows = await conn.fetch(
        LIST_DOCUMENTS,
        actor.workspace_id,
        text,
        scope,
        team_id,
        list(audiences),
        actor.may(Permission.ROOM_READ),
        actor.may(Permission.SUPERVISOR_OBSERVE),
        actor.id,
    )
    return [dict(row) for row in rows]


async def list_teams(conn: Connection, actor: Actor) -> list[tuple[str, str]]:
    """The workspace's teams, id and name, by name."""
    return [(str(row["id"]), row["name"]) for row in await conn.fetch(LIST_TEAMS, actor.workspace_id)]


async def count_documents(conn: Connection, actor: Actor) -> Mapping[str, Any]:
    """How many documents and chunks there are; of rooms, those that the actor may enter, as in the list."""
    row = await conn.fetchrow(
        COUNT_DOCUMENTS,
        actor.workspace_id,
        actor.may(Permission.ROOM_READ),
        actor.may(Permission.SUPERVISOR_OBSERVE),
        actor.id,
    )
    return dict(row) if row else {}


async def list_faq_layers(conn: Connection, actor: Actor, room_id: UUID | None) -> list[dict[str, Any]]:
    """What the workspace, and the room where one is named, have set of the faq robot; the weakest first."""
    row = await conn.fetchrow(FAQ_LAYERS, actor.workspace_id, room_id)
    return [] if row is None else [orjson.loads(layer) for layer in row if layer is not None]
