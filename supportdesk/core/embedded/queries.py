"""What the superuser does: make the owner's role, its databases and the extensions that need a superuser."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

import asyncpg

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection

HAS_ROLE: Final = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)"
HAS_DATABASE: Final = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)"

# Utility statements take no parameters: PostgreSQL itself quotes the names into them.
STATEMENT_FOR_ROLE: Final = "SELECT format('CREATE ROLE %I LOGIN CREATEROLE PASSWORD %L', $1::text, $2::text)"
STATEMENT_FOR_STATISTICS: Final = "SELECT format('GRANT pg_monitor TO %I', $1::text)"
STATEMENT_FOR_DATABASE: Final = "SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE %I', $1::text, $2::text, $3::text)"
STATEMENTS_FOR_EXTENSIONS: Final = """
SELECT CASE WHEN installed_version IS NULL THEN format('CREATE EXTENSION %I', name)
            ELSE format('ALTER EXTENSION %I UPDATE', name) END
FROM pg_available_extensions
WHERE name = ANY($1::text[]) AND installed_version IS DISTINCT FROM default_version
"""


async def ensure_owner(conn: Connection, role: str, verifier: str) -> None:
    """Make the role that owns the desk's databases when it is missing; it may see the server's statistics."""
    if not await conn.fetchval(HAS_ROLE, role):
        async with conn.transaction():
            await conn.execute(await conn.fetchval(STATEMENT_FOR_ROLE, role, verifier))
            await conn.execute(await conn.fetchval(STATEMENT_FOR_STATISTICS, role))


async def has_database(conn: Connection, name: str) -> bool:
    """Whether a database of this name exists."""
    return bool(await conn.fetchval(HAS_DATABASE, name))


async def add_database(conn: Connection, name: str, *, owner: str, template: str) -> None:
    """Make a database as a copy of the template, to which nobody may be connected."""
    await conn.execute(await conn.fetchval(STATEMENT_FOR_DATABASE, name, owner, template))


async def ensure_extensions(conn: Connection, names: Sequence[str]) -> None:
    """Make or update, in the connected database, those of the extensions that this installation has."""
    for statement in await conn.fetch(STATEMENTS_FOR_EXTENSIONS, list(names)):
        await conn.execute(statement[0])
