"""What asks models is loaded when somebody has a provider, and its loading costs no robot its time."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Final

from supportdesk.llm.model import Caller
from supportdesk.robots.actions import stop_turns
from supportdesk.robots.asked import Turn
from supportdesk.robots.contract import Robot, Say, Silent
from supportdesk.robots.play import Limits
from tests.llm.scripted import Scripted
from tests.llm.talking import QUESTION, Talker, says, with_provider
from tests.robots.conftest import Staging

HURRIED: Final = Limits(first_event_s=1.0)


class Slow:
    """An engine whose loading ends when the test says so."""

    def __init__(self) -> None:
        self.begun, self.goes_on = threading.Event(), threading.Event()
        self.times = 0

    def __call__(self) -> Scripted:
        """Wait for it."""
        self.times += 1
        self.begun.set()
        assert self.goes_on.wait(20)
        return Scripted(says("From the model."))


async def test_loading_the_library_costs_a_turn_none_of_its_time(staged: Staging) -> None:
    slow = Slow()
    theatre = await staged(Talker, engine=slow, limits=HURRIED)
    await with_provider(theatre)
    guest = await theatre.guest()
    room = await theatre.opens(guest)
    loop = asyncio.get_running_loop()
    await theatre.says(guest, room, QUESTION)
    await asyncio.to_thread(slow.begun.wait, 10)
    loop.call_later(1.5 * HURRIED.first_event_s, slow.goes_on.set)
    await theatre.settle()
    assert (await theatre.texts(room))[-1] == "From the model."


async def test_a_turn_is_stopped_while_the_library_is_loaded(staged: Staging) -> None:
    slow = Slow()
    theatre = await staged(Talker, engine=slow, limits=HURRIED)
    await with_provider(theatre)
    guest = await theatre.guest()
    room = await theatre.opens(guest)
    ended = asyncio.Event()
    await theatre.says(guest, room, QUESTION)
    await asyncio.to_thread(slow.begun.wait, 10)
    async with theatre.db.transaction(theatre.system) as tx:
        assert await stop_turns(tx, room, "stopped by the guest") == 1
    asyncio.get_running_loop().call_later(0.3, ended.set)
    await ended.wait()
    slow.goes_on.set()
    await theatre.settle()
    [turn] = await theatre.turns(room)
    assert (turn["response_data"]["ending"], turn["tokens"]) == ("stopped", 0)


class Shy(Robot):
    """Asks only whether a model can be asked."""

    name = "shy"

    async def answer(self, turn: Turn) -> AsyncIterator[Say | Silent]:
        """Say so."""
        del turn
        if await self.kit.llm.ready():
            yield Say(delta="ready")
        else:
            yield Silent(reason="no language model can be asked")


async def test_the_record_says_why_no_model_could_be_asked(staged: Staging) -> None:
    theatre = await staged(Shy, engine=lambda: Scripted(says("Never.")))
    guest = await theatre.guest()
    room = await theatre.opens(guest)
    await theatre.says(guest, room, QUESTION)
    await theatre.settle()
    [turn] = await theatre.turns(room)
    [line] = turn["observation_data"]["log"]
    assert line["why"] == "No provider of language models is configured in this workspace."


async def test_a_process_loads_it_as_soon_as_a_workspace_has_a_provider(staged: Staging) -> None:
    slow = Slow()
    slow.goes_on.set()
    theatre = await staged(engine=slow)
    await theatre.owner.execute("UPDATE provider_configs SET is_active = false")  # of other tests
    looking = theatre.tasks.spawn(theatre.models.keep_warm(), name="look", lasting=True)
    for _ in range(3):
        await theatre.models.ready(Caller(workspace_id=theatre.workspace_id))
    assert slow.times == 0, "a desk without a provider does without"
    looking.cancel()
    await with_provider(theatre)
    await theatre.models.keep_warm()
    assert slow.times == 1
    await theatre.models.keep_warm()
    assert slow.times == 1
