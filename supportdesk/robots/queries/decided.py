"""Turns in which a robot learns what came of the tools that it asked for."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from supportdesk.core.db import Connection
from supportdesk.robots.contract import ToolResult, ToolStatus
from supportdesk.robots.model import RobotId, denial
from supportdesk.rooms.model import RoomId

QUEUE_DECIDED: Final = """
    INSERT INTO robot_interactions (
        workspace_id, room_id, robot_id, trigger_kind, turn_no, sort_order, created_at, request_data
    )
         SELECT rr.workspace_id, rr.room_id, rr.robot_id, 'tool_decided', h.turn_no, rr.sort_order,
                clock_timestamp(), -- as the ends of calls: transactions wait for the room after they have begun
                jsonb_build_object('about', (
                    SELECT coalesce(i.message_id::text, i.request_data ->> 'about')
                      FROM tool_executions t
                      JOIN robot_interactions i ON i.id = t.interaction_id
                     WHERE t.room_id = rr.room_id AND t.robot_id = rr.robot_id AND t.told_at IS NULL
                     ORDER BY t.id DESC
                     LIMIT 1
                ))
           FROM room_robots rr
           JOIN chat_rooms r ON r.id = rr.room_id
           JOIN room_heads h ON h.room_id = rr.room_id
          WHERE rr.room_id = $1 AND rr.robot_id = $2
            AND r.owner_kind = 'robot' AND r.status = 'active' AND r.deleted_at IS NULL
            AND EXISTS (
                SELECT 1
                  FROM tool_executions t
                 WHERE t.room_id = $1 AND t.robot_id = $2 AND t.told_at IS NULL
                   AND t.status IN ('completed', 'failed', 'denied', 'cancelled')
                   AND NOT EXISTS ( -- asked already, and nobody has spoken since
                       SELECT 1
                         FROM robot_interactions i
                        WHERE i.room_id = $1 AND i.robot_id = $2 AND i.trigger_kind = 'tool_decided'
                          AND i.turn_no = h.turn_no AND (i.status = 'pending' OR i.created_at > t.completed_at)
                   )
            )
      RETURNING id
"""

MARK_TOLD: Final = """
    UPDATE tool_executions
       SET told_at = now()
     WHERE id = ANY ($1::uuid[]) AND told_at IS NULL
"""

COUNT_IN_A_ROW: Final = """
    SELECT count(*)
      FROM robot_interactions i
      JOIN room_heads h ON h.room_id = i.room_id
     WHERE i.room_id = $1 AND i.trigger_kind = 'tool_decided' AND i.turn_no = h.turn_no
"""

FIND_UNTOLD: Final = """
    SELECT b.module
      FROM tool_executions t
      JOIN chat_rooms r ON r.id = t.room_id
      JOIN robots b ON b.id = t.robot_id
     WHERE t.room_id = $1 AND t.robot_id = $2 AND t.told_at IS NULL
       AND t.status IN ('completed', 'failed', 'denied', 'cancelled')
       AND r.owner_kind = 'robot' AND r.status = 'active' AND r.deleted_at IS NULL
     LIMIT 1
"""

LIST_UNTOLD: Final = """
    SELECT DISTINCT t.room_id, t.robot_id
      FROM tool_executions t
      JOIN chat_rooms r ON r.id = t.room_id
     WHERE t.told_at IS NULL AND t.status IN ('completed', 'failed', 'denied', 'cancelled')
       AND t.completed_at < now() - interval '2 seconds'
       AND r.owner_kind = 'robot' AND r.status = 'active' AND r.deleted_at IS NULL
     LIMIT 100
"""


async def queue_decided(conn: Connection, room_id: RoomId, robot_id: RobotId) -> bool:
    """Ask a robot again, now that tools of its are over; False when there is nothing to tell, or nobody to be told.

    The room must be a robot's still: once people have it, no robot speaks.
    """
    return await conn.fetchval(QUEUE_DECIDED, room_id, robot_id) is not None


async def mark_told(conn: Connection, execution_ids: Sequence[UUID]) -> None:
    """Their robot has these outcomes."""
    await conn.execute(MARK_TOLD, list(execution_ids))


async def count_in_a_row(conn: Connection, room_id: RoomId) -> int:
    """How many turns about tools a room has had since somebody last spoke."""
    count: int = await conn.fetchval(COUNT_IN_A_ROW, room_id)
    return count


async def find_untold(conn: Connection, room_id: RoomId, robot_id: RobotId) -> str | None:
    """The robot's module, when it has not heard of an outcome and the room is a robot's."""
    module: str | None = await conn.fetchval(FIND_UNTOLD, room_id, robot_id)
    return module


async def list_untold(conn: Connection) -> list[tuple[RoomId, RobotId]]:
    """Where a robot should know of an outcome and was not told. At most 100."""
    return [(RoomId(row["room_id"]), RobotId(row["robot_id"])) for row in await conn.fetch(LIST_UNTOLD)]


def tool_result(call: Mapping[str, Any]) -> ToolResult:
    """A call that is over, as its robot learns of it; a denial carries what the person has noted."""
    error = call["error"] or ""
    if call["status"] == ToolStatus.DENIED and call["by_person"]:
        error = denial(call["note"])
    return ToolResult(
        execution_id=UUID(call["id"]),
        name=call["name"],
        status=ToolStatus(call["status"]),
        result=call["result"],
        error=error,
    )
