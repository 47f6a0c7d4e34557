"""The robots of one room, and what is set for them there."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import asyncpg
import orjson
from pydantic import JsonValue

from supportdesk.core.db import Connection
from supportdesk.robots.model import RobotId, RobotInRoom
from supportdesk.rooms.model import RoomId

LIST_IN_ROOM: Final = """
    SELECT b.id, b.user_id, b.module, b.name, b.avatar, b.active AS active_in_workspace,
           coalesce(rr.active, false) AS active, rr.own_order, b.sort_order,
           coalesce(rr.staff_only, b.staff_only) AS staff_only, coalesce(rr.settings, '{}') AS settings
      FROM robots b
      LEFT JOIN room_robots rr ON rr.robot_id = b.id AND rr.room_id = $1
     WHERE b.deleted_at IS NULL AND ($2::uuid IS NULL OR b.id = $2)
     ORDER BY coalesce(rr.own_order, b.sort_order), b.id
"""

PUT_IN_ROOM: Final = """
    INSERT INTO room_robots (workspace_id, room_id, robot_id, sort_order, active, own_order, settings, staff_only)
         SELECT b.workspace_id, $1, b.id, b.sort_order, $3, $4, $5, $6
           FROM robots b
          WHERE b.id = $2
    ON CONFLICT (room_id, robot_id) DO UPDATE
            SET active = EXCLUDED.active, own_order = EXCLUDED.own_order, settings = EXCLUDED.settings,
                staff_only = EXCLUDED.staff_only
"""

KEEP_FOR_STAFF: Final = """
    UPDATE room_robots rr
       SET staff_only = true
      FROM robots b, chat_rooms r
     WHERE b.id = $1 AND rr.robot_id = b.id AND rr.staff_only IS NULL AND r.id = rr.room_id
       AND r.status <> 'archived' AND r.deleted_at IS NULL
       AND NOT EXISTS (
           SELECT 1
             FROM room_participants p
            WHERE p.room_id = rr.room_id AND p.user_id = b.user_id
       )
"""


async def list_in_room(conn: Connection, room_id: RoomId, robot_id: UUID | None = None) -> list[RobotInRoom]:
    """The workspace's robots as they stand in a room, in the order in which they lead there; or one of them."""
    return [_in_room(row) for row in await conn.fetch(LIST_IN_ROOM, room_id, robot_id)]


def _in_room(row: asyncpg.Record) -> RobotInRoom:
    return RobotInRoom(**{**dict(row), "settings": orjson.loads(row["settings"])})


async def put_in_room(
    conn: Connection,
    room_id: RoomId,
    robot_id: RobotId,
    *,
    active: bool,
    own_order: int | None,
    settings: Mapping[str, JsonValue],
    staff_only: bool | None,
) -> None:
    """Say how a robot is to be in a room; None for what is as in the workspace."""
    await conn.execute(PUT_IN_ROOM, room_id, robot_id, active, own_order, orjson.dumps(settings).decode(), staff_only)


async def keep_for_staff(conn: Connection, robot_id: RobotId) -> None:
    """Leave a robot behind the scenes in the rooms to whose guests it was never introduced."""
    await conn.execute(KEEP_FOR_STAFF, robot_id)
