"""The lists that people take the next room from: who stands where in them, page by page, and by which words."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.dashboard.test_inbox import names, room, rooms
from tests.people import Agent, Desk, Json

WAITS = """
    UPDATE chat_rooms SET priority = $2, waiting_since = now() - make_interval(mins => $3) WHERE id = $1::text::uuid
"""
STIRRED = """
    UPDATE chat_rooms SET last_activity_at = now() - make_interval(mins => $2) WHERE id = $1::text::uuid
"""
HEAD = """
    UPDATE room_heads SET last_message_at = now() - make_interval(mins => $2) WHERE room_id = $1::text::uuid
"""
CROWD = """
    WITH made AS (
        INSERT INTO chat_rooms (workspace_id, name, status, owner_kind, level, priority, waiting_since,
                                last_activity_at)
        SELECT $1, 'crowd ' || n, CASE WHEN n % 3 = 0 THEN 'active' ELSE 'waiting' END,
               CASE WHEN n % 3 = 0 THEN 'human' ELSE 'queue' END, 'T1', 1 + n % 5,
               CASE WHEN n % 3 > 0 THEN now() - n % 7 * interval '1 minute' END, now() - n % 4 * interval '1 minute'
          FROM generate_series(1, 60) n
     RETURNING id, workspace_id
    )
    INSERT INTO room_heads (room_id, workspace_id) SELECT id, workspace_id FROM made
"""


async def a_queue(desk: Desk) -> tuple[Agent, Mapping[str, str]]:
    """Two rooms that somebody has and five that wait, begun in another order than anybody should take them in."""
    agent = await desk.agent("t1")
    told = ("had, quiet", "had, lively", "normal, new", "low, oldest", "urgent, newest", "normal, old", "high")
    made = {name: (await room(desk, name))[0] for name in told}
    for name, minutes in (("had, quiet", 30), ("had, lively", 5)):
        await agent.asks("room.claim", room_id=made[name])
        for moved in (STIRRED, HEAD):
            await desk.owner.execute(moved, made[name], minutes)
    waits = {
        "normal, new": (3, 3),
        "low, oldest": (4, 90),
        "urgent, newest": (1, 1),
        "normal, old": (3, 40),
        "high": (2, 2),
    }
    for name, (priority, minutes) in waits.items():
        await desk.owner.execute(WAITS, made[name], priority, minutes)
    return agent, made


WAITING = ["urgent, newest", "high", "normal, old", "normal, new", "low, oldest"]
HAD = ["had, lively", "had, quiet"]


@pytest.mark.parametrize("query", ["?queue=T1", "?queue=all", ""])
async def test_who_waits_stands_first_by_priority_and_wait_and_the_others_by_activity(desk: Desk, query: str) -> None:
    agent, _ = await a_queue(desk)
    assert names(await rooms(agent, query)) == [*WAITING, *HAD]


async def test_a_state_alone_keeps_that_order(desk: Desk) -> None:
    agent, _ = await a_queue(desk)
    assert names(await rooms(agent, "?queue=T1&status=waiting")) == WAITING
    assert names(await rooms(agent, "?queue=T1&status=active")) == HAD


async def test_ones_own_rooms_stay_in_the_order_of_activity(desk: Desk) -> None:
    agent, _ = await a_queue(desk)
    assert names(await rooms(agent, "?queue=mine")) == HAD


@pytest.mark.parametrize("limit", [1, 3, 7])
async def test_pages_of_a_queue_follow_one_another(desk: Desk, limit: int) -> None:
    agent, _ = await a_queue(desk)
    await desk.owner.execute(CROWD, desk.workspace.id)
    whole = names(await rooms(agent, "?queue=T1&limit=100"))
    assert len(whole) == 67
    paged: list[str] = []
    page = await rooms(agent, f"?queue=T1&limit={limit}")
    while page["next_cursor"] is not None:
        paged += names(page)
        page = await rooms(agent, f"?queue=T1&limit={limit}&cursor={page['next_cursor']}")
    paged += names(page)
    # Where the moment of activity is the same, a page is in the order of its last messages.
    assert [name for name in paged if name in WAITING] == WAITING
    assert (len(paged), set(paged)) == (len(whole), set(whole))


async def test_a_room_that_is_taken_meanwhile_is_not_lost_to_the_next_page(desk: Desk) -> None:
    agent, made = await a_queue(desk)
    first = await rooms(agent, "?queue=T1&limit=2")
    await agent.asks("room.claim", room_id=made["normal, old"])
    second = await rooms(agent, f"?queue=T1&limit=9&cursor={first['next_cursor']}")
    assert sorted([*names(first), *names(second)]) == sorted([*WAITING, *HAD])


async def test_a_cursor_of_another_order_is_refused(desk: Desk) -> None:
    agent, _ = await a_queue(desk)
    cursors = {query: (await rooms(agent, f"?{query}&limit=1"))["next_cursor"] for query in ("queue=T1", "queue=mine")}
    for query, cursor in (("queue=mine", cursors["queue=T1"]), ("queue=T1", cursors["queue=mine"])):
        status, answer = await agent.fetches("GET", f"/api/v1/rooms?{query}&cursor={cursor}")
        assert (status, answer["error"]["code"]) == (400, "bad_cursor")


async def test_private_rooms_wait_unseen_by_those_who_may_not_enter(desk: Desk) -> None:
    agent, other, boss = await desk.agent("t1"), await desk.agent("t1b"), await desk.agent("supervisor")
    await agent.asks("room.create", client_room_id="c", room_type="group", is_private=True, name="quiet")
    for who, seen in ((agent, ["quiet"]), (boss, ["quiet"]), (other, [])):
        assert names(await rooms(who, "?queue=T1")) == seen


async def line_of(agent: Agent, query: str = "?queue=T1") -> Json:
    [line] = (await rooms(agent, query))["items"]
    return dict(line)


GUEST: Any = {"voice": "guest", "mine": False, "note": False}


async def test_who_waits_is_shown_by_their_own_last_words(desk: Desk) -> None:
    agent = await desk.agent("t1")
    room_id, guest = await room(desk, "my parcel is lost")
    await agent.joins(room_id)
    await agent.says("I look into it", room_id=room_id, note=True)
    waiting = await line_of(agent)
    assert (waiting["status"], waiting["preview"], waiting["preview_by"]) == ("waiting", "my parcel is lost", GUEST)
    last = await guest.says("and my patience too")
    assert (await line_of(agent))["preview"] == "and my patience too"
    await guest.asks("message.delete", message_id=last["id"])
    assert (await line_of(agent))["preview"] == ""
    await agent.asks("room.claim", room_id=room_id)
    answer = await agent.says("It comes tomorrow", room_id=room_id)
    had = await line_of(agent, "?queue=mine")
    assert (had["preview"], had["preview_by"]["mine"], had["head"]) == ("It comes tomorrow", True, answer["seq"])


async def test_a_room_that_waits_without_a_guest_is_shown_by_its_last_words(desk: Desk) -> None:
    agent = await desk.agent("t1")
    answer = await agent.asks("room.create", client_room_id="c", room_type="group", name="among us")
    await agent.says("who takes the phone?", room_id=answer["room"]["id"])
    shown = await line_of(agent)
    assert (shown["preview"], shown["preview_by"]["mine"]) == ("who takes the phone?", True)
