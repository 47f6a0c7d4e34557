"""Says a fixed number of pieces at an even pace, whatever it is asked."""

import asyncio
from collections.abc import AsyncIterator

from pydantic import Field

from supportdesk.robots import contract
from supportdesk.robots.contract import Event, Robot, Say, Turn


class ChatterRobot(Robot):
    """Streams `pieces` deltas, `rate` of them per second; late ones are made up for."""

    name, version = "chatter", "1.0.0"
    display_name = "Chatter"

    class Settings(contract.Settings):
        """How much it says and how fast."""

        timeout_s: float = Field(default=60, gt=0, le=120, title="Give up after this many seconds")
        pieces: int = Field(default=300, ge=1, le=5_000, title="Pieces")
        rate: float = Field(default=30, gt=0, le=1_000, title="Pieces per second")

    settings: Settings

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """Talk."""
        del turn
        loop = asyncio.get_running_loop()
        began = loop.time()
        for piece in range(self.settings.pieces):
            await asyncio.sleep(max(0.0, began + piece / self.settings.rate - loop.time()))
            yield Say(delta=f"word{piece % 10} ")
