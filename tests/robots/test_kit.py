"""What a robot's kit refuses, and what it writes down."""

import asyncio
import threading
from collections.abc import AsyncIterator

from supportdesk.robots.contract import Event, HandOff, KitError, Robot, Say, Turn
from supportdesk.robots.testing import PracticeKit, passage_of
from tests.robots.conftest import Staging


class CuriousRobot(Robot):
    """Tries what its kit does not allow, and says what came of it."""

    name = "curious"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        try:
            await self.kit.quote(turn.text, passage_of(turn.text, "never found"))
        except KitError as refusal:
            yield Say(delta=str(refusal))
        self.kit.log("tried", times=1)


class GreedyRobot(Robot):
    """Searches until it is stopped."""

    name = "greedy"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        while True:
            if not await self.kit.search(turn.text, limit=1000):
                yield HandOff(reason="nothing there")
                return


async def test_only_what_was_found_can_be_quoted_and_lines_are_kept(staged: Staging) -> None:
    desk = await staged(CuriousRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "hello")
    await desk.settle()
    assert (await desk.texts(room))[1] == "Only a passage that search has found in this turn can be quoted."
    (turn,) = await desk.turns(room)
    assert [(line["fact"], line["times"]) for line in turn["observation_data"]["log"]] == [("tried", 1)]


async def test_a_turn_may_make_only_so_many_calls(staged: Staging) -> None:
    desk = await staged(GreedyRobot, texts=["Refunds take five days."])
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "refunds")
    await desk.settle()
    (turn,) = await desk.turns(room)
    assert turn["error_message"] == "KitError: A turn may make 50 calls; this robot wants more."
    assert len(turn["observation_data"]["calls"]) == 50
    assert turn["observation_data"]["calls"][0]["limit"] == 20


async def test_every_call_is_timed(staged: Staging) -> None:
    desk = await staged(GreedyRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "hello")
    await desk.settle()
    (turn,) = await desk.turns(room)
    (call,) = turn["observation_data"]["calls"]
    assert call["found"] == []
    assert call["at_ms"] >= 0
    assert call["took_ms"] >= 0


class CountingRobot(Robot):
    """Has something done beside the loop that ends only when the loop goes on."""

    name = "counting"
    may_end: threading.Event

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        asyncio.get_running_loop().call_soon(self.may_end.set)
        elsewhere = await self.kit.blocking(self.count, turn.text)
        yield Say(delta=elsewhere)
        await self.kit.blocking(int, "no number")

    def count(self, text: str) -> str:
        """Wait for the loop as for a slow library; on the loop itself that would take until the time limit."""
        assert self.may_end.wait(5)
        return f"{len(text)} characters on another thread: {threading.get_ident() != MAIN}"


MAIN = threading.get_ident()


async def test_what_blocks_runs_beside_the_loop_and_is_on_record(staged: Staging) -> None:
    desk = await staged(CountingRobot)
    CountingRobot.may_end = threading.Event()
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "hello")
    await desk.settle()
    assert desk.ears.streamed() == "5 characters on another thread: True"
    (turn,) = await desk.turns(room)
    calls = turn["observation_data"]["calls"]
    assert [(call["call"], call["work"]) for call in calls] == [
        ("blocking", "CountingRobot.count"),
        ("blocking", "int"),
    ]
    assert all(call["took_ms"] >= 0 for call in calls)
    assert turn["error_message"].startswith("ValueError: invalid literal"), "what it raises is the robot's own"


async def test_a_practice_kit_runs_it_beside_the_loop_too() -> None:
    assert await PracticeKit().blocking(threading.get_ident) != MAIN
