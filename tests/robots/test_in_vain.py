"""What guests ask in vain is kept for the documents; a wish for a person is no question that one could answer."""

from collections.abc import AsyncIterator

import pytest

from supportdesk.robots.contract import Event, Robot, Say, Turn
from tests.robots.conftest import Staging


class GuessingRobot(Robot):
    """Looks into the documents and answers without them."""

    name, version = "guessing", "1"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """Words of its own."""
        await self.kit.search(turn.text)
        yield Say(delta="I will see what I can do.")


@pytest.mark.parametrize(
    ("text", "kept"),
    [("I want a person please", []), ("Do you ship to Norway?", ["Do you ship to Norway?"])],
)
async def test_a_wish_for_a_person_is_no_unanswered_question(staged: Staging, text: str, kept: list[str]) -> None:
    desk = await staged(GuessingRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, text)
    await desk.settle()
    assert await desk.texts(room) == [text, "I will see what I can do."]
    rows = await desk.owner.fetch("SELECT question FROM unanswered_questions WHERE room_id = $1", room.id)
    assert [row["question"] for row in rows] == kept
