"""A stored conversation as a robot would be asked it again: nothing here writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg
import orjson

from supportdesk.core.db import Connection
from supportdesk.robots.contract import ToolResult, ToolStatus
from supportdesk.robots.model import HISTORY_LINES, Claim
from supportdesk.robots.queries.claimed import claim_of
from supportdesk.robots.records import Kept
from supportdesk.rooms.model import RoomId

FIND_ROBOT: Final = """
    SELECT id, module
      FROM robots
     WHERE workspace_id = $1 AND deleted_at IS NULL AND $2 IN (name, module, id::text)
     ORDER BY sort_order, id
     LIMIT 1
"""

LIST_TURNS_TO_REPLAY: Final = """
    WITH asked AS ( -- of each message the robot's own turn, else that of the robot which had the last word
        SELECT DISTINCT ON (i.message_id) i.*
          FROM robot_interactions i
         WHERE i.room_id = $1 AND i.is_leader AND i.message_id IS NOT NULL AND i.trigger_kind = 'message'
           AND i.response_data ->> 'ending' IN ('answered', 'handed_off', 'silent', 'failed')
         ORDER BY i.message_id, (i.robot_id = $2) DESC, (i.response_data ->> 'fate' IN ('posted', 'handed_over')) DESC,
                  i.id DESC
    )
    SELECT i.id, i.workspace_id, i.room_id, 0 AS attempt, i.trigger_kind, true AS is_leader, i.message_id, i.turn_no,
           NULL::text[] AS said, NULL::jsonb AS cited,
           0::float8 AS waited_ms, i.observation_data, i.response_data,
           CASE WHEN i.robot_id = b.id THEN '' WHEN was.name = b.name THEN was.name || ' (' || was.module || ')'
                ELSE was.name END AS answered_by,
           b.id AS robot_id, b.user_id, b.module, b.version, b.name AS robot_name, b.avatar, b.sort_order,
           b.settings || jsonb_build_object('settings_version', b.settings_version) AS settings,
           b.secrets_encrypted, coalesce(rr.settings, '{}') AS room_robot_settings, b.active,
           i.turn_no AS room_turn_no, 'robot' AS owner_kind, r.status AS room_status, r.locale,
           m.content AS text, coalesce(g.display_name, '') AS guest_name, past.lines,
           NULL::jsonb AS calls, false AS is_overtaken
      FROM asked i
      JOIN robots was ON was.id = i.robot_id
      JOIN robots b ON b.id = $2
      JOIN chat_rooms r ON r.id = i.room_id
      JOIN messages m ON m.id = i.message_id AND m.deleted_at IS NULL
      LEFT JOIN room_robots rr ON rr.room_id = i.room_id AND rr.robot_id = b.id
      LEFT JOIN users g ON g.id = r.creator_id
      LEFT JOIN LATERAL (
          SELECT jsonb_agg(jsonb_build_object(
                     'sender', line.sender_type, 'account', line.account_type_informal, 'name', line.name,
                     'text', line.content) ORDER BY line.seq) AS lines
            FROM (
                SELECT e.seq, e.sender_type, e.content, u.account_type_informal,
                       coalesce(u.display_name, u.username, '') AS name
                  FROM messages e
                  LEFT JOIN users u ON u.id = e.sender_id
                 WHERE e.room_id = i.room_id AND e.public_seq IS NOT NULL AND e.deleted_at IS NULL
                   AND e.id >= uuid7_floor(r.created_at) AND e.seq < m.seq
                 ORDER BY e.seq DESC
                 LIMIT $3
            ) AS line
      ) AS past ON true
     ORDER BY m.seq
"""

LIST_TOOL_RESULTS: Final = """
    SELECT id, tool_name, status, risk, parameters, result, error_message
      FROM tool_executions
     WHERE room_id = $1
     ORDER BY created_at, id
"""

LIST_TEXTS: Final = """
    SELECT coalesce(title, filename) AS title, content, source_url
      FROM documents
     WHERE (id = ANY ($1::uuid[]) OR coalesce(title, filename) = ANY ($2::text[])) -- a newer version has another id
       AND deleted_at IS NULL AND processing_status = 'completed' AND audience = 'guests'
     ORDER BY 1
"""

STATUSES: Final = {
    "completed": ToolStatus.COMPLETED,
    "failed": ToolStatus.FAILED,
    "denied": ToolStatus.DENIED,
    "cancelled": ToolStatus.CANCELLED,
}
"""Of what is on its way, a robot hears that it waits."""


@dataclass(frozen=True, slots=True)
class StoredText:
    """A document as it is now."""

    title: str
    content: str
    source_url: str | None


async def find_robot(conn: Connection, workspace_id: UUID, name: str) -> tuple[UUID, str] | None:
    """Id and module of the workspace's robot of this name, module or id; the first of several."""
    row = await conn.fetchrow(FIND_ROBOT, workspace_id, name)
    return (row["id"], row["module"]) if row is not None else None


async def list_turns(conn: Connection, room_id: RoomId, robot_id: UUID) -> list[tuple[Claim, Kept]]:
    """Each message that a robot has led on, as this robot would be asked it, and what came of it then."""
    rows = await conn.fetch(LIST_TURNS_TO_REPLAY, room_id, robot_id, HISTORY_LINES)
    return [(claim_of(row, "replay"), _recorded(row)) for row in rows]


def _recorded(row: asyncpg.Record) -> Kept:
    return Kept(
        answered_by=row["answered_by"],
        observation=orjson.loads(row["observation_data"] or "{}"),
        response=orjson.loads(row["response_data"] or "{}"),
    )


async def list_tool_results(conn: Connection, room_id: RoomId) -> list[tuple[str, str, ToolResult]]:
    """Every tool call of the room: its risk, its arguments as canonical JSON, and what it came to."""
    return [
        (
            row["risk"],
            orjson.dumps(orjson.loads(row["parameters"]), option=orjson.OPT_SORT_KEYS).decode(),
            ToolResult(
                execution_id=row["id"],
                name=row["tool_name"],
                status=STATUSES.get(row["status"], ToolStatus.WAITING),
                result=orjson.loads(row["result"]) if row["result"] is not None else None,
                error=row["error_message"] or "",
            ),
        )
        for row in await conn.fetch(LIST_TOOL_RESULTS, room_id)
    ]


async def list_texts(conn: Connection, documents: Mapping[UUID, str]) -> list[StoredText]:
    """The documents of these ids or titles that guests are answered from now, by title."""
    rows = await conn.fetch(LIST_TEXTS, list(documents), list(documents.values()))
    return [StoredText(row["title"], row["content"], row["source_url"]) for row in rows]
