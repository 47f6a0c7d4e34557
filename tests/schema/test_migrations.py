"""The runner: each file once, in order, by one runner, or a refusal that says what to do."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from supportdesk.core import migrations
from supportdesk.core.db import Connection
from supportdesk.core.migrations import SchemaRefused, applied, check, migrate, pending, read_migrations, snapshot
from supportdesk.core.places import folder
from tests.schema.conftest import MakeDatabase


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    conn = await asyncpg.connect(url)
    try:
        yield conn
    finally:
        await conn.close()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder of two migrations."""
    (tmp_path / "0001_first.sql").write_text("-- A table to begin with.\nCREATE TABLE first (id integer);\n")
    (tmp_path / "0002_second.sql").write_text("-- And one more.\nCREATE TABLE second (id integer);\n")
    return tmp_path


async def test_migrating_twice_does_nothing_the_second_time(make_database: MakeDatabase) -> None:
    async with connected(await make_database(migrated=False)) as conn:
        assert await applied(conn) == []
        first = await migrate(conn)
        assert await migrate(conn) == []
        assert await pending(conn) == []
        assert await applied(conn) == first
        await check(conn)


async def test_of_two_runners_one_does_the_work(make_database: MakeDatabase, small: Path) -> None:
    url = await make_database(migrated=False)
    async with connected(url) as one, connected(url) as two:
        done = await asyncio.gather(migrate(one, where=small), migrate(two, where=small))
    assert sorted(len(work) for work in done) == [0, 2]


async def test_databases_of_one_server_migrate_at_once(make_database: MakeDatabase, small: Path) -> None:
    urls = [await make_database(migrated=False) for _ in range(4)]

    async def run(url: str) -> int:
        async with connected(url) as conn:
            return len(await migrate(conn, where=small))

    assert await asyncio.gather(*(run(url) for url in urls)) == [2, 2, 2, 2]


async def test_a_runner_that_waits_too_long_says_so(
    make_database: MakeDatabase, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "RUNNER_TIMEOUT", "50ms")
    url = await make_database(migrated=False)
    async with connected(url) as one, connected(url) as two:
        await one.execute("SELECT pg_advisory_lock($1)", migrations.LOCK_KEY)
        with pytest.raises(SchemaRefused, match="Another process is migrating"):
            await migrate(two, where=small)


async def test_an_edited_migration_is_refused_by_name(make_database: MakeDatabase, small: Path) -> None:
    async with connected(await make_database(migrated=False)) as conn:
        await migrate(conn, where=small)
        with (small / "0001_first.sql").open("a") as file:
            file.write("CREATE TABLE smuggled (id integer);\n")
        for ask in (migrate, pending, check):
            with pytest.raises(SchemaRefused, match=r"0001_first\.sql was edited"):
                await ask(conn, where=small)


async def test_a_newer_database_is_refused(make_database: MakeDatabase, small: Path) -> None:
    async with connected(await make_database(migrated=False)) as conn:
        await migrate(conn, where=small)
        (small / "0002_second.sql").unlink()
        for ask in (migrate, pending, check):
            with pytest.raises(SchemaRefused, match="0002_second, which this version does not know"):
                await ask(conn, where=small)


async def test_a_missing_migration_is_named(make_database: MakeDatabase, small: Path) -> None:
    async with connected(await make_database(migrated=False)) as conn:
        with pytest.raises(SchemaRefused, match=r"lacks 2 migrations, the first is 0001_first\.sql"):
            await check(conn, where=small)
        assert [migration.version for migration in await pending(conn, where=small)] == [1, 2]
        await migrate(conn, where=small)
        await check(conn, where=small)


async def test_a_number_below_the_newest_is_refused(make_database: MakeDatabase, small: Path) -> None:
    async with connected(await make_database(migrated=False)) as conn:
        second = (small / "0001_first.sql").rename(small / "0001_first.txt")
        await migrate(conn, where=small)
        second.rename(small / "0001_first.sql")
        with pytest.raises(SchemaRefused, match="next free number"):
            await migrate(conn, where=small)


async def test_a_migration_that_fails_leaves_nothing_of_itself(make_database: MakeDatabase, small: Path) -> None:
    (small / "0003_third.sql").write_text("-- Breaks half-way.\nCREATE TABLE third (id integer);\nSELECT 1 / 0;\n")
    async with connected(await make_database(migrated=False)) as conn:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await migrate(conn, where=small)
        assert [row.version for row in await applied(conn)] == [1, 2]
        assert await conn.fetchval("SELECT to_regclass('third')") is None
        assert await conn.fetchval("SELECT current_user = session_user")
        (small / "0003_third.sql").write_text("-- Mended.\nCREATE TABLE third (id integer);\n")
        assert [row.version for row in await migrate(conn, where=small)] == [3]


async def test_a_busy_table_is_tried_again(
    make_database: MakeDatabase, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT", "20ms")
    monkeypatch.setattr(migrations, "LOCK_PAUSE_S", 0.001)
    url = await make_database(migrated=False)
    async with connected(url) as conn, connected(url) as other:
        await migrate(conn, where=small)
        (small / "0003_third.sql").write_text("-- Needs the table.\nALTER TABLE first ADD COLUMN name text;\n")
        transaction = other.transaction()
        await transaction.start()
        await other.execute("SELECT * FROM first")
        with pytest.raises(SchemaRefused, match=r"0003_third\.sql waited in vain"):
            await migrate(conn, where=small)
        monkeypatch.setattr(migrations, "LOCK_ATTEMPTS", 1000)
        task = asyncio.ensure_future(migrate(conn, where=small))  # noqa: TID251 - the runner beside the reader
        await asyncio.wait([task], timeout=0.1)
        assert not task.done()
        await transaction.rollback()
        assert [row.version for row in await task] == [3]


async def test_what_is_made_belongs_to_the_owner(make_database: MakeDatabase, small: Path) -> None:
    async with connected(await make_database(migrated=False)) as conn:
        await migrate(conn, where=small)
        rows = await conn.fetch("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        assert [row[0] for row in rows] == ["desk_owner"]


async def test_the_application_checks_what_it_meets(make_database: MakeDatabase) -> None:
    async with connected(await make_database(migrated=True)) as conn:
        await conn.execute("SET ROLE desk_app")
        await check(conn)


@pytest.mark.parametrize("needs", ["no_such_extension", "plpgsql >= 99.1"])
async def test_an_optional_migration_is_left_out_where_its_extension_is_not_at_hand(
    make_database: MakeDatabase, small: Path, needs: str
) -> None:
    (small / "0003_third.sql").write_text(f"-- optional: extension {needs}\nCREATE TABLE third (id integer);\n")
    (small / "0004_fourth.sql").write_text("-- Goes on.\nCREATE TABLE fourth (id integer);\n")
    async with connected(await make_database(migrated=False)) as conn:
        assert [row.version for row in await migrate(conn, where=small)] == [1, 2, 4]
        assert await pending(conn, where=small) == []
        await check(conn, where=small)


async def test_an_optional_migration_is_caught_up_with(make_database: MakeDatabase, small: Path) -> None:
    late = small / "0001_first.sql"
    late.write_text("-- optional: extension unaccent >= 1.0\nCREATE TABLE first (id integer);\n")
    hidden = late.rename(small / "0001_first.txt")
    async with connected(await make_database(migrated=False)) as conn:
        assert [row.version for row in await migrate(conn, where=small)] == [2]
        hidden.rename(late)
        assert [migration.version for migration in await pending(conn, where=small)] == [1]
        assert [row.version for row in await migrate(conn, where=small)] == [1]
        assert await conn.fetchval("SELECT count(*) FROM pg_extension WHERE extname = 'unaccent'") == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [("3_third.sql", "-- Why.\n"), ("0003-third.sql", "-- Why.\n"), ("0003_third.sql", "SELECT 1;\n")],
)
def test_a_misnamed_or_unexplained_file_is_refused(small: Path, name: str, text: str) -> None:
    (small / name).write_text(text)
    with pytest.raises(SchemaRefused, match="NNNN_what"):
        read_migrations(small)


def test_a_number_used_twice_is_refused(small: Path) -> None:
    shutil.copy(small / "0001_first.sql", small / "0001_other.sql")
    with pytest.raises(SchemaRefused, match="same number"):
        read_migrations(small)


def test_migrations_stay_readable() -> None:
    for migration in read_migrations():
        lines = migration.sql.splitlines()
        assert len(lines) < 400, migration.file_name
        assert len(lines[0]) > 25, f"{migration.file_name} does not say why"


async def test_the_snapshot_is_what_the_migrations_make(make_database: MakeDatabase) -> None:
    url = await make_database(migrated=True)
    async with connected(url) as conn:
        major = conn.get_server_version().major
    if major != migrations.SNAPSHOT_MAJOR:
        with pytest.raises(SchemaRefused, match="written from PostgreSQL 18"):
            await snapshot(url)
        return
    kept = (folder("migrations") / migrations.SNAPSHOT).read_text()
    assert await snapshot(url) == kept, "Run: supportdesk migrate --snapshot, and commit what it writes."
