"""Databases for the schema's tests: one template by migrations, cloned; one connection per test, rolled back."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from supportdesk.core.db import Connection
from supportdesk.core.migrations import migrate
from supportdesk.core.roles import ensure_roles
from tests.schema.rows import Furnished, furnish

numbers = itertools.count(1)
MakeDatabase = Callable[..., Awaitable[str]]


def on(server_url: str, database: str) -> str:
    """The address of another database of the same server."""
    return urlunsplit(urlsplit(server_url)._replace(path="/" + database))


async def _run(server_url: str, *statements: str) -> None:
    conn = await asyncpg.connect(server_url)
    try:
        for statement in statements:
            await conn.execute(statement)
    finally:
        await conn.close()


async def _migrated(server_url: str, database: str) -> None:
    await _run(server_url, f"CREATE DATABASE {database}")
    conn = await asyncpg.connect(on(server_url, database))
    try:
        await migrate(conn)
    finally:
        await conn.close()


async def _cloned(server_url: str, template: str, database: str) -> None:
    await _run(server_url, f"CREATE DATABASE {database} TEMPLATE {template}")
    conn = await asyncpg.connect(on(server_url, database))
    try:
        await ensure_roles(conn)  # a clone has the tables and their rights, but not those on the database itself
    finally:
        await conn.close()


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """The name of a migrated database that nobody connects to, so that it can be cloned."""
    name = f"schema_template_{os.getpid()}_{next(numbers)}"  # other folders take this fixture as one of their own
    asyncio.run(_migrated(server_url, name))
    yield name
    asyncio.run(_run(server_url, f"DROP DATABASE {name}"))


@dataclass(frozen=True, slots=True)
class Shared:
    """The database of all tests that roll back what they do: two workspaces with a row in every table."""

    url: str
    acme: Furnished
    rival: Furnished


async def furnished(server_url: str, template: str, database: str) -> Shared:
    """Make such a database under this name."""
    await _cloned(server_url, template, database)
    conn = await asyncpg.connect(on(server_url, database))
    try:
        return Shared(on(server_url, database), await furnish(conn, "acme"), await furnish(conn, "rival"))
    finally:
        await conn.close()


async def dropped(server_url: str, database: str) -> None:
    """Remove a database, whoever is still connected."""
    await _run(server_url, f"DROP DATABASE {database} WITH (FORCE)")


@pytest.fixture(scope="session")
def shared(server_url: str, template: str) -> Iterator[Shared]:
    name = f"schema_shared_{os.getpid()}"
    yield asyncio.run(furnished(server_url, template, name))
    asyncio.run(dropped(server_url, name))


@pytest.fixture
async def make_database(server_url: str, template: str) -> AsyncIterator[MakeDatabase]:
    """Makes databases of a test's own, empty or migrated; returns their addresses."""
    names: list[str] = []

    async def make(*, migrated: bool) -> str:
        name = f"schema_own_{os.getpid()}_{next(numbers)}"
        names.append(name)
        if migrated:
            await _cloned(server_url, template, name)
        else:
            await _run(server_url, f"CREATE DATABASE {name} TEMPLATE template0")
        return on(server_url, name)

    yield make
    await _run(server_url, *(f"DROP DATABASE {name} WITH (FORCE)" for name in names))


@pytest.fixture
async def conn(shared: Shared) -> AsyncIterator[Connection]:
    """A superuser's connection in a transaction that is rolled back."""
    connection = await asyncpg.connect(shared.url)
    try:
        transaction = connection.transaction()
        await transaction.start()
        yield connection
        await transaction.rollback()
    finally:
        await connection.close()


@pytest.fixture
def acme(shared: Shared) -> Furnished:
    """A workspace with a row in every table."""
    return shared.acme


@pytest.fixture
def rival(shared: Shared) -> Furnished:
    """Another one."""
    return shared.rival
