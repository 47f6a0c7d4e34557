"""Wrong usage and bad surroundings: one clear sentence, a status that is not zero, no traceback."""

import os
import resource
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from supportdesk.commands import database
from supportdesk.commands.database import Schema, open_database
from supportdesk.config import Settings
from supportdesk.errors import StartError
from tests.commands.shell import PROGRAM, environment, run

OUT_OF_REACH = "postgresql://desk@127.0.0.1:1/desk"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "arguments are required: COMMAND"),
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        (["serve", "loudly"], "Unrecognized arguments: loudly"),
        (["eval", "faq", "."], "invalid choice: 'faq'"),
        (["backup", "take"], "invalid choice: 'backup'"),
        (["robots"], "arguments are required: WHAT"),
        (["robots", "replay"], "arguments are required: ROOM, --robot"),
        (["jobs", "run"], "arguments are required: name"),
        (["jobs", "forget"], "invalid choice: 'forget'"),
        (["permissions", "explain", "a@b.test"], "arguments are required: permission"),
        (["permissions", "explain", "a@b.test", "chat:all"], "there is no permission called chat:all"),
        (["knowledge", "ingest"], "arguments are required: PATH"),
        (["create-user", "--email", "a@b.test"], "arguments are required: --name"),
        (["create-user", "--email", "a@b.test", "--name", "A B", "--level", "T9"], "invalid choice: 'T9'"),
        (["retention", "restore"], "invalid choice: 'restore'"),
    ],
)
def test_wrong_usage_is_one_sentence_and_status_2(tmp_path: Path, words: list[str], expected: str) -> None:
    ended = run(tmp_path, *words)
    assert ended.status == 2
    assert expected in ended.sentence
    assert "--help` tells more." in ended.sentence
    assert not (tmp_path / "var").exists(), "nothing is made for a command that was not understood"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["jobs", "run", "nonsense"], "There is no job called nonsense"),
        (["robots", "check", "nobody"], "There is no robot called nobody"),
        (["knowledge", "ingest", "missing.md"], "There is no file or folder missing.md"),
    ],
)
def test_what_does_not_exist_is_said_before_anything_starts(tmp_path: Path, words: list[str], expected: str) -> None:
    ended = run(tmp_path, *words)
    assert ended.status == 1
    assert expected in ended.sentence
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("port", "99999", "less than or equal to 65535"),
        ("port", "eighty", "valid integer"),
        ("secret_key", "short", "at least 32 characters"),
        ("log_level", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("trusted_proxies", "the load balancer", "valid"),
        ("public_url", "desk.example.org", "valid URL"),
        ("db_pool_max", "1", "greater than or equal to 6"),
        ("guest_rate", "-1", "greater than or equal to 0"),
        ("smtp_url", "ftp://mail.example.org", "SUPPORTDESK_SMTP_URL must look like smtp://"),
        ("database_url", "mysql://localhost/desk", "SUPPORTDESK_DATABASE_URL must name a PostgreSQL server"),
        ("database_url", "postgresql://[half/desk", "SUPPORTDESK_DATABASE_URL must name a PostgreSQL server"),
    ],
)
def test_a_bad_setting_is_named(tmp_path: Path, database_dsn: str, name: str, value: str, expected: str) -> None:
    settings: dict[str, Any] = {"port": 0, "database_url": database_dsn, name: value}
    ended = run(tmp_path, "serve", **settings)
    assert ended.status == 1
    assert f"SUPPORTDESK_{name.upper()}" in ended.sentence
    assert expected in ended.sentence


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        ended = run(tmp_path, "serve", port=port)
    assert ended.status == 1
    assert ended.sentence == (f"Port {port} of 127.0.0.1 is taken by another program; stop it or set SUPPORTDESK_PORT.")
    assert not (tmp_path / "var" / "postgres").exists(), "PostgreSQL is not started for a server that cannot listen"


@pytest.mark.parametrize("host", ["192.0.2.1", "not a host"])
def test_a_host_that_is_not_this_machine(tmp_path: Path, host: str) -> None:
    ended = run(tmp_path, "serve", host=host, port=0)
    assert ended.status == 1
    assert host in ended.sentence
    assert "SUPPORTDESK_HOST" in ended.sentence


def test_the_demo_is_refused_where_others_can_reach_it(tmp_path: Path) -> None:
    cases: list[tuple[str, dict[str, Any]]] = [("demo", {}), ("serve", {"demo": 1})]
    for word, settings in cases:
        ways_in: list[dict[str, Any]] = [{"host": "0.0.0.0"}, {"public_url": "https://desk.example.org"}]  # noqa: S104
        for way_in in ways_in:
            ended = run(tmp_path, word, port=0, **way_in, **settings)
            assert ended.status == 1
            assert "known passwords" in ended.sentence
            assert "SUPPORTDESK_FORCE=1" in ended.sentence


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://desk@db.example.org/desk",
        "postgresql://desk@db.example.org/desk?sslmode=require",
        "postgresql://desk@db.example.org/desk?application_name=sslmode=verify-full",
        "postgresql:///desk?host=db.example.org",
        "postgresql:///desk?host=/run/postgresql,db.example.org",
        "postgresql://desk@127.0.0.1,db.example.org/desk",
    ],
)
def test_a_database_elsewhere_needs_verified_tls(tmp_path: Path, url: str) -> None:
    ended = run(tmp_path, "serve", port=0, database_url=url)
    assert ended.status == 1
    assert "The database db.example.org is on another machine" in ended.sentence
    assert "sslmode=verify-full" in ended.sentence


@pytest.mark.parametrize("command", [["serve"], ["worker"], ["migrate"], ["doctor"], ["jobs"]], ids=" ".join)
def test_a_database_out_of_reach(tmp_path: Path, command: list[str]) -> None:
    ended = run(tmp_path, *command, port=0, database_url=OUT_OF_REACH)
    assert ended.status == 1
    assert "PostgreSQL cannot be reached at the given address" in ended.sentence


async def test_a_postgresql_that_is_too_old(
    settings: Settings, database_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "OLDEST", 990000)
    with pytest.raises(StartError, match=r"PostgreSQL \d+ is too old: Support Desk needs version 15 or newer\."):
        async with open_database(settings.model_copy(update={"database_url": database_dsn}), Schema.LEAVE):
            raise AssertionError("it was opened")


@contextmanager
def limited_disk(folder: Path) -> Iterator[None]:
    """A small file system at the folder where we may mount one."""
    folder.mkdir()
    mounted = (
        os.geteuid() == 0
        and subprocess.run(  # noqa: S603 - our own arguments
            ["mount", "-t", "tmpfs", "-o", "size=24m,mode=755", "desk-test", folder],  # noqa: S607 - whichever there is
            capture_output=True,
            check=False,
        ).returncode
        == 0
    )
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    if not mounted:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4 * 2**20, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        if mounted:
            subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S603, S607 - as above


def test_a_full_disk(tmp_path: Path) -> None:
    with limited_disk(tmp_path / "small"):
        ended = run(tmp_path / "small", "serve", port=0)
    assert ended.status == 1
    assert "full" in ended.sentence or "could not start" in ended.sentence
    assert str(tmp_path / "small") in ended.sentence


def without_privileges(*words: str) -> list[str]:
    """The words that run a command in which root may do no more than an owner may."""
    if os.geteuid():
        return [*words]
    setpriv = shutil.which("setpriv")
    assert setpriv is not None, "util-linux has it"
    return [setpriv, "--bounding-set=-dac_override,-dac_read_search", *words]


@pytest.mark.parametrize("database", ["given", "embedded"])
def test_a_data_folder_that_may_not_be_written(tmp_path: Path, database_dsn: str, database: str) -> None:
    closed = tmp_path / "var"
    closed.mkdir(mode=0o500)
    extra: dict[str, Any] = {"database_url": database_dsn} if database == "given" else {}
    ended = run(tmp_path, "serve", program=without_privileges(*PROGRAM), port=0, **extra)
    assert ended.status == 1
    assert str(closed) in ended.sentence
    assert "ermission" in ended.sentence


def test_a_key_file_that_may_not_be_read(tmp_path: Path, database_dsn: str) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secret.key").write_text("0" * 64)
    (tmp_path / "var" / "secret.key").chmod(0)
    ended = run(tmp_path, "serve", program=without_privileges(*PROGRAM), port=0, database_url=database_dsn)
    assert ended.status == 1
    assert "secret.key" in ended.sentence
    assert "ermission" in ended.sentence


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    ended = run(tmp_path, "serve", port=0)
    assert ended.status == 1
    assert str(tmp_path / "var") in ended.sentence


def test_the_rest_of_a_pipe_may_go(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S602 - a pipe is the matter of this test
        f"{' '.join(PROGRAM)} openapi | head -c 10",
        shell=True,
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == '{\n  "opena'
    assert done.stderr == ""


def test_a_name_that_is_no_setting_is_named_with_the_one_that_was_meant(tmp_path: Path) -> None:
    ended = run(tmp_path, "permissions", "list", prot=8081, redis_url="redis://127.0.0.1:1")
    assert ended.status == 0
    ignored = "is not a setting of this version and is ignored"
    assert f"SUPPORTDESK_PROT {ignored}; did you mean SUPPORTDESK_PORT?" in ended.err
    assert f"SUPPORTDESK_REDIS_URL {ignored}." in ended.err
    assert run(tmp_path, "permissions", "list", port=8081).err == ""


@pytest.mark.parametrize("email", ["nobody", "a b@example.org", "@example.org"])
def test_an_account_is_for_an_address_that_can_be_written_to(tmp_path: Path, email: str) -> None:
    ended = run(tmp_path, "create-user", "--email", email, "--name", "A B")
    assert ended.status == 2
    assert f"{email} is no e-mail address" in ended.sentence


def test_doctor_starts_nothing_where_nothing_was(tmp_path: Path) -> None:
    ended = run(tmp_path, "doctor")
    assert ended.status == 0
    assert "There is no database in" in ended.out
    assert not (tmp_path / "var" / "postgres").exists()
