"""Databases that a test may spoil."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from supportdesk.core import migrations


@pytest.fixture
async def own_database(server_url: str) -> AsyncIterator[str]:
    """An empty database of this test's own."""
    name = f"own_{uuid4().hex[:12]}"
    admin = await asyncpg.connect(server_url)
    try:
        await admin.execute(f"CREATE DATABASE {name}")
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


@pytest.fixture
async def migrated_database(own_database: str) -> str:
    """The same with the schema of this version."""
    conn = await asyncpg.connect(own_database)
    await migrations.migrate(conn)
    await conn.close()
    return own_database
