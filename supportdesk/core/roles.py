"""The four database roles: made where the connection may, written out as SQL to run by hand where it may not."""

import asyncio
import itertools
from typing import Final

import asyncpg

from supportdesk.core.db import Connection
from supportdesk.errors import StartError

OWNER: Final = "desk_owner"
APP: Final = "desk_app"
JOBS: Final = "desk_jobs"
READER: Final = "desk_reader"
ROLES: Final = (OWNER, APP, JOBS, READER)

ATTEMPTS: Final = 10

MISSING_ROLES: Final = """
    SELECT wanted.name
    FROM unnest($1::text[]) WITH ORDINALITY AS wanted (name, nth)
    WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted.name)
    ORDER BY wanted.nth
"""

# A member that may SET ROLE, which from 16 on is a right of its own; a superuser always may.
ROLES_TO_GRANT: Final = """
    SELECT wanted.name
    FROM unnest($1::text[]) WITH ORDINALITY AS wanted (name, nth)
    JOIN pg_roles r ON r.rolname = wanted.name
    WHERE NOT pg_has_role(
        session_user, r.oid,
        CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END
    )
    ORDER BY wanted.nth
"""

OWNER_LACKS_RIGHTS: Final = """
    SELECT NOT has_database_privilege('desk_owner', current_database(), 'CREATE')
        OR NOT has_schema_privilege('desk_owner', 'public', 'CREATE')
"""

PUBLIC_HAS_RIGHTS: Final = """
    SELECT EXISTS (
            SELECT 1 FROM pg_namespace n, aclexplode(n.nspacl) a
            WHERE n.nspname = 'public' AND a.grantee = 0 AND a.privilege_type = 'CREATE'
        )
        OR EXISTS (
            SELECT 1 FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
            WHERE d.datname = current_database() AND a.grantee = 0 AND a.privilege_type = 'TEMPORARY'
        )
"""

# A name is quoted by the server itself: none of it is put together from text that came from outside.
QUOTED_NAMES: Final = "SELECT quote_ident(current_database()) AS database, quote_ident(session_user) AS person"


class RolesMissing(StartError):
    """The roles are not as they must be and this connection may not make them so; `script` is the SQL to run."""

    def __init__(self, script: str) -> None:
        super().__init__(
            "The database roles of Support Desk are missing, and this user may not create them. "
            "Run the following as a superuser of the server, then start again:\n\n" + script
        )
        self.script = script


async def ensure_roles(conn: Connection) -> None:
    """Make roles, memberships and rights on this database; nothing happens where all is as it should be.

    Roles belong to the whole cluster, so two databases of one cluster may do this at once: whoever comes second
    finds the work done, or tries again.

    Raises RolesMissing where the user of the connection may not.
    """
    for attempt in itertools.count(1):
        script = await missing_sql(conn)
        if not script:
            return
        try:
            await conn.execute(script)
        except asyncpg.InsufficientPrivilegeError as refusal:
            raise RolesMissing(script) from refusal
        except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError, asyncpg.InternalServerError):
            # InternalServerError is "tuple concurrently updated": the catalogue row was granted on by another.
            if attempt == ATTEMPTS:
                raise
            await asyncio.sleep(0.05 * attempt)
            continue
        # A grant by somebody who has nothing to grant is a warning, not an error.
        if await conn.fetchval(OWNER_LACKS_RIGHTS):
            raise RolesMissing(script)
        return


async def missing_sql(conn: Connection) -> str:
    """The SQL that is still to run for this database and this user; an empty string when there is none."""
    names = await conn.fetchrow(QUOTED_NAMES)
    if names is None:
        raise RuntimeError("The server did not say which database this is.")
    lines = [f"CREATE ROLE {role} NOLOGIN;" for role in await _names(conn, MISSING_ROLES)]
    granted = await _names(conn, ROLES_TO_GRANT)
    made = [line.split()[2] for line in lines]
    if not await is_superuser(conn):
        lines += [f"GRANT {role} TO {names['person']};" for role in ROLES if role in granted or role in made]
    if made or await conn.fetchval(OWNER_LACKS_RIGHTS) or await conn.fetchval(PUBLIC_HAS_RIGHTS):
        lines += [
            f"GRANT CONNECT ON DATABASE {names['database']} TO {', '.join(ROLES)};",
            f"GRANT CREATE ON DATABASE {names['database']} TO {OWNER};",
            f"REVOKE TEMPORARY ON DATABASE {names['database']} FROM PUBLIC;",
            f"GRANT USAGE ON SCHEMA public TO {', '.join(ROLES)};",
            f"GRANT CREATE ON SCHEMA public TO {OWNER};",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC;",
        ]
    return "\n".join(lines)


async def _names(conn: Connection, query: str) -> list[str]:
    return [row["name"] for row in await conn.fetch(query, list(ROLES))]


async def is_superuser(conn: Connection) -> bool:
    """Whether the user of the connection may do everything."""
    return bool(await conn.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = session_user"))
