"""SQL of the staff: who there is, in which role, at which level."""

from typing import Final
from uuid import UUID

import asyncpg

from supportdesk.accounts.model import AccountStatus, Person, Role
from supportdesk.actor import Level, UserId, WorkspaceId
from supportdesk.core.db import Connection

LIST_PEOPLE: Final = """
    SELECT u.id, coalesce(u.display_name, u.username, u.email) AS name, u.first_name, u.last_name, u.email,
           u.account_type_informal, u.level, u.current_account_status, u.current_status, u.is_email_verified,
           u.last_seen_at, u.last_login_at, u.created_at,
           ARRAY(
               SELECT r.name
                 FROM user_roles ur
                 JOIN roles r ON r.id = ur.role_id
                WHERE ur.user_id = u.id AND r.deleted_at IS NULL
                ORDER BY r.name
           ) AS roles
      FROM users u
     WHERE u.account_type_informal NOT IN ('guest', 'robot') AND u.deleted_at IS NULL AND u.anonymised_at IS NULL
       AND u.id > $1
     ORDER BY u.id
     LIMIT $2
"""

FIND_PERSON: Final = """
    SELECT u.id, coalesce(u.display_name, u.username, u.email) AS name, u.first_name, u.last_name, u.email,
           u.account_type_informal, u.level, u.current_account_status, u.current_status, u.is_email_verified,
           u.last_seen_at, u.last_login_at, u.created_at,
           ARRAY(
               SELECT r.name
                 FROM user_roles ur
                 JOIN roles r ON r.id = ur.role_id
                WHERE ur.user_id = u.id AND r.deleted_at IS NULL
                ORDER BY r.name
           ) AS roles
      FROM users u
     WHERE u.id = $1 AND u.account_type_informal NOT IN ('guest', 'robot') AND u.deleted_at IS NULL
       AND u.anonymised_at IS NULL
"""

LOCK_ADMINS: Final = """
    SELECT id, current_account_status
      FROM users
     WHERE account_type_informal = 'admin' AND deleted_at IS NULL
     ORDER BY id
       FOR NO KEY UPDATE -- two admins who demote each other at once: the second sees that no other is left
"""

LIST_ROLES: Final = """
    SELECT r.id, r.name, array_agg(p.pattern) FILTER (WHERE p.pattern IS NOT NULL) AS patterns
      FROM roles r
      LEFT JOIN role_permissions p ON p.role_id = r.id
     WHERE r.deleted_at IS NULL AND r.name NOT IN ('guest', 'robot')
     GROUP BY r.id, r.name
     ORDER BY r.id
"""

PATTERNS_OF: Final = """
    SELECT DISTINCT p.pattern
      FROM user_roles ur
      JOIN roles r ON r.id = ur.role_id AND r.deleted_at IS NULL
      JOIN role_permissions p ON p.role_id = r.id
     WHERE ur.user_id = $1
"""

INSERT_STAFF: Final = """
    INSERT INTO users (id, workspace_id, account_type_informal, current_account_status, username, first_name,
                       last_name, display_name, email, password_hash, password_changed_at, is_email_verified, level)
         VALUES ($1, $2, $3, 'active', $4, $5, $6, $7, $8, $9, now(), $10, $11)
    ON CONFLICT DO NOTHING
      RETURNING id
"""

IS_USERNAME_TAKEN: Final = """
    SELECT EXISTS (SELECT 1 FROM users WHERE lower(username) = lower($1) AND deleted_at IS NULL)
"""

GRANT_ROLE: Final = """
    INSERT INTO user_roles (user_id, role_id, workspace_id, granted_by)
         VALUES ($1, $2, $3, $4)
    ON CONFLICT ON CONSTRAINT pk_user_roles DO NOTHING
"""

DROP_OTHER_ROLES: Final = """
    DELETE FROM user_roles
     WHERE user_id = $1 AND role_id <> $2
"""

SET_ACCOUNT_TYPE: Final = """
    UPDATE users
       SET account_type_informal = $2
     WHERE id = $1
"""

SET_LEVEL: Final = """
    UPDATE users
       SET level = $2
     WHERE id = $1
"""

SET_STATUS: Final = """
    UPDATE users
       SET current_account_status = $2, current_status = CASE WHEN $2 = 'active' THEN current_status ELSE 'offline' END
     WHERE id = $1
"""

PASSWORD_HASH: Final = """
    SELECT password_hash
      FROM users
     WHERE id = $1
"""

SET_PASSWORD: Final = """
    UPDATE users
       SET password_hash = $2, password_changed_at = now()
     WHERE id = $1
"""

RENEW_HASH: Final = """
    UPDATE users
       SET password_hash = $3
     WHERE id = $1 AND password_hash = $2
"""

SET_EMAIL_VERIFIED: Final = """
    UPDATE users
       SET is_email_verified = true
     WHERE id = $1 AND email = $2
"""


async def list_people(conn: Connection, after: UUID, limit: int) -> list[Person]:
    """The staff of the workspace, in the order in which they came."""
    return [_person(row) for row in await conn.fetch(LIST_PEOPLE, after, limit)]


async def find_person(conn: Connection, user_id: UUID) -> Person | None:
    """A member of staff; nobody for guests and robots."""
    row = await conn.fetchrow(FIND_PERSON, user_id)
    return None if row is None else _person(row)


async def lock_admins(conn: Connection) -> dict[UserId, AccountStatus]:
    """All admins with their status, held until the transaction ends."""
    rows = await conn.fetch(LOCK_ADMINS)
    return {UserId(row["id"]): AccountStatus(row["current_account_status"]) for row in rows}


async def list_roles(conn: Connection) -> list[Role]:
    """The roles that staff can have, each with what it grants."""
    rows = await conn.fetch(LIST_ROLES)
    return [Role(id=row["id"], name=row["name"], patterns=frozenset(row["patterns"] or ())) for row in rows]


async def patterns_of(conn: Connection, user_id: UserId) -> frozenset[str]:
    """What somebody's roles grant."""
    return frozenset(row["pattern"] for row in await conn.fetch(PATTERNS_OF, user_id))


async def is_username_taken(conn: Connection, username: str) -> bool:
    """Whether somebody of the workspace has it."""
    taken: bool = await conn.fetchval(IS_USERNAME_TAKEN, username)
    return taken


async def insert_staff(
    conn: Connection,
    user_id: UserId,
    workspace_id: WorkspaceId,
    *,
    account_type: str,
    username: str,
    first_name: str,
    last_name: str,
    email: str,
    password_hash: str,
    is_email_verified: bool,
    level: Level | None,
) -> bool:
    """Make an account that is active at once; False when the e-mail address is somebody's already."""
    made = await conn.fetchval(
        INSERT_STAFF,
        user_id,
        workspace_id,
        account_type,
        username,
        first_name,
        last_name,
        f"{first_name} {last_name}".strip(),
        email,
        password_hash,
        is_email_verified,
        level,
    )
    return made is not None


async def set_role(
    conn: Connection,
    user_id: UserId,
    workspace_id: WorkspaceId,
    role_id: UUID,
    account_type: str,
    granted_by: UserId | None,
) -> None:
    """Give somebody this role and no other."""
    await conn.execute(GRANT_ROLE, user_id, role_id, workspace_id, granted_by)
    await conn.execute(DROP_OTHER_ROLES, user_id, role_id)
    await conn.execute(SET_ACCOUNT_TYPE, user_id, account_type)


async def set_level(conn: Connection, user_id: UserId, level: Level | None) -> None:
    """Put somebody at a level, or at none."""
    await conn.execute(SET_LEVEL, user_id, level)


async def set_status(conn: Connection, user_id: UserId, status: AccountStatus) -> None:
    """Let somebody in or keep them out; whoever is out is offline."""
    await conn.execute(SET_STATUS, user_id, status)


async def password_hash(conn: Connection, user_id: UserId) -> str | None:
    """The hash of somebody's password."""
    kept: str | None = await conn.fetchval(PASSWORD_HASH, user_id)
    return kept


async def set_password(conn: Connection, user_id: UserId, kept: str) -> None:
    """Somebody has another password from now on."""
    await conn.execute(SET_PASSWORD, user_id, kept)


async def renew_hash(conn: Connection, user_id: UserId, old: str, new: str) -> None:
    """The same password under today's parameters, unless it was changed meanwhile."""
    await conn.execute(RENEW_HASH, user_id, old, new)


async def set_email_verified(conn: Connection, user_id: UserId, email: str) -> bool:
    """The address is theirs; False when it is not their address any more."""
    done: str = await conn.execute(SET_EMAIL_VERIFIED, user_id, email)
    return done == "UPDATE 1"


def _person(row: asyncpg.Record) -> Person:
    return Person(
        id=UserId(row["id"]),
        name=row["name"],
        first_name=row["first_name"] or "",
        last_name=row["last_name"] or "",
        email=row["email"] or "",
        account_type=row["account_type_informal"],
        roles=tuple(row["roles"]),
        level=Level(row["level"]) if row["level"] else None,
        status=AccountStatus(row["current_account_status"]),
        presence=row["current_status"],
        is_email_verified=row["is_email_verified"],
        last_seen_at=row["last_seen_at"],
        last_login_at=row["last_login_at"],
        created_at=row["created_at"],
    )
