"""All SQL of roles and of who is still who they were."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from supportdesk.actor import UserId, WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.permissions.model import Grant

GRANTS_OF: Final = """
    SELECT role_name, pattern
      FROM desk_grants($1)
"""

GRANTS_OF_ROLE: Final = """
    SELECT p.pattern
      FROM roles r
      JOIN role_permissions p ON p.role_id = r.id
     WHERE r.name = $1 AND r.deleted_at IS NULL
"""

ACCESS_VERSIONS: Final = """
    SELECT subject_id, version
      FROM desk_access_versions($1, $2)
"""

STATE_OF: Final = """
    SELECT account_type, account_status, name, level, avatar_url, is_blocked
      FROM desk_actor($1)
"""

ENDED_CREDENTIALS: Final = """
    SELECT desk_ended_credentials($1) AS id
"""

LIMITS_OF: Final = """
    SELECT id, grants
      FROM personal_access_tokens
     WHERE id = ANY ($1)
"""

LIST_CATALOGUE: Final = """
    SELECT c.key, c.description,
           ARRAY(
               SELECT DISTINCT r.name
                 FROM roles r
                 JOIN role_permissions p ON p.role_id = r.id
                WHERE r.workspace_id = $1 AND r.deleted_at IS NULL
                  AND split_part(p.pattern, ':', 1) IN ('*', split_part(c.key, ':', 1))
                  AND split_part(p.pattern, ':', 2) IN ('*', split_part(c.key, ':', 2))
                  AND split_part(p.pattern, ':', 3) IN ('*', split_part(c.key, ':', 3))
                ORDER BY r.name
           ) AS roles
      FROM permissions c
     ORDER BY c.key
"""


@dataclass(frozen=True, slots=True)
class State:
    """How somebody's account stands now."""

    account_type: str
    account_status: str
    name: str
    level: str | None
    avatar_url: str | None
    is_blocked: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A permission of the catalogue, and the roles that include it."""

    key: str
    description: str
    roles: tuple[str, ...]


async def grants_of(conn: Connection, user_id: UserId) -> list[Grant]:
    """What somebody's roles grant."""
    return [Grant(row["role_name"], row["pattern"]) for row in await conn.fetch(GRANTS_OF, user_id)]


async def grants_of_role(conn: Connection, name: str) -> frozenset[str]:
    """What a role of the workspace grants."""
    return frozenset(row["pattern"] for row in await conn.fetch(GRANTS_OF_ROLE, name))


async def access_versions(
    conn: Connection, users: Sequence[UserId], workspaces: Sequence[WorkspaceId]
) -> dict[UUID, int]:
    """The versions of these people's and workspaces' rights; who is left out is at 0."""
    rows = await conn.fetch(ACCESS_VERSIONS, users, workspaces)
    return {row["subject_id"]: row["version"] for row in rows}


async def state_of(conn: Connection, user_id: UserId) -> State | None:
    """How somebody's account stands; None when it is gone."""
    row = await conn.fetchrow(STATE_OF, user_id)
    return None if row is None else State(*row)


async def ended_credentials(conn: Connection, credentials: Sequence[UUID]) -> set[UUID]:
    """Which of these sessions and tokens count no more."""
    return {row["id"] for row in await conn.fetch(ENDED_CREDENTIALS, credentials)}


async def limits_of(conn: Connection, token_ids: Sequence[UUID]) -> dict[UUID, frozenset[str]]:
    """What access tokens may do at most."""
    return {row["id"]: frozenset(row["grants"]) for row in await conn.fetch(LIMITS_OF, token_ids)}


async def list_catalogue(conn: Connection, workspace_id: WorkspaceId) -> list[Listed]:
    """Every permission there is, with the workspace's roles that include it."""
    rows = await conn.fetch(LIST_CATALOGUE, workspace_id)
    return [Listed(row["key"], row["description"], tuple(row["roles"])) for row in rows]
