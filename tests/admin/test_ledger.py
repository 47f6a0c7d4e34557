"""The ledger's pages: every turn, those that are asked for, and one with all that was kept of it."""

from typing import Any
from uuid import UUID

import pytest

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.db import Database
from supportdesk.robots.actions import install_robot
from supportdesk.robots.host import Host
from tests.factories import make_workspace
from tests.people import Agent, Desk, Guest


async def page(agent: Agent, path: str) -> tuple[int, str]:
    async with agent.http.get(agent.desk.url + path, allow_redirects=False) as response:
        return response.status, await response.text()


async def asked(desk: Desk, *texts: str) -> Guest:
    """A guest who has asked the faq robot these questions, each in a conversation of its own."""
    actor = Actor.system(WorkspaceId(desk.workspace.id))
    async with desk.resources.get(Database).transaction(actor) as tx:
        await install_robot(tx, actor, desk.resources.get(Host), "faq")
    guest = await desk.guest(desk.workspace.site_key)
    for text in texts:
        await guest.opens()
        await guest.says(text)
        await desk.settle()
    return guest


async def turn_of(desk: Desk, text: str) -> dict[str, Any]:
    row = await desk.owner.fetchrow(
        "SELECT * FROM robot_interactions WHERE workspace_id = $1 AND request_data ->> 'text' = $2",
        desk.workspace.id,
        text,
    )
    assert row is not None
    return dict(row)


async def test_before_anybody_has_asked_the_page_says_so(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    status, html = await page(admin, "/admin/ledger")
    assert (status, "No robot has been asked yet" in html) == (200, True)
    assert "No turn is like that" in (await page(admin, "/admin/ledger?q=refund"))[1]


async def test_turns_are_listed_newest_first_and_found_by_what_they_were(desk: Desk) -> None:
    await asked(desk, "hello", "<b>quantum</b> entanglement of parcels")
    agent = await desk.signed_in("t1")
    _, html = await page(agent, "/admin/ledger")
    assert html.index("&lt;b&gt;quantum&lt;/b&gt;") < html.index(">hello<")
    assert "handed over" in html
    turn = await turn_of(desk, "hello")
    today = str(await desk.owner.fetchval("SELECT (now() AT TIME ZONE 'UTC')::date"))
    for query, shown in {
        "q=QUANTUM": {"quantum"},
        "fate=posted": {"hello"},
        "fate=handed_over&status=completed&trigger=message": {"quantum"},
        f"room={turn['room_id']}": {"hello"},
        f"robot={turn['robot_id']}&since={today}&until={today}": {"hello", "quantum"},
        f"until={today}&q=&robot=&room=&min_cost=": {"hello", "quantum"},
        "status=failed": set(),
        "min_cost=0.01": set(),
        "since=2999-01-01": set(),
        "until=2001-01-01": set(),
        "trigger=follow": set(),
    }.items():
        status, html = await page(agent, f"/admin/ledger?{query}")
        assert status == 200, query
        assert {word for word in ("hello", "quantum") if f">{word}<" in html or f"&gt;{word}&lt;" in html} == shown
        assert ("No turn is like that" in html) == (not shown), query
    for wrong in ("status=lost", "since=yesterday", "min_cost=-1", "cursor=!", "robot=x", "other=1"):
        assert (await page(agent, f"/admin/ledger?{wrong}"))[0] == 422


async def test_a_long_ledger_comes_in_pages(desk: Desk) -> None:
    guest = await asked(desk, "hello")
    turn = await turn_of(desk, "hello")
    await desk.owner.execute(
        "INSERT INTO robot_interactions (workspace_id, room_id, robot_id, trigger_kind, turn_no, status, completed_at, "
        "request_data) SELECT $1, $2, $3, 'room_opened', n, 'completed', now(), "
        "jsonb_build_object('text', 'number ' || n || '.') FROM generate_series(1, 60) n",
        desk.workspace.id,
        UUID(str(guest.room_id)),
        turn["robot_id"],
    )
    admin = await desk.signed_in("admin")
    seen: list[str] = []
    path = "/admin/ledger?trigger=room_opened"
    for count in (50, 10):
        _, html = await page(admin, path)
        assert html.count('class="asked"') == count
        seen += [number for number in map(str, range(1, 61)) if f"number {number}." in html]
        path = html.partition('<nav class="pager"')[2].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert sorted(seen, key=int) == [str(number) for number in range(1, 61)]
    assert "cursor" not in path
    assert "First page" in html


async def test_a_turns_page_shows_what_was_asked_seen_said_and_how_long_it_took(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    text = {
        "filename": "refunds.md",
        "title": "Refunds",
        "content": "# Refunds\n\nRefunds take five working days from then on.",
    }
    assert (await admin.fetches("POST", "/api/v1/documents", text))[0] == 201
    await desk.settle()
    guest = await asked(desk, "How long do refunds take?")
    turn = await turn_of(desk, "How long do refunds take?")
    said = next(
        event["data"]["message"]
        for event in await guest.reads()
        if event["kind"] == "message.created" and event["data"]["message"]["sender"]["kind"] == "robot"
    )
    await guest.asks("reaction.add", message_id=said["id"], emoji="👎")
    status, html = await page(admin, f"/admin/ledger/{turn['id']}")
    assert status == 200
    for shown in (
        "How long do refunds take?",
        "Searched the documents",
        "By meaning",
        "five working days",
        "reached the room",
        "guests see it",
        "thumbs down",
        f"/inbox?room={turn['room_id']}",
        "Waited to be played",
    ):
        assert shown in html, shown
    status, found = await admin.fetches("GET", f"/api/v1/interactions/{turn['id']}")
    assert (status, found["request_data"]["text"]) == (200, "How long do refunds take?")
    assert found["observation_data"]["calls"][0]["call"] == "search"


async def test_a_message_of_a_robot_leads_staff_to_its_turn(desk: Desk) -> None:
    guest = await asked(desk, "hello")
    turn = await turn_of(desk, "hello")
    agent = await desk.agent("t1")
    await agent.joins(str(guest.room_id))
    keys = [
        event["data"]["message"]["client_msg_id"]
        for event in await agent.reads(str(guest.room_id))
        if event["kind"] == "message.created"
    ]
    assert f"turn:{turn['id']}:text" in keys, "what the inbox makes its link of"


async def test_a_tool_that_a_turn_asked_for_is_on_its_page(desk: Desk) -> None:
    await asked(desk, "hello")
    turn = await turn_of(desk, "hello")
    await desk.owner.execute(
        "INSERT INTO tool_executions (workspace_id, room_id, interaction_id, robot_id, tool_name, parameters, "
        "args_sha256, status, decision_note, decided_by) "
        "VALUES ($1, $2, $3, $4, 'issue_voucher', $5, $6, 'denied', 'too much', $7)",
        desk.workspace.id,
        turn["room_id"],
        turn["id"],
        turn["robot_id"],
        '{"amount": 400, "to": "ann\u202eeve"}',
        "0" * 64,
        desk.workspace.staff["t1"],
    )
    _, html = await page(await desk.signed_in("admin"), f"/admin/ledger/{turn['id']}")
    for shown in ("issue_voucher", "denied", "too much", "&#34;amount&#34;: 400", "ann⟨U+202E⟩eve"):
        assert shown in html, shown


@pytest.mark.parametrize("path", ["/admin/ledger/{}", "/api/v1/interactions/{}"])
async def test_turns_of_other_workspaces_private_and_deleted_rooms_are_not_there(desk: Desk, path: str) -> None:
    await asked(desk, "a secret")
    turn = await turn_of(desk, "a secret")
    place = path.format(turn["id"])
    agent, supervisor = await desk.signed_in("t1"), await desk.signed_in("supervisor")
    stranger = await desk.signed_in("admin", workspace=await make_workspace(desk.owner))
    assert [(await page(one, place))[0] for one in (agent, supervisor, stranger)] == [200, 200, 404]
    await desk.owner.execute("UPDATE chat_rooms SET is_private = true WHERE id = $1", turn["room_id"])
    assert [(await page(one, place))[0] for one in (agent, supervisor)] == [404, 200]
    listed = [("a secret" in (await page(one, "/admin/ledger"))[1]) for one in (agent, supervisor, stranger)]
    assert listed == [False, True, False]
    await desk.owner.execute("UPDATE chat_rooms SET deleted_at = now() WHERE id = $1", turn["room_id"])
    assert (await page(supervisor, place))[0] == 404
    assert "a secret" not in (await page(supervisor, "/admin/ledger"))[1]


async def test_who_may_not_read_conversations_may_not_read_their_turns(desk: Desk) -> None:
    await asked(desk, "a secret")
    turn = await turn_of(desk, "a secret")
    admin = await desk.signed_in("admin")
    _, made = await admin.fetches("POST", "/api/v1/tokens", {"name": "robots", "grants": ["chat:robot:read"]})
    headers = {"Authorization": f"Bearer {made['token']}"}
    for path in ("/api/v1/interactions", f"/api/v1/interactions/{turn['id']}"):
        async with desk.http.get(desk.url + path, headers=headers) as response:
            assert (response.status, (await response.json())["error"]["code"]) == (403, "forbidden")


async def test_who_reads_a_turn_of_a_conversation_that_is_not_theirs_is_known(desk: Desk) -> None:
    guest = await asked(desk, "hello")
    turn = await turn_of(desk, "hello")
    agent, boss = await desk.agent("t1"), await desk.agent("manager")
    await agent.asks("room.claim", room_id=guest.room_id)

    async def looks(*paths: str, who: Agent) -> set[tuple[str, UUID]]:
        await desk.owner.execute("DELETE FROM access_log WHERE workspace_id = $1", desk.workspace.id)
        for path in paths:
            assert (await page(who, path))[0] == 200, path
        rows = await desk.owner.fetch(
            "SELECT kind, thing_id FROM access_log WHERE workspace_id = $1 AND actor_id = $2", desk.workspace.id, who.id
        )
        return {tuple(row) for row in rows}

    room, whole = turn["room_id"], desk.workspace.id
    own = (f"/admin/ledger/{turn['id']}", f"/api/v1/interactions/{turn['id']}", f"/api/v1/interactions?room_id={room}")
    assert await looks("/admin/ledger", *own, who=agent) == set(), "whoever takes part reads their own"
    assert await looks(own[0], who=await desk.agent("supervisor")) == {("ledger", turn["id"])}
    assert await looks(own[1], who=boss) == {("ledger", turn["id"])}
    assert await looks(own[2], who=boss) == {("ledger", room)}
    assert await looks("/api/v1/interactions", who=boss) == {("ledger", whole)}
    assert await looks("/admin/ledger?q=hello", who=boss) == {("search", whole)}


async def test_a_citation_of_a_purged_document_still_says_what_it_quoted(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    text = {"filename": "fees.md", "title": "Fees", "content": "# Fees\n\nReturns cost two euros and ninety cents."}
    status, document = await admin.fetches("POST", "/api/v1/documents", text)
    assert status == 201
    await desk.settle()
    guest = await asked(desk, "How much do returns cost?")
    turn = await turn_of(desk, "How much do returns cost?")
    assert (await admin.fetches("DELETE", f"/api/v1/documents/{document['id']}"))[0] in (200, 204)
    await desk.owner.execute(
        "UPDATE documents SET deleted_at = now() - interval '31 days' WHERE id = $1", UUID(document["id"])
    )
    await desk.job("purge_documents")
    assert not await desk.owner.fetchval("SELECT count(*) FROM documents WHERE id = $1", UUID(document["id"]))

    (sources,) = [
        event["data"]["message"]["citations"]
        for event in await guest.reads()
        if event["kind"] == "message.created" and event["data"]["message"].get("citations")
    ]
    assert [(source["title"], "two euros" in source["quote"]) for source in sources] == [("Fees", True)]
    status, html = await page(admin, f"/admin/ledger/{turn['id']}")
    assert (status, "Fees" in html) == (200, True)
