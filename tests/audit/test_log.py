"""The audit log: written with what it notes, read by those who may, changed by nobody."""

from typing import Any

import asyncpg
import orjson
import pytest

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.audit import reactions
from supportdesk.audit.actions import note, note_denial
from supportdesk.audit.model import Subject
from supportdesk.core.db import Database
from supportdesk.errors import Conflict, ServerBusy
from tests.accounts.browser import signed_in
from tests.factories import make_workspace
from tests.people import Agent, Desk


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


async def lines(desk: Desk, action: str) -> list[asyncpg.Record]:
    """What the log says of an action in this workspace."""
    await desk.settle()
    return await desk.owner.fetch(
        "SELECT actor_id, outcome, reason, data FROM audit_log WHERE workspace_id = $1 AND action = $2 ORDER BY id",
        desk.workspace.id,
        action,
    )


async def test_who_lacks_a_permission_is_noted_once_an_hour_for_each_operation(desk: Desk) -> None:
    agent, guest = await desk.agent("t1"), await desk.guest()
    room_id = await guest.opens()
    for _ in range(3):
        assert (await agent.fetches("GET", "/api/v1/audit-log"))[0] == 403
        assert await agent.is_refused("room.observe", room_id=room_id) == "forbidden"
    assert await guest.is_refused("room.join", room_id=str(desk.workspace.id)) == "not_found"
    assert await agent.is_refused("room.join", room_id="x") == "invalid"
    noted = await lines(desk, "permission.denied")
    assert [(line["actor_id"], line["outcome"]) for line in noted] == [(agent.id, "denied")] * 2
    operations = [orjson.loads(line["data"]) for line in noted]
    assert sorted((each["operation"], each["permission"]) for each in operations) == [
        ("GET /api/v1/audit-log", "desk:audit:read"),
        ("room.observe", "supervisor:chat:observe"),
    ]


async def looks(desk: Desk) -> list[tuple[str, str]]:
    """Who is known to have looked at what, by kind."""
    found = await desk.owner.fetch(
        "SELECT kind, actor_id FROM access_log WHERE workspace_id = $1 ORDER BY kind, at", desk.workspace.id
    )
    return [(row["kind"], str(row["actor_id"])) for row in found]


@pytest.mark.parametrize("how", ["room.join", "room.sync", "GET /api/v1/rooms/{}", "GET /api/v1/rooms/{}/messages"])
async def test_who_reads_a_room_they_are_not_in_is_known_whichever_way_they_came(desk: Desk, how: str) -> None:
    guest, agent, boss = await desk.guest(), await desk.agent("t1"), await desk.agent("manager")
    room_id = await guest.opens()
    await agent.asks("room.claim", room_id=room_id)

    async def reads(who: Agent) -> None:
        if how.startswith("GET"):
            assert (await who.fetches("GET", how[4:].format(room_id)))[0] == 200
        else:
            await who.asks(how, room_id=room_id, after_seq=0)

    await reads(agent)
    assert await looks(desk) == [], "whoever takes part reads their own"
    await reads(boss)
    await reads(boss)
    assert await looks(desk) == [("room", str(boss.id))], "one row an hour"


async def test_a_search_is_known(desk: Desk) -> None:
    agent = await desk.agent("t1")
    await agent.fetches("GET", "/api/v1/rooms")
    assert await looks(desk) == []
    await agent.fetches("GET", "/api/v1/rooms?q=refund")
    assert await looks(desk) == [("search", str(agent.id))]


async def test_a_denial_that_could_not_be_noted_is_noted_the_next_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, fails = await desk.agent("t1"), [ServerBusy("The database is away.", retry_after=1)]

    async def unsteady(*args: Any, **more: Any) -> None:
        if fails:
            raise fails.pop()
        await note_denial(*args, **more)

    monkeypatch.setattr(reactions, "note_denial", unsteady)
    for noted in (0, 1):
        await agent.fetches("GET", "/api/v1/audit-log")
        assert len(await lines(desk, "permission.denied")) == noted
