"""Turns looked up afterwards: the list of the ledger's page, and one turn with what came of it."""

from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from supportdesk.actor import Actor
from supportdesk.core.db import Connection
from supportdesk.robots.model import Interaction, Status
from supportdesk.robots.queries.ledger import interaction_of
from supportdesk.robots.records import Execution, Recorded, Said, TurnLine, TurnsWanted

LIST_TURNS: Final = """
    SELECT i.id, i.room_id, r.name AS room_name, r.is_private, b.name AS robot_name, b.module, i.trigger_kind,
           i.status, i.attempt, coalesce(left(i.request_data ->> 'text', 300), '') AS asked,
           i.response_data ->> 'ending' AS ending, i.response_data ->> 'fate' AS fate,
           (i.response_data ->> 'waited_ms')::float8 AS waited_ms,
           (i.response_data ->> 'first_event_ms')::float8 AS first_event_ms,
           (i.response_data ->> 'total_ms')::float8 AS total_ms, i.tokens, i.cost::float8 AS cost, i.created_at
      FROM robot_interactions i
      JOIN robots b ON b.id = i.robot_id
      JOIN chat_rooms r ON r.id = i.room_id AND r.deleted_at IS NULL
      JOIN workspaces w ON w.id = i.workspace_id
     WHERE i.workspace_id = $1
       AND ($2::uuid IS NULL OR i.id < $2)
       AND ($3::uuid IS NULL OR i.robot_id = $3)
       AND ($4::uuid IS NULL OR i.room_id = $4)
       AND ($5::text IS NULL OR i.status = $5)
       AND ($6::text IS NULL OR i.response_data ->> 'fate' = $6)
       AND ($7::text IS NULL OR i.trigger_kind = $7)
       AND ($8::date IS NULL OR i.created_at >= $8::date::timestamp AT TIME ZONE w.time_zone)
       AND ($9::date IS NULL OR i.created_at < ($9::date + 1)::timestamp AT TIME ZONE w.time_zone)
       AND ($10::numeric IS NULL OR i.cost >= $10)
       AND ($11::text = '' OR strpos(lower(i.request_data ->> 'text'), lower($11)) > 0)
       AND (NOT r.is_private OR $12 OR EXISTS (
           SELECT 1
             FROM room_participants p
            WHERE p.room_id = r.id AND p.user_id = $13 AND p.status IN ('active', 'muted')
       ))
     ORDER BY i.id DESC
     LIMIT $14
"""

FIND_TURN: Final = """
    SELECT i.id, i.room_id, i.message_id, i.robot_id, b.name AS robot_name, b.module AS robot_module, i.trigger_kind,
           i.status, i.attempt, i.request_data, i.observation_data, i.response_data, i.error_message, i.tokens,
           i.cost::float8 AS cost, i.created_at, i.started_at, i.completed_at
      FROM robot_interactions i
      JOIN robots b ON b.id = i.robot_id
     WHERE i.id = $1
"""

FIND_PLACE: Final = """
    SELECT r.name AS room_name, b.module, b.user_id
      FROM robot_interactions i
      JOIN robots b ON b.id = i.robot_id
      JOIN chat_rooms r ON r.id = i.room_id
     WHERE i.id = $1
"""

LIST_SAID_IN_TURN: Final = """
    SELECT m.id, m.seq, m.content, m.is_note, m.public_seq IS NOT NULL AS is_public,
           m.deleted_at IS NOT NULL AS is_deleted, m.created_at, count(g.id) FILTER (WHERE x.emoji = '👍') AS thumbs_up,
           count(g.id) FILTER (WHERE x.emoji = '👎') AS thumbs_down
      FROM messages m
      LEFT JOIN message_reactions x ON x.message_id = m.id AND x.emoji IN ('👍', '👎')
      LEFT JOIN users g ON g.id = x.user_id AND g.account_type_informal = 'guest'
     WHERE m.room_id = $1 AND m.sender_id = $2 AND m.id >= uuid7_floor($3) AND starts_with(m.client_msg_id, $4)
     GROUP BY m.id
     ORDER BY m.seq
"""

LIST_EXECUTIONS: Final = """
    SELECT t.id, t.tool_name, t.status, t.risk, t.parameters, t.result,
           coalesce(u.display_name, u.username) AS decided_by, t.decision_note, t.execution_time_ms,
           t.cost::float8 AS cost, t.error_message, t.created_at
      FROM tool_executions t
      LEFT JOIN users u ON u.id = t.decided_by
     WHERE t.interaction_id = $1
     ORDER BY t.created_at, t.id
"""


async def list_turns(
    conn: Connection, actor: Actor, wanted: TurnsWanted, *, before: UUID, sees_private: bool, limit: int
) -> list[TurnLine]:
    """The turns that are wanted, newest first, without private rooms that the actor may not enter."""
    rows = await conn.fetch(
        LIST_TURNS,
        actor.workspace_id,
        before,
        wanted.robot_id,
        wanted.room_id,
        wanted.status,
        wanted.fate,
        wanted.trigger,
        wanted.since,
        wanted.until,
        wanted.min_cost,
        wanted.text,
        sees_private,
        actor.id,
        limit,
    )
    return [TurnLine(**{**row, "status": Status(row["status"])}) for row in rows]


async def find_turn(conn: Connection, turn_id: UUID) -> Interaction | None:
    """One turn, whoever asks: access.turn_for decides who may see it."""
    row = await conn.fetchrow(FIND_TURN, turn_id)
    return interaction_of(row) if row is not None else None


async def recorded(conn: Connection, turn: Interaction) -> Recorded:
    """The turn with what reached the room and the tools that it asked for."""
    place = await conn.fetchrow(FIND_PLACE, turn.id)
    if place is None:
        raise LookupError(f"The turn {turn.id} went between two statements of one snapshot.")
    said = await conn.fetch(LIST_SAID_IN_TURN, turn.room_id, place["user_id"], turn.created_at, f"turn:{turn.id}:")
    executions = await conn.fetch(LIST_EXECUTIONS, turn.id)
    return Recorded(
        turn=turn,
        room_name=place["room_name"],
        module=place["module"],
        said=[Said(**row) for row in said],
        executions=[_execution(row) for row in executions],
    )


def _execution(row: asyncpg.Record) -> Execution:
    fields: dict[str, Any] = dict(row)
    for name in ("parameters", "result"):
        fields[name] = orjson.loads(fields[name]) if fields[name] is not None else None
    return Execution(**fields)
