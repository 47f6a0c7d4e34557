"""SQL of single-use links: invitations, password resets, e-mail verification."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from supportdesk.accounts.model import Purpose, Role
from supportdesk.actor import Actor, Level, UserId, WorkspaceId
from supportdesk.core.db import Connection

INVITATION_BY_TOKEN: Final = """
    SELECT invitation_id, workspace_id, email, workspace_name
      FROM desk_invitation($1)
"""

VERIFICATION_BY_TOKEN: Final = """
    SELECT v.verification_id, v.workspace_id, v.user_id, v.email, a.workspace_name, a.account_status
      FROM desk_verification($1, $2) v
     CROSS JOIN LATERAL desk_actor(v.user_id) a
"""

WITHDRAW_INVITATIONS_TO: Final = """
    UPDATE invitations
       SET revoked_at = now()
     WHERE email = $1 AND accepted_at IS NULL AND revoked_at IS NULL
"""

INSERT_INVITATION: Final = """
    INSERT INTO invitations (id, workspace_id, email, account_type_informal, role_id, level, token_hash, invited_by,
                             expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9::interval)
"""

LIST_INVITATIONS: Final = """
    SELECT i.id, i.email, r.name AS role, i.level, coalesce(u.display_name, 'the command line') AS invited_by,
           i.token_hash, i.expires_at
      FROM invitations i
      JOIN roles r ON r.id = i.role_id
      LEFT JOIN users u ON u.id = i.invited_by
     WHERE i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()
     ORDER BY i.id DESC
     LIMIT $1
"""

FIND_INVITATION: Final = """
    SELECT i.id, i.email, r.name AS role, i.level, coalesce(u.display_name, 'the command line') AS invited_by,
           i.token_hash, i.expires_at
      FROM invitations i
      JOIN roles r ON r.id = i.role_id
      LEFT JOIN users u ON u.id = i.invited_by
     WHERE i.id = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()
"""

WITHDRAW_INVITATION: Final = """
    UPDATE invitations
       SET revoked_at = now()
     WHERE id = $1 AND accepted_at IS NULL AND revoked_at IS NULL
 RETURNING id
"""

WITHDRAW_INVITATIONS_BY: Final = """
    UPDATE invitations
       SET revoked_at = now()
     WHERE invited_by = $1 AND accepted_at IS NULL AND revoked_at IS NULL
"""

ACCEPT_INVITATION: Final = """
    UPDATE invitations i
       SET accepted_at = now()
      FROM roles r
     WHERE i.id = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now() AND r.id = i.role_id
 RETURNING i.email, i.account_type_informal, i.role_id, i.level, i.invited_by
"""

NAME_ACCEPTED: Final = """
    UPDATE invitations
       SET accepted_by = $2
     WHERE id = $1
"""

LOCK_ASKER: Final = """
    SELECT id
      FROM users
     WHERE id = $1
       FOR NO KEY UPDATE -- of many who ask at once, each counts those before it
"""

COUNT_VERIFICATIONS: Final = """
    SELECT count(*)
      FROM verification_tokens
     WHERE user_id = $1 AND purpose = $2 AND created_at > now() - $3::interval
"""

RETIRE_VERIFICATIONS: Final = """
    UPDATE verification_tokens
       SET used_at = now()
     WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL
"""

INSERT_VERIFICATION: Final = """
    INSERT INTO verification_tokens (id, workspace_id, user_id, purpose, email, token_hash, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, now() + $7::interval)
"""

USE_VERIFICATION: Final = """
    UPDATE verification_tokens
       SET used_at = now()
     WHERE id = $1 AND used_at IS NULL AND expires_at > now()
 RETURNING id
"""

LIST_OPEN_VERIFICATIONS: Final = """
    SELECT v.id, v.user_id, v.purpose, v.email, v.token_hash, v.expires_at,
           ARRAY(
               SELECT p.pattern
                 FROM user_roles ur
                 JOIN role_permissions p ON p.role_id = ur.role_id
                WHERE ur.user_id = v.user_id
           ) AS patterns
      FROM verification_tokens v
      JOIN users u ON u.id = v.user_id AND u.deleted_at IS NULL
     WHERE v.used_at IS NULL AND v.expires_at > now()
     ORDER BY v.id DESC
     LIMIT $1
"""

FIND_OPEN_VERIFICATION: Final = """
    SELECT v.id, v.user_id, v.purpose, v.email, v.token_hash, v.expires_at,
           ARRAY(
               SELECT p.pattern
                 FROM user_roles ur
                 JOIN role_permissions p ON p.role_id = ur.role_id
                WHERE ur.user_id = v.user_id
           ) AS patterns
      FROM verification_tokens v
      JOIN users u ON u.id = v.user_id AND u.deleted_at IS NULL
     WHERE v.id = $1 AND v.used_at IS NULL AND v.expires_at > now()
"""


@dataclass(frozen=True, slots=True)
class OpenedInvitation:
    """What a link of an invitation leads to."""

    id: UUID
    workspace_id: WorkspaceId
    email: str
    workspace_name: str


@dataclass(frozen=True, slots=True)
class OpenedVerification:
    """What a link of a reset or a verification leads to."""

    id: UUID
    workspace_id: WorkspaceId
    user_id: UserId
    email: str
    workspace_name: str
    account_status: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that nobody has accepted yet."""

    id: UUID
    email: str
    role: str
    level: str | None
    invited_by: str
    token_hash: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """What an invitation gave."""

    email: str
    account_type: str
    role_id: UUID
    level: Level | None
    invited_by: UserId | None


@dataclass(frozen=True, slots=True)
class Verification:
    """An open link of a reset or a verification."""

    id: UUID
    user_id: UserId
    purpose: Purpose
    email: str
    token_hash: bytes
    expires_at: datetime
    patterns: frozenset[str]


async def invitation_by_token(conn: Connection, token_hash: bytes) -> OpenedInvitation | None:
    """The open invitation of a link."""
    row = await conn.fetchrow(INVITATION_BY_TOKEN, token_hash)
    return None if row is None else OpenedInvitation(*row)


async def verification_by_token(conn: Connection, token_hash: bytes, purpose: Purpose) -> OpenedVerification | None:
    """The open reset or verification of a link."""
    row = await conn.fetchrow(VERIFICATION_BY_TOKEN, token_hash, purpose)
    return None if row is None else OpenedVerification(*row)


async def insert_invitation(
    conn: Connection,
    actor: Actor,
    invitation_id: UUID,
    email: str,
    role: Role,
    account_type: str,
    level: Level | None,
    token_hash: bytes,
    lasts: timedelta,
) -> None:
    """Invite somebody; an invitation of theirs that is still open is withdrawn."""
    await conn.execute(WITHDRAW_INVITATIONS_TO, email)
    await conn.execute(
        INSERT_INVITATION,
        invitation_id,
        actor.workspace_id,
        email,
        account_type,
        role.id,
        level,
        token_hash,
        actor.id,
        lasts,
    )


async def list_invitations(conn: Connection, limit: int) -> list[Invitation]:
    """Open invitations, the latest first."""
    return [Invitation(*row) for row in await conn.fetch(LIST_INVITATIONS, limit)]


async def find_invitation(conn: Connection, invitation_id: UUID) -> Invitation | None:
    """An open invitation of this workspace."""
    row = await conn.fetchrow(FIND_INVITATION, invitation_id)
    return None if row is None else Invitation(*row)


async def withdraw_invitation(conn: Connection, invitation_id: UUID) -> bool:
    """Take an invitation back; False when there is no open one."""
    return await conn.fetchval(WITHDRAW_INVITATION, invitation_id) is not None


async def withdraw_invitations_by(conn: Connection, user_id: UserId) -> None:
    """Take back what somebody has invited others to."""
    await conn.execute(WITHDRAW_INVITATIONS_BY, user_id)


async def accept_invitation(conn: Connection, invitation_id: UUID) -> Accepted | None:
    """Use an invitation up; None when somebody else has, or it was withdrawn."""
    row = await conn.fetchrow(ACCEPT_INVITATION, invitation_id)
    if row is None:
        return None
    return Accepted(
        row["email"],
        row["account_type_informal"],
        row["role_id"],
        Level(row["level"]) if row["level"] else None,
        UserId(row["invited_by"]) if row["invited_by"] else None,
    )


async def name_accepted(conn: Connection, invitation_id: UUID, user_id: UserId) -> None:
    """Say who came of it."""
    await conn.execute(NAME_ACCEPTED, invitation_id, user_id)


async def count_verifications(conn: Connection, user_id: UserId, purpose: Purpose, within: timedelta) -> int:
    """How many links of this purpose somebody got lately; whoever asks for them too waits for this transaction."""
    await conn.execute(LOCK_ASKER, user_id)
    count: int = await conn.fetchval(COUNT_VERIFICATIONS, user_id, purpose, within)
    return count


async def retire_verifications(conn: Connection, user_id: UserId, purpose: Purpose) -> None:
    """Let none of somebody's open links of this purpose count any more."""
    await conn.execute(RETIRE_VERIFICATIONS, user_id, purpose)


async def insert_verification(
    conn: Connection,
    verification_id: UUID,
    workspace_id: WorkspaceId,
    user_id: UserId,
    purpose: Purpose,
    email: str,
    token_hash: bytes,
    lasts: timedelta,
) -> None:
    """Make a link; the ones before it count no more."""
    await retire_verifications(conn, user_id, purpose)
    await conn.execute(INSERT_VERIFICATION, verification_id, workspace_id, user_id, purpose, email, token_hash, lasts)


async def use_verification(conn: Connection, verification_id: UUID) -> bool:
    """Use a link up; False when somebody else has."""
    return await conn.fetchval(USE_VERIFICATION, verification_id) is not None


async def list_open_verifications(conn: Connection, limit: int) -> list[Verification]:
    """Open links of the workspace, the latest first."""
    return [_verification(row) for row in await conn.fetch(LIST_OPEN_VERIFICATIONS, limit)]


async def find_open_verification(conn: Connection, verification_id: UUID) -> Verification | None:
    """An open link of this workspace."""
    row = await conn.fetchrow(FIND_OPEN_VERIFICATION, verification_id)
    return None if row is None else _verification(row)


def _verification(row: asyncpg.Record) -> Verification:
    return Verification(
        row["id"],
        UserId(row["user_id"]),
        Purpose(row["purpose"]),
        row["email"],
        row["token_hash"],
        row["expires_at"],
        frozenset(row["patterns"]),
    )
