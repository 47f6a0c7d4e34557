"""All SQL of workspaces and sites."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from supportdesk.actor import WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.workspaces.model import Site, SiteId

WORKSPACE_IDS: Final = """
    SELECT workspace_id
      FROM desk_workspaces()
"""

ANY_WORKSPACE: Final = """
    SELECT EXISTS (SELECT 1 FROM desk_workspaces())
"""

LOCK_FIRST_RUN: Final = """
    SELECT pg_advisory_xact_lock(731, 1) -- of two first visits at once, the second finds the desk taken
"""

WORKSPACE_NAME: Final = """
    SELECT name
      FROM workspaces
     WHERE id = $1
"""

INSERT_WORKSPACE: Final = """
    INSERT INTO workspaces (id, name, plan_id)
         SELECT $1, $2, p.id
           FROM plans p
          WHERE p.name = $3
"""

SEED_WORKSPACE: Final = """
    SELECT desk_seed_workspace($1)
"""

INSERT_SITE: Final = """
    INSERT INTO sites (workspace_id, name, site_key, allowed_origins, robots_enabled, queue_id)
         SELECT $1, $2, $3, $4, $5, (
             SELECT q.id
               FROM queues q
              WHERE q.workspace_id = $1 AND q.level = 'T1'
              ORDER BY q.is_default DESC, q.created_at
              LIMIT 1
         )
      RETURNING id
"""

LIST_SITES: Final = """
    SELECT id, workspace_id, name, site_key, allowed_origins, appearance, robots_enabled, queue_id, is_active
      FROM sites
     WHERE deleted_at IS NULL
     ORDER BY id
"""

FIND_SITE: Final = """
    SELECT id, workspace_id, name, site_key, allowed_origins, appearance, robots_enabled, queue_id, is_active
      FROM sites
     WHERE id = $1 AND deleted_at IS NULL
"""

SITE_OF_KEY: Final = """
    SELECT site_id AS id, workspace_id, name, site_key, allowed_origins, appearance, robots_enabled, queue_id,
           true AS is_active
      FROM desk_site_by_key($1)
"""

UPDATE_SITE: Final = """
    UPDATE sites
       SET name = coalesce($2, name), allowed_origins = coalesce($3, allowed_origins),
           appearance = coalesce($4, appearance), robots_enabled = coalesce($5, robots_enabled),
           queue_id = coalesce($6, queue_id), is_active = coalesce($7, is_active)
     WHERE id = $1 AND deleted_at IS NULL
"""

HAS_QUEUE: Final = """
    SELECT EXISTS (SELECT 1 FROM queues WHERE id = $1 AND deleted_at IS NULL)
"""

IDENTITY_SECRET: Final = """
    SELECT identity_secret_encrypted
      FROM workspaces
     WHERE id = $1
"""

LOCK_IDENTITY_SECRET: Final = """
    SELECT identity_secret_encrypted
      FROM workspaces
     WHERE id = $1
       FOR UPDATE -- two who ask for it first get the same one
"""

SET_IDENTITY_SECRET: Final = """
    UPDATE workspaces
       SET identity_secret_encrypted = $2
     WHERE id = $1
"""


async def workspace_ids(conn: Connection) -> list[WorkspaceId]:
    """Every workspace of the installation."""
    return [WorkspaceId(row["workspace_id"]) for row in await conn.fetch(WORKSPACE_IDS)]


async def is_any_workspace(conn: Connection) -> bool:
    """Whether the installation has been set up."""
    found: bool = await conn.fetchval(ANY_WORKSPACE)
    return found


async def lock_first_run(conn: Connection) -> None:
    """Let one first visit after the other happen."""
    await conn.execute(LOCK_FIRST_RUN)


async def workspace_name(conn: Connection, workspace_id: WorkspaceId) -> str | None:
    """What a workspace is called."""
    name: str | None = await conn.fetchval(WORKSPACE_NAME, workspace_id)
    return name


async def insert_workspace(conn: Connection, workspace_id: WorkspaceId, name: str, plan: str) -> None:
    """Make a workspace with its default roles, queues and policies."""
    await conn.execute(INSERT_WORKSPACE, workspace_id, name, plan)
    await conn.execute(SEED_WORKSPACE, workspace_id)


async def insert_site(
    conn: Connection, workspace_id: WorkspaceId, name: str, site_key: str, origins: Sequence[str], *, robots: bool
) -> SiteId:
    """Make a site whose guests wait in the first queue of T1."""
    return SiteId(await conn.fetchval(INSERT_SITE, workspace_id, name, site_key, list(origins), robots))


async def list_sites(conn: Connection) -> list[Site]:
    """The sites of the workspace, oldest first."""
    return [_site(row) for row in await conn.fetch(LIST_SITES)]


async def find_site(conn: Connection, site_id: UUID) -> Site | None:
    """A site of the workspace."""
    row = await conn.fetchrow(FIND_SITE, site_id)
    return None if row is None else _site(row)


async def site_of_key(conn: Connection, site_key: str) -> Site | None:
    """The active site of a key, in whichever workspace it is."""
    row = await conn.fetchrow(SITE_OF_KEY, site_key)
    return None if row is None else _site(row)


async def update_site(
    conn: Connection,
    site_id: SiteId,
    *,
    name: str | None,
    allowed_origins: Sequence[str] | None,
    appearance: Mapping[str, Any] | None,
    robots_enabled: bool | None,
    queue_id: UUID | None,
    is_active: bool | None,
) -> None:
    """Change what is given."""
    packed = orjson.dumps(appearance).decode() if appearance is not None else None
    origins = list(allowed_origins) if allowed_origins is not None else None
    await conn.execute(UPDATE_SITE, site_id, name, origins, packed, robots_enabled, queue_id, is_active)


async def has_queue(conn: Connection, queue_id: UUID) -> bool:
    """Whether the workspace has this queue."""
    found: bool = await conn.fetchval(HAS_QUEUE, queue_id)
    return found


async def identity_secret(conn: Connection, workspace_id: WorkspaceId) -> bytes | None:
    """The encrypted identity secret."""
    sealed: bytes | None = await conn.fetchval(IDENTITY_SECRET, workspace_id)
    return sealed


async def lock_identity_secret(conn: Connection, workspace_id: WorkspaceId) -> bytes | None:
    """The encrypted identity secret, held until the transaction ends."""
    sealed: bytes | None = await conn.fetchval(LOCK_IDENTITY_SECRET, workspace_id)
    return sealed


async def set_identity_secret(conn: Connection, workspace_id: WorkspaceId, sealed: bytes) -> None:
    """Put another in its place."""
    await conn.execute(SET_IDENTITY_SECRET, workspace_id, sealed)


def _site(row: asyncpg.Record) -> Site:
    return Site(
        id=SiteId(row["id"]),
        workspace_id=WorkspaceId(row["workspace_id"]),
        name=row["name"],
        site_key=row["site_key"],
        allowed_origins=tuple(row["allowed_origins"]),
        appearance=orjson.loads(row["appearance"]),
        robots_enabled=row["robots_enabled"],
        queue_id=row["queue_id"],
        is_active=row["is_active"],
    )
