"""Everything that people can do to a desk, in any order: rules for Hypothesis to draw from."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.contract import hands, words
from tests.contract.model import Denied, Human, Json, Room, Said
from tests.contract.party import GUESTS, STAFF, Party, Tab
from tests.people import later

WHO = st.sampled_from((*GUESTS, *STAFF))
AGENTS = st.sampled_from(tuple(STAFF))
CUSTOMERS = st.sampled_from(GUESTS)
NTH = st.integers(0, 7)
WORDS = st.sampled_from(("good day", "thanks", "one moment", "it is lost", "refund"))
EMOJI = st.sampled_from(("👍", "🎉", "👀"))
LEVELS = st.sampled_from(("T1", "T2", "T3", "manager"))
ROLES = st.sampled_from(("member", "observer", "moderator", "guest"))


class Stage(Protocol):
    """Where a machine plays: a running desk and the loop that it runs in."""

    def party(self) -> Party:
        """A new workspace on that desk, with nobody there."""

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something in the desk's loop."""


class DeskMachine(RuleBasedStateMachine):
    """One workspace from its first message to its last."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.party = stage.party()

    def plays(self, work: Coroutine[Any, Any, None]) -> None:
        """Do one step and see that everybody has heard of it what they should."""

        async def step() -> None:
            await work
            await self.party.settles()

        self.stage.run(step())

    @initialize()
    def begins(self) -> None:
        async def begin() -> None:
            await self.party.comes()
            for name in GUESTS:
                await self._opens(self.who(name))
            for tab in self.party.tabs[:4]:
                for room in self.party.rooms:
                    await self.party.joins(tab, room)

        self.plays(begin())

    def teardown(self) -> None:
        async def end() -> None:
            try:
                for who in self.party.people.values():
                    tab = self.party.tab_of(who)
                    if tab is not None:
                        for nth, room in enumerate(self.party.rooms):
                            await self.party.reloads(tab, room, nth)
            finally:
                await self.party.goes()

        self.stage.run(end())

    def who(self, name: str) -> Human:
        return self.party.people[name]

    def tab(self, name: str, nth: int = 0) -> Tab | None:
        return self.party.tab_of(self.who(name), nth)

    def room(self, nth: int) -> Room:
        return self.party.rooms[nth % len(self.party.rooms)]

    def message(self, room: Room, nth: int) -> Said | None:
        known = list(room.messages.values())
        return known[-1 - nth % len(known)] if known else None

    async def _opens(self, who: Human) -> None:
        tab = self.party.tab_of(who)
        if tab is None:
            return
        ack = await tab.person.asks("room.open", client_room_id=str(uuid4()))
        room = Room(str(ack["room"]["id"]), "waiting", "queue")
        room.write("room.created", who, {"name": None})
        room.places[who.id] = hands.Place(who, "guest")
        self.party.rooms.append(room)
        await self.party.joins(tab, room)
