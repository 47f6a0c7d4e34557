"""Robots that go wrong, each in its own way, and one that does not."""

import asyncio
import time
from collections.abc import AsyncIterator

from pydantic import Field, JsonValue

from supportdesk.robots import contract
from supportdesk.robots.contract import (
    Cite,
    Event,
    Graph,
    HandOff,
    QuickReplies,
    Robot,
    Say,
    Silent,
    ToolCall,
    Trigger,
    Turn,
    Whisper,
)
from supportdesk.robots.testing import passage_of


class EchoRobot(Robot):
    """Says what it hears, word by word."""

    name, version = "echo", "1.2.3"

    class Settings(contract.Settings):
        """One of its own."""

        prefix: str = Field(default="", max_length=20, title="Said first")

    settings: Settings

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        for word in f"{self.settings.prefix}{turn.text}".split(" "):
            yield Say(delta=f"{word} ")


class SilentRobot(Robot):
    name = "silent"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield Silent(reason=f"nothing to say to {len(turn.text)} characters")


class NeverRobot(Robot):
    """Is asked and never comes back."""

    name = "never"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        await asyncio.get_running_loop().create_future()
        yield Say(delta=turn.text)


class StallingRobot(Robot):
    """Begins and never ends."""

    name = "stalling"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield Say(delta=f"{turn.text} … ")
        await asyncio.get_running_loop().create_future()


class CrashingRobot(Robot):
    name = "crashing"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield Say(delta="Let me see. ")
        raise RuntimeError(f"no {turn.text} here")


class QuittingRobot(Robot):
    name = "quitting"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield Say(delta=turn.text)
        raise SystemExit(1)


class CirclingRobot(Robot):
    """Turns round and round, and takes no exception for an answer."""

    name = "circling"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        rounds = 0
        while turn.text:
            try:
                rounds += len(turn.text)
            except Exception:
                rounds = 0
        yield Say(delta=str(rounds))


class InterruptingRobot(Robot):
    name = "interrupting"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield Say(delta=turn.text)
        raise KeyboardInterrupt


class TalkingAfterHandOffRobot(Robot):
    name = "talking"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield HandOff(reason="not mine")
        yield Say(delta=f"But about {turn.text} …")


class StubbornRobot(Robot):
    """Swallows every attempt to cancel it, until it is told to go."""

    name = "stubborn"
    may_go: asyncio.Event

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield Say(delta=turn.text)
        while not self.may_go.is_set():
            try:
                await self.may_go.wait()
            except asyncio.CancelledError:
                continue


class EndlessRobot(Robot):
    name = "endless"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        while turn.text:
            yield Say(delta="more ")


class WordlessRobot(Robot):
    """Floods the host with notes and never says a word."""

    name = "wordless"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        while True:
            yield Whisper(text=turn.text)


class StringRobot(Robot):
    name = "string"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield turn.text  # type: ignore[misc]


class SourcesOnlyRobot(Robot):
    name = "sources"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield Cite(document_id=passage_of("", turn.text).id, quote=turn.text)
        yield QuickReplies(options=("yes", "no"))


class ToolRobot(Robot):
    name = "tool"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield ToolCall(name="look_up_order", args={"text": turn.text})


class BlockingRobot(Robot):
    """Sleeps in the event loop's own thread."""

    name = "blocking"
    block_s = 0.2

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        time.sleep(self.block_s)  # noqa: ASYNC251 - that is its fault
        yield Say(delta=turn.text)


class GatedRobot(Robot):
    """Says the first half, waits for the gate, says the second."""

    name = "gated"
    begun: asyncio.Event
    gate: asyncio.Event

    @classmethod
    def shut(cls) -> None:
        """Close the gate for a new test."""
        cls.begun, cls.gate = asyncio.Event(), asyncio.Event()

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield Say(delta=f"About {turn.text}: ")
        self.begun.set()
        await self.gate.wait()
        yield Say(delta="done.")


class PonderingRobot(GatedRobot):
    """Hands off when the gate opens."""

    name = "pondering"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        self.begun.set()
        await self.gate.wait()
        yield HandOff(reason=f"{turn.text} is not mine")


class StaffOnlyRobot(EchoRobot):
    """Speaks to the staff alone."""

    name = "staff_only"

    class Settings(EchoRobot.Settings):
        """Hidden from guests."""

        visible_to_guest: bool = False


class ExplainingRobot(Robot):
    """Says why it hands off."""

    name = "explaining"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield Whisper(text="the guest sounds cross")
        yield Say(delta="Let me get somebody. ")
        yield HandOff(reason=f"{turn.text} is not mine")


class GraphRobot(Robot):
    name = "graph"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield Graph(spec={"mark": "bar"}, data=({"x": "Mon", "y": 1},), summary=f"One bar for {turn.text}.")
        yield QuickReplies(options=("more",))


class BadGraphRobot(Robot):
    """Draws what cannot be drawn, and says something that can be read."""

    name = "bad_graph"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield Say(delta="Here it is.")
        yield Graph(spec={"mark": "bar"}, data=({"x": "a\x00b", "y": 1},), summary="A chart with a NUL.")
        rows: tuple[dict[str, JsonValue], ...] = tuple({"x": str(at), "y": at} for at in range(3_000))
        yield Graph(spec={"mark": "line"}, data=rows, summary=f"Too many points for {turn.text}.")
        yield Graph(spec={"mark": "bar", "a\x00": 1}, data=({"x": "a", "y": 10**30},), summary="A number without end.")


class ImaginativeRobot(Robot):
    """Cites what no search has found."""

    name = "imaginative"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield Say(delta="Trust me.")
        yield Cite(document_id=passage_of("", "never written").id, quote=turn.text)


class CitingHelperRobot(StaffOnlyRobot):
    """Suggests the first passage that is found."""

    name = "citing_helper"
    hears = frozenset({Trigger.SUGGESTION})

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        for passage in await self.kit.search(turn.text, limit=1):
            yield Say(delta=passage.text)
            yield Cite(document_id=passage.document_id, quote=passage.text)


class SuggestingRobot(StaffOnlyRobot):
    """Tells the staff what could be said, and now and then leaves them a note."""

    name = "suggesting"
    display_name = "Copilot"
    hears = frozenset({Trigger.SUGGESTION})

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        if "note" in turn.text:
            yield Whisper(text=f"{len(turn.history)} lines before")
        if "break" in turn.text:
            raise RuntimeError("a robot's own mistake")
        if "person" in turn.text:
            yield HandOff(reason="asked for one")
        elif "quiet" not in turn.text:
            yield Say(delta=f"{self.settings.prefix}Try ")
            yield Say(delta=f"this: {turn.text}")


class WaitingRobot(GatedRobot):
    """A suggestion that is long in coming."""

    name = "waiting"
    hears = frozenset({Trigger.SUGGESTION})

    class Settings(contract.Settings):
        """Hidden from guests."""

        visible_to_guest: bool = False
