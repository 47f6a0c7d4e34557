"""The robots of a workspace and of its rooms."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import asyncpg
import orjson
from pydantic import JsonValue

from supportdesk.actor import Actor
from supportdesk.core.db import Connection
from supportdesk.robots.model import ConfiguredRobot, InstalledRobot, RobotId
from supportdesk.rooms.model import RoomId

INSERT_ROBOT_USER: Final = """
    INSERT INTO users (workspace_id, account_type_informal, current_account_status, display_name, avatar_url)
         VALUES ($1, 'robot', 'active', $2, $3)
      RETURNING id
"""

INSERT_ROBOT: Final = """
    INSERT INTO robots (
        workspace_id, user_id, module, version, name, avatar, settings, settings_version, sort_order, staff_only
    )
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (workspace_id, name, module) WHERE deleted_at IS NULL DO NOTHING
      RETURNING id, user_id, module, version, name, avatar, active, sort_order, staff_only
"""

LIST_ROBOTS: Final = """
    SELECT id, user_id, module, version, name, avatar, active, sort_order, staff_only
      FROM robots
     WHERE deleted_at IS NULL
     ORDER BY sort_order, id
"""

FIND_ROBOT: Final = """
    SELECT id, user_id, module, version, name, avatar, active, sort_order, staff_only, settings, settings_version,
           secrets_encrypted, updated_at, deleted_at IS NOT NULL AS is_removed
      FROM robots
     WHERE id = $1
"""

LOCK_ROBOT: Final = """
    SELECT id
      FROM robots
     WHERE id = $1
       FOR NO KEY UPDATE -- two that save the same robot do so one after the other
"""

SAVE_ROBOT: Final = """
    WITH saved AS (
        UPDATE robots
           SET name = $2, avatar = $3, active = $4, settings = $5, settings_version = $6, secrets_encrypted = $7,
               staff_only = $8, version = $9
         WHERE id = $1
     RETURNING user_id, name, avatar
    )
    UPDATE users u
       SET display_name = saved.name, avatar_url = saved.avatar
      FROM saved
     WHERE u.id = saved.user_id AND (u.display_name, u.avatar_url) IS DISTINCT FROM (saved.name, saved.avatar)
"""

IS_NAME_TAKEN: Final = """
    SELECT EXISTS (
        SELECT 1
          FROM robots
         WHERE module = $2 AND name = $3 AND id <> $1 AND deleted_at IS NULL
    )
"""

SET_REMOVED: Final = """
    UPDATE robots
       SET deleted_at = CASE WHEN $2 THEN now() END
     WHERE id = $1
"""

NUMBER_ROBOTS: Final = """
    UPDATE robots b
       SET sort_order = o.place
      FROM unnest($1::uuid[]) WITH ORDINALITY AS o (id, place)
     WHERE b.id = o.id AND b.sort_order <> o.place
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
               JOIN sites s ON s.id = r.site_id
               JOIN robots b ON b.workspace_id = r.workspace_id AND b.active AND b.deleted_at IS NULL
                            AND (s.robots_enabled OR b.staff_only)
              WHERE r.id = $1 AND b.module = ANY ($2::text[])
        ON CONFLICT (room_id, robot_id) DO NOTHING
          RETURNING robot_id
    )
    SELECT b.id, b.user_id, b.module, b.version, b.name, b.avatar, b.active, b.sort_order, b.staff_only
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
    staff_only: bool,
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
        staff_only,
    )
    return None if row is None else InstalledRobot(**dict(row))


async def list_robots(conn: Connection) -> list[InstalledRobot]:
    """The workspace's robots in the order in which they lead."""
    return [InstalledRobot(**dict(row)) for row in await conn.fetch(LIST_ROBOTS)]


async def find_robot(conn: Connection, robot_id: UUID) -> ConfiguredRobot | None:
    """One robot of the workspace with what is set, removed or not."""
    row = await conn.fetchrow(FIND_ROBOT, robot_id)
    return None if row is None else _configured(row)


async def lock_robot(conn: Connection, robot_id: UUID) -> ConfiguredRobot | None:
    """As `find_robot`, held until the transaction ends."""
    await conn.execute(LOCK_ROBOT, robot_id)
    return await find_robot(conn, robot_id)


def _configured(row: asyncpg.Record) -> ConfiguredRobot:
    fields = dict(row)
    rest = ("settings", "settings_version", "secrets_encrypted", "updated_at", "is_removed")
    settings, version, sealed, updated_at, is_removed = (fields.pop(name) for name in rest)
    return ConfiguredRobot(
        robot=InstalledRobot(**fields),
        layer={**orjson.loads(settings), "settings_version": version},
        sealed=sealed,
        updated_at=updated_at,
        is_removed=is_removed,
    )


async def is_name_taken(conn: Connection, robot: InstalledRobot, name: str) -> bool:
    """Whether another robot of the same module has this name."""
    taken: bool = await conn.fetchval(IS_NAME_TAKEN, robot.id, robot.module, name)
    return taken


async def save_robot(
    conn: Connection, robot: InstalledRobot, *, settings: Mapping[str, JsonValue], version: int, sealed: bytes | None
) -> None:
    """Write a robot as it is to be, and whom guests and staff see speaking."""
    await conn.execute(
        SAVE_ROBOT,
        robot.id,
        robot.name,
        robot.avatar,
        robot.active,
        orjson.dumps(settings).decode(),
        version,
        sealed,
        robot.staff_only,
        robot.version,
    )


async def set_removed(conn: Connection, robot_id: RobotId, *, removed: bool) -> None:
    """Take a robot out of the workspace, or bring it back."""
    await conn.execute(SET_REMOVED, robot_id, removed)


async def number_robots(conn: Connection, robot_ids: Sequence[RobotId]) -> None:
    """Let the robots lead in this order."""
    await conn.execute(NUMBER_ROBOTS, robot_ids)


async def put_robots_in_room(conn: Connection, room_id: RoomId, modules: Sequence[str]) -> list[InstalledRobot]:
    """Give a site's new room the workspace's active robots of these modules; none where the site wants none."""
    return [InstalledRobot(**dict(row)) for row in await conn.fetch(PUT_ROBOTS_IN_ROOM, room_id, modules)]


async def set_robot_active(conn: Connection, robot_id: RobotId, *, active: bool) -> bool:
    """Let a robot take turns, or no longer; False when the workspace has no such robot."""
    return await conn.fetchval(SET_ACTIVE, robot_id, active) is not None
