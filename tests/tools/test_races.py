"""Calls of tools while a turn changes hands: an attempt that is over asks for nothing, and no outcome is lost."""

import asyncio
from collections.abc import AsyncIterator
from typing import ClassVar

import pytest

from supportdesk.robots.contract import Event, KitError, Robot, Say, Trigger, Turn
from supportdesk.tools.actions import WITHDRAWN, decide_execution
from supportdesk.tools.model import Choice
from tests.robots.conftest import Staging
from tests.robots.theatre import Theatre
from tests.tools.calling import calls, decides
from tests.tools.toys import Till


class PausingRobot(Robot):
    """Asks for a refund, waits at a gate, and asks for another one; says what it was told of them."""

    name = "pausing"
    hears = frozenset({Trigger.MESSAGE, Trigger.TOOL_DECIDED})
    first: ClassVar[float] = 10
    second: ClassVar[float | None] = None
    refused: ClassVar[str] = ""
    begun: ClassVar[asyncio.Event] = asyncio.Event()
    gate: ClassVar[asyncio.Event] = asyncio.Event()

    @classmethod
    def shut(cls) -> None:
        """Begin a test."""
        cls.first, cls.second, cls.refused = 10, None, ""
        cls.begun, cls.gate = asyncio.Event(), asyncio.Event()

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """Ask twice, with a pause."""
        if turn.trigger is Trigger.TOOL_DECIDED:
            yield Say(delta=f"Decided: {len(turn.tool_results)}.")
            return
        await self.kit.tools.call("refund", {"order": "A-1", "amount": self.first})
        self.begun.set()
        await self.gate.wait()
        if self.second is not None:
            try:
                await self.kit.tools.call("refund", {"order": "A-1", "amount": self.second})
            except KitError as refused:
                PausingRobot.refused = str(refused)
        yield Say(delta="I have asked.")


async def begun(staged: Staging, till: Till) -> Theatre:
    """A desk whose robot waits at its gate, with one call made."""
    PausingRobot.shut()
    return await staged(PausingRobot, tools=till.tools())


async def test_a_turn_given_back_takes_what_it_had_asked_for_along(staged: Staging) -> None:
    desk = await begun(staged, Till())
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "refund")
    await PausingRobot.begun.wait()
    desk.runner.stop()
    await desk.tasks.drain(grace_s=0.05)
    PausingRobot.first = 11  # a model seldom asks in the same words twice
    PausingRobot.gate.set()
    other = await staged(PausingRobot, tools=Till().tools())
    await other.runner.sweep()
    await other.settle()
    first, second = await calls(other, room)
    assert (first["status"], first["error_message"], second["status"]) == ("cancelled", WITHDRAWN, "pending")


@pytest.mark.parametrize(
    "loses",
    [
        "UPDATE robot_interactions SET claimed_by = 'another', attempt = 2 WHERE id = $1",
        "UPDATE robot_interactions SET status = 'completed', completed_at = now() WHERE id = $1",
    ],
    ids=["taken over", "stopped"],
)
async def test_an_attempt_that_is_over_asks_for_no_tool(staged: Staging, loses: str) -> None:
    desk = await begun(staged, Till())
    guest = await desk.guest()
    room = await desk.opens(guest)
    PausingRobot.second = 11
    await desk.says(guest, room, "refund")
    await PausingRobot.begun.wait()
    (turn,) = await desk.turns(room)
    await desk.owner.execute(loses, turn["id"])  # by another process: this one learns of it with its next beat
    PausingRobot.gate.set()
    await desk.settle()
    assert [call["parameters"] for call in await calls(desk, room)] == ['{"order": "A-1", "amount": 10}']
    assert "no longer" in PausingRobot.refused


async def test_of_two_who_decide_at_once_the_later_is_told_as_well(staged: Staging) -> None:
    """The second transaction has begun before the robot was asked about the first one's, and ends after it spoke."""
    desk = await begun(staged, Till())
    guest = await desk.guest()
    room = await desk.opens(guest)
    PausingRobot.second = 11
    PausingRobot.gate.set()
    await desk.says(guest, room, "refund")
    await desk.settle()
    first, second = await calls(desk, room)
    async with desk.db.transaction(desk.agent) as tx:
        await tx.conn.fetchval("SELECT now()")
        await decides(desk, first, Choice.DENY)
        await decide_execution(
            tx,
            desk.agent,
            second["id"],
            Choice.DENY,
            args_sha256=second["args_sha256"],
            why=None,
            endings=desk.endings,
        )
    await desk.settle()
    said = [text for text in await desk.texts(room) if text.startswith("Decided")]
    assert said == ["Decided: 1.", "Decided: 1."]
    assert [call["told_at"] is not None for call in await calls(desk, room)] == [True, True]
