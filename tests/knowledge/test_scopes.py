"""Whose documents are whose: a workspace's, a team's, a room's; and how many a plan allows."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from supportdesk.actor import Actor, ActorKind
from supportdesk.errors import Conflict
from supportdesk.knowledge import access, actions, entries
from supportdesk.knowledge.model import Audience, Home, NewEntry, Reach, Scope
from tests.factories import Connection, make_workspace
from tests.knowledge.conftest import MakeShelf, Shelf
from tests.people import Desk


async def make_team(owner: Connection, workspace_id: UUID) -> UUID:
    found: UUID = await owner.fetchval(
        "INSERT INTO teams (workspace_id, name) VALUES ($1, $2) RETURNING id", workspace_id, f"Team {uuid4().hex[:6]}"
    )
    return found


async def make_room(owner: Connection, workspace_id: UUID, team_id: UUID | None = None) -> UUID:
    found: UUID = await owner.fetchval(
        "WITH room AS (INSERT INTO chat_rooms (workspace_id, client_room_id, team_id) VALUES ($1, $2, $3) RETURNING *) "
        "INSERT INTO room_heads (workspace_id, room_id) SELECT workspace_id, id FROM room RETURNING room_id",
        workspace_id,
        uuid4().hex,
        team_id,
    )
    return found


def reach(*, room: UUID | None = None, teams: frozenset[UUID] = frozenset(), staff: bool = False) -> Reach:
    audiences = {Audience.GUESTS, Audience.STAFF} if staff else {Audience.GUESTS}
    return Reach(frozenset(audiences), room, teams)


async def titles(shelf: Shelf, seen: Reach) -> set[str]:
    robot = Actor(kind=ActorKind.ROBOT, id=None, workspace_id=shelf.workspace_id)
    return {hit.title for hit in await shelf.knowledge.search(robot, "how long is the warranty", 20, reach=seen)}


async def test_a_search_sees_its_own_room_and_team_and_nothing_of_others(
    make_shelf: MakeShelf, owner: Connection
) -> None:
    shelf, other = await make_shelf(), await make_shelf()
    ours, theirs = await make_team(owner, shelf.workspace_id), await make_team(owner, shelf.workspace_id)
    room, next_door = await make_room(owner, shelf.workspace_id), await make_room(owner, shelf.workspace_id)
    for title, more in (
        ("all", {}),
        ("staff", {"audience": Audience.STAFF}),
        ("ours", {"home": Home(Scope.TEAM, team_id=ours)}),
        ("theirs", {"home": Home(Scope.TEAM, team_id=theirs)}),
        ("room", {"home": Home(Scope.ROOM, room_id=room)}),
        ("room staff", {"home": Home(Scope.ROOM, room_id=room), "audience": Audience.STAFF}),
        ("next door", {"home": Home(Scope.ROOM, room_id=next_door)}),
    ):
        await shelf.holds(f"The warranty of {title} lasts two years.", f"{title}.md", title=title, **more)
    await other.holds("The warranty lasts two years elsewhere.", title="elsewhere")
    of_team = await make_room(owner, shelf.workspace_id, ours)
    assert await titles(shelf, reach(room=of_team)) == {"all", "ours"}, "a room sees what its team knows"
    assert await titles(shelf, reach()) == {"all"}
    assert await titles(shelf, reach(staff=True)) == {"all", "staff"}
    assert await titles(shelf, reach(room=room)) == {"all", "room"}
    assert await titles(shelf, reach(room=next_door, staff=True)) == {"all", "staff", "next door"}
    assert await titles(shelf, reach(teams=frozenset({ours}))) == {"all", "ours"}
    assert await titles(other, reach(room=room, teams=frozenset({ours, theirs}), staff=True)) == {"elsewhere"}
    robot = Actor(kind=ActorKind.ROBOT, id=None, workspace_id=shelf.workspace_id)
    assert access.reach_of(robot, room_id=room).audiences == {Audience.GUESTS}, "a robot of a room speaks to its guest"


async def test_a_document_that_is_moved_is_found_there_at_once_and_nowhere_else(
    shelf: Shelf, owner: Connection
) -> None:
    team, room = await make_team(owner, shelf.workspace_id), await make_room(owner, shelf.workspace_id)
    document = await shelf.holds("The warranty lasts two years.", "w.md", title="moved")
    await shelf.add("The warranty lasts three years.", "w.md", title="next")

    async def moves(home: Home, audience: Audience = Audience.GUESTS) -> None:
        async with shelf.db.transaction(shelf.system) as tx:
            await actions.place_document(tx, shelf.system, document.id, audience=audience, home=home)

    await moves(Home(Scope.TEAM, team_id=team))
    assert await titles(shelf, reach()) == set()
    assert await titles(shelf, reach(teams=frozenset({team}))) == {"moved"}
    await moves(Home(Scope.ROOM, room_id=room), Audience.STAFF)
    assert await titles(shelf, reach(room=room, teams=frozenset({team}))) == set()
    assert await titles(shelf, reach(room=room, staff=True)) == {"moved"}
    while await shelf.read():
        pass
    assert await titles(shelf, reach(room=room, staff=True)) == {"next"}, "the next version went with it"
    assert await titles(shelf, reach(staff=True)) == set()


async def test_what_a_team_answers_by_hand_is_said_in_its_rooms_only(shelf: Shelf, owner: Connection) -> None:
    team = await make_team(owner, shelf.workspace_id)
    new = NewEntry(question="How long is the warranty?", answer="Two years.", team_id=team)
    async with shelf.db.transaction(shelf.system) as tx:
        entry = await entries.create_entry(tx, shelf.system, new)
    while await shelf.read():
        pass
    of_team = reach(room=await make_room(owner, shelf.workspace_id, team))
    assert await titles(shelf, of_team) == {new.question}
    assert await titles(shelf, reach(staff=True)) == set()
    async with shelf.db.transaction(shelf.system) as tx:
        await entries.change_entry(tx, shelf.system, entry.id, replace(new, team_id=None))
    assert await titles(shelf, of_team) == set(), "gone at once"
    while await shelf.read():
        pass
    assert await titles(shelf, reach()) == {new.question}


async def test_a_plans_limits_are_named_and_hold_for_workspace_and_room(shelf: Shelf, owner: Connection) -> None:
    plan = f"tiny {uuid4().hex[:6]}"
    await owner.execute(
        "WITH made AS (INSERT INTO plans (name, token_limit_daily, document_limit, workspace_document_limit, "
        "session_limit, api_rate_per_minute) VALUES ($2, 0, 1, 3, 1, 1) RETURNING id) "
        "UPDATE workspaces SET plan_id = (SELECT id FROM made) WHERE id = $1",
        shelf.workspace_id,
        plan,
    )
    room = Home(Scope.ROOM, room_id=await make_room(owner, shelf.workspace_id))
    await shelf.add("One.", "one.md", home=room)
    with pytest.raises(Conflict, match=f"{plan} allows 1 documents for a conversation"):
        await shelf.add("Two.", "two.md", home=room)
    await shelf.add("One, but better.", "one.md", home=room)
    await shelf.add("Two.", "two.md")
    third, _ = await shelf.add("Three.", "three.md")
    with pytest.raises(Conflict, match=f"{plan} allows 3 documents in a workspace") as refused:
        await shelf.add("Four.", "four.md")
    assert refused.value.specific_code == "document_limit"
    async with shelf.db.transaction(shelf.system) as tx:
        await actions.remove_document(tx, shelf.system, third.id)
    await shelf.add("Four.", "four.md")
    with pytest.raises(Conflict):
        await shelf.add("Three again.", "three.md")


async def test_a_document_is_for_a_team_or_a_room_of_ones_own_workspace(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    elsewhere = await make_workspace(desk.owner)
    team, foreign = await make_team(desk.owner, desk.workspace.id), await make_team(desk.owner, elsewhere.id)
    room = await make_room(desk.owner, elsewhere.id)
    body = {"filename": "a.md", "title": "A", "content": "Text."}

    async def posts(**more: Any) -> tuple[int, Any]:
        return await admin.fetches("POST", "/api/v1/documents", {**body, **more})

    status, made = await posts(team_id=str(team))
    assert (status, made["scope"], made["team_id"]) == (201, "team", str(team))
    for wrong in ({"team_id": str(foreign)}, {"room_id": str(room)}, {"team_id": str(uuid4())}):
        assert (await posts(**wrong))[0] == 404
    assert (await posts(team_id=str(team), room_id=str(room)))[0] == 422
