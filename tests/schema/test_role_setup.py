"""The roles: made where the connection may, else handed out as SQL that works."""

import os
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from supportdesk.core.db import Connection
from supportdesk.core.migrations import applied, migrate
from supportdesk.core.roles import RolesMissing, ensure_roles, missing_sql
from tests.schema.conftest import MakeDatabase

PLAIN = f"schema_plain_{os.getpid()}"


@pytest.fixture
async def admin(server_url: str) -> AsyncIterator[Connection]:
    conn = await asyncpg.connect(server_url)
    await conn.execute(f"CREATE ROLE {PLAIN} LOGIN PASSWORD 'plain'")
    yield conn
    await conn.execute(f"DROP ROLE {PLAIN}")
    await conn.close()


def as_plain(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{PLAIN}:plain@{parts.netloc.rpartition('@')[2]}"))


async def test_where_all_is_as_it_should_be_nothing_is_left_to_run(make_database: MakeDatabase) -> None:
    conn = await asyncpg.connect(await make_database(migrated=True))
    try:
        await ensure_roles(conn)
        assert await missing_sql(conn) == ""
    finally:
        await conn.close()


@pytest.mark.usefixtures("admin")
async def test_a_user_who_may_not_make_roles_gets_the_sql_to_run(make_database: MakeDatabase) -> None:
    url = await make_database(migrated=False)
    conn = await asyncpg.connect(as_plain(url))
    helper = await asyncpg.connect(url)
    try:
        with pytest.raises(RolesMissing) as refusal:
            await migrate(conn)
        script = refusal.value.script
        assert f"GRANT desk_owner TO {PLAIN};" in script
        assert script in str(refusal.value)
        assert await applied(helper) == []

        await helper.execute(script)
        assert await missing_sql(conn) == ""
        done = await migrate(conn)
        assert done[0].version == 1
        await conn.execute("SET ROLE desk_app")
        assert await conn.fetchval("SELECT count(*) FROM plans") == 3
    finally:
        await conn.close()
        await helper.close()


async def test_the_roles_the_desk_works_as_cannot_sign_in_and_none_is_above_the_rules(admin: Connection) -> None:
    rows = await admin.fetch(
        """
        SELECT rolname FROM pg_roles
        WHERE rolname = ANY ('{desk_owner,desk_app,desk_jobs,desk_reader}')
          AND (rolsuper OR rolbypassrls OR rolreplication
               OR rolname <> 'desk_owner' AND (rolcanlogin OR rolcreaterole OR rolcreatedb))
        """
    )
    assert rows == []
