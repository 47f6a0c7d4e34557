"""Making, starting, stopping and losing the server."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import asyncpg
import psutil
import pytest

from supportdesk.core.embedded import Arrival, EmbeddedServer
from supportdesk.core.embedded.cluster import Cluster
from supportdesk.core.embedded.processes import AT_ONCE, FAST, Steps
from supportdesk.core.embedded.running import Running, bring_up
from tests.core.embedded.desks import Owner, asked, bystander, cmdline, copy_home, kill, processes_of, until


def impatient(steps: Steps) -> Steps:
    """The same signals, but only the kill is given time."""
    return tuple((how, 10 if how is signal.SIGKILL else 0.1) for how, _ in steps)


async def test_the_first_start_makes_a_cluster_with_the_desks_role_database_and_extensions(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "var" / "postgres")
    info = await server.start()
    try:
        assert info.arrival is Arrival.CREATED
        assert await asked(server, "SELECT current_user") == "desk_owner"
        assert await asked(server, "SELECT current_database()") == "supportdesk"
        assert await asked(
            server,
            "SELECT rolcreaterole AND NOT rolsuper AND NOT rolbypassrls FROM pg_roles WHERE rolname = current_user",
        )
        assert await asked(
            server, "SELECT datdba = 'desk_owner'::regrole FROM pg_database WHERE datname = current_database()"
        )
        assert await asked(server, "SELECT array_agg(extname::text ORDER BY extname) FROM pg_extension") == [
            "pg_stat_statements",
            "plpgsql",
            "vector",
        ]
        assert await asked(server, "SELECT '[1,2]'::vector <-> '[1,3]'::vector") == 1.0
    finally:
        await server.stop()


async def test_a_desks_server_keeps_what_it_has_acknowledged(tmp_path: Path, template: Path) -> None:
    home = copy_home(template, tmp_path / "postgres")
    server = EmbeddedServer(home)
    await server.start()
    try:
        for setting, value in {
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            "data_checksums": "on",
            "wal_level": "replica",
            "summarize_wal": "on",
            "jit": "off",
            "TimeZone": "UTC",
            "password_encryption": "scram-sha-256",
        }.items():
            assert await asked(server, f"SHOW {setting}") == value, setting
    finally:
        await server.stop()


async def test_a_second_start_is_quick_and_finds_what_the_first_wrote(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.start()
    await asked(server, "CREATE TABLE kept_by_stop AS SELECT 7 AS number")
    await server.stop()

    def never(*_: object, **__: object) -> None:
        raise AssertionError("there is a cluster already")

    for makes in ("create", "_initdb"):
        monkeypatch.setattr(Cluster, makes, never)
    async with asyncio.timeout(5):
        info = await server.start()
    assert info.arrival is Arrival.STARTED
    assert await asked(server, "SELECT number FROM kept_by_stop") == 7
    await server.stop()


async def test_a_clean_stop_leaves_no_process_and_no_socket(server: EmbeddedServer, home: Path) -> None:
    info = await server.start()
    session = await asyncpg.connect(server.dsn())
    assert processes_of(home)
    await server.stop()
    assert not processes_of(home)
    assert not info.socket_dir.exists()
    assert not (info.cluster / "postmaster.pid").exists()
    with pytest.raises(RuntimeError):
        server.dsn()
    session.terminate()


async def test_a_killed_postmaster_starts_again_with_all_that_was_committed(server: EmbeddedServer, home: Path) -> None:
    info = await server.start()
    await asked(server, "CREATE TABLE kept_by_recovery AS SELECT 7 AS number")
    kill(info.pid)
    await until(lambda: info.pid not in {process.pid for process in processes_of(home)})
    await server.stop()
    assert (info.cluster / "postmaster.pid").exists()
    assert (await server.start()).arrival is Arrival.STARTED
    assert await asked(server, "SELECT number FROM kept_by_recovery") == 7
    await server.stop()


async def test_backends_that_outlive_their_postmaster_do_not_hinder_the_next_start(
    owner: Owner, server: EmbeddedServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supportdesk.core.embedded.running.AT_ONCE", impatient(AT_ONCE))
    owner.says("ready")
    owner.kill()
    postmaster, *children = sorted(processes_of(home), key=lambda process: process.pid)
    children[0].suspend()
    kill(postmaster.pid)
    assert (await server.start()).arrival is Arrival.STARTED
    assert not children[0].is_running() or children[0].status() == psutil.STATUS_ZOMBIE
    await server.stop()


async def test_a_server_that_dies_under_its_owner_is_started_again(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supportdesk.core.embedded.server.WATCH_S", 0.02)
    first = await server.start()
    watch = asyncio.get_running_loop().create_task(server.keep_running())
    kill(first.pid)
    await until(lambda: server.info.pid != first.pid)
    assert await asked(server, "SELECT 1") == 1
    await server.stop()
    await watch


async def test_a_stop_in_the_middle_of_a_revival_has_the_last_word(
    server: EmbeddedServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supportdesk.core.embedded.server.WATCH_S", 0.02)
    info = await server.start()
    reviving, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(cluster: Cluster, *, durable: bool, shared: bool) -> Running:
        reviving.set()
        await go_on.wait()
        return await bring_up(cluster, durable=durable, shared=shared)

    monkeypatch.setattr("supportdesk.core.embedded.server.bring_up", slowly)
    loop = asyncio.get_running_loop()
    watch = loop.create_task(server.keep_running())
    kill(info.pid)
    await reviving.wait()
    stop = loop.create_task(server.stop())
    loop.call_soon(go_on.set)
    await stop
    await watch
    assert not processes_of(home)


async def test_an_orphan_is_adopted_even_while_a_forked_worker_of_its_owner_lives(
    owner: Owner, server: EmbeddedServer, home: Path
) -> None:
    owner.says("ready")
    owner.kill()
    orphan = min(process.pid for process in processes_of(home))
    info = await server.start()
    assert info.arrival is Arrival.ADOPTED
    assert info.pid == orphan
    assert await asked(server, "SELECT 1") == 1
    await server.stop()


async def test_an_orphan_with_other_settings_is_restarted(owner: Owner, home: Path) -> None:
    owner.says("ready")
    owner.kill()
    durable = EmbeddedServer(home)
    assert (await durable.start()).arrival is Arrival.STARTED
    assert await asked(durable, "SHOW fsync") == "on"
    await durable.stop()


async def test_an_orphan_that_hangs_is_killed_and_replaced(
    owner: Owner, server: EmbeddedServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A hanging server is given time to answer and to stop; not in a test.
    monkeypatch.setattr("supportdesk.core.embedded.running.ANSWER_LIMIT_S", 0.2)
    monkeypatch.setattr("supportdesk.core.embedded.running.FAST", impatient(FAST))
    owner.says("ready")
    owner.kill()
    orphan = min(processes_of(home), key=lambda process: process.pid)
    orphan.suspend()
    info = await server.start()
    assert info.arrival is Arrival.STARTED
    assert info.pid != orphan.pid
    await server.stop()


async def test_a_kill_in_the_middle_of_initdb_leaves_nothing_half_made(open_folder: Path) -> None:
    home = open_folder / "new"
    owner = Owner(home)
    try:
        owner.says("begun")
        await until(lambda: any(home.glob("cluster.new-*/base/1")))
        owner.kill()
    finally:
        owner.close()
    assert not (home / "cluster").exists()
    initdb = [process for process in psutil.process_iter() if str(home) in " ".join(cmdline(process))]
    server = EmbeddedServer(home, durable=False)
    assert (await server.start()).arrival is Arrival.CREATED
    await server.stop()
    await until(lambda: not any(cmdline(process) for process in initdb))
    await server.start()
    assert not list(home.glob("cluster.new-*"))
    await server.stop()


async def test_a_start_that_is_given_up_leaves_no_process(server: EmbeddedServer, home: Path) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(0.05):
            await server.start()
    assert not processes_of(home)
    await server.start()
    await server.stop()


async def test_a_pid_that_now_belongs_to_another_process_does_not_hinder_the_start(
    server: EmbeddedServer, home: Path
) -> None:
    with bystander(home) as pid:
        (home / "cluster" / "postmaster.pid").write_text(f"{pid}\n{home}\n", "utf-8")
        info = await server.start()
        assert info.pid != pid
        await server.stop()
        assert psutil.pid_exists(pid)


async def test_only_the_latest_logs_are_kept(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supportdesk.core.embedded.server.WATCH_S", 0.01)
    monkeypatch.setattr("supportdesk.core.embedded.server.LOOKS_PER_TRIM", 1)
    server = EmbeddedServer(own_home, durable=False)
    logs = own_home / "cluster" / "log"

    def grow() -> None:
        for day in range(10, 20):
            (logs / f"postgresql-202501{day}-000000.log").touch()

    grow()
    await server.start()
    assert len(list(logs.iterdir())) <= 6
    grow()
    watch = asyncio.get_running_loop().create_task(server.keep_running())
    await until(lambda: len(list(logs.iterdir())) == 5)
    assert not (logs / "postgresql-20250110-000000.log").exists()
    await server.stop()
    await watch


async def test_further_databases_belong_to_the_owner_and_have_the_extensions(server: EmbeddedServer) -> None:
    await server.start()
    await server.create_database("workshop")
    conn = await asyncpg.connect(server.dsn("workshop"))
    await conn.execute("CREATE TABLE copied AS SELECT '[1,2]'::vector AS place")
    await conn.close()
    await server.create_database('odd "name"', template="workshop")
    conn = await asyncpg.connect(server.dsn('odd "name"'))
    assert await conn.fetchval("SELECT place::text FROM copied") == "[1,2]"
    await conn.close()
    with pytest.raises(asyncpg.DuplicateDatabaseError):
        await server.create_database("workshop")
    await server.stop()
