"""A guest cannot tell what is written, read or typed behind them."""

from typing import Any

import asyncpg
import pytest

from supportdesk.core.wire import to_json
from tests.people import Agent, Desk, Guest, Json
from tests.transports import on_both_ways


@pytest.fixture
async def people(desk: Desk) -> tuple[Guest, Agent]:
    """A guest and an agent who talk, and have read what was said."""
    guest, agent = await desk.guest(), await desk.agent("t1")
    room_id = await guest.opens("Where is my order?")
    await agent.asks("room.claim", room_id=room_id)
    await agent.joins(room_id)
    await guest.says("hello")
    said = await agent.says("hi")
    await agent.asks("receipt", room_id=room_id, read_seq=said["seq"])
    await guest.hears("receipt", lambda r: r["user_id"] == str(agent.id))
    return guest, agent


async def everything(guest: Guest) -> str:
    """All that the guest's side can read of the room, as it stands."""
    joined = await guest.joins(str(guest.room_id))
    history = await guest.fetches("GET", f"/api/v1/rooms/{guest.room_id}/messages")
    return to_json([joined, history]).decode()


@on_both_ways
async def test_reading_a_note_moves_no_tick_and_no_time(desk: Desk, people: tuple[Guest, Agent]) -> None:
    guest, agent = people
    before = await everything(guest)
    guest.forgets()
    note = await agent.says("do not refund this one", note=True)
    await agent.asks("receipt", room_id=agent.room_id, read_seq=note["seq"])
    await desk.settle()
    assert await everything(guest) == before
    assert not guest.heard


@on_both_ways
async def test_reading_what_a_guest_says_moves_both(people: tuple[Guest, Agent]) -> None:
    guest, agent = people
    before = await everything(guest)
    guest.forgets()
    said = await guest.says("still there?")
    event = await agent.hears(
        "room.event", lambda e: e["kind"] == "message.created" and e["data"]["message"]["id"] == said["id"]
    )
    await agent.asks("receipt", room_id=agent.room_id, read_seq=event["seq"])
    tick = await guest.hears("receipt", lambda r: r["user_id"] == str(agent.id))
    assert tick["read_seq"] == said["seq"]
    assert await everything(guest) != before


@pytest.mark.parametrize("field", ["reply_to", "thread_id"])
async def test_a_public_message_cannot_point_at_a_note(people: tuple[Guest, Agent], field: str) -> None:
    _, agent = people
    note = await agent.says("a note", note=True)
    refusal = await agent.is_refused(
        "message.send", room_id=agent.room_id, client_msg_id="pointing", content="see there", **{field: note["id"]}
    )
    assert refusal == f"bad_{field.partition('_')[0]}"
    await agent.says("a note about a note", note=True, **{field: note["id"]})


@on_both_ways
async def test_whoever_is_made_a_silent_observer_is_not_seen_typing(desk: Desk, people: tuple[Guest, Agent]) -> None:
    guest, agent = people
    supervisor = await desk.agent("supervisor")
    await supervisor.joins(str(guest.room_id))
    await agent.asks("participant.add", room_id=guest.room_id, user_id=str(supervisor.id))
    await supervisor.asks("participant.update", room_id=guest.room_id, user_id=str(supervisor.id), role="observer")
    guest.forgets()
    await supervisor.tells("typing", room_id=guest.room_id, on=True)
    await agent.tells("typing", room_id=guest.room_id, on=True)
    await guest.hears("typing", lambda t: t["user_id"] == str(agent.id))
    assert not [data for name, data in guest.heard if name == "typing" and data["user_id"] == str(supervisor.id)]


async def test_what_an_observer_has_read_shows_neither_then_nor_when_they_come_forward(
    desk: Desk, people: tuple[Guest, Agent]
) -> None:
    guest, _ = people
    supervisor = await desk.agent("supervisor")
    room_id = str(guest.room_id)
    await guest.says("does anybody read this?")
    await supervisor.asks("room.observe", room_id=room_id)
    head = (await supervisor.joins(room_id))["head"]
    await supervisor.asks("receipt", room_id=room_id, read_seq=head)
    assert (await supervisor.joins(room_id))["room"]["unread"] == 0

    async def look() -> list[str]:
        _, history = await guest.fetches("GET", f"/api/v1/rooms/{room_id}/messages")
        return [message["status"] for message in history["items"]]

    before = await look()
    await supervisor.asks("room.takeover", room_id=room_id)
    assert await look() == before


async def test_whoever_becomes_a_silent_observer_leaves_as_far_as_guests_see(
    desk: Desk, people: tuple[Guest, Agent]
) -> None:
    guest, agent = people
    supervisor = await desk.agent("supervisor")
    room_id = str(guest.room_id)
    await agent.asks("participant.add", room_id=room_id, user_id=str(supervisor.id))
    for role, kind in (("observer", "participant.left"), ("member", "participant.joined")):
        guest.forgets()
        await supervisor.asks("participant.update", room_id=room_id, user_id=str(supervisor.id), role=role)
        await guest.sees_kind(kind)
        there = {person["user_id"] for person in (await guest.joins(room_id))["participants"]}
        assert (str(supervisor.id) in there) is (role == "member")
    await supervisor.asks("participant.update", room_id=room_id, user_id=str(supervisor.id), role="observer")
    wrong = {"room_id": room_id, "user_id": str(supervisor.id), "role": "guest"}
    assert await supervisor.is_refused("participant.add", **wrong) == "wrong_role"


async def test_joining_takes_as_many_statements_however_many_take_part(
    desk: Desk, people: tuple[Guest, Agent], monkeypatch: pytest.MonkeyPatch
) -> None:
    guest, agent = people
    counted = 0
    execute: Any = asyncpg.Connection._execute  # type: ignore[attr-defined]

    async def count(self: Any, *args: Any, **options: Any) -> Any:
        nonlocal counted
        counted += 1
        return await execute(self, *args, **options)

    async def joining() -> int:
        """The fewest of several: what the desk does beside it counts along."""
        nonlocal counted
        statements = []
        for _ in range(5):
            await desk.settle()
            counted = 0
            joined: Json = await guest.joins(str(guest.room_id))
            assert joined["participants"]
            statements.append(counted)
        return min(statements)

    monkeypatch.setattr(asyncpg.Connection, "_execute", count)
    few = await joining()
    for who in ("t1b", "t2", "t3", "supervisor", "manager"):
        await agent.asks("participant.add", room_id=guest.room_id, user_id=str(desk.workspace.staff[who]))
    assert await joining() == few
