"""Where the home and the programs may lie, who may read them, and who may connect."""

import os
import shutil
import stat
from pathlib import Path

import asyncpg
import psutil
import pytest

from supportdesk.core.embedded import EmbeddedServer
from supportdesk.core.embedded.account import Account
from supportdesk.core.embedded.processes import _from_proc, _from_ps
from supportdesk.core.embedded.programs import LIBRARIES, PACKAGE, _installed
from tests.core.embedded.desks import as_normal_user, asked, copy_home, give_away, normal_user


def readable_by_others(folder: Path) -> list[Path]:
    """What is in the folder and not closed to other users."""
    return [path for path in folder.rglob("*") if path.lstat().st_mode & 0o077]


async def test_a_home_in_a_folder_that_is_closed_to_others_works(template: Path, open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedServer(copy_home(template, closed / "postgres"), durable=False)
    info = await server.start()
    assert await asked(server, "SELECT 1") == 1
    assert psutil.Process(info.pid).uids().real != 0
    await server.stop()


async def test_programs_in_a_folder_that_is_closed_to_others_work(home: Path, open_folder: Path) -> None:
    closed, shelf = open_folder / "closed", open_folder / "shelf"
    closed.mkdir(mode=0o700)
    for part in (PACKAGE, LIBRARIES):
        if (_installed() / part).exists():
            shutil.copytree(_installed() / part, closed / part)
    # Root runs a copy that others may read; a normal user reads what is its own.
    expected = shelf if os.geteuid() == 0 else closed
    programs = set()
    for _ in range(2):
        server = EmbeddedServer(home, durable=False, site=closed, shelves=[Path("/dev/null/shelf"), shelf])
        info = await server.start()
        assert await asked(server, "SELECT '[1]'::vector <-> '[1]'::vector") == 0
        assert expected in info.programs.parents
        programs.add(info.programs)
        await server.stop()
    assert len(programs) == 1


@pytest.mark.parametrize("name", ["x" * 180, 'with blank, comma, "quotes", $(touch hacked), `ticks`, ü and \\'])
async def test_a_home_may_have_any_name(template: Path, open_folder: Path, name: str) -> None:
    server = EmbeddedServer(copy_home(template, open_folder / name), durable=False)
    await server.start()
    assert await asked(server, "SELECT 1") == 1
    await server.stop()


def test_a_normal_user_has_its_own_server(template: Path, home: Path, open_folder: Path) -> None:
    user = normal_user()
    theirs = copy_home(template, open_folder / "theirs")
    give_away(theirs, user.pw_uid, user.pw_gid)
    parent = open_folder / "new"
    parent.mkdir(mode=0o700)
    give_away(parent, user.pw_uid, user.pw_gid)
    assert as_normal_user(home, theirs, parent / "var" / "postgres") == [
        "arrived started desk_owner",
        "arrived created desk_owner",
    ]


async def test_root_runs_a_users_server_as_that_user(template: Path, open_folder: Path) -> None:
    user = normal_user()
    home = copy_home(template, open_folder / "theirs")
    give_away(home, user.pw_uid, user.pw_gid)
    server = EmbeddedServer(home, durable=False)
    info = await server.start()
    assert psutil.Process(info.pid).uids().real == user.pw_uid
    await server.stop()
    assert {path.stat().st_uid for path in (home, *home.rglob("*"))} == {user.pw_uid}


async def test_the_server_listens_on_no_tcp_port(server: EmbeddedServer) -> None:
    info = await server.start()
    assert await asked(server, "SHOW listen_addresses") == ""
    listens_at = (info.cluster / "postmaster.pid").read_text("utf-8").splitlines()[5]
    assert listens_at == ""
    await server.stop()


async def test_nobody_comes_in_without_a_password(server: EmbeddedServer) -> None:
    info = await server.start()
    for line in (info.cluster / "pg_hba.conf").read_text("utf-8").splitlines():
        assert line.startswith("#") or (line.startswith("local ") and line.endswith(" scram-sha-256"))
    for role in ("desk_owner", "postgres"):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(host=str(info.socket_dir), user=role, password="guess", database="supportdesk")
    await server.stop()


async def test_a_loosened_pg_hba_is_put_right_at_the_next_start(server: EmbeddedServer, home: Path) -> None:
    with (home / "cluster" / "pg_hba.conf").open("a", encoding="utf-8") as rules:
        rules.write("host all all 0.0.0.0/0 trust\n")
    info = await server.start()
    assert "trust" not in (info.cluster / "pg_hba.conf").read_text("utf-8")
    await server.stop()


async def test_passwords_and_data_are_closed_to_other_users(server: EmbeddedServer, home: Path) -> None:
    info = await server.start()
    assert stat.S_IMODE((home / "credentials.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(info.cluster.stat().st_mode) == 0o700
    assert readable_by_others(home) == []
    await server.stop()
    (home / "cluster").chmod(0o755)
    await server.start()
    assert stat.S_IMODE(info.cluster.stat().st_mode) == 0o700
    await server.stop()


async def test_the_log_says_no_password_and_no_persons_data(server: EmbeddedServer, home: Path) -> None:
    await server.start()
    conn = await asyncpg.connect(server.dsn())
    await conn.execute("CREATE TABLE people (email text PRIMARY KEY)")
    await conn.execute("INSERT INTO people VALUES ($1)", "mary@example.test")
    with pytest.raises(asyncpg.UniqueViolationError):
        await conn.execute("INSERT INTO people VALUES ($1)", "mary@example.test")
    await conn.close()
    await server.stop()
    said = "".join(log.read_text("utf-8") for log in (home / "cluster" / "log").iterdir())
    assert "duplicate key" in said
    assert "mary@" not in said
    assert "SCRAM" not in said


async def test_where_there_is_no_proc_the_process_list_comes_from_ps(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = await server.start()
    account = Account(info.cluster.stat().st_uid, 0)
    seen = _from_proc(account, None)
    listing = "".join(f"{pid:>7} {command}\n" for pid, command in seen.items())
    monkeypatch.setattr(Account, "run", lambda *_, **__: (0, listing))
    listed = _from_ps(account, None)
    assert {pid: command.strip() for pid, command in seen.items()} == listed
    assert set(_from_ps(account, info.pid)) == {info.pid}
    await server.stop()
