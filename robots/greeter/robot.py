"""Welcomes the guest in a new room."""

from collections.abc import AsyncIterator
from typing import Annotated

from pydantic import Field

from supportdesk.robots import contract
from supportdesk.robots.contract import Event, QuickReplies, Robot, Say, Silent, Trigger, Turn


class GreeterRobot(Robot):
    """Welcomes the guest once, with quick replies, and leaves the floor to the next robot."""

    name, version = "greeter", "1.0.0"
    display_name = "Assistant"
    hears = frozenset({Trigger.ROOM_OPENED})

    class Settings(contract.Settings):
        """What it says."""

        text: str = Field(
            default="Hello, and welcome. Ask me anything, or ask for a person at any time.",
            min_length=1,
            max_length=1_000,
            title="Welcome (Markdown)",
        )
        quick_replies: tuple[Annotated[str, Field(min_length=1, max_length=80)], ...] = Field(
            default=("I want to talk to a person",),
            max_length=10,
            title="Quick replies",
        )

    settings: Settings

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """Greet, unless somebody has already spoken."""
        if turn.history:
            yield Silent(reason="the conversation has begun")
            return
        yield Say(delta=self.settings.text)
        if self.settings.quick_replies:
            yield QuickReplies(options=self.settings.quick_replies)
