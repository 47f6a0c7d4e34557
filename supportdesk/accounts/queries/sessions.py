"""SQL of sessions, access tokens and socket tickets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from supportdesk.accounts.model import AccessVersion, StaffIdentity
from supportdesk.actor import Actor, Level, UserId, WorkspaceId
from supportdesk.core.address import Address
from supportdesk.core.db import Connection

STAFF_BY_EMAIL: Final = """
    SELECT workspace_id, user_id, password_hash, current_account_status
      FROM desk_staff_by_email($1)
"""

STAFF_BY_SESSION: Final = """
    SELECT s.session_id, NULL::uuid AS token_id, NULL::text[] AS grants, s.workspace_id, s.user_id, s.last_seen_at,
           a.workspace_name, a.account_type, a.account_status, a.name, a.email, a.level, a.avatar_url, a.user_version,
           a.workspace_version
      FROM desk_session_by_token($1) s
     CROSS JOIN LATERAL desk_actor(s.user_id) a
"""

STAFF_BY_TOKEN: Final = """
    SELECT NULL::uuid AS session_id, t.token_id, t.grants, t.workspace_id, t.user_id, t.last_used_at AS last_seen_at,
           a.workspace_name, a.account_type, a.account_status, a.name, a.email, a.level, a.avatar_url, a.user_version,
           a.workspace_version
      FROM desk_access_token($1) t
     CROSS JOIN LATERAL desk_actor(t.user_id) a
"""

STAFF_BY_TICKET: Final = """
    SELECT t.session_id, NULL::uuid AS token_id, NULL::text[] AS grants, t.workspace_id, t.user_id,
           NULL::timestamptz AS last_seen_at, a.workspace_name, a.account_type, a.account_status, a.name, a.email,
           a.level, a.avatar_url, a.user_version, a.workspace_version
      FROM desk_take_socket_ticket($1) t
     CROSS JOIN LATERAL desk_actor(t.user_id) a
"""

INSERT_SESSION: Final = """
    INSERT INTO sessions (workspace_id, user_id, token_hash, device, address, expires_at)
         VALUES ($1, $2, $3, $4, $5, now() + $6::interval)
      RETURNING id
"""

NOTE_SIGN_IN: Final = """
    UPDATE users
       SET last_login_at = now(), last_seen_at = now()
     WHERE id = $1
"""

TOUCH_SESSION: Final = """
    UPDATE sessions
       SET last_seen_at = now(), expires_at = least(now() + $2::interval, created_at + $3::interval)
     WHERE id = $1 AND revoked_at IS NULL
"""

TOUCH_TOKEN: Final = """
    UPDATE personal_access_tokens
       SET last_used_at = now()
     WHERE id = $1
"""

LIST_SESSIONS: Final = """
    SELECT id, device, host(address) AS address, created_at, last_seen_at, expires_at
      FROM sessions
     WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now()
     ORDER BY last_seen_at DESC, id
"""

END_SESSION: Final = """
    UPDATE sessions
       SET revoked_at = now(), revoked_reason = $3
     WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL
 RETURNING id
"""

END_SESSIONS: Final = """
    UPDATE sessions
       SET revoked_at = now(), revoked_reason = $3
     WHERE user_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $2
"""

RENEW_SESSION: Final = """
    UPDATE sessions
       SET token_hash = $2, last_seen_at = now()
     WHERE id = $1 AND revoked_at IS NULL
"""

INSERT_TICKET: Final = """
    INSERT INTO socket_tickets (workspace_id, user_id, session_id, token_hash, expires_at)
         VALUES ($1, $2, $3, $4, now() + $5::interval)
"""

INSERT_TOKEN: Final = """
    INSERT INTO personal_access_tokens (workspace_id, user_id, name, token_hash, token_prefix, grants, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
      RETURNING id, name, token_prefix, grants, last_used_at, expires_at, created_at
"""

LIST_TOKENS: Final = """
    SELECT id, name, token_prefix, grants, last_used_at, expires_at, created_at
      FROM personal_access_tokens
     WHERE user_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
     ORDER BY id
"""

REVOKE_TOKEN: Final = """
    UPDATE personal_access_tokens
       SET revoked_at = now()
     WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL
 RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signing in needs to know of somebody before it knows them."""

    workspace_id: WorkspaceId
    user_id: UserId
    password_hash: str | None
    account_status: str


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who showed a credential, and when they last did."""

    identity: StaffIdentity
    account_status: str
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """A place where somebody is signed in."""

    id: UUID
    device: str | None
    address: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A personal access token without its secret."""

    id: UUID
    name: str
    token_prefix: str
    grants: frozenset[str]
    last_used_at: datetime | None
    expires_at: datetime | None
    created_at: datetime


async def staff_by_email(conn: Connection, email: str) -> Credentials | None:
    """The one member of staff of an e-mail address, in whichever workspace."""
    row = await conn.fetchrow(STAFF_BY_EMAIL, email)
    if row is None:
        return None
    return Credentials(
        WorkspaceId(row["workspace_id"]),
        UserId(row["user_id"]),
        row["password_hash"],
        row["current_account_status"],
    )


async def staff_by_session(conn: Connection, token_hash: bytes) -> Known | None:
    """Whose session this is, while it lasts."""
    return _known(await conn.fetchrow(STAFF_BY_SESSION, token_hash))


async def staff_by_token(conn: Connection, token_hash: bytes) -> Known | None:
    """Whose access token this is, while it lasts."""
    return _known(await conn.fetchrow(STAFF_BY_TOKEN, token_hash))


async def staff_by_ticket(conn: Connection, token_hash: bytes) -> Known | None:
    """Whose ticket this was: it is used up by the asking."""
    return _known(await conn.fetchrow(STAFF_BY_TICKET, token_hash))


async def insert_session(
    conn: Connection,
    workspace_id: WorkspaceId,
    user_id: UserId,
    token_hash: bytes,
    *,
    device: str | None,
    address: Address,
    lasts: timedelta,
) -> UUID:
    """Begin a session."""
    await conn.execute(NOTE_SIGN_IN, user_id)
    session_id: UUID = await conn.fetchval(INSERT_SESSION, workspace_id, user_id, token_hash, device, address, lasts)
    return session_id


async def touch_session(conn: Connection, session_id: UUID, *, idle: timedelta, longest: timedelta) -> None:
    """It was used just now: it lasts `idle` from here, but never longer than `longest` in all."""
    await conn.execute(TOUCH_SESSION, session_id, idle, longest)


async def touch_token(conn: Connection, token_id: UUID) -> None:
    """It was used just now."""
    await conn.execute(TOUCH_TOKEN, token_id)


async def list_sessions(conn: Connection, user_id: UserId) -> list[Session]:
    """Where somebody is signed in, the latest first."""
    return [Session(*row) for row in await conn.fetch(LIST_SESSIONS, user_id)]


async def end_session(conn: Connection, session_id: UUID, user_id: UserId, reason: str) -> bool:
    """End one session of somebody; False when they have no such session."""
    return await conn.fetchval(END_SESSION, session_id, user_id, reason) is not None


async def end_sessions(conn: Connection, user_id: UserId, *, but: UUID | None, reason: str) -> None:
    """End all sessions of somebody, or all but one."""
    await conn.execute(END_SESSIONS, user_id, but, reason)


async def renew_session(conn: Connection, session_id: UUID, token_hash: bytes) -> None:
    """Give a session another token, so that whoever knew the one before is out."""
    await conn.execute(RENEW_SESSION, session_id, token_hash)


async def insert_ticket(conn: Connection, actor: Actor, token_hash: bytes, lasts: timedelta) -> None:
    """Make a ticket that lives and dies with the actor's session."""
    await conn.execute(INSERT_TICKET, actor.workspace_id, actor.id, actor.session_id, token_hash, lasts)


async def insert_token(
    conn: Connection,
    actor: Actor,
    name: str,
    token_hash: bytes,
    prefix: str,
    grants: Sequence[str],
    expires_at: datetime | None,
) -> AccessToken:
    """Keep a new access token."""
    row = await conn.fetchrow(
        INSERT_TOKEN, actor.workspace_id, actor.id, name, token_hash, prefix, list(grants), expires_at
    )
    if row is None:
        raise LookupError("An inserted token came back as no row")
    return _token(row)


async def list_tokens(conn: Connection, user_id: UserId) -> list[AccessToken]:
    """Somebody's access tokens, oldest first."""
    return [_token(row) for row in await conn.fetch(LIST_TOKENS, user_id)]


async def revoke_token(conn: Connection, token_id: UUID, user_id: UserId) -> bool:
    """Let a token count no more; False when they have no such token."""
    return await conn.fetchval(REVOKE_TOKEN, token_id, user_id) is not None


def _known(row: asyncpg.Record | None) -> Known | None:
    if row is None:
        return None
    identity = StaffIdentity(
        user_id=UserId(row["user_id"]),
        workspace_id=WorkspaceId(row["workspace_id"]),
        workspace_name=row["workspace_name"],
        account_type=row["account_type"],
        name=row["name"],
        email=row["email"],
        level=Level(row["level"]) if row["level"] else None,
        avatar_url=row["avatar_url"],
        version=AccessVersion(row["user_version"], row["workspace_version"]),
        session_id=row["session_id"],
        token_id=row["token_id"],
        limits=frozenset(row["grants"]) if row["grants"] is not None else None,
    )
    return Known(identity, row["account_status"], row["last_seen_at"])


def _token(row: asyncpg.Record) -> AccessToken:
    return AccessToken(
        row["id"],
        row["name"],
        row["token_prefix"],
        frozenset(row["grants"]),
        row["last_used_at"],
        row["expires_at"],
        row["created_at"],
    )
