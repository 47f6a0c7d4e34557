"""Where documents and entries count, and for whom: chosen when they are added, changed later, shown and filtered by."""

from uuid import UUID, uuid4

from tests.admin.test_entries import ENTRIES, submits
from tests.admin.test_knowledge import KNOWLEDGE, sends
from tests.admin.test_pages import page
from tests.factories import make_workspace
from tests.knowledge.test_scopes import make_room, make_team
from tests.people import Agent, Desk

FIVE = b"# Refunds\n\nFive days."
STATE = "SELECT scope, team_id, room_id, audience FROM documents WHERE workspace_id = $1 AND filename = $2"


async def state(desk: Desk, filename: str) -> tuple[str, UUID | None, UUID | None, str]:
    row = await desk.owner.fetchrow(STATE + " AND deleted_at IS NULL", desk.workspace.id, filename)
    assert row is not None
    return tuple(row)


async def test_a_documents_place_is_chosen_shown_filtered_by_and_changed(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    team, room = await make_team(desk.owner, desk.workspace.id), await make_room(desk.owner, desk.workspace.id)
    name = await desk.owner.fetchval("SELECT name FROM teams WHERE id = $1", team)
    await sends(admin, ("team.md", FIVE), audience="staff", place=str(team), room="")
    link = f"{desk.url}/inbox?queue=T1&room={room}"
    await sends(admin, ("room.md", FIVE), audience="guests", place="room", room=link)
    await sends(admin, ("all.md", FIVE), audience="guests", place="", room="")
    await desk.settle()
    assert await state(desk, "team.md") == ("team", team, None, "staff")
    assert await state(desk, "room.md") == ("room", None, room, "guests")
    _, html = await page(admin, KNOWLEDGE)
    for shown in (f"<bdi>{name}</bdi>", f'href="/inbox?room={room}"', "staff only"):
        assert shown in html, shown
    for narrowed, seen in (
        (f"place={team}", {"team.md"}),
        ("place=room&audience=", {"room.md"}),
        ("place=workspace", {"all.md"}),
        ("audience=guests", {"room.md", "all.md"}),
        ("audience=staff&place=room", set()),
    ):
        _, html = await page(admin, f"{KNOWLEDGE}?q=&{narrowed}")
        assert {one for one in ("team.md", "room.md", "all.md") if one in html} == seen, narrowed
    assert "No such document" in html

    document = await desk.owner.fetchval("SELECT id FROM documents WHERE filename = 'room.md' AND room_id = $1", room)
    address = f"{KNOWLEDGE}/documents/{document}"
    assert f'value="/inbox?room={room}"' in (await page(admin, address))[1]
    await sends(admin, ("room.md", b"Six days."), audience="guests")
    status, html = await submits(admin, address, place="", room="", audience="staff")
    assert (status, "A document called room.md" in html, "counts there already" in html) == (422, True, True)
    assert await _room(desk, room) == "guests"
    twin = "SELECT id FROM documents WHERE filename = 'room.md' AND scope = 'workspace' AND workspace_id = $1"
    await submits(admin, f"{KNOWLEDGE}/documents/{await desk.owner.fetchval(twin, desk.workspace.id)}/removal")
    status, html = await submits(admin, address, place="", room="", audience="staff")
    assert (status, "counts there from now on" in html) == (200, True)
    assert await state(desk, "room.md") == ("workspace", None, None, "staff")


async def _room(desk: Desk, room: UUID) -> str:
    found: str = await desk.owner.fetchval("SELECT audience FROM documents WHERE room_id = $1", room)
    return found


async def _id(desk: Desk, filename: str) -> UUID:
    found: UUID = await desk.owner.fetchval(
        "SELECT id FROM documents WHERE workspace_id = $1 AND filename = $2 AND deleted_at IS NULL",
        desk.workspace.id,
        filename,
    )
    return found


async def test_a_wrong_place_is_told_beside_its_field(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    theirs = await make_team(desk.owner, (await make_workspace(desk.owner)).id)
    status, html = await sends(admin, ("a.md", FIVE), audience="guests", place="room", room="the last one")
    assert (status, "Link of the conversation: Paste the conversation" in html) == (422, True)
    for place, link, says in (
        (str(theirs), "", "There is no such team."),
        (str(uuid4()), "", "There is no such team."),
        ("room", f"/inbox?room={uuid4()}", "There is no such room."),
    ):
        status, html = await sends(admin, ("a.md", FIVE), audience="guests", place=place, room=link)
        assert (status, says in html) == (422, True), says
    await sends(admin, ("a.md", FIVE), audience="guests")
    address = f"{KNOWLEDGE}/documents/{await _id(desk, 'a.md')}"
    for place, link, says in (
        ("x", "", "Where it counts: Choose one of the list."),
        ("room", "", "Link of the conversation: Paste the conversation"),
        (str(theirs), "", "There is no such team."),
    ):
        status, html = await submits(admin, address, place=place, room=link)
        assert (status, says in html) == (422, True), says
    status, html = await submits(admin, f"{KNOWLEDGE}/web-documents", url="", place="x")
    assert (status, "Address of the page: This is needed." in html) == (422, True)
    status, html = await submits(admin, f"{KNOWLEDGE}/web-documents", url="https://shop.test/", place="x")
    assert (status, "Where it counts: Choose one of the list." in html) == (422, True)


async def test_only_writers_of_the_workspace_move_a_document(desk: Desk) -> None:
    admin, agent = await desk.signed_in("admin"), await desk.signed_in("t1")
    stranger = await desk.signed_in("admin", workspace=await make_workspace(desk.owner))
    await sends(admin, ("a.md", FIVE), audience="guests")
    address = f"{KNOWLEDGE}/documents/{await _id(desk, 'a.md')}"
    assert ((await page(agent, address))[0], (await page(stranger, address))[0]) == (403, 404)
    assert (await submits(agent, address, audience="staff"))[0] == 403
    assert (await submits(stranger, address, audience="staff"))[0] == 404
    assert (await state(desk, "a.md"))[3] == "guests"


async def test_the_count_is_of_the_documents_that_are_listed(desk: Desk) -> None:
    admin, agent = await desk.signed_in("admin"), await desk.signed_in("t1")
    room = await make_room(desk.owner, desk.workspace.id)
    await sends(admin, ("all.md", FIVE), audience="guests")
    await sends(admin, ("room.md", FIVE), audience="guests", place="room", room=f"{desk.url}/inbox?room={room}")
    assert "Documents: 2 ·" in (await page(agent, KNOWLEDGE))[1]
    await desk.owner.execute("UPDATE chat_rooms SET is_private = true WHERE id = $1", room)
    assert "Documents: 1 ·" in (await page(agent, KNOWLEDGE))[1]
    assert "Documents: 2 ·" in (await page(admin, KNOWLEDGE))[1]
    await desk.owner.execute("UPDATE chat_rooms SET deleted_at = now() WHERE id = $1", room)
    assert "Documents: 1 ·" in (await page(admin, KNOWLEDGE))[1]


async def test_documents_of_private_and_deleted_conversations_are_for_those_who_may_enter(desk: Desk) -> None:
    admin, agent = await desk.signed_in("admin"), await desk.signed_in("t1")
    room = await make_room(desk.owner, desk.workspace.id)
    await sends(admin, ("room.md", FIVE), audience="guests", place="room", room=f"{desk.url}/inbox?room={room}")
    address = f"/api/v1/documents/{await _id(desk, 'room.md')}"

    async def seen_by(who: Agent) -> list[bool]:
        listed = (await who.fetches("GET", "/api/v1/documents"))[1]
        return [
            (await who.fetches("GET", address))[0] == 200,
            "room.md" in str(listed),
            "room.md" in (await page(who, KNOWLEDGE))[1],
        ]

    assert [await seen_by(who) for who in (admin, agent)] == [[True] * 3] * 2
    await desk.owner.execute("UPDATE chat_rooms SET is_private = true WHERE id = $1", room)
    assert [await seen_by(who) for who in (admin, agent)] == [[True] * 3, [False] * 3]
    await desk.owner.execute(
        "INSERT INTO room_participants (workspace_id, room_id, user_id, role, status) "
        "VALUES ($1, $2, $3, 'member', 'active')",
        desk.workspace.id,
        room,
        agent.id,
    )
    assert await seen_by(agent) == [True] * 3
    await desk.owner.execute("UPDATE chat_rooms SET deleted_at = now() WHERE id = $1", room)
    assert await seen_by(admin) == [False] * 3


async def test_a_tables_questions_go_where_the_table_goes(desk: Desk) -> None:
    admin, team = await desk.signed_in("admin"), await make_team(desk.owner, desk.workspace.id)
    table = b"question,answer\nWhen?,Now.\n"
    await sends(admin, ("faq.csv", table), audience="guests", place=str(team))
    await desk.settle()
    place = (
        "SELECT e.team_id, e.audience, d.team_id, d.scope, d.audience FROM knowledge_entries e "
        "JOIN documents d ON d.entry_id = e.id WHERE e.workspace_id = $1 AND d.deleted_at IS NULL"
    )
    (row,) = await desk.owner.fetch(place, desk.workspace.id)
    assert tuple(row) == (team, "guests", team, "team", "guests")
    address = f"{KNOWLEDGE}/documents/{await _id(desk, 'faq.csv')}"
    room = await make_room(desk.owner, desk.workspace.id)
    status, html = await submits(admin, address, place="room", room=str(room))
    assert (status, "cannot belong to one conversation" in html) == (422, True)
    await submits(admin, address, place="", audience="staff")
    (row,) = await desk.owner.fetch(place, desk.workspace.id)
    assert tuple(row) == (None, "staff", None, "workspace", "staff")


async def test_an_entry_is_for_a_team_and_filtered_by_it(desk: Desk) -> None:
    admin, team = await desk.signed_in("admin"), await make_team(desk.owner, desk.workspace.id)
    name = await desk.owner.fetchval("SELECT name FROM teams WHERE id = $1", team)
    await submits(admin, ENTRIES, question="Gifts?", answer="Yes.", active="true", place=str(team))
    await submits(admin, ENTRIES, question="Ribbons?", answer="Red.", active="true", place="", audience="staff")
    _, html = await page(admin, ENTRIES)
    assert f"<bdi>{name}</bdi>" in html
    for narrowed, seen in (
        (f"place={team}", {"Gifts?"}),
        ("place=workspace", {"Ribbons?"}),
        ("audience=staff", {"Ribbons?"}),
        ("audience=guests&q=ribbons", set()),
    ):
        _, html = await page(admin, f"{ENTRIES}?{narrowed}")
        assert {one for one in ("Gifts?", "Ribbons?") if one in html} == seen, narrowed
    theirs = await make_team(desk.owner, (await make_workspace(desk.owner)).id)
    status, html = await submits(admin, ENTRIES, question="q", answer="a", place=str(theirs))
    assert (status, "There is no such team." in html) == (422, True)
