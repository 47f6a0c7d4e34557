"""All SQL of guests, their sessions and blocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from supportdesk.actor import Actor, UserId, WorkspaceId
from supportdesk.core.address import Address
from supportdesk.core.db import Connection
from supportdesk.workspaces.model import SiteId

SESSION_BY_TOKEN: Final = """
    SELECT g.session_id, g.workspace_id, g.site_id, g.guest_id, g.expires_at, a.account_status, a.name,
           a.avatar_url, a.is_blocked, a.workspace_version
      FROM desk_guest_session($1) g
     CROSS JOIN LATERAL desk_actor(g.guest_id) a
"""

INSERT_GUEST: Final = """
    INSERT INTO users (id, workspace_id, account_type_informal, current_account_status, display_name, email,
                       external_id, is_identity_verified, attributes, chat_preferences)
         VALUES ($1, $2, 'guest', 'active', $3, $4, $5, $5::text IS NOT NULL, $6, $7)
"""

LOCK_EXTERNAL_ID: Final = """
    SELECT pg_advisory_xact_lock(734, hashtext($1)) -- of two who are the same person, the second finds the first
"""

HOLDER_OF_EXTERNAL_ID: Final = """
    SELECT id, account_type_informal = 'guest' AS is_guest
      FROM users
     WHERE external_id = $1 AND deleted_at IS NULL
"""

EXTERNAL_ID: Final = """
    SELECT external_id
      FROM users
     WHERE id = $1
       FOR NO KEY UPDATE -- of two who are signed differently for one guest, the second finds the guest taken
"""

IDENTIFY: Final = """
    UPDATE users
       SET external_id = $2, is_identity_verified = true, display_name = coalesce($3, display_name),
           email = coalesce($4, email)
     WHERE id = $1
"""

INSERT_SESSION: Final = """
    INSERT INTO guest_sessions (id, workspace_id, site_id, guest_id, token_hash, origin, device, address, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""

ROTATE_SESSION: Final = """
    UPDATE guest_sessions
       SET previous_token_hash = token_hash, token_hash = $2, rotated_at = now(), last_seen_at = now(), expires_at = $3,
           address = $4
     WHERE id = $1
"""

LOCK_PRESENT_TOKEN: Final = """
    SELECT token_hash, expires_at
      FROM guest_sessions
     WHERE id = $1 AND revoked_at IS NULL
       FOR UPDATE -- of two tabs that renew at once, the second gets what the first got
"""

END_SESSION: Final = """
    UPDATE guest_sessions
       SET revoked_at = now(), revoked_reason = $2
     WHERE id = $1 AND revoked_at IS NULL
"""

LOCK_GUEST: Final = """
    SELECT id
      FROM users
     WHERE id = $1 AND account_type_informal = 'guest' AND deleted_at IS NULL
       FOR NO KEY UPDATE -- of two blocks at once, the second takes the place of the first
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

IS_BLOCKED: Final = """
    SELECT EXISTS (
        SELECT 1
          FROM guest_blocks
         WHERE guest_id = $1 AND lifted_at IS NULL AND (until IS NULL OR until > now())
    )
"""

MARK_SPAM: Final = """
    UPDATE users
       SET spam_marked_at = CASE WHEN $2 THEN coalesce(spam_marked_at, now()) END
     WHERE id = $1
"""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A guest session with its guest."""

    session_id: UUID
    workspace_id: WorkspaceId
    site_id: SiteId
    guest_id: UserId
    expires_at: datetime
    account_status: str
    name: str
    avatar_url: str | None
    is_blocked: bool
    workspace_version: int


async def session_by_token(conn: Connection, token_hash: bytes) -> SessionRow | None:
    """The session of a token, or of the one before it; while it can be renewed."""
    row = await conn.fetchrow(SESSION_BY_TOKEN, token_hash)
    return None if row is None else SessionRow(*row)


async def insert_guest(
    conn: Connection,
    guest_id: UserId,
    workspace_id: WorkspaceId,
    *,
    name: str | None,
    email: str | None,
    external_id: str | None,
    attributes: Mapping[str, str],
    preferences: Mapping[str, str],
) -> None:
    """Make a guest."""
    await conn.execute(
        INSERT_GUEST,
        guest_id,
        workspace_id,
        name,
        email,
        external_id,
        orjson.dumps(attributes).decode(),
        orjson.dumps(preferences).decode(),
    )


async def lock_identity(conn: Connection, workspace_id: WorkspaceId, external_id: str) -> None:
    """Let nobody else in the workspace become or find this person until the transaction ends."""
    await conn.execute(LOCK_EXTERNAL_ID, f"{workspace_id}:{external_id}")


async def holder_of_external_id(conn: Connection, external_id: str) -> tuple[UserId, bool] | None:
    """Whom the host page knows by this id, and whether that is a guest."""
    row = await conn.fetchrow(HOLDER_OF_EXTERNAL_ID, external_id)
    return None if row is None else (UserId(row["id"]), row["is_guest"])


async def lock_external_id(conn: Connection, guest_id: UserId) -> str | None:
    """By which id the host page knows a guest, if by any; held until the transaction ends."""
    external_id: str | None = await conn.fetchval(EXTERNAL_ID, guest_id)
    return external_id


async def identify(conn: Connection, guest_id: UserId, external_id: str, name: str | None, email: str | None) -> None:
    """A guest is the one whom the host page knows by this id."""
    await conn.execute(IDENTIFY, guest_id, external_id, name, email)


async def insert_session(
    conn: Connection,
    session_id: UUID,
    workspace_id: WorkspaceId,
    site_id: SiteId,
    guest_id: UserId,
    token_hash: bytes,
    *,
    origin: str | None,
    device: str | None,
    address: Address,
    renewable_until: datetime,
) -> None:
    """Begin a session."""
    await conn.execute(
        INSERT_SESSION,
        session_id,
        workspace_id,
        site_id,
        guest_id,
        token_hash,
        origin,
        device,
        address,
        renewable_until,
    )


async def lock_present_token(conn: Connection, session_id: UUID) -> tuple[bytes, datetime] | None:
    """The digest of a session's present token, and until when it can be renewed; held until the transaction ends."""
    row = await conn.fetchrow(LOCK_PRESENT_TOKEN, session_id)
    return None if row is None else (row["token_hash"], row["expires_at"])


async def rotate_session(
    conn: Connection, session_id: UUID, token_hash: bytes, renewable_until: datetime, address: Address
) -> None:
    """Put a new token in the place of the present one, which counts until the next time."""
    await conn.execute(ROTATE_SESSION, session_id, token_hash, renewable_until, address)


async def end_session(conn: Connection, session_id: UUID, reason: str) -> None:
    """Let a session count no more."""
    await conn.execute(END_SESSION, session_id, reason)


async def lock_guest(conn: Connection, guest_id: UUID) -> UserId | None:
    """A guest of the workspace, held until the transaction ends; None when there is no such guest."""
    found: UUID | None = await conn.fetchval(LOCK_GUEST, guest_id)
    return None if found is None else UserId(found)


async def lift_block(conn: Connection, guest_id: UserId, by: UserId | None) -> bool:
    """End the block that stands, also one that ran out by itself; False when there is none."""
    return await conn.fetchval(LIFT_BLOCK, guest_id, by) is not None


async def insert_block(conn: Connection, actor: Actor, guest_id: UserId, reason: str, until: datetime | None) -> None:
    """Block a guest who has no standing block."""
    await conn.execute(INSERT_BLOCK, actor.workspace_id, guest_id, reason, until, actor.id)


async def is_blocked(conn: Connection, guest_id: UserId) -> bool:
    """Whether a block stands and has not run out."""
    blocked: bool = await conn.fetchval(IS_BLOCKED, guest_id)
    return blocked


async def mark_spam(conn: Connection, guest_id: UserId, *, spam: bool) -> None:
    """Mark a guest as one who sends spam, or take the mark away."""
    await conn.execute(MARK_SPAM, guest_id, spam)
