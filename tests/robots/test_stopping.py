"""Stop: what the guest has read stays and is said to be cut short, unless somebody has spoken since."""

import asyncio

import orjson

from supportdesk.actor import Actor
from supportdesk.core.db import Database
from supportdesk.robots.actions import stop_turns
from supportdesk.rooms.model import Room
from tests.robots.conftest import Staging
from tests.robots.strange import GatedRobot
from tests.robots.theatre import Theatre


async def in_the_midst(desk: Theatre) -> tuple[Actor, Room]:
    """A guest, and the room in which the robot has begun to answer them."""
    GatedRobot.shut()
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "refunds")
    await GatedRobot.begun.wait()
    return guest, room


async def stops(db: Database, guest: Actor, room: Room) -> int:
    async with db.transaction(guest) as tx:
        return await stop_turns(tx, room, "stopped by the guest")


async def test_the_stop_button_ends_the_turn_and_what_was_read_stays(staged: Staging) -> None:
    desk = await staged(GatedRobot)
    guest, room = await in_the_midst(desk)
    assert await stops(desk.db, guest, room) == 1
    await asyncio.wait_for(desk.settle(), 1)
    assert await desk.texts(room) == ["refunds", "About refunds:"]
    (_, said) = await desk.messages(room)
    assert orjson.loads(said["content_metadata"]) == {"stopped": True}
    assert desk.ears.aborted() == [], "the message ends the draft"
    (turn,) = await desk.turns(room)
    assert turn["status"] == "completed"
    told = {name: turn["response_data"][name] for name in ("ending", "reason", "fate")}
    assert told == {"ending": "stopped", "reason": "stopped by the guest", "fate": "cut_short"}
    assert [event["delta"] for event in turn["response_data"]["events"]] == ["About refunds: "]
    assert await desk.owner_of(room) == "robot"


async def test_who_stops_a_robot_and_writes_on_at_once_gets_no_words_of_before(staged: Staging) -> None:
    desk, elsewhere = await staged(GatedRobot), await staged(GatedRobot, seats=0)
    guest, room = await in_the_midst(desk)
    await stops(elsewhere.db, guest, room)
    await elsewhere.says(guest, room, "never mind")
    await desk.runner.beat()
    GatedRobot.gate.set()
    await asyncio.wait_for(desk.settle(), 2)
    assert (await desk.texts(room))[:2] == ["refunds", "never mind"]
    assert "About refunds:" not in await desk.texts(room)
    assert len(desk.ears.aborted()) == 1


async def test_an_answer_that_was_done_as_it_was_stopped_stays_as_it_was_read(staged: Staging) -> None:
    desk, elsewhere = await staged(GatedRobot), await staged(GatedRobot, seats=0)
    guest, room = await in_the_midst(desk)
    await stops(elsewhere.db, guest, room)
    GatedRobot.gate.set()  # the worker has not heard of it
    await asyncio.wait_for(desk.settle(), 2)
    assert await desk.texts(room) == ["refunds", "About refunds: done."]
    (turn,) = await desk.turns(room)
    assert (turn["response_data"]["ending"], turn["response_data"]["fate"]) == ("stopped", "cut_short")


async def test_a_beat_ends_a_turn_that_was_stopped_elsewhere(staged: Staging) -> None:
    desk, elsewhere = await staged(GatedRobot), await staged(GatedRobot, seats=0)
    guest, room = await in_the_midst(desk)
    await stops(elsewhere.db, guest, room)
    await desk.runner.beat()
    await asyncio.wait_for(desk.settle(), 2)
    assert await desk.texts(room) == ["refunds", "About refunds:"]
