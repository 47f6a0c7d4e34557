"""What somebody may do, and why; remembered, but never stale."""

import asyncpg
import pytest

from supportdesk.accounts.model import AccessVersion, StaffIdentity
from supportdesk.actor import Permission, UserId, WorkspaceId
from supportdesk.core.db import Database
from supportdesk.errors import NotFound
from supportdesk.permissions import queries
from supportdesk.permissions.actions import explain, list_permissions
from supportdesk.permissions.grants import Grants
from supportdesk.permissions.model import Grant
from tests.accounts.browser import browser, signed_in
from tests.factories import make_workspace
from tests.people import Desk


def identity(desk: Desk, who: str, version: int, limits: frozenset[str] | None = None) -> StaffIdentity:
    """Somebody at a version of their rights."""
    return StaffIdentity(
        user_id=UserId(desk.workspace.staff[who]),
        workspace_id=WorkspaceId(desk.workspace.id),
        workspace_name="",
        account_type="agent",
        name=who,
        email="",
        level=None,
        avatar_url=None,
        version=AccessVersion(version, 0),
        limits=limits,
    )


async def test_roles_are_read_once_for_a_version_and_again_for_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    grants, reads = Grants(desk.resources.get(Database)), []
    read = queries.grants_of

    async def counted(conn: "asyncpg.Connection[asyncpg.Record]", user_id: UserId) -> list[Grant]:
        reads.append(user_id)
        return await read(conn, user_id)

    monkeypatch.setattr(queries, "grants_of", counted)
    for version, expected in ((1, 1), (1, 1), (2, 2), (2, 2), (1, 3)):
        actor = await grants.actor_of_staff(identity(desk, "t1", version))
        assert actor.may(Permission.ROOM_CLAIM)
        assert not actor.may(Permission.PEOPLE_READ)
        assert len(reads) == expected
    grants.forget(UserId(desk.workspace.staff["t1"]))
    await grants.actor_of_staff(identity(desk, "t1", 1))
    assert len(reads) == 4


async def test_a_tokens_limits_are_not_remembered_for_its_owner(desk: Desk) -> None:
    grants = Grants(desk.resources.get(Database))
    narrow = await grants.actor_of_staff(identity(desk, "t1", 1, limits=frozenset({"chat:room:read"})))
    assert narrow.grants == {"chat:room:read"}
    wide = await grants.actor_of_staff(identity(desk, "t1", 1))
    assert wide.may(Permission.ROOM_CLAIM)


async def test_a_change_of_a_role_counts_from_the_next_request_on(desk: Desk) -> None:
    manager = await signed_in(desk, "manager")
    assert (await manager.asks("GET", "/api/v1/people")).status == 200
    await desk.owner.execute(
        "DELETE FROM role_permissions WHERE pattern = 'desk:people:read' AND workspace_id = $1", desk.workspace.id
    )
    assert (await manager.asks("GET", "/api/v1/people")).status == 403
    await desk.owner.execute(
        "INSERT INTO role_permissions (workspace_id, role_id, pattern) "
        "SELECT $1, id, 'desk:people:*' FROM roles WHERE workspace_id = $1 AND name = 'manager'",
        desk.workspace.id,
    )
    assert (await manager.asks("GET", "/api/v1/people")).status == 200
    await desk.owner.execute("UPDATE roles SET deleted_at = now() WHERE workspace_id = $1", desk.workspace.id)
    assert (await manager.asks("GET", "/api/v1/people")).status == 403


async def test_what_guests_may_do_is_a_role_too(desk: Desk) -> None:
    guest = await desk.guest()
    held = browser(desk, Authorization=f"Bearer {guest.token}")
    path, body = (
        "/api/v1/rooms/0198c0de-0000-7000-8000-000000000000/messages",
        {"client_msg_id": "x" * 20, "content": "x"},
    )
    assert (await held.asks("POST", path, body)).status == 404
    await desk.owner.execute(
        "DELETE FROM role_permissions p USING roles r "
        "WHERE r.id = p.role_id AND r.name = 'guest' AND r.workspace_id = $1",
        desk.workspace.id,
    )
    assert (await held.asks("POST", path, body)).status == 403


async def test_the_command_line_explains_who_may_what_and_why(desk: Desk) -> None:
    db, grants, email = desk.resources.get(Database), desk.resources.get(Grants), desk.workspace.email
    yes = await explain(db, grants, email("supervisor"), "supervisor:chat:observe")
    assert (yes.is_allowed, yes.role, yes.pattern) == (True, "supervisor", "supervisor:chat:*")
    no = await explain(db, grants, email("t1").upper(), "desk:people:manage")
    assert (no.is_allowed, no.reason) == (False, "No pattern of these roles covers it: agent.")
    await desk.owner.execute(
        "UPDATE users SET current_account_status = 'suspended' WHERE id = $1", desk.workspace.staff["admin"]
    )
    out = await explain(db, grants, email("admin"), "chat:room:read")
    assert (out.is_allowed, out.reason) == (False, "The account is suspended, so it may do nothing.")
    for unknown in ((email("t1"), "chat:room:fly"), ("nobody@desk.test", "chat:room:read")):
        with pytest.raises(NotFound):
            await explain(db, grants, *unknown)


async def test_the_list_names_every_permission_and_the_roles_that_include_it(desk: Desk) -> None:
    listed = {
        each.key: each for each in await list_permissions(desk.resources.get(Database), WorkspaceId(desk.workspace.id))
    }
    assert set(listed) >= {str(permission) for permission in Permission}
    assert listed["supervisor:chat:observe"].roles == ("admin", "manager", "supervisor")
    assert listed["chat:room:open"].roles == ("admin", "guest")
    assert all(each.description for each in listed.values())


async def test_the_list_names_no_role_of_another_workspace_whoever_reads_it(desk: Desk) -> None:
    elsewhere = await make_workspace(desk.owner)
    await desk.owner.execute(
        "WITH made AS (INSERT INTO roles (workspace_id, name) VALUES ($1, 'elsewhere') RETURNING id) "
        "INSERT INTO role_permissions (workspace_id, role_id, pattern) SELECT $1, id, '*:*:*' FROM made",
        elsewhere.id,
    )
    # As the owner, for whom row-level security hides nothing.
    listed = await queries.list_catalogue(desk.owner, WorkspaceId(desk.workspace.id))
    assert {role for each in listed for role in each.roles} == {
        "admin",
        "agent",
        "guest",
        "manager",
        "robot",
        "supervisor",
    }
