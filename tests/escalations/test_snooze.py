"""A room set aside comes back: when its time has come, when somebody says so, and at once when the guest writes."""

import asyncio
from datetime import datetime
from uuid import UUID

import pytest

from supportdesk.core.wire import instant
from tests.people import Agent, Desk, Guest, later
from tests.streams import head_of, verify_live


async def snoozed(desk: Desk) -> tuple[str, Guest, Agent]:
    guest, agent = await desk.guest(), await desk.agent("t1")
    room_id = await guest.opens()
    await agent.joins(room_id)
    await agent.asks("room.claim", room_id=room_id)
    until = later()
    await agent.asks("room.snooze", room_id=room_id, until=until)
    told = (await agent.sees_kind("room.snoozed"))["data"]["until"]
    assert told == instant(datetime.fromisoformat(until))
    assert told.endswith("Z")
    return room_id, guest, agent


async def state(agent: Agent, room_id: str) -> tuple[str, str, bool]:
    _, room = await agent.fetches("GET", f"/api/v1/rooms/{room_id}")
    return room["status"], room["owner"]["kind"], "snoozed_until" in room


async def test_a_guests_message_brings_the_room_back_in_the_same_breath(desk: Desk) -> None:
    room_id, guest, agent = await snoozed(desk)
    assert await state(agent, room_id) == ("snoozed", "human", True)
    sent = await guest.says("are you there?")
    assert await state(agent, room_id) == ("active", "human", False)
    log = (await agent.reads(room_id))[-2:]
    assert [event["kind"] for event in log] == ["message.created", "room.reopened"]
    assert log[1]["actor"]["kind"] == "system"
    head = await head_of(desk, agent, room_id)
    live = await verify_live(agent, room_id, head)
    arrived = [event["seq"] for event in agent.events(room_id)]
    assert arrived == sorted(arrived), "the waking was sent before the message"
    assert live[-1]["kind"] == "room.reopened"
    assert sent["seq"] == await head_of(desk, guest, room_id)


async def test_many_messages_at_once_wake_it_once(desk: Desk) -> None:
    room_id, guest, agent = await snoozed(desk)
    sockets = [guest, await guest.again(), await guest.again()]
    await asyncio.gather(*(one.says(f"{n}") for n, one in enumerate(sockets)))
    assert [event["kind"] for event in await agent.reads(room_id)].count("room.reopened") == 1


async def test_what_the_desk_says_does_not_wake_it(desk: Desk) -> None:
    room_id, _, agent = await snoozed(desk)
    await agent.says("for later", note=True)
    await agent.says("I come back to you")
    assert await state(agent, room_id) == ("snoozed", "human", True)


async def test_a_room_that_nobody_had_waits_again(desk: Desk) -> None:
    guest, agent = await desk.guest(), await desk.agent("t1")
    room_id = await guest.opens()
    await agent.asks("room.snooze", room_id=room_id, until=later())
    await guest.says("hello?")
    assert await state(agent, room_id) == ("waiting", "queue", False)


async def test_when_its_time_has_come_the_sweep_brings_it_back(desk: Desk) -> None:
    room_id, _, agent = await snoozed(desk)
    await desk.job("wake_snoozed")
    assert await state(agent, room_id) == ("snoozed", "human", True)
    await desk.owner.execute(
        "UPDATE chat_rooms SET snoozed_until = now() - interval '1 second' WHERE id = $1", UUID(room_id)
    )
    await desk.job("wake_snoozed")
    await desk.job("wake_snoozed")
    assert await state(agent, room_id) == ("active", "human", False)
    assert [event["kind"] for event in await agent.reads(room_id)].count("room.reopened") == 1


async def test_a_snoozed_room_stays_its_owners(desk: Desk) -> None:
    room_id, _, agent = await snoozed(desk)
    other = await desk.agent("t1b")
    assert await other.is_refused("room.claim", room_id=room_id) == "already_claimed"
    await agent.asks("room.claim", room_id=room_id)
    assert await state(agent, room_id) == ("active", "human", False)


async def test_a_snoozed_room_can_be_reopened_closed_and_not_snoozed_again(desk: Desk) -> None:
    room_id, _, agent = await snoozed(desk)
    refused = await agent.refusal("room.snooze", room_id=room_id, until=later())
    assert (refused["code"], refused["details"]) == ("illegal_transition", {"status": "snoozed", "wanted": "snoozed"})
    await agent.asks("room.reopen", room_id=room_id)
    assert await state(agent, room_id) == ("active", "human", False)
    await agent.asks("room.snooze", room_id=room_id, until=later())
    await agent.asks("room.close", room_id=room_id)
    assert await state(agent, room_id) == ("closed", "human", False)
    assert await agent.is_refused("room.snooze", room_id=room_id, until=later()) == "illegal_transition"


@pytest.mark.parametrize(
    "until",
    [
        "2020-01-01T00:00:00Z",
        "2031-01-01T00:00:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "tomorrow",
        "",
        None,
        5e300,
        "2199-01-01T00:00:00Z",
    ],
)
async def test_a_snooze_ends_at_an_instant_to_come_and_not_in_another_age(desk: Desk, until: object) -> None:
    guest, agent = await desk.guest(), await desk.agent("t1")
    room_id = await guest.opens()
    assert await agent.is_refused("room.snooze", room_id=room_id, until=until) == "invalid"
    assert await state(agent, room_id) == ("waiting", "queue", False)
