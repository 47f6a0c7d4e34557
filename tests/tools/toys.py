"""Tools and robots of the tests: they count what they did, and do as they are told."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

from pydantic import Field, JsonValue

from supportdesk.actor import Level
from supportdesk.errors import Unanswered
from supportdesk.robots.contract import (
    Event,
    KitError,
    Robot,
    Say,
    ToolCall,
    ToolStatus,
    Trigger,
    Turn,
)
from supportdesk.tools.declaration import Asking, Tool, ToolArgs, declare
from supportdesk.tools.model import Risk


class Refund(ToolArgs):
    """What a toy of a refund takes."""

    order: str = Field(min_length=1, max_length=40)
    amount: float = Field(gt=0, le=1000)


class Till:
    """Pays refunds, and remembers each. `crashes` cuts the process off before the answer is kept."""

    def __init__(self) -> None:
        self.paid: list[tuple[str, float]] = []
        self.looked = 0
        self.door: asyncio.Event | None = None
        self.broken: Exception | None = None

    async def refund(self, _asking: Asking, want: Refund) -> JsonValue:
        """Pay, once."""
        self.paid.append((want.order, want.amount))
        if self.door is not None:
            await self.door.wait()
        if self.broken is not None:
            raise self.broken
        return {"paid": want.amount}

    async def look(self, _asking: Asking, want: Refund) -> JsonValue:
        """Look without changing anything."""
        self.looked += 1
        if self.broken is not None:
            raise self.broken
        return {"order": want.order, "looked": self.looked}

    def tools(self, **more: Any) -> list[Tool]:
        """A high-risk refund, and a look that reads."""
        return [
            declare("refund", "Pay money back.", Refund, self.refund, risk=Risk.HIGH, **{"level": Level.T1, **more}),
            declare("look", "Look at an order.", Refund, self.look, risk=Risk.READ, idempotent=True),
            declare("dear", "Costs money.", Refund, self.look, risk=Risk.READ, cost=Decimal("0.60"), idempotent=True),
        ]


ARGS: dict[str, JsonValue] = {"order": "A-1", "amount": 12.5}


class ClerkRobot(Robot):
    """Calls the tool that the guest names, and says what came of it."""

    name = "clerk"
    hears = frozenset({Trigger.MESSAGE, Trigger.TOOL_DECIDED})

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        if turn.trigger is Trigger.TOOL_DECIDED:
            for one in turn.tool_results:
                yield Say(delta=f"{turn.text}: {one.name} {one.status} {one.result or one.error}")
            return
        word, _, times = turn.text.partition(" x")
        for _time in range(int(times or 1)):
            try:
                got = await self.kit.tools.call(word, ARGS)
            except KitError as error:
                yield Say(delta=f"refused: {error}")
                return
        if got.status is not ToolStatus.WAITING:
            yield Say(delta=f"{got.name} {got.status} {got.result or got.error}")


class EventRobot(ClerkRobot):
    """Asks by an event instead of through the kit."""

    name = "event"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        if turn.trigger is Trigger.TOOL_DECIDED:
            async for event in super().answer(turn):
                yield event
            return
        yield ToolCall(name=turn.text, args=ARGS)


class DeafClerkRobot(ClerkRobot):
    """Does not want to hear of decisions."""

    name = "deaf_clerk"
    hears = frozenset({Trigger.MESSAGE})


class CirclingRobot(ClerkRobot):
    """Asks again whenever it hears."""

    name = "circling"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield ToolCall(name="look", args=ARGS | {"order": f"A-{len(turn.tool_results)}"})


BROKEN = Unanswered("The till did not answer.")
