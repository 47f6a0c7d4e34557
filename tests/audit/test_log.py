"""The audit log: written with what it notes, read by those who may, changed by nobody."""

import asyncpg
import pytest

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.audit.actions import note, note_denial
from supportdesk.audit.model import Subject
from supportdesk.core.db import Database
from supportdesk.errors import Conflict
from tests.accounts.browser import signed_in
from tests.factories import make_workspace
from tests.people import Desk


async def test_a_note_lives_and_dies_with_its_transaction(desk: Desk) -> None:
    db, actor = desk.resources.get(Database), Actor.system(WorkspaceId(desk.workspace.id))

    async def fails() -> None:
        async with db.transaction(actor) as tx:
            await note(tx, "thing.done", Subject("thing", desk.workspace.id))
            raise Conflict("It did not work out.")

    with pytest.raises(Conflict):
        await fails()
    await note_denial(db, actor, "thing.refused", reason="because")
    rows = await desk.owner.fetch("SELECT action, outcome FROM audit_log WHERE workspace_id = $1", desk.workspace.id)
    assert [(row["action"], row["outcome"]) for row in rows] == [("thing.refused", "denied")]


async def test_the_application_can_only_append(desk: Desk) -> None:
    db, actor = desk.resources.get(Database), Actor.system(WorkspaceId(desk.workspace.id))
    await note_denial(db, actor, "thing.refused", reason="because")
    for statement in ("UPDATE audit_log SET action = 'x.y'", "DELETE FROM audit_log", "TRUNCATE audit_log"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with db.transaction(actor) as tx:
                await tx.conn.execute(statement)


async def test_those_who_may_read_the_log_page_through_it_and_filter(desk: Desk) -> None:
    manager = await signed_in(desk, "manager")
    for who in ("t1", "t2", "t3"):
        await signed_in(desk, who)
    page = (await manager.asks("GET", "/api/v1/audit-log?limit=2&action=session.began")).body
    assert [line["actor_id"] for line in page["items"]] == [str(desk.workspace.staff[who]) for who in ("t3", "t2")]
    rest = (await manager.asks("GET", f"/api/v1/audit-log?cursor={page['next_cursor']}&action=session.began")).body
    assert [line["actor_id"] for line in rest["items"]] == [str(desk.workspace.staff[who]) for who in ("t1", "manager")]
    assert rest["next_cursor"] is None
    mine = (await manager.asks("GET", f"/api/v1/audit-log?actor_id={desk.workspace.staff['t1']}")).body["items"]
    assert [line["action"] for line in mine] == ["session.began"]
    for query in ("cursor=x", "limit=0", "actor_id=x", "workspace_id=x", "action=%00"):
        assert (await manager.asks("GET", f"/api/v1/audit-log?{query}")).status == 422, query


async def test_nobody_reads_another_workspaces_log(desk: Desk) -> None:
    other = await make_workspace(desk.owner)
    await note_denial(desk.resources.get(Database), Actor.system(WorkspaceId(other.id)), "secret.thing", reason="x")
    boss = await signed_in(desk, "admin")
    assert "secret.thing" not in (await boss.asks("GET", "/api/v1/audit-log")).text
    for who in ("t1", "supervisor"):
        assert (await (await signed_in(desk, who)).asks("GET", "/api/v1/audit-log")).status == 403
