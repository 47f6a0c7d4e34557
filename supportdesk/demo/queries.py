"""All SQL of the demo workspace."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from supportdesk.actor import Level, UserId, WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.rooms.model import RoomId

FIND_DEMO: Final = """
    SELECT desk_workspace_of_site_key($1)
"""

DELETE_WORKSPACE: Final = """
    DELETE FROM workspaces
     WHERE id = $1
"""

INSERT_SITE: Final = """
    INSERT INTO sites (workspace_id, name, site_key, allowed_origins, appearance, robots_enabled, queue_id)
         SELECT $1, $2, $3, $4, $5, $6, q.id
           FROM queues q
          WHERE q.workspace_id = $1 AND q.level = 'T1' AND q.is_default
"""

SET_ORIGINS: Final = """
    UPDATE sites
       SET allowed_origins = ARRAY (SELECT DISTINCT unnest(allowed_origins || $2::text[]))
     WHERE site_key = ANY ($1)
"""

INSERT_STAFF: Final = """
    INSERT INTO users (workspace_id, account_type_informal, current_account_status, username, first_name, last_name,
                       display_name, email, password_hash, is_email_verified, level)
         VALUES ($1, $2, 'active', $3, $4, $5, $6, $7, $8, true, $9)
      RETURNING id
"""

GIVE_ROLE: Final = """
    INSERT INTO user_roles (workspace_id, user_id, role_id)
         SELECT $1, $2, id
           FROM roles
          WHERE workspace_id = $1 AND name = $3
"""

INSERT_GUEST: Final = """
    INSERT INTO users (workspace_id, account_type_informal, current_account_status, display_name, email, external_id,
                       is_identity_verified, attributes)
         VALUES ($1, 'guest', 'active', $2, $3, $4, true, jsonb_build_object('locale', $5::text))
      RETURNING id
"""

SET_QUEUES: Final = """
    UPDATE queues
       SET auto_assign = false
     WHERE workspace_id = $1
"""

DATE_MESSAGES: Final = """
    UPDATE messages m
       SET created_at = now() - p.ago
      FROM unnest($1::uuid[], $2::interval[]) AS p (id, ago)
     WHERE m.id = p.id
"""

DATE_EVENTS: Final = """
    UPDATE room_events e
       SET at = coalesce(
               (SELECT m.created_at FROM messages m WHERE m.id = e.subject_id),
               (SELECT max(m.created_at) FROM messages m WHERE m.room_id = e.room_id AND m.seq < e.seq),
               now() - $2::interval)
     WHERE e.room_id = $1
"""

DATE_ROOM: Final = """
    UPDATE chat_rooms r
       SET created_at = now() - $2::interval, last_activity_at = t.last_at,
           waiting_since = CASE WHEN r.status = 'waiting' THEN t.last_guest_at END,
           closed_at = CASE WHEN r.status = 'closed' THEN t.last_at END
      FROM (SELECT max(created_at) AS last_at,
                   coalesce(max(created_at) FILTER (WHERE sender_id = $3), max(created_at)) AS last_guest_at
              FROM messages
             WHERE room_id = $1) t
     WHERE r.id = $1
"""

DATE_HEAD: Final = """
    UPDATE room_heads h
       SET last_message_at = t.last_at
      FROM (SELECT max(created_at) AS last_at FROM messages WHERE room_id = $1) t
     WHERE h.room_id = $1
"""


async def find_demo(conn: Connection, site_key: str) -> WorkspaceId | None:
    """The workspace of the demo's site, where it has been loaded."""
    found = await conn.fetchval(FIND_DEMO, site_key)
    return None if found is None else WorkspaceId(found)


async def delete_workspace(conn: Connection, workspace_id: WorkspaceId) -> None:
    """Remove a workspace; everything in it goes along."""
    await conn.execute(DELETE_WORKSPACE, workspace_id)


async def insert_site(
    conn: Connection,
    workspace_id: WorkspaceId,
    name: str,
    site_key: str,
    origins: Sequence[str],
    appearance: str,
    *,
    robots: bool,
) -> None:
    """A site with a key that everybody knows."""
    await conn.execute(INSERT_SITE, workspace_id, name, site_key, list(origins), appearance, robots)


async def set_origins(conn: Connection, site_keys: Sequence[str], origins: Sequence[str]) -> None:
    """The desk may listen elsewhere than when the demo was loaded; what an admin has allowed stays."""
    await conn.execute(SET_ORIGINS, list(site_keys), list(origins))


async def insert_staff(
    conn: Connection,
    workspace_id: WorkspaceId,
    person: Mapping[str, str],
    password_hash: str,
    level: Level,
) -> UserId:
    """A member of staff with the role of their account type."""
    user_id = await conn.fetchval(
        INSERT_STAFF,
        workspace_id,
        person["account"],
        person["email"].partition("@")[0],
        person["first_name"],
        person["last_name"],
        f"{person['first_name']} {person['last_name']}",
        person["email"],
        password_hash,
        level,
    )
    await conn.execute(GIVE_ROLE, workspace_id, user_id, person["account"])
    return UserId(user_id)


async def insert_guest(
    conn: Connection, workspace_id: WorkspaceId, *, name: str, email: str, external_id: str, locale: str
) -> UserId:
    """A customer whom the shop has vouched for."""
    made = await conn.fetchval(INSERT_GUEST, workspace_id, name, email, external_id, locale)
    return UserId(made)


async def leave_rooms_to_people(conn: Connection, workspace_id: WorkspaceId) -> None:
    """In the demo rooms wait until somebody claims them: that is what there is to see."""
    await conn.execute(SET_QUEUES, workspace_id)


async def move_into_the_past(
    conn: Connection, room_id: RoomId, guest_id: UserId, said: Sequence[tuple[UUID, timedelta]]
) -> None:
    """Date a conversation back: each message by how long ago it was said, the rest along with them."""
    await conn.execute(DATE_MESSAGES, [message for message, _ in said], [ago for _, ago in said])
    began = said[0][1] + timedelta(minutes=1)
    await conn.execute(DATE_EVENTS, room_id, began)
    await conn.execute(DATE_ROOM, room_id, began, guest_id)
    await conn.execute(DATE_HEAD, room_id)
