"""Commands on databases that are empty, newer, not ours to shape, or simply ready."""

import secrets
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from supportdesk.core.queries import ABANDONED
from tests.commands.shell import run
from tests.factories import make_workspace


async def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path, migrated_database: str) -> None:
    conn = await asyncpg.connect(migrated_database)
    await conn.execute("INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, 'from_the_future', 'x')")
    for command in (["serve"], ["worker"], ["migrate"], ["jobs"]):
        ended = run(tmp_path, *command, port=0, database_url=migrated_database)
        assert ended.status == 1
        assert "9999_from_the_future, which this version does not know" in ended.sentence
    ended = run(tmp_path, "doctor", database_url=migrated_database)
    assert ended.status == 1
    assert "problem  The database has migration 9999_from_the_future" in ended.out
    await conn.close()


async def test_doctor_counts_what_is_missing_and_migrate_brings_it(tmp_path: Path, own_database: str) -> None:
    ended = run(tmp_path, "doctor", database_url=own_database)
    assert ended.status == 1
    assert "migrations are pending: run supportdesk migrate." in ended.out
    assert "(PostgreSQL" not in ended.err
    ended = run(tmp_path, "migrate", database_url=own_database)
    assert ended.status == 0, ended.err
    assert ended.out.startswith("The schema is at version ")
    assert run(tmp_path, "migrate", database_url=own_database).out == ended.out
    ended = run(tmp_path, "doctor", database_url=own_database)
    assert ended.status == 0, ended.out
    assert "ok  The schema is up to date." in ended.out
    assert "problem" not in ended.out


async def test_demo_passwords_within_reach_are_a_problem(tmp_path: Path, migrated_database: str) -> None:
    conn = await asyncpg.connect(migrated_database)
    workspace = await make_workspace(conn)
    await conn.execute("UPDATE users SET email = 'admin@demo.test' WHERE id = $1", workspace.staff["admin"])
    await conn.close()
    assert run(tmp_path, "doctor", database_url=migrated_database).status == 0
    ended = run(tmp_path, "doctor", database_url=migrated_database, host="0.0.0.0")  # noqa: S104 - what doctor must find
    assert ended.status == 1
    assert "problem  The demo workspace's known passwords are reachable" in ended.out


async def test_a_user_who_may_not_take_the_roles_is_told_what_to_run(tmp_path: Path, own_database: str) -> None:
    user, password = f"plain_{uuid4().hex[:12]}", secrets.token_hex(16)
    admin = await asyncpg.connect(own_database)
    if not await admin.fetchval("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = session_user"):
        pytest.fail("the tests' user must be able to make roles")
    await admin.execute(f"CREATE ROLE {user} LOGIN PASSWORD '{password}'")
    try:
        parts = urlsplit(own_database)
        place = parts.netloc.rpartition("@")[2]
        theirs = parts._replace(netloc=f"{user}:{password}@{place}").geturl()
        ended = run(tmp_path, "serve", port=0, database_url=theirs)
        assert ended.status == 1
        assert "Run the following as a superuser of the server, then start again:" in ended.err
        assert f"GRANT desk_app TO {user};" in ended.err
        assert "Traceback" not in ended.err
        script = ended.err.partition("\n\n")[2]
        await admin.execute(script)
        assert run(tmp_path, "migrate", database_url=theirs).status == 0
        assert "problem" not in run(tmp_path, "doctor", database_url=theirs).out
    finally:
        await admin.execute(f"DROP OWNED BY {user} CASCADE; DROP ROLE {user}")
        await admin.close()


async def test_a_superuser_is_warned(tmp_path: Path, migrated_database: str) -> None:
    conn = await asyncpg.connect(migrated_database)
    is_superuser = await conn.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = session_user")
    await conn.close()
    ended = run(tmp_path, "doctor", database_url=migrated_database)
    assert ("The database user is a superuser" in ended.out) is is_superuser
    assert ("database.superuser" in run(tmp_path, "jobs", database_url=migrated_database).err) is is_superuser


async def test_people_jobs_permissions_and_retention(tmp_path: Path, migrated_database: str) -> None:
    def desk(*words: str, stdin: str = "") -> tuple[int, str]:
        ended = run(tmp_path, *words, stdin=stdin, database_url=migrated_database)
        return ended.status, ended.out or ended.err

    password = "correct-horse-battery-9"
    who = ("create-user", "--email", "Ann@Desk.test", "--name", "Ann Lee")
    assert desk(*who, "--admin", "--workspace", "Shop", stdin=f"{password}\n") == (
        0,
        "ann@desk.test can sign in at http://127.0.0.1:8080/login as admin.\n",
    )
    status, said = desk(*who, stdin=f"{password}\n")
    assert status == 1
    assert "ann@desk.test" not in said or "account" in said
    assert desk("create-user", "--email", "b@desk.test", "--name", "Bo", stdin="short\n")[0] == 1
    assert desk("permissions", "explain", "ann@desk.test", "desk:job:run")[0] == 0
    assert desk("permissions", "explain", "nobody@desk.test", "desk:job:run")[0] == 1
    assert "chat:room:claim" in desk("permissions", "list")[1].splitlines()
    status, said = desk("jobs", "run", "make_partitions")
    assert (status, "succeeded" in said, len(said.splitlines())) == (0, True, 1)
    status, said = desk("jobs")
    assert status == 0
    assert any(line.startswith("expire_rows") and "never ran here" in line for line in said.splitlines())
    for what in ("preview", "run"):
        status, said = desk("retention", what)
        assert status == 0
        assert said.startswith("workspace ")


async def test_a_run_that_was_abandoned_is_listed_as_such(tmp_path: Path, migrated_database: str) -> None:
    conn = await asyncpg.connect(migrated_database)
    await conn.execute(
        "INSERT INTO job_runs (job, due_at, claimed_by, claimed_until) "
        "VALUES ('make_partitions', now(), 'dead', now() - interval '2 minutes')"
    )
    await conn.close()
    lines = run(tmp_path, "jobs", database_url=migrated_database).out.splitlines()
    nth = next(nth for nth, line in enumerate(lines) if line.startswith("make_partitions"))
    assert "last: abandoned" in lines[nth]
    assert lines[nth + 1].strip() == ABANDONED


async def test_knowledge_is_taken_in_file_by_file(tmp_path: Path, migrated_database: str) -> None:
    def ingest(*words: str | Path) -> tuple[int, str, str]:
        ended = run(tmp_path, "knowledge", "ingest", *words, database_url=migrated_database)
        return ended.status, ended.out, ended.err

    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "returns.md").write_text("# Returns\n\nSend it back within thirty days.\n")
    (articles / "broken.md").write_bytes(b"# Caf\xe9\n")
    status, _, said = ingest(articles)
    assert status == 1
    assert "The desk has no workspace yet" in said
    conn = await asyncpg.connect(migrated_database)
    first = await make_workspace(conn)
    status, out, err = ingest(articles)
    assert status == 1, "one of the files failed"
    assert out == "2 files: 1 added, 1 failed.\n"
    assert "1/2" in err
    assert "broken.md: failed. The file is not UTF-8 text (byte 5); save it as UTF-8." in err
    assert "returns.md: added, 1 chunks" in err
    (articles / "broken.md").unlink()
    assert ingest(articles)[:2] == (0, "1 file: 1 unchanged.\n")
    second = await make_workspace(conn)
    status, _, said = ingest(articles)
    assert status == 1
    assert "Say which workspace with --workspace" in said
    assert ingest(articles, "--workspace", f"Workspace {second.tag}")[:2] == (0, "1 file: 1 added.\n")
    assert ingest(tmp_path / "articles" / "..", "--workspace", "none such")[0] == 1
    found = await conn.fetch("SELECT workspace_id, processing_status FROM documents")
    assert {(row["workspace_id"], row["processing_status"]) for row in found} == {
        (first.id, "completed"),
        (second.id, "completed"),
    }
    await conn.close()


async def test_the_demo_is_removed_also_when_its_site_is_switched_off(tmp_path: Path, migrated_database: str) -> None:
    conn = await asyncpg.connect(migrated_database)
    workspace = await make_workspace(conn)
    await conn.execute("UPDATE sites SET site_key = 'demo', is_active = false WHERE site_key = $1", workspace.site_key)
    ended = run(tmp_path, "demo", "--remove", database_url=migrated_database)
    assert ended.out == "The demo workspace is removed.\n"
    assert await conn.fetchval("SELECT count(*) FROM workspaces") == 0
    await conn.close()
