"""What turns left behind, and rooms that were left without one."""

from typing import Final
from uuid import UUID

import asyncpg
import orjson

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.robots.model import (
    Interaction,
    RobotId,
    Status,
)
from supportdesk.rooms.model import RoomId

LIST_INTERACTIONS: Final = """
    SELECT i.id, i.room_id, i.message_id, i.robot_id, b.name AS robot_name, b.module AS robot_module, i.trigger_kind,
           i.status, i.attempt, i.request_data, i.observation_data, i.response_data, i.error_message, i.tokens,
           i.cost::float8 AS cost, i.created_at, i.started_at, i.completed_at
      FROM robot_interactions i
      JOIN robots b ON b.id = i.robot_id
      JOIN chat_rooms r ON r.id = i.room_id AND r.deleted_at IS NULL
     WHERE ($1::uuid IS NULL OR i.room_id = $1)
       AND ($2::text IS NULL OR $2 IN (b.name, b.module, b.id::text))
       AND ($3::uuid IS NULL OR i.id < $3)
       AND (NOT r.is_private OR $4 OR EXISTS (
           SELECT 1
             FROM room_participants p
            WHERE p.room_id = r.id AND p.user_id = $5 AND p.status IN ('active', 'muted')
       ))
     ORDER BY i.id DESC
     LIMIT $6
"""

LIST_WORKSPACES: Final = """
    SELECT workspace_id
      FROM desk_workspaces()
"""

LIST_UNANSWERED: Final = """
    SELECT r.id
      FROM chat_rooms r
      JOIN room_heads h ON h.room_id = r.id
      JOIN messages m ON m.id = h.last_public_message_id
      JOIN users u ON u.id = m.sender_id AND u.account_type_informal = 'guest'
     WHERE r.owner_kind = 'robot' AND r.status = 'active' AND r.deleted_at IS NULL
       AND h.last_public_message_at < now() - make_interval(secs => $1)
       AND NOT EXISTS (
           SELECT 1
             FROM robot_interactions i
            WHERE i.room_id = r.id AND i.status IN ('pending', 'processing') AND i.trigger_kind <> 'suggestion'
       )
       AND NOT EXISTS (
           SELECT 1
             FROM robot_interactions i
            WHERE i.message_id = m.id AND i.response_data ->> 'fate' = 'dropped' AND i.trigger_kind <> 'suggestion'
       )
     LIMIT 100
"""


async def list_interactions(
    conn: Connection,
    actor: Actor,
    *,
    room_id: UUID | None,
    robot: str | None,
    before: UUID | None,
    sees_private: bool,
    limit: int,
) -> list[Interaction]:
    """The ledger, newest first, without private rooms that the actor may not enter. `robot`: a name or an id."""
    rows = await conn.fetch(LIST_INTERACTIONS, room_id, robot, before, sees_private, actor.id, limit)
    return [interaction_of(row) for row in rows]


def interaction_of(row: asyncpg.Record) -> Interaction:
    """A turn with its records decoded."""
    fields = dict(row)
    for name in ("request_data", "observation_data", "response_data"):
        fields[name] = orjson.loads(fields[name]) if fields[name] is not None else None
    return Interaction(**{**fields, "status": Status(fields["status"]), "robot_id": RobotId(fields["robot_id"])})


async def list_workspaces(conn: Connection) -> list[WorkspaceId]:
    """Every workspace of the installation."""
    return [WorkspaceId(row["workspace_id"]) for row in await conn.fetch(LIST_WORKSPACES)]


async def list_unanswered(conn: Connection, *, for_s: float) -> list[RoomId]:
    """Rooms of robots in which a guest has waited so long and no robot is at it. At most 100."""
    return [RoomId(row["id"]) for row in await conn.fetch(LIST_UNANSWERED, for_s)]
