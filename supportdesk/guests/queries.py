"""All SQL of guests."""

from datetime import datetime
from typing import Final
from uuid import UUID

from supportdesk.actor import Actor, UserId, WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.guests.model import Guest, GuestToken

FIND_SESSION: Final = """
    SELECT session_id
      FROM desk_guest_session($1)
"""

FIND_GUEST: Final = """
    SELECT u.id, u.display_name AS name, u.external_id, u.avatar_url,
           EXISTS (SELECT 1
                     FROM guest_blocks b
                    WHERE b.guest_id = u.id AND b.lifted_at IS NULL
                      AND (b.until IS NULL OR b.until > now())) AS is_blocked,
           w.access_version AS workspace_version
      FROM users u
      JOIN workspaces w ON w.id = u.workspace_id
     WHERE u.id = $1 AND u.account_type_informal = 'guest' AND u.deleted_at IS NULL
"""

FIND_IDENTIFIED: Final = """
    SELECT id
      FROM users
     WHERE workspace_id = $1 AND external_id = $2 AND account_type_informal = 'guest' AND deleted_at IS NULL
"""

INSERT_GUEST: Final = """
    INSERT INTO users (id, workspace_id, account_type_informal, current_account_status, attributes)
         VALUES ($1, $2, 'guest', 'active', jsonb_strip_nulls(jsonb_build_object('locale', $3::text)))
"""

IDENTIFY: Final = """
    UPDATE users
       SET external_id = $2, is_identity_verified = true, display_name = coalesce($3, display_name),
           email = coalesce(lower($4), email)
     WHERE id = $1 AND (external_id IS NULL OR external_id = $2)
 RETURNING id
"""

INSERT_SESSION: Final = """
    INSERT INTO guest_sessions (id, workspace_id, site_id, guest_id, token_hash, origin, device, address, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::inet, $9)
"""

ROTATE_SESSION: Final = """
    UPDATE guest_sessions
       SET token_hash = $2, previous_token_hash = $3, rotated_at = now(), expires_at = $4, last_seen_at = now()
     WHERE id = $1 AND revoked_at IS NULL
 RETURNING id
"""

REVOKE_SESSIONS: Final = """
    UPDATE guest_sessions
       SET revoked_at = now(), revoked_reason = $2
     WHERE guest_id = $1 AND revoked_at IS NULL
"""

LIFT_BLOCK: Final = """
    UPDATE guest_blocks
       SET lifted_at = now(), lifted_by = $2
     WHERE guest_id = $1 AND lifted_at IS NULL
 RETURNING id
"""

INSERT_BLOCK: Final = """
    INSERT INTO guest_blocks (workspace_id, guest_id, reason, until, blocked_by)
         VALUES ($1, $2, $3, $4, $5)
"""

MARK_SPAM: Final = """
    UPDATE users
       SET spam_marked_at = now()
     WHERE id = $1
"""


async def has_session(conn: Connection, token_hash: bytes) -> bool:
    """Whether a token's session stands; the token before the last rotation counts too."""
    return await conn.fetchval(FIND_SESSION, token_hash) is not None


async def find_guest(conn: Connection, guest_id: UUID) -> Guest | None:
    """The guest, blocked or not."""
    row = await conn.fetchrow(FIND_GUEST, guest_id)
    return None if row is None else Guest(**dict(row))


async def find_identified(conn: Connection, workspace_id: WorkspaceId, external_id: str) -> UserId | None:
    """The guest whom the host page knows by this id."""
    found = await conn.fetchval(FIND_IDENTIFIED, workspace_id, external_id)
    return None if found is None else UserId(found)


async def insert_guest(conn: Connection, guest_id: UserId, workspace_id: WorkspaceId, locale: str | None) -> None:
    """A new, unknown customer."""
    await conn.execute(INSERT_GUEST, guest_id, workspace_id, locale)


async def identify(conn: Connection, guest_id: UserId, external_id: str, name: str | None, email: str | None) -> bool:
    """Attach a proved identity; False when the guest has another one already."""
    return await conn.fetchval(IDENTIFY, guest_id, external_id, name, email) is not None


async def insert_session(
    conn: Connection,
    token: GuestToken,
    token_hash: bytes,
    *,
    origin: str | None,
    device: str | None,
    address: str | None,
) -> None:
    """Remember a token by its hash."""
    await conn.execute(
        INSERT_SESSION,
        token.session_id,
        token.workspace_id,
        token.site_id,
        token.guest_id,
        token_hash,
        origin,
        device,
        address,
        token.expires_at,
    )


async def rotate_session(
    conn: Connection, session_id: UUID, token_hash: bytes, previous: bytes, expires_at: datetime
) -> bool:
    """Put another token in the place of one; False when the session was revoked meanwhile."""
    return await conn.fetchval(ROTATE_SESSION, session_id, token_hash, previous, expires_at) is not None


async def revoke_sessions(conn: Connection, guest_id: UserId, reason: str) -> None:
    """End everything the guest holds."""
    await conn.execute(REVOKE_SESSIONS, guest_id, reason)


async def block(conn: Connection, actor: Actor, guest_id: UserId, reason: str, until: datetime | None) -> None:
    """Keep the guest out, in the place of any block before."""
    await conn.execute(LIFT_BLOCK, guest_id, actor.id)
    await conn.execute(INSERT_BLOCK, actor.workspace_id, guest_id, reason, until, actor.id)


async def lift_block(conn: Connection, actor: Actor, guest_id: UserId) -> bool:
    """Let the guest in again; False when nothing kept them out."""
    return await conn.fetchval(LIFT_BLOCK, guest_id, actor.id) is not None


async def mark_spam(conn: Connection, guest_id: UserId) -> None:
    """Remember that this guest writes spam."""
    await conn.execute(MARK_SPAM, guest_id)
