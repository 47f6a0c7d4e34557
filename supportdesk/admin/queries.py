"""All SQL of the admin pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from supportdesk.actor import Actor
from supportdesk.core.db import Connection

LIST_ROBOTS: Final = """
    SELECT id, module, name, version, active, coalesce((settings ->> 'visible_to_guest')::boolean, true) AS visible
      FROM robots
     WHERE workspace_id = $1 AND deleted_at IS NULL
     ORDER BY sort_order, name
"""

LIST_QUEUES: Final = """
    SELECT id, name, level
      FROM queues
     WHERE workspace_id = $1 AND deleted_at IS NULL
     ORDER BY level, name
"""

LIST_DOCUMENTS: Final = """
    SELECT d.id, coalesce(d.title, d.filename) AS title, d.filename, d.file_size AS size, d.processing_status AS status,
           d.error_message AS error, d.updated_at,
           (SELECT count(*) FROM document_chunks c WHERE c.document_id = d.id) AS chunks
      FROM documents d
     WHERE d.workspace_id = $1 AND d.deleted_at IS NULL
       AND ($2 = '' OR strpos(lower(coalesce(d.title, '') || ' ' || d.filename), lower($2)) > 0)
     ORDER BY d.processing_status = 'failed' DESC, title
     LIMIT 500
"""

COUNT_DOCUMENTS: Final = """
    SELECT (SELECT count(*) FROM documents WHERE workspace_id = $1 AND deleted_at IS NULL) AS documents,
           (SELECT count(*) FROM document_chunks WHERE workspace_id = $1) AS chunks
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
    """Installed robots in the order in which they lead."""
    return [dict(row) for row in await conn.fetch(LIST_ROBOTS, actor.workspace_id)]


async def list_queues(conn: Connection, actor: Actor) -> list[Mapping[str, Any]]:
    """Where conversations can wait, the first level first."""
    return [dict(row) for row in await conn.fetch(LIST_QUEUES, actor.workspace_id)]


async def list_documents(conn: Connection, actor: Actor, text: str) -> list[Mapping[str, Any]]:
    """Documents by title, failed ones first."""
    return [dict(row) for row in await conn.fetch(LIST_DOCUMENTS, actor.workspace_id, text)]


async def count_documents(conn: Connection, actor: Actor) -> Mapping[str, Any]:
    """How many documents and chunks there are."""
    row = await conn.fetchrow(COUNT_DOCUMENTS, actor.workspace_id)
    return dict(row) if row else {}
