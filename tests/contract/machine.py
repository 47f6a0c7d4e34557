"""Everything that people can do to a desk beside talking, in any order: rules for Hypothesis to draw from."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from supportdesk.actor import Permission
from tests.contract import hands
from tests.contract.model import Event, Human, Json, Place, Room
from tests.contract.party import Tab
from tests.contract.talking import AGENTS, NTH, WHO, Act, Talking
from tests.people import later

BOSSES = st.sampled_from(("supervisor", "supervisor", "supervisor", "t1"))
LEVELS = st.sampled_from(("T1", "T2", "T2", "T3", "manager"))
MOVES: Final[tuple[tuple[str, Json], ...]] = (
    *(("add", {"role": role}) for role in ("member", "member", "observer", "moderator", "guest")),
    *(("update", {"role": role}) for role in ("observer", "observer", "member", "guest")),
    ("update", {"status": "muted"}),
    ("update", {"status": "active"}),
    ("remove", {}),
    ("remove", {}),
)
NAMES = st.sampled_from(({"name": "Parcel"}, {"priority": 1}, {"name": "Refund", "priority": 4}))
DEEDS: Final[Mapping[str, Callable[[Room, Human], Event | None]]] = {
    "room.claim": hands.claim,
    "room.takeover": hands.take_over,
    "room.observe": hands.observe,
    "room.close": hands.close,
    "room.reopen": hands.reopen,
    "room.snooze": hands.snooze,
    "room.handback": hands.hand_back,
}
MOST_ROOMS: Final = 4
MOST_TABS: Final = 10


class DeskMachine(Talking):
    """One workspace from its first message to its last."""

    # Who has the room, and who is in it

    @rule(name=AGENTS, nth=NTH, at=NTH, deed=st.sampled_from(("room.claim", *DEEDS)))
    def handles(self, name: str, nth: int, at: int, deed: str) -> None:
        async def handle(tab: Tab, room: Room) -> None:
            more = {"until": later()} if deed == "room.snooze" else {}
            await self.party.commands(tab, deed, room=room, deed=partial(DEEDS[deed], room, tab.who), **more)

        self._in(name, nth, at, handle)

    @rule(name=AGENTS, nth=NTH, at=NTH, to=st.one_of(st.none(), WHO))
    def assigns(self, name: str, nth: int, at: int, to: str | None) -> None:
        async def assign(tab: Tab, room: Room) -> None:
            whom = self.who(to) if to else None
            deed = partial(hands.assign, room, tab.who, whom)
            await self.party.commands(tab, "room.assign", room=room, deed=deed, agent_id=whom.id if whom else None)

        self._in(name, nth, at, assign)

    @rule(name=AGENTS, nth=NTH, at=NTH, level=LEVELS, reason=st.sampled_from(("too hard", "too hard", "")))
    def escalates(self, name: str, nth: int, at: int, level: str, reason: str) -> None:
        async def escalate(tab: Tab, room: Room) -> None:
            data: Json = {"room_id": room.id, "to_level": level, "reason": reason}
            deed = partial(hands.escalate, room, tab.who, level, reason)
            await self.party.does(tab, "room.escalate", deed, **data)

        self._in(name, nth, at, escalate)

    @rule(name=BOSSES, nth=NTH, at=NTH, whom=WHO, how=st.sampled_from(MOVES))
    def moves_people(self, name: str, nth: int, at: int, whom: str, how: tuple[str, Json]) -> None:
        async def move(tab: Tab, room: Room) -> None:
            who, (what, change) = self.who(whom), how

            def deed() -> Event | None:
                match what:
                    case "add":
                        return hands.bring(room, tab.who, who, change["role"])
                    case "update":
                        return hands.change_place(room, tab.who, who, change)
                    case _:
                        event = hands.take_out(room, tab.who, who)
                        self.party.shuts_out(who, room)
                        return event

            await self.party.commands(tab, f"participant.{what}", room=room, deed=deed, user_id=who.id, **change)

        self._in(name, nth, at, move)

    @rule(name=WHO, nth=NTH, at=NTH, change=NAMES, stale=st.booleans(), score=st.integers(1, 5))
    def describes_or_rates(self, name: str, nth: int, at: int, change: Json, score: int, *, stale: bool) -> None:
        async def describe(tab: Tab, room: Room) -> None:
            if tab.who.is_staff:
                version = room.version + stale
                deed = partial(hands.update, room, tab.who, version, change)
                await self.party.commands(tab, "room.update", room=room, deed=deed, version=version, **change)
            else:
                deed = partial(hands.rate, room, tab.who, score)
                await self.party.commands(tab, "csat.give", room=room, deed=deed, score=score)

        self._in(name, nth, at, describe)

    # Rooms, tabs and lines

    @precondition(lambda self: len(self.party.rooms) < MOST_ROOMS)
    @rule(name=WHO, with_=st.lists(AGENTS, max_size=2, unique=True))
    def begins_another(self, name: str, with_: list[str]) -> None:
        who = self.who(name)
        self.plays(self._gathers(who, [self.who(one) for one in with_]) if who.is_staff else self._opens(who))

    async def _gathers(self, who: Human, others: list[Human]) -> None:
        """A private room of staff."""
        if (tab := self.party.tab_of(who)) is None or not who.may(Permission.ROOM_READ):
            return
        ids = [one.id for one in others]
        data = {"client_room_id": str(uuid4()), "room_type": "group", "is_private": True, "participant_ids": ids}
        ack = await tab.person.asks("room.create", **data)
        room = Room(str(ack["room"]["id"]), "active", "human", is_private=True, named_by="person")
        room.write("room.created", who, {"name": None})
        room.places[who.id] = Place(who, "moderator")
        for one in others:
            hands.come_in(room, who, one, "member")
        self.party.rooms.append(room)
        await self.party.joins(tab, room)

    @rule(name=WHO, nth=NTH, at=NTH, leaves=st.sampled_from((False, False, True)))
    def joins_or_leaves(self, name: str, nth: int, at: int, *, leaves: bool) -> None:
        async def join(tab: Tab, room: Room) -> None:
            if leaves:
                await tab.person.asks("room.leave", room_id=room.id)
                tab.hears.discard(room.id)
            else:
                await self.party.joins(tab, room)

        self._in(name, nth, at, join)

    @precondition(lambda self: len(self.party.tabs) < MOST_TABS)
    @rule(name=WHO, at=NTH)
    def opens_another_tab(self, name: str, at: int) -> None:
        async def another(tab: Tab, room: Room) -> None:
            if tab.who.grants:
                await self.party.joins(await self.party.opens_another(tab), room)

        self._in(name, 0, at, another)

    @rule(name=WHO, nth=NTH, frames=st.integers(0, 2))
    def a_line_is_bad_or_breaks(self, name: str, nth: int, frames: int) -> None:
        if (tab := self.tab(name, nth)) is None:
            return
        if frames:
            tab.loses = frames
        else:
            self.plays(self.party.breaks(tab))

    @precondition(lambda self: any(not tab.online for tab in self.party.tabs))
    @rule(nth=NTH)
    def comes_back(self, nth: int) -> None:
        away = [tab for tab in self.party.tabs if not tab.online and tab.who.grants and not tab.who.blocked]
        if away:
            self.plays(self.party.comes_back(away[nth % len(away)]))

    @rule(name=WHO, nth=NTH, at=NTH, after=st.integers(0, 20))
    def reloads(self, name: str, nth: int, at: int, after: int) -> None:
        async def reload(tab: Tab, room: Room) -> None:
            await self.party.reloads(tab, room, after)

        self._in(name, nth, at, reload)

    # Who may be there at all

    @rule(
        name=st.sampled_from(("supervisor", "supervisor", "t1")),
        whom=st.sampled_from(("ann", "ben", "t1b", "supervisor")),
    )
    def rights_change(self, name: str, whom: str) -> None:
        who = self.who(whom)
        if who.is_staff:
            self.plays(self.party.loses_rights(whom) if who.grants else self.party.gets_rights(whom))
        else:
            self._in(name, 0, 0, self._unblocks(who) if who.blocked else self._blocks(who))

    def _blocks(self, guest: Human) -> Act:
        async def block(tab: Tab, _: Room) -> None:
            data: Json = {"guest_id": guest.id, "reason": "rude"}
            done = await self.party.does(tab, "guest.block", lambda _: tab.who.must(Permission.GUEST_BLOCK), **data)
            if done is not None:
                guest.blocked = True
                await self.party.is_cut_off(guest)

        return block

    def _unblocks(self, guest: Human) -> Act:
        async def unblock(tab: Tab, _: Room) -> None:
            data: Json = {"guest_id": guest.id}
            done = await self.party.does(tab, "guest.unblock", lambda _: tab.who.must(Permission.GUEST_BLOCK), **data)
            guest.blocked = done is None

        return unblock
