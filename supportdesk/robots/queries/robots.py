"""The robots of a workspace and of its rooms."""

from collections.abc import Mapping, Sequence
from typing import Final

import orjson
from pydantic import JsonValue

from supportdesk.actor import Actor
from supportdesk.core.db import Connection
from supportdesk.robots.model import InstalledRobot, RobotId
from supportdesk.rooms.model import RoomId

INSERT_ROBOT_USER: Final = """
    INSERT INTO users (workspace_id, account_type_informal, current_account_status, display_name, avatar_url)
         VALUES ($1, 'robot', 'active', $2, $3)
      RETURNING id
"""

INSERT_ROBOT: Final = """
    INSERT INTO robots (workspace_id, user_id, module, version, name, avatar, settings, settings_version, sort_order)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (workspace_id, name, module) WHERE deleted_at IS NULL DO NOTHING
      RETURNING id, user_id, module, version, name, avatar, active, sort_order
"""

LIST_ROBOTS: Final = """
    SELECT id, user_id, module, version, name, avatar, active, sort_order
      FROM robots
     WHERE deleted_at IS NULL
     ORDER BY sort_order, name
"""

SET_ACTIVE: Final = """
    UPDATE robots
       SET active = $2
     WHERE id = $1 AND deleted_at IS NULL
 RETURNING id
"""

PUT_ROBOTS_IN_ROOM: Final = """
    WITH joined AS (
        INSERT INTO room_robots (workspace_id, room_id, robot_id, sort_order)
             SELECT b.workspace_id, r.id, b.id, b.sort_order
               FROM chat_rooms r
               JOIN sites s ON s.id = r.site_id AND s.robots_enabled
               JOIN robots b ON b.workspace_id = r.workspace_id AND b.active AND b.deleted_at IS NULL
              WHERE r.id = $1 AND b.module = ANY ($2::text[])
        ON CONFLICT (room_id, robot_id) DO NOTHING
          RETURNING robot_id
    )
    SELECT b.id, b.user_id, b.module, b.version, b.name, b.avatar, b.active, b.sort_order
      FROM robots b
      JOIN joined ON joined.robot_id = b.id
     ORDER BY b.sort_order, b.id
"""


async def insert_robot(
    conn: Connection,
    actor: Actor,
    *,
    module: str,
    version: str,
    name: str,
    avatar: str | None,
    settings: Mapping[str, JsonValue],
    settings_version: int,
    sort_order: int,
) -> InstalledRobot | None:
    """Write a robot and the user through whom it speaks; None when the module is there under this name."""
    user_id = await conn.fetchval(INSERT_ROBOT_USER, actor.workspace_id, name, avatar)
    row = await conn.fetchrow(
        INSERT_ROBOT,
        actor.workspace_id,
        user_id,
        module,
        version,
        name,
        avatar,
        orjson.dumps(settings).decode(),
        settings_version,
        sort_order,
    )
    return None if row is None else InstalledRobot(**dict(row))


async def list_robots(conn: Connection) -> list[InstalledRobot]:
    """The workspace's robots in the order in which they lead."""
    return [InstalledRobot(**dict(row)) for row in await conn.fetch(LIST_ROBOTS)]


async def put_robots_in_room(conn: Connection, room_id: RoomId, modules: Sequence[str]) -> list[InstalledRobot]:
    """Give a site's new room the workspace's active robots of these modules; none where the site wants none."""
    return [InstalledRobot(**dict(row)) for row in await conn.fetch(PUT_ROBOTS_IN_ROOM, room_id, modules)]


async def set_robot_active(conn: Connection, robot_id: RobotId, *, active: bool) -> bool:
    """Let a robot take turns, or no longer; False when the workspace has no such robot."""
    return await conn.fetchval(SET_ACTIVE, robot_id, active) is not None
