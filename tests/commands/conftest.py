"""Databases that a test may spoil."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from supportdesk.core import migrations


@pytest.fixture
async def own_database(server_dsn: str) -> AsyncIterator[str]:
    """An empty database of this test's own."""
    name = f"own_{uuid4().hex[:12]}"
    head, _, tail = server_dsn.rpartition("/")
    admin = await asyncpg.connect(server_dsn)
    await admin.execute(f"CREATE DATABASE {name}")
    yield f"{head}/{name}?{tail.partition('?')[2]}".rstrip("?")
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
async def migrated_database(own_database: str) -> str:
    """The same with the schema of this version."""
    conn = await asyncpg.connect(own_database)
    await migrations.migrate(conn)
    await conn.close()
    return own_database
