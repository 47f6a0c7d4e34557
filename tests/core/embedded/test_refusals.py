"""What cannot work is said in one sentence that names the way out, and leaves nothing behind."""

import asyncio
import json
import os
import shutil
from pathlib import Path

import asyncpg
import pytest

from supportdesk.core.embedded import EmbeddedError, EmbeddedServer
from supportdesk.core.embedded.programs import PACKAGE
from tests.core.embedded.desks import as_normal_user, give_away, kill, normal_user, processes_of, stranger, until


async def refusal(server: EmbeddedServer) -> str:
    """Why the server does not start."""
    with pytest.raises(EmbeddedError) as refused:
        await server.start()
    return refused.value.sentence


def pretend_programs(site: Path, **scripts: str) -> Path:
    """A wheel whose programs are shell scripts."""
    folder = site / PACKAGE / "pginstall" / "bin"
    folder.mkdir(parents=True)
    for name, script in {"postgres": "echo 'postgres (PostgreSQL) 18.6'", **scripts}.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        (folder / name).chmod(0o755)
    return site


async def test_a_directory_of_another_major_version(own_home: Path) -> None:
    server = EmbeddedServer(own_home, durable=False)
    (own_home / "cluster" / "PG_VERSION").write_text("17\n", "ascii")
    assert await refusal(server) == (
        f"The data directory {own_home / 'cluster'} was made by PostgreSQL 17, but PostgreSQL 18 is installed: start "
        "the desk that came with 17 and take a backup there, then restore it into an empty directory; "
        "or set SUPPORTDESK_DATABASE_URL."
    )


@pytest.mark.parametrize("lost", ["PG_VERSION", "global/pg_control"])
async def test_a_directory_that_lacks_a_part(own_home: Path, lost: str) -> None:
    server = EmbeddedServer(own_home, durable=False)
    (own_home / "cluster" / lost).unlink()
    assert await refusal(server) == (
        f"The data directory {own_home / 'cluster'} is incomplete: restore it from a backup, "
        "or move it away to begin with an empty desk."
    )


async def test_a_directory_whose_control_file_is_damaged(own_home: Path) -> None:
    server = EmbeddedServer(own_home, durable=False)
    control = own_home / "cluster" / "global" / "pg_control"
    control.write_bytes(bytes(control.stat().st_size))
    said = await refusal(server)
    assert "PostgreSQL could not start" in said
    assert "a damaged directory is replaced by a backup" in said
    assert not processes_of(own_home)


async def test_a_directory_whose_log_of_writes_is_damaged(own_home: Path) -> None:
    server = EmbeddedServer(own_home, durable=False)
    for segment in (own_home / "cluster" / "pg_wal").glob("0000*"):
        if segment.is_file():
            segment.write_bytes(bytes(segment.stat().st_size))
    assert "checkpoint record" in await refusal(server)
    assert not processes_of(own_home)


async def test_a_directory_in_which_somebody_else_started_postgresql(server: EmbeddedServer, home: Path) -> None:
    info = await server.start()
    await server.stop()
    with stranger(info.programs / "postgres", info.cluster) as process:
        await until(lambda: "ready" in (info.cluster / "postmaster.pid").read_text("utf-8"))
        assert await refusal(server) == (
            f"The data directory {home} is in use by another PostgreSQL (process {process.pid}): stop it, then retry."
        )
        assert process.poll() is None
    await server.start()
    await server.stop()


def test_a_folder_without_permission(home: Path, open_folder: Path) -> None:
    user = normal_user()
    closed = open_folder / "closed"
    closed.mkdir()
    give_away(closed, user.pw_uid, user.pw_gid)
    closed.chmod(0o500)
    said = as_normal_user(home, closed / "postgres", Path("/usr/share"))
    assert said == [
        (
            f"refused The user {user.pw_name} has no permission for {closed / 'postgres'}: give it to that user with "
            "chown, or choose another folder with SUPPORTDESK_DATA_DIR."
        ),
        (
            f"refused /usr/share belongs to user root, but this command runs as user {user.pw_name}: run it as the "
            f"owner, give the folder away with `chown -R {user.pw_uid} /usr/share`, "
            "or choose another one with SUPPORTDESK_DATA_DIR."
        ),
    ]


async def test_a_folder_that_is_a_file(open_folder: Path) -> None:
    (open_folder / "postgres").touch()
    assert "Not a directory" in await refusal(EmbeddedServer(open_folder / "postgres"))


async def test_a_full_disk(open_folder: Path) -> None:
    site = pretend_programs(
        open_folder / "site", initdb="echo 'initdb: error: could not write file: No space left on device'; exit 1"
    )
    home = open_folder / "postgres"
    assert await refusal(EmbeddedServer(home, site=site)) == (
        f"The disk that holds {home} is full: free some space and start again."
    )
    assert not list(home.glob("cluster*"))


async def test_a_machine_without_the_wheels_programs(open_folder: Path) -> None:
    for site, why in (
        (open_folder / "empty", "holds no PostgreSQL"),
        (pretend_programs(open_folder / "foreign", postgres="echo 'cannot execute binary file'; exit 126"), "binary"),
    ):
        said = await refusal(EmbeddedServer(open_folder / "postgres", site=site))
        assert why in said
        assert "set SUPPORTDESK_DATABASE_URL to a PostgreSQL 15 or newer" in said


async def test_passwords_that_are_lost_damaged_or_not_the_clusters(own_home: Path) -> None:
    server = EmbeddedServer(own_home, durable=False)
    kept = own_home / "credentials.json"
    for text, expected in (
        (json.dumps({"superuser": "a", "owner": "b"}), "are not those of"),
        ("{", "is damaged"),
        (None, "are missing"),
    ):
        kept.write_text(text, "utf-8") if text else kept.unlink()
        said = await refusal(server)
        assert expected in said
        assert str(kept) in said
        assert "backup" in said
        assert not processes_of(own_home)


async def test_a_start_that_another_process_never_finishes(
    server: EmbeddedServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supportdesk.core.embedded.server.GATE_LIMIT_S", 0.1)
    other = EmbeddedServer(home)
    async with other._alone():
        assert f"Process {os.getpid()} has been starting or stopping PostgreSQL" in await refusal(server)


async def test_a_server_that_cannot_be_revived_is_tried_again(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = EmbeddedServer(own_home, durable=False)
    monkeypatch.setattr("supportdesk.core.embedded.server.WATCH_S", 0.02)
    info = await server.start()
    settings, startup = info.cluster / "postgresql.conf", info.cluster / "startup.log"
    good = settings.read_text("utf-8")
    settings.write_text("nonsense\n", "utf-8")
    watch = asyncio.get_running_loop().create_task(server.keep_running())
    kill(info.pid)
    await until(lambda: startup.exists() and "contains errors" in startup.read_text("utf-8"))
    settings.write_text(good, "utf-8")
    await until(lambda: server.info.pid != info.pid)
    revived = await asyncpg.connect(server.dsn())
    assert await revived.fetchval("SELECT 1") == 1
    await revived.close()
    await server.stop()
    await watch


async def test_a_data_directory_removed_under_its_server_does_not_keep_it_running(own_home: Path) -> None:
    server = EmbeddedServer(own_home, durable=False)
    await server.start()
    shutil.rmtree(own_home, ignore_errors=True)
    await server.stop()
    assert not processes_of(own_home)
