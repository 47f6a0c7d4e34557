"""A real desk for every test: real PostgreSQL, real HTTP and sockets on loopback, a workspace of the test's own."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest
import structlog
import uvloop
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from xdist.scheduler import LoadScopeScheduling

from supportdesk import app as wiring
from supportdesk.accounts import passwords
from supportdesk.config import Settings
from supportdesk.core import migrations
from supportdesk.core.db import Database
from supportdesk.core.embedded import EmbeddedServer
from supportdesk.core.embedded.credentials import OWNER, SUPERUSER, find_credentials
from supportdesk.core.embedded.home import Home
from supportdesk.core.events import Bus
from supportdesk.core.tasks import Tasks
from supportdesk.robots.discovery import Catalogue, discover
from tests.factories import CHEAP, Workspace, make_workspace
from tests.people import Desk

hypothesis.register_profile("brief", derandomize=True, database=None, deadline=None)
hypothesis.register_profile(
    "long",
    deadline=None,
    max_examples=2_000,
    stateful_step_count=100,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
hypothesis.load_profile("brief")

GIVEN = "SUPPORTDESK_TEST_DATABASE_URL"
TOGETHER = ("tests/journeys/", "tests/schema/test_indexes.py")
"""What one worker runs, for all of these share something that is long in the making: a desk and a browser, a crowd."""

# The plainest there is: for people structlog colours each line, and draws every traceback with its variables.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
    ]
)


class Groups(LoadScopeScheduling):
    """Gives out tests one by one, but whole groups first.

    The marks of pytest-xdist 3.8 for this (`xdist_group`) reach its scheduler inside the tests' ids, which pytest 9.2
    no longer lets it change: with them every worker would start a desk and a browser of its own.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((group for group in TOGETHER if nodeid.startswith(group)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Groups | None:
    """Answer to `--dist loadgroup`; the other ways are as they are."""
    return Groups(config, log) if config.getoption("dist") == "loadgroup" else None


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that the desk is served on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def server_dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL for all tests: the one that is given, else the embedded one, shared by the workers of a run."""
    given = os.environ.get(GIVEN)  # noqa: TID251 - where the tests run, not how the desk does
    if given:
        yield given
        return
    shared = tmp_path_factory.getbasetemp().parent / "postgres"
    with asyncio.Runner() as runner:
        server = EmbeddedServer(shared, durable=False)
        joined = server.attach()
        runner.run(joined.__aenter__())
        name = f"tests_{uuid4().hex[:12]}"
        runner.run(server.create_database(name))
        yield server.dsn(name)
        runner.run(joined.__aexit__(None, None, None))


@pytest.fixture(scope="session")
def database_dsn(server_dsn: str) -> Iterator[str]:
    """A migrated database of this worker's own. Tests share it, each in a workspace of its own."""

    async def make() -> str:
        dsn = server_dsn
        if os.environ.get(GIVEN):  # noqa: TID251 - as above
            name = f"tests_{uuid4().hex[:12]}"
            admin = await asyncpg.connect(server_dsn)
            await admin.execute(f"CREATE DATABASE {name}")
            await admin.close()
            dsn = server_dsn.rpartition("/")[0] + f"/{name}"
        conn = await asyncpg.connect(dsn)
        await migrations.migrate(conn)
        await conn.close()
        return dsn

    async def drop(dsn: str) -> None:
        admin = await asyncpg.connect(server_dsn)
        await admin.execute(f"DROP DATABASE {dsn.rpartition('/')[2]} WITH (FORCE)")
        await admin.close()

    with asyncio.Runner() as runner:
        dsn = runner.run(make())
        yield dsn
        if dsn != server_dsn:
            runner.run(drop(dsn))


@pytest.fixture(scope="session")
def server_url(server_dsn: str, database_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> str:  # noqa: ARG001
    """The superuser's address of that server: for tests that make databases and become every role.

    After the worker's own database, because the desk's user makes the roles, as in every embedded desk.
    """
    parts = urlsplit(server_dsn)
    if parts.username != OWNER:
        return server_dsn
    kept = find_credentials(Home(tmp_path_factory.getbasetemp().parent / "postgres").credentials)
    assert kept is not None
    return urlunsplit(parts._replace(netloc=f"{SUPERUSER}:{kept.superuser}@", path="/postgres"))


@pytest.fixture(autouse=True)
def hasher(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords cost nothing: a hash that is cheap but outdated would be made anew, at its price, by every sign-in.

    Folders whose tests are of passwords take the desk's own.
    """
    monkeypatch.setattr(passwords, "_hasher", lambda: CHEAP)


@pytest.fixture(autouse=True)
def robots(monkeypatch: pytest.MonkeyPatch) -> None:
    """The robots that ship are found and loaded once for all applications, as by the one of a server."""
    monkeypatch.setattr(wiring, "discover", shipped)


@cache
def shipped() -> Catalogue:
    """What a start finds."""
    return discover()


@pytest.fixture(scope="session")
def new_workspace(database_dsn: str) -> Iterator[Callable[[], Workspace]]:
    """Make a workspace by a connection that knows the tables already: half of the price is a new one's look at them."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        conn = runner.run(asyncpg.connect(database_dsn))
        yield lambda: runner.run(make_workspace(conn))
        runner.run(conn.close())


@pytest.fixture
def workspace(new_workspace: Callable[[], Workspace]) -> Workspace:
    """A workspace of this test's own."""
    return new_workspace()


@pytest.fixture
async def owner(database_dsn: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection of the tables' owner, who sees every workspace."""
    conn = await asyncpg.connect(database_dsn)
    yield conn
    await conn.close()


@pytest.fixture
def fast_sockets() -> bool:
    """Which way out the sockets of a test take; folders whose tests are of sockets try both."""
    return True


@pytest.fixture(scope="session")
def ordinary() -> Settings:
    """What the desks of all tests have in common."""
    return Settings.load(
        _env_file=None,
        port=0,
        secret_key="a secret of the tests, long enough to be one",
        db_pool_min=0,
        db_pool_max=16,
        guest_rate=0,
        log_level="error",
    )


@pytest.fixture
def settings(ordinary: Settings, tmp_path: Path, fast_sockets: bool) -> Settings:  # noqa: FBT001 - a fixture is asked for by name
    """How the desk of a test is set; parametrise or copy it where a test needs otherwise."""
    return ordinary.model_copy(update={"data_dir": tmp_path / "data", "fast_sockets": fast_sockets})


@pytest.fixture
async def db(settings: Settings, database_dsn: str) -> AsyncIterator[Database]:
    """The application's pools without the application."""
    tasks = Tasks()
    database = Database(settings, database_dsn, Bus(tasks))
    await database.open()
    yield database
    await tasks.settle()
    await database.close()


@pytest.fixture
async def desk(
    settings: Settings, database_dsn: str, owner: "asyncpg.Connection[asyncpg.Record]", workspace: Workspace
) -> AsyncIterator[Desk]:
    """A running desk with one workspace: its staff, two sites, nobody connected."""
    running = Desk(settings, database_dsn, owner, workspace)
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def elsewhere(desk: Desk) -> AsyncIterator[Desk]:
    """The same desk on another node, which hears none of this one's events."""
    node = Desk(desk.settings, desk.dsn, desk.owner, desk.workspace)
    await node.start()
    yield node
    await node.stop()
