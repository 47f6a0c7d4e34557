"""Two robots of a package of the journeys' own: one adds to what the leader says, one helps the staff."""

import asyncio
from collections.abc import AsyncIterator

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from supportdesk.robots import contract
from supportdesk.robots.contract import Cite, Event, Graph, Robot, Role, Say, Silent, Trigger, Turn


class Shelf(BaseModel):
    """Where gifts are kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(default="", min_length=1, max_length=40, title="Shelf")
    full: bool = Field(default=False, title="It is full")


class GiftsRobot(Robot):
    """Mentions the gift wrapping after another robot has answered."""

    name, version = "gifts", "1.0.0"
    display_name = "Gift corner"

    class Settings(contract.Settings):
        """What it mentions, and where things are."""

        remark: str = Field(
            default="Gift wrapping is free in December.",
            min_length=1,
            max_length=400,
            title="What it mentions",
            description="After the answer of another robot, in at most 280 characters.",
        )
        shelves: tuple[Shelf, ...] = Field(default=(), max_length=5, title="Shelves")
        token: SecretStr | None = Field(default=None, title="Token of the gift shop", min_length=6)

    settings: Settings

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """Mention it, where somebody else leads."""
        yield Say(delta=self.settings.remark) if turn.role is Role.FOLLOW else Silent()


class HelperRobot(Robot):
    """Suggests a reply to the staff."""

    name, version = "helper", "1.0.0"
    display_name = "Helper"
    hears = frozenset({Trigger.SUGGESTION})

    class Settings(contract.Settings):
        """For the staff."""

        visible_to_guest: bool = Field(default=False, title="Guests see what it says")

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """Say what could be said, with the first of what is found."""
        yield Say(delta=f"You could say this about {turn.text!r}.")
        for passage in await self.kit.search("What does delivery cost?", limit=1):
            yield Cite(document_id=passage.document_id, quote=passage.text)


class PainterRobot(Robot):
    """Draws the week's orders where it is asked for them by name."""

    name, version = "painter", "1.0.0"
    display_name = "Painter"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """A bar for each day and two lines, or nothing."""
        if "orders" not in turn.text:
            yield Silent()
            return
        days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
        yield Graph(
            spec={
                "mark": "bar",
                "title": "Orders of the week",
                "encoding": {"x": {"field": "day", "title": "Day"}, "y": {"field": "orders", "title": "Orders"}},
            },
            data=tuple({"day": day, "orders": 900 + 173 * at} for at, day in enumerate(days)),
            summary="Orders rose from 900 on Monday to 1,938 on Sunday.",
        )
        yield Graph(
            spec={
                "mark": "line",
                "encoding": {
                    "x": {"field": "week", "type": "temporal"},
                    "y": {"field": "change"},
                    "color": {"field": "shop"},
                },
            },
            data=tuple(
                {"week": f"2026-0{month}-01", "change": sign * (month * 3 - 10), "shop": shop}
                for month in range(1, 8)
                for shop, sign in (("Oslo", 1), ("Tel Aviv", -0.5))
            ),
            summary="Oslo grows while Tel Aviv shrinks.",
        )


class TellerRobot(Robot):
    """Tells a story by halves: what comes after the first, nobody has waited for."""

    name, version = "teller", "1.0.0"
    display_name = "Teller"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """Begin, and go on for as long as one lets it."""
        if "story" not in turn.text:
            yield Silent()
            return
        yield Say(delta="Once upon a time ")
        yield Say(delta="there was a parcel")
        await asyncio.Event().wait()
