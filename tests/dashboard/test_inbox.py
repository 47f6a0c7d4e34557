"""The list of rooms: which, in what order, page by page, for whom, and at what cost."""

import base64
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from tests.factories import make_workspace
from tests.people import Agent, Desk, Guest, Json, later


async def rooms(agent: Agent, query: str = "") -> Json:
    status, page = await agent.fetches("GET", f"/api/v1/rooms{query}")
    assert status == 200, page
    return dict(page)


def names(page: Json) -> list[str]:
    return [line["name"] for line in page["items"]]


async def room(desk: Desk, says: str) -> tuple[str, Guest]:
    guest = await desk.guest()
    room_id = await guest.opens()
    await guest.says(says)
    return room_id, guest


async def a_full_desk(desk: Desk) -> tuple[Agent, dict[str, str]]:
    """One room in each state, named after it; the agent t1 and the supervisor have acted."""
    agent, boss = await desk.agent("t1"), await desk.agent("supervisor")
    made = {name: (await room(desk, name))[0] for name in ("waiting", "mine", "theirs", "T2", "snoozed", "closed")}
    await agent.asks("room.claim", room_id=made["mine"])
    await boss.asks("room.claim", room_id=made["theirs"])
    await agent.asks("room.escalate", room_id=made["T2"], to_level="T2", reason="up")
    await agent.asks("room.snooze", room_id=made["snoozed"], until=later())
    await agent.asks("room.claim", room_id=made["closed"])
    await agent.asks("room.close", room_id=made["closed"])
    await desk.settle()
    return agent, made


LISTS: dict[str, set[str]] = {
    "": {"waiting", "mine", "theirs", "T2"},
    "?queue=all": {"waiting", "mine", "theirs", "T2"},
    "?queue=mine": {"mine"},
    "?queue=T1": {"waiting", "mine", "theirs"},
    "?queue=T2": {"T2"},
    "?queue=T3": set(),
    "?queue=robots": set(),
    "?status=waiting": {"waiting", "T2"},
    "?status=pending&queue=T1": {"waiting"},
    "?status=open": {"mine", "theirs"},
    "?status=snoozed": {"snoozed"},
    "?status=closed&queue=mine": {"closed"},
    "?status=resolved": {"closed"},
    "?status=archived": set(),
    "?status=all": {"waiting", "mine", "theirs", "T2", "snoozed", "closed"},
    "?q=CLOSED": {"closed"},
    "?q=o": {"snoozed", "closed"},
    "?q=100%25": set(),
    "?q=_": set(),
    "?q=nothing+like+it": set(),
}


async def test_a_list_shows_what_was_asked_for(desk: Desk) -> None:
    agent, _ = await a_full_desk(desk)
    assert {query: set(names(await rooms(agent, query))) for query in LISTS} == LISTS


async def test_the_counts_are_those_of_the_lists(desk: Desk) -> None:
    agent, _ = await a_full_desk(desk)
    counts = (await rooms(agent))["counts"]
    assert counts == {"mine": 1, "T1": 3, "T2": 1, "T3": 0, "manager": 0, "robots": 0, "approvals": 0}
    for queue, count in counts.items():
        assert len((await rooms(agent, f"?queue={queue}"))["items"]) == count


async def test_a_customers_rooms_and_a_room_by_its_id_are_found(desk: Desk) -> None:
    agent = await desk.agent("t1")
    first, guest = await room(desk, "first")
    await room(desk, "of somebody else")
    await agent.asks("room.claim", room_id=first)
    await agent.asks("room.close", room_id=first)
    await guest.opens()
    await guest.says("second")
    assert sorted(names(await rooms(agent, f"?guest_id={guest.id}"))) == ["first", "second"]
    assert names(await rooms(agent, f"?q={first}")) == ["first"]


async def test_pages_follow_one_another_without_doubles_while_rooms_move(desk: Desk) -> None:
    agent = await desk.agent("t1")
    guests = [(await room(desk, f"room {n}")) for n in range(7)]
    await desk.owner.execute(
        "UPDATE chat_rooms SET last_activity_at = '2026-01-01' WHERE workspace_id = $1", desk.workspace.id
    )
    seen: list[str] = []
    page = await rooms(agent, "?limit=3")
    assert "counts" in page
    while True:
        seen += names(page)
        if page["next_cursor"] is None:
            break
        await guests[0][1].says("I move")
        page = await rooms(agent, f"?limit=3&cursor={page['next_cursor']}")
        assert "counts" not in page
    assert len(seen) == len(set(seen))
    assert set(seen) >= {f"room {n}" for n in range(1, 7)}


def forged(value: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode()


@pytest.mark.parametrize("rank", [1, 9])
@pytest.mark.parametrize("place", [-(10**17), 10**17])
async def test_a_place_of_another_age_is_a_page_like_any_other(desk: Desk, rank: int, place: int) -> None:
    agent = await desk.signed_in("t1")
    cursor = forged([rank, place, "01a202a7-c7b5-753d-af88-db3a299536e2"])
    status, _ = await agent.fetches("GET", f"/api/v1/rooms?queue=T1&cursor={cursor}")
    assert status == 200


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "%00",
        "é",
        forged([]),
        forged(5),
        forged(None),
        forged(["2026-01-01T00:00:00", "01a202a7-c7b5-753d-af88-db3a299536e2"]),
        forged(["2026-01-01T00:00:00+00:00", "x"]),
        forged(["2026-01-01T00:00:00+00:00", 5]),
        forged([5, "01a202a7-c7b5-753d-af88-db3a299536e2"]),
        forged(["0001-01-01T00:00:00+14:00", "01a202a7-c7b5-753d-af88-db3a299536e2"]),
        forged({"a": 1, "b": 2}),
        forged([[], {}]),
        forged([1, 2, "x"]),
        forged([1.5, 2, "01a202a7-c7b5-753d-af88-db3a299536e2"]),
        forged([True, 2, "01a202a7-c7b5-753d-af88-db3a299536e2"]),
        forged([1, "2", "01a202a7-c7b5-753d-af88-db3a299536e2"]),
        forged([10**9, 2, "01a202a7-c7b5-753d-af88-db3a299536e2"]),
        forged([-1, 2, "01a202a7-c7b5-753d-af88-db3a299536e2"]),
        forged([1, 2**63, "01a202a7-c7b5-753d-af88-db3a299536e2"]),
        forged([1, 10**17 + 1, "01a202a7-c7b5-753d-af88-db3a299536e2"]),
        forged([1, 2, 3, 4]),
    ],
)
async def test_a_cursor_of_ones_own_making_is_refused(desk: Desk, cursor: str) -> None:
    agent = await desk.signed_in("t1")
    for queue in ("mine", "T1"):
        status, answer = await agent.fetches("GET", f"/api/v1/rooms?queue={queue}&cursor={cursor}")
        assert status in (400, 422), answer
        assert answer["error"]["code"] in ("bad_cursor", "invalid")


@pytest.mark.parametrize("query", ["?queue=T9", "?status=x", "?limit=0", "?limit=101", "?guest_id=x", "?nonsense=1"])
async def test_a_filter_that_nobody_knows_is_refused(desk: Desk, query: str) -> None:
    agent = await desk.signed_in("t1")
    status, answer = await agent.fetches("GET", f"/api/v1/rooms{query}")
    assert (status, answer["error"]["code"]) == (422, "invalid")


async def test_private_rooms_are_listed_for_those_who_may_enter(desk: Desk) -> None:
    agent, other, boss = await desk.agent("t1"), await desk.agent("t1b"), await desk.agent("supervisor")
    await agent.asks("room.create", client_room_id="c", room_type="group", is_private=True, name="quiet")
    await agent.asks("room.create", client_room_id="d", room_type="group", name="loud")
    assert sorted(names(await rooms(agent))) == ["loud", "quiet"]
    assert sorted(names(await rooms(boss))) == ["loud", "quiet"]
    assert names(await rooms(other)) == ["loud"]
    assert names(await rooms(other, "?q=quiet")) == []
    assert ((await rooms(other))["counts"]["T1"], (await rooms(agent))["counts"]["T1"]) == (1, 2)


async def test_guests_strangers_and_other_workspaces_see_no_list(desk: Desk) -> None:
    _, guest = await room(desk, "hello")
    for path in ("/api/v1/rooms", "/api/v1/rooms?q=hello", "/api/v1/agents"):
        status, answer = await guest.fetches("GET", path)
        assert status in (403, 404)
        assert "hello" not in str(answer)
        async with desk.http.get(desk.url + path) as response:
            assert response.status == 401
    elsewhere = await make_workspace(desk.owner)
    foreign = await desk.signed_in("admin", workspace=elsewhere)
    assert (await rooms(foreign, "?status=all"))["items"] == []
    assert (await rooms(foreign, "?q=hello"))["items"] == []


async def test_a_line_says_who_spoke_last_and_how_much_is_unread(desk: Desk) -> None:
    agent, other = await desk.agent("t1"), await desk.signed_in("t1b")
    room_id, guest = await room(desk, "hello there")
    await agent.asks("room.claim", room_id=room_id)

    async def line(who: Agent) -> Json:
        return dict((await rooms(who))["items"][0])

    first = await line(agent)
    assert (first["preview"], first["unread"]) == ("hello there", 1)
    assert first["preview_by"] == {"voice": "guest", "mine": False, "note": False}
    assert (first["guest"]["id"], first["owner"]["name"]) == (str(guest.id), "T1 Tester")
    note = await agent.says("x" * 500, room_id=room_id, note=True)
    mine = await line(agent)
    assert (mine["preview"], mine["unread"], mine["head"]) == ("x" * 140, 1, note["seq"])
    assert mine["preview_by"] == {"voice": "agent", "mine": True, "note": True}
    await agent.asks("receipt", room_id=room_id, read_seq=note["seq"])
    assert ((await line(agent))["unread"], (await line(other))["unread"]) == (0, 1)
    await agent.asks("message.delete", message_id=note["id"])
    assert (await line(agent))["preview"] == ""


async def test_a_line_shows_nothing_of_a_history_that_one_may_not_see(desk: Desk) -> None:
    agent, boss = await desk.signed_in("t1"), await desk.agent("supervisor")
    room_id, guest = await room(desk, "before they came")
    newcomer = {"room_id": room_id, "user_id": str(agent.id)}
    await boss.asks("participant.add", **newcomer)

    async def shown(who: Agent) -> tuple[str | None, Json | None]:
        [line] = (await rooms(who))["items"]
        return line["preview"], line["preview_by"]

    assert (await shown(agent))[0] == "before they came"
    await boss.asks("participant.update", **newcomer, flags={"can_see_history": False})
    assert await shown(agent) == (None, None)
    assert (await shown(boss))[0] == "before they came"
    await guest.says("after they came")
    assert (await shown(agent))[0] == "after they came"


async def test_the_newest_is_on_top_and_changes_are_announced(desk: Desk) -> None:
    agent = await desk.agent("t1")
    first, guest = await room(desk, "first")
    second, _ = await room(desk, "second")
    for room_id in (first, second):
        await agent.asks("room.claim", room_id=room_id)
    await desk.owner.execute(
        "UPDATE chat_rooms SET last_activity_at = now() - interval '2 minutes' WHERE id = $1", UUID(first)
    )
    for query in ("?queue=mine", "?status=all"):
        assert names(await rooms(agent, query)) == ["second", "first"]
    await guest.says("again")
    for query in ("?queue=mine", "?status=all", "?status=active"):
        assert names(await rooms(agent, query)) == ["first", "second"]
    third, _ = await room(desk, "third")
    agent.forgets()
    await agent.asks("room.claim", room_id=third)
    changed = await agent.hears("inbox.changed", lambda data: data.get("room_id") == third)
    assert changed == {"room_id": third, "status": "active", "level": "T1", "owner": "human"}


async def test_a_list_of_fifty_asks_as_often_as_a_list_of_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = await desk.signed_in("t1")
    asked: list[str] = []
    fetch = asyncpg.Connection.fetch
    fetchrow = asyncpg.Connection.fetchrow
    await room(desk, "the first")
    await desk.settle()

    def counting(ask: Any) -> Any:
        async def counted(self: Any, query: str, *args: Any, **more: Any) -> Any:
            asked.append(query)
            return await ask(self, query, *args, **more)

        return counted

    async def cost() -> tuple[int, int]:
        asked.clear()
        with monkeypatch.context() as patch:
            patch.setattr(asyncpg.Connection, "fetch", counting(fetch))
            patch.setattr(asyncpg.Connection, "fetchrow", counting(fetchrow))
            page = await rooms(agent, "?limit=100")
        return len(page["items"]), len([query for query in asked if "chat_rooms" in query])

    one = await cost()
    await desk.owner.execute(
        "WITH made AS (INSERT INTO chat_rooms (workspace_id, name) "
        "SELECT $1, 'room ' || n FROM generate_series(1, 49) AS n RETURNING id, workspace_id) "
        "INSERT INTO room_heads (room_id, workspace_id) SELECT id, workspace_id FROM made",
        desk.workspace.id,
    )
    many = await cost()
    assert (one, many) == ((1, 3), (50, 3))


async def test_a_room_shows_staff_its_customer_and_guests_only_itself(desk: Desk) -> None:
    room_id, guest = await room(desk, "hello")
    agent = await desk.signed_in("t1")
    _, for_staff = await agent.fetches("GET", f"/api/v1/rooms/{room_id}")
    assert (for_staff["guest"]["id"], for_staff["guest"]["online"]) == (str(guest.id), True)
    _, for_guest = await guest.fetches("GET", f"/api/v1/rooms/{room_id}")
    assert not for_guest.keys() & {"guest", "version", "room_type", "snoozed_until", "site_id", "page"}
    for missing in (room_id[:-1] + ("0" if room_id[-1] != "0" else "1"), "x", room_id.upper(), "{" + room_id + "}"):
        status, _ = await agent.fetches("GET", f"/api/v1/rooms/{missing}")
        assert (status == 404) is (missing != room_id.upper())


async def test_staff_who_can_be_given_a_room_are_listed(desk: Desk) -> None:
    agent = await desk.agent("t1")
    await agent.asks("presence.set", status="busy")
    _, page = await agent.fetches("GET", "/api/v1/agents")
    assert {a["id"] for a in page["items"]} == {str(user) for user in desk.workspace.staff.values()}
    assert {a["presence"] for a in page["items"] if a["id"] == str(agent.id)} == {"busy"}


async def test_a_room_tells_who_blocked_its_guest_why_and_until_when(desk: Desk) -> None:
    agent, boss = await desk.agent("t1"), await desk.agent("supervisor")
    room_id, guest = await room(desk, "let me in")
    until = later()

    async def told() -> Json:
        _, found = await agent.fetches("GET", f"/api/v1/rooms/{room_id}")
        return {name: found["guest"][name] for name in ("blocked", "block", "online")}

    free = {"blocked": False, "block": None, "online": True}
    assert await told() == free
    await boss.asks("guest.block", guest_id=str(guest.id), reason="insults", until=until, spam=True)
    await agent.hears("inbox.changed", lambda changed: changed.get("room_ids") == [])
    kept_out = await told()
    assert (kept_out["blocked"], kept_out["online"]) == (True, False)
    block = kept_out["block"]
    assert (block["reason"], block["by"]["id"], block["spam"]) == ("insults", str(boss.id), True)
    assert abs(datetime.fromisoformat(block["until"]) - datetime.fromisoformat(until)) < timedelta(milliseconds=1)
    assert block["at"] < block["until"]
    await boss.asks("guest.unblock", guest_id=str(guest.id))
    await agent.hears("inbox.changed", lambda changed: changed.get("room_ids") == [])
    let_in = await told()
    assert (let_in["blocked"], let_in["block"]) == (False, None)


async def test_whoever_is_taken_out_of_a_room_is_told_and_reads_on_where_they_may(desk: Desk) -> None:
    agent, boss = await desk.agent("t1"), await desk.agent("supervisor")
    room_id, guest = await room(desk, "who is here?")
    await boss.asks("participant.add", room_id=room_id, user_id=str(agent.id))
    await agent.joins(room_id)
    await boss.asks("participant.remove", room_id=room_id, user_id=str(agent.id))
    await agent.hears("inbox.changed", lambda changed: changed == {"room_id": room_id})
    await agent.joins(room_id)
    await guest.says("and now?")
    await agent.sees("and now?")


async def test_nobody_hides_a_conversation_by_deleting_what_named_it(desk: Desk) -> None:
    guest, agent = await desk.guest(), await desk.signed_in("t1")
    room_id = await guest.opens()
    first = await guest.says("something harmless")
    await guest.says("something else")
    await desk.owner.execute("UPDATE chat_rooms SET owner_kind = 'robot' WHERE id = $1::text::uuid", room_id)
    await guest.asks("message.delete", message_id=first["id"])
    _, page = await agent.fetches("GET", "/api/v1/rooms?queue=robots")
    assert [line["id"] for line in page["items"]] == [room_id]
    assert page["counts"]["robots"] == 1
