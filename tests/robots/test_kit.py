"""What a robot's kit refuses, and what it writes down."""

from collections.abc import AsyncIterator

from supportdesk.robots.contract import Event, HandOff, KitError, Robot, Say, Turn
from supportdesk.robots.testing import passage_of
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
