"""Transactions: nothing counts as committed that is not, and whoever is told to stop stops."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

import asyncpg
import pytest

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.config import Settings
from supportdesk.core import db as core_db
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database, Lane, lane_sizes
from supportdesk.core.events import Bus, Event
from supportdesk.core.tasks import Tasks
from supportdesk.errors import ServerBusy
from tests.factories import Connection, Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened(Event):
    """Something that a test announces."""

    what: str = ""


async def test_a_transaction_that_failed_inside_is_never_taken_for_committed(
    settings: Settings, database_dsn: str, workspace: Workspace
) -> None:
    heard: list[Happened] = []
    bus = Bus(Tasks())
    bus.at_once(Happened, heard.append)
    db, system = Database(settings, database_dsn, bus), Actor.system(WorkspaceId(workspace.id))

    async def go_on_regardless() -> None:
        async with db.transaction(system) as tx:
            tx.announce(Happened())
            with suppress(asyncpg.PostgresError):  # what a handler must not do
                await tx.conn.execute("SELECT 1 / 0")

    await db.open()
    try:
        with pytest.raises(LookupError, match="rolled back"):
            await go_on_regardless()
        assert not heard
    finally:
        await db.close()


async def test_a_part_that_fails_leaves_nothing_and_the_rest_counts(
    settings: Settings, database_dsn: str, workspace: Workspace
) -> None:
    heard: list[Happened] = []
    bus = Bus(Tasks())
    bus.at_once(Happened, heard.append)
    db, system = Database(settings, database_dsn, bus), Actor.system(WorkspaceId(workspace.id))
    rename = "UPDATE workspaces SET name = name || $1 WHERE id = $2"
    await db.open()
    try:
        async with db.transaction(system) as tx:
            for word, statement in (("one", "SELECT 1"), ("two", "SELECT 1 / 0"), ("three", "SELECT 3")):
                with suppress(asyncpg.DivisionByZeroError):
                    async with tx.part():
                        await tx.conn.execute(rename, f" {word}", workspace.id)
                        tx.announce(Happened(what=word))
                        await tx.conn.execute(statement)
        async with db.read(system) as conn:
            name = await conn.fetchval("SELECT name FROM workspaces WHERE id = $1", workspace.id)
    finally:
        await db.close()
    assert name.endswith(" one three")
    assert [fact.what for fact in heard] == ["one", "three"]


async def test_whoever_is_told_to_stop_while_rolling_back_stops() -> None:
    rolling_back = asyncio.Event()

    class Stuck:
        def is_closed(self) -> bool:
            return False

        async def execute(self, _statement: str) -> None:
            rolling_back.set()
            await asyncio.Event().wait()

        def terminate(self) -> None:
            pass

    async with asyncio.TaskGroup() as beside:
        task = beside.create_task(core_db._roll_back(Stuck()))  # type: ignore[arg-type]  # as much of one as it needs
        await rolling_back.wait()
        task.cancel()
    assert task.cancelled()


async def test_a_connection_serves_the_next_after_a_cancelled_statement(db: Database, workspace: Workspace) -> None:
    system = Actor.system(WorkspaceId(workspace.id))

    async def sleep() -> None:
        async with db.transaction(system) as tx:
            await tx.conn.execute("SELECT pg_sleep(60)")

    for _ in range(20):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await sleep()
    async with asyncio.timeout(5), db.transaction(system) as tx:
        assert await tx.conn.fetchval("SELECT current_setting('app.workspace_id')") == str(workspace.id)
    async with db.bare() as conn:
        assert not await conn.fetchval("SELECT current_setting('app.workspace_id', true)")


@pytest.mark.parametrize("total", [6, 7, 16, 50, 1000])
def test_the_lanes_make_up_the_whole_and_none_is_closed(total: int) -> None:
    sizes = lane_sizes(total)
    assert set(sizes) == set(Lane)
    assert sum(sizes.values()) == total
    assert min(sizes.values()) >= 1


async def test_a_new_connection_takes_our_arrays_without_a_look_into_the_catalogue(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def look(*_: object) -> None:
        raise AssertionError("asyncpg asked PostgreSQL what the type is")

    monkeypatch.setattr(asyncpg.Connection, "_introspect_types", look)
    ids, numbers, instants = [uuid4(), uuid4()], [1, 2**40], [Clock().now()]
    async with db.bare() as conn:
        assert await conn.fetchval("SELECT $1::uuid[]", ids) == ids
        assert await conn.fetchval("SELECT $1::bigint[]", numbers) == numbers
        assert await conn.fetchval("SELECT $1::timestamptz[]", instants) == instants


async def test_a_read_gives_its_connection_back_whatever_ends_it(
    settings: Settings, database_dsn: str, owner: Connection, workspace: Workspace
) -> None:
    tasks = Tasks()
    db, system = Database(settings, database_dsn, Bus(tasks)), Actor.system(WorkspaceId(workspace.id))
    begun = asyncio.Event()

    async def read(query: str) -> object:
        async with db.read(system) as conn:
            return await conn.fetchval(query)

    async def wait() -> None:
        async with db.read(system):
            begun.set()
            await asyncio.get_running_loop().create_future()

    async def be_cut() -> object:
        async with db.read(system) as conn:
            await owner.execute("SELECT pg_terminate_backend($1)", await conn.fetchval("SELECT pg_backend_pid()"))
            return await conn.fetchval("SELECT 1")

    await db.open()
    try:
        for _ in range(2 * settings.db_pool_max):
            assert await read("SELECT count(*) FROM workspaces") == 1
            with pytest.raises(asyncpg.UndefinedTableError):
                await read("SELECT * FROM no_such_table")
            waiting = tasks.spawn(wait(), name="a reader who is told to stop")
            await begun.wait()
            waiting.cancel()
            begun.clear()
            with pytest.raises(ServerBusy):
                await be_cut()
        await tasks.settle()
        async with db.bare() as conn:  # nothing is left of those before
            assert await conn.fetchval("SHOW transaction_read_only") == "off"
            assert not await conn.fetchval("SELECT current_setting('app.workspace_id', true)")
    finally:
        await db.close()
