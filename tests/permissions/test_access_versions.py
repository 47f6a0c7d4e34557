"""The database's part of revocation: which changes count, and what the look-ups tell."""

import asyncpg
import pytest

from supportdesk.core.db import Database
from supportdesk.core.secrets import digest
from tests.accounts.browser import signed_in
from tests.factories import Workspace, make_workspace
from tests.people import Desk


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ("UPDATE users SET current_account_status = 'suspended' WHERE id = $1", True),
        ("UPDATE users SET level = 'T3' WHERE id = $1", True),
        ("UPDATE users SET display_name = 'Another' WHERE id = $1", True),
        ("UPDATE users SET deleted_at = now() WHERE id = $1", True),
        ("DELETE FROM user_roles WHERE user_id = $1", True),
        ("UPDATE sessions SET revoked_at = now() WHERE user_id = $1", True),
        ("UPDATE personal_access_tokens SET revoked_at = now() WHERE user_id = $1", True),
        ("UPDATE users SET current_account_status = current_account_status WHERE id = $1", False),
        ("UPDATE users SET current_status = 'away', last_seen_at = now(), last_login_at = now() WHERE id = $1", False),
        ("UPDATE users SET password_hash = 'x' WHERE id = $1", False),
        ("UPDATE sessions SET last_seen_at = now() WHERE user_id = $1", False),
        ("DELETE FROM sessions WHERE user_id = $1", False),
    ],
)
async def test_what_changes_somebodys_rights_and_what_does_not(
    owner: "asyncpg.Connection[asyncpg.Record]",
    workspace: Workspace,
    change: str,
    counts: bool,  # noqa: FBT001 - a table's cell
) -> None:
    who, other = workspace.staff["t1"], workspace.staff["t2"]
    for user in (who, other):
        await owner.execute(
            "INSERT INTO sessions (workspace_id, user_id, token_hash, expires_at) VALUES ($1, $2, $3, now() + '1 day')",
            workspace.id,
            user,
            digest(str(user)),
        )
        await owner.execute(
            "INSERT INTO personal_access_tokens (workspace_id, user_id, name, token_hash, token_prefix) "
            "VALUES ($1, $2, 'x', $3, 'sdp_')",
            workspace.id,
            user,
            digest(f"token {user}"),
        )

    async def versions() -> dict[object, int]:
        rows = await owner.fetch("SELECT * FROM desk_access_versions($1, $2)", [who, other], [workspace.id])
        return {row["subject_id"]: row["version"] for row in rows}

    before = await versions()
    await owner.execute(change, who)
    after = await versions()
    assert (after[who] > before[who]) is counts
    assert after[other] == before[other]
    assert after[workspace.id] == before[workspace.id]


async def test_a_role_counts_for_its_whole_workspace_and_for_no_other(
    owner: "asyncpg.Connection[asyncpg.Record]", workspace: Workspace
) -> None:
    other = await make_workspace(owner)

    async def of(one: Workspace) -> int:
        version: int = await owner.fetchval("SELECT access_version FROM workspaces WHERE id = $1", one.id)
        return version

    mine, theirs = await of(workspace), await of(other)
    await owner.execute("DELETE FROM role_permissions WHERE workspace_id = $1", workspace.id)
    assert await of(workspace) > mine
    lower = await of(workspace)
    await owner.execute("UPDATE roles SET description = 'x' WHERE workspace_id = $1", workspace.id)
    assert await of(workspace) == lower
    await owner.execute("UPDATE roles SET deleted_at = now() WHERE workspace_id = $1", workspace.id)
    assert await of(workspace) > lower
    assert await of(other) == theirs


async def test_the_counting_leaves_no_history_and_goes_with_the_person(
    owner: "asyncpg.Connection[asyncpg.Record]", workspace: Workspace
) -> None:
    who = workspace.staff["t1"]
    await owner.execute("DELETE FROM role_permissions WHERE workspace_id = $1", workspace.id)
    history = await owner.fetchval(
        "SELECT count(*) FROM workspaces_history WHERE workspace_id = $1 AND operation_type = 'UPDATE'", workspace.id
    )
    assert history == 0
    await owner.execute("DELETE FROM users WHERE id = $1", who)
    assert await owner.fetchval("SELECT count(*) FROM user_access WHERE user_id = $1", who) == 0


async def test_the_application_reads_and_writes_versions_through_its_functions_only(
    db: Database, workspace: Workspace
) -> None:
    async with db.bare() as conn:
        rows = await conn.fetch("SELECT * FROM desk_access_versions($1, $2)", list(workspace.staff.values()), [])
        assert len(rows) == len(workspace.staff)
        for forbidden in (
            "SELECT * FROM user_access",
            "UPDATE user_access SET version = 0",
            "SELECT desk_access_changed(NULL, NULL)",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute(forbidden)


async def test_an_actor_is_told_with_what_stands_against_them(
    db: Database, owner: "asyncpg.Connection[asyncpg.Record]", workspace: Workspace
) -> None:
    guest = await owner.fetchval(
        "INSERT INTO users (workspace_id, account_type_informal, current_account_status) "
        "VALUES ($1, 'guest', 'active') RETURNING id",
        workspace.id,
    )

    async def told(who: object) -> asyncpg.Record | None:
        async with db.bare() as conn:
            return await conn.fetchrow("SELECT * FROM desk_actor($1)", who)

    staff = await told(workspace.staff["supervisor"])
    assert staff is not None
    assert (staff["account_type"], staff["level"], staff["is_blocked"]) == ("supervisor", "T2", False)
    for until, is_blocked in (
        ("now() + interval '1 hour'", True),
        ("now() - interval '1 hour'", False),
        ("NULL", True),
    ):
        await owner.execute("DELETE FROM guest_blocks WHERE guest_id = $1", guest)
        await owner.execute(
            f"INSERT INTO guest_blocks (workspace_id, guest_id, reason, until) VALUES ($1, $2, 'x', {until})",  # noqa: S608
            workspace.id,
            guest,
        )
        row = await told(guest)
        assert row is not None
        assert row["is_blocked"] is is_blocked, until
    await owner.execute("UPDATE guest_blocks SET lifted_at = now() WHERE guest_id = $1", guest)
    row = await told(guest)
    assert row is not None
    assert (row["is_blocked"], row["user_version"]) == (False, 4)
    await owner.execute("UPDATE users SET deleted_at = now() WHERE id = $1", guest)
    assert await told(guest) is None
    await owner.execute("UPDATE workspaces SET deleted_at = now() WHERE id = $1", workspace.id)
    assert await told(workspace.staff["supervisor"]) is None


async def test_grants_come_by_role_and_for_guests_and_robots_by_their_kind(
    db: Database, owner: "asyncpg.Connection[asyncpg.Record]", workspace: Workspace
) -> None:
    robot = await owner.fetchval(
        "INSERT INTO users (workspace_id, account_type_informal, current_account_status, username) "
        "VALUES ($1, 'robot', 'active', 'faq') RETURNING id",
        workspace.id,
    )
    async with db.bare() as conn:
        of_robot = {tuple(row) for row in await conn.fetch("SELECT * FROM desk_grants($1)", robot)}
        of_admin = [tuple(row) for row in await conn.fetch("SELECT * FROM desk_grants($1)", workspace.staff["admin"])]
    assert ("robot", "chat:message:send") in of_robot
    assert {role for role, _ in of_robot} == {"robot"}
    assert of_admin == [("admin", "*:*:*")]


async def test_credentials_that_ended_are_named_whatever_they_are(desk: Desk) -> None:
    ann = await signed_in(desk, "t1")
    session = (await ann.asks("GET", "/api/v1/auth/sessions/all")).body["items"][0]["id"]
    token = (await ann.asks("POST", "/api/v1/tokens", {"name": "x"})).body["id"]
    guest = await desk.guest()
    visit = await desk.owner.fetchval("SELECT id FROM guest_sessions WHERE guest_id = $1", guest.id)
    nobody = "0198c0de-0000-7000-8000-000000000000"
    db = desk.resources.get(Database)

    async def ended() -> set[str]:
        async with db.bare() as conn:
            rows = await conn.fetch("SELECT desk_ended_credentials($1) AS id", [session, token, visit, nobody])
        return {str(row["id"]) for row in rows}

    assert await ended() == {nobody}
    await desk.owner.execute("UPDATE sessions SET revoked_at = now() WHERE id = $1::text::uuid", session)
    await desk.owner.execute("UPDATE personal_access_tokens SET expires_at = now() WHERE id = $1::text::uuid", token)
    await desk.owner.execute("DELETE FROM guest_sessions WHERE id = $1", visit)
    assert await ended() == {nobody, session, token, str(visit)}


async def test_the_definers_have_a_fixed_search_path_and_are_nobody_elses(
    owner: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    rows = await owner.fetch(
        "SELECT proname, prosecdef, proconfig, proacl::text AS rights FROM pg_proc WHERE proname IN ("
        "'desk_access_versions', 'desk_ended_credentials', 'desk_actor', 'desk_grants', 'desk_site_by_key', "
        "'desk_access_changed', 'desk_user_access_changed', 'desk_role_access_changed', 'desk_room_access_changed')"
    )
    assert len(rows) == 9
    for row in rows:
        assert row["prosecdef"]
        assert "search_path=public, pg_temp" in row["proconfig"]
        assert "=X" not in (row["rights"] or "").replace("desk_owner=X", "").replace("desk_app=X", ""), row["proname"]
