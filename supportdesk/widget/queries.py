"""All SQL of the widget."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from supportdesk.actor import Actor
from supportdesk.core.db import Connection

SITE_OF_GUEST: Final = """
    SELECT s.id, s.robots_enabled, coalesce(s.queue_id, q.id) AS queue_id
      FROM sites s
      LEFT JOIN queues q ON q.workspace_id = s.workspace_id AND q.level = 'T1' AND q.is_default AND q.deleted_at IS NULL
     WHERE s.id = $1 AND s.is_active AND s.deleted_at IS NULL
"""

LATEST_ROOM: Final = """
    SELECT r.id
      FROM room_participants p
      JOIN chat_rooms r ON r.id = p.room_id
     WHERE p.user_id = $1 AND p.status IN ('active', 'muted') AND r.deleted_at IS NULL
       AND r.status IN ('waiting', 'active', 'snoozed')
     ORDER BY r.last_activity_at DESC
     LIMIT 1
"""

FIND_SITE: Final = """
    SELECT d.site_id, d.workspace_id, d.allowed_origins, d.appearance, d.robots_enabled
      FROM desk_site_by_key($1) d
"""

SITE_NAMES: Final = """
    SELECT s.name, w.name AS workspace_name, w.locale, w.epoch::text AS epoch,
           (SELECT count(*)
              FROM users u
             WHERE u.workspace_id = w.id AND u.current_status IN ('online', 'busy')
               AND u.account_type_informal NOT IN ('guest', 'robot')
               AND u.current_account_status = 'active' AND u.deleted_at IS NULL) AS on_duty
      FROM sites s
      JOIN workspaces w ON w.id = s.workspace_id
     WHERE s.id = $1
"""


@dataclass(frozen=True, slots=True)
class GuestSite:
    """What a new conversation takes from its site."""

    id: UUID
    robots_enabled: bool
    queue_id: UUID | None


@dataclass(frozen=True, slots=True)
class PublicSite:
    """What the world may know of a site."""

    id: UUID
    workspace_id: UUID
    allowed_origins: list[str]
    appearance: Mapping[str, Any]
    robots_enabled: bool


async def find_guest_site(conn: Connection, actor: Actor) -> GuestSite | None:
    """The site the guest came in by."""
    row = await conn.fetchrow(SITE_OF_GUEST, actor.site_id)
    return None if row is None else GuestSite(row["id"], row["robots_enabled"], row["queue_id"])


async def find_site(conn: Connection, site_key: str) -> PublicSite | None:
    """An active site by its public key, of whatever workspace."""
    row = await conn.fetchrow(FIND_SITE, site_key)
    if row is None:
        return None
    appearance = orjson.loads(row["appearance"])
    return PublicSite(
        row["site_id"], row["workspace_id"], list(row["allowed_origins"]), appearance, row["robots_enabled"]
    )


async def site_names(conn: Connection, site_id: UUID) -> Mapping[str, Any]:
    """What the frame shows of site and workspace; how many of the staff are on duty: online or busy."""
    row = await conn.fetchrow(SITE_NAMES, site_id)
    return dict(row) if row else {}


async def latest_room(conn: Connection, actor: Actor) -> UUID | None:
    """The conversation the guest would go on with."""
    found: UUID | None = await conn.fetchval(LATEST_ROOM, actor.id)
    return found
