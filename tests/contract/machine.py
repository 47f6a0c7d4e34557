"""Everything that people can do to a desk, in any order: rules for Hypothesis to draw from."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, Final, Protocol
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from supportdesk.actor import Permission
from tests.contract import hands, words
from tests.contract.model import Denied, Event, Human, Json, Place, Room, Said
from tests.contract.party import GUESTS, STAFF, Ack, Party, Tab, assert_sent
from tests.people import later

WHO = st.sampled_from((*GUESTS, *STAFF))
AGENTS = st.sampled_from(tuple(STAFF))
CUSTOMERS = st.sampled_from(GUESTS)
NTH = st.integers(0, 7)
WORDS = st.sampled_from(("good day", "thanks", "one moment", "it is lost", "refund"))
EMOJI = st.sampled_from(("👍", "🎉", "👀"))
LEVELS = st.sampled_from(("T1", "T2", "T3", "manager"))
HOW = st.sampled_from(("plain", "plain", "note", "whisper_to", "reply_to", "thread_id", "elsewhere"))
CHANGES = st.sampled_from(
    ({"status": "muted"}, {"status": "active"}, {"role": "observer"}, {"role": "member"}, {"role": "guest"})
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
        self.said: list[tuple[str, Room, Json]] = []

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
        room.places[who.id] = Place(who, "guest")
        self.party.rooms.append(room)
        await self.party.joins(tab, room)

    # What is said

    @rule(name=WHO, nth=NTH, at=NTH, content=WORDS, to=NTH, how=HOW, http=st.booleans())
    def says(self, name: str, nth: int, at: int, content: str, to: int, how: str, *, http: bool) -> None:
        room, who = self.room(at), self.who(name)
        body: Json = {"client_msg_id": str(len(self.said)), "content": content}
        target = self.message(room, to)
        if how in ("reply_to", "thread_id") and target is not None:
            body[how] = target.id
        elif how == "elsewhere":
            other = self.message(self.room(at + 1), to)
            body |= {"reply_to": other.id} if other is not None else {}
        elif who.is_staff and how == "whisper_to":
            body["whisper_to"] = list(self.party.people.values())[to % len(self.party.people)].id
        elif who.is_staff and how == "note":
            body["note"] = True
        self.said.append((name, room, body))
        self.plays(self._sends(name, nth, room, body, http=http))

    @precondition(lambda self: self.said)
    @rule(which=NTH, nth=NTH, other=st.booleans(), http=st.booleans())
    def says_again(self, which: int, nth: int, *, other: bool, http: bool) -> None:
        name, room, body = self.said[-1 - which % len(self.said)]
        again = body | {"content": "something else"} if other else body
        self.plays(self._sends(name, nth, room, again, http=http))

    async def _sends(self, name: str, nth: int, room: Room, body: Json, *, http: bool) -> None:
        if (tab := self.tab(name, nth)) is None:
            return
        done = await self.party.does(
            tab, "message.send", lambda ack: words.say(room, tab.who, body, ack), http=http, room_id=room.id, **body
        )
        if done is not None:
            assert_sent(tab.who, *done)

    @rule(at=NTH, who=st.lists(WHO, min_size=2, max_size=4), twice=st.booleans())
    def say_at_once(self, at: int, who: list[str], *, twice: bool) -> None:
        self.plays(self._all_say(self.room(at), [*who, who[0]] if twice else who, twice=twice))

    async def _all_say(self, room: Room, names: list[str], *, twice: bool) -> None:
        """Messages that fly together; the log says in which order they were written."""
        step = room.step is not None and room.step.status == "assigned"
        tabs = [tab for n, name in enumerate(names) if (tab := self.tab(name, n)) is not None]
        reader = next((tab for tab in tabs if tab.who.is_staff and room.admits(tab.who)), None)
        places = [room.place(tab.who) for tab in tabs]
        speak = all(place is not None and place.status == "active" and place.is_visible for place in places)
        if reader is None or not speak or step or room.status not in ("waiting", "active"):
            return  # what would be written besides is told one at a time
        if not all(tab.who.may(Permission.MESSAGE_SEND) for tab in tabs):
            return
        bodies = [{"client_msg_id": f"{len(self.said)} {n}", "content": f"at once {n}"} for n in range(len(tabs))]
        if twice and tabs[0].who is tabs[-1].who:
            bodies[-1] = bodies[0]
        self.said += [(name, room, body) for name, body in zip(names, bodies, strict=False)]
        before = room.head(staff=True)
        acks = await asyncio.gather(
            *(tab.person.asks("message.send", room_id=room.id, **b) for tab, b in zip(tabs, bodies, strict=True))
        )
        page = await reader.person.asks("room.sync", room_id=room.id, after_seq=before)
        order = [event["data"]["message"]["id"] for event in page["events"]]
        sent = sorted(
            zip(tabs, bodies, acks, strict=True), key=lambda one: (order.index(one[2]["id"]), one[2]["duplicate"])
        )
        for tab, body, ack in sent:
            assert_sent(tab.who, Ack(ack), words.say(room, tab.who, body, Ack(ack)))

    @rule(name=WHO, nth=NTH, at=NTH, which=NTH, content=WORDS, stale=st.booleans())
    def edits(self, name: str, nth: int, at: int, which: int, content: str, *, stale: bool) -> None:
        room, tab = self.room(at), self.tab(name, nth)
        message = self.message(room, which)
        if tab is None or message is None:
            return
        version = message.version + 1 if stale else message.version
        self.plays(
            self.party.commands(
                tab,
                "message.edit",
                room,
                lambda _: words.edit(room, tab.who, message.id, content, version),
                message_id=message.id,
                content=content,
                version=version,
            )
        )

    @rule(name=WHO, nth=NTH, at=NTH, which=NTH)
    def deletes(self, name: str, nth: int, at: int, which: int) -> None:
        room, tab = self.room(at), self.tab(name, nth)
        message = self.message(room, which)
        if tab is not None and message is not None:
            deed = partial(words.delete, room, tab.who, message.id)
            self.plays(self.party.commands(tab, "message.delete", room, lambda _: deed(), message_id=message.id))

    @rule(name=WHO, nth=NTH, at=NTH, which=NTH, emoji=EMOJI, on=st.booleans())
    def reacts(self, name: str, nth: int, at: int, which: int, emoji: str, *, on: bool) -> None:
        room, tab = self.room(at), self.tab(name, nth)
        message = self.message(room, which)
        if tab is not None and message is not None:
            deed = partial(words.react, room, tab.who, message.id, emoji, on=on)
            event, data = "reaction.add" if on else "reaction.remove", {"message_id": message.id, "emoji": emoji}
            self.plays(self.party.commands(tab, event, room, lambda _: deed(), **data))

    @rule(name=WHO, nth=NTH, at=NTH, back=st.integers(0, 3))
    def sees(self, name: str, nth: int, at: int, back: int) -> None:
        async def see(tab: Tab, room: Room) -> None:
            number = max(1, room.head(staff=tab.who.is_staff) - back)
            done = await self.party.does(
                tab, "receipt", lambda _: words.see(room, tab.who, number), room_id=room.id, read_seq=number
            )
            for namespace, data in done[1] if done is not None else ():
                self.party.tells(room, namespace, "receipt", data)

        self._in(name, nth, at, see)

    @rule(name=WHO, nth=NTH, at=NTH, on=st.booleans())
    def types(self, name: str, nth: int, at: int, *, on: bool) -> None:
        async def typing(tab: Tab, room: Room) -> None:
            await tab.person.tells("typing", room_id=room.id, on=on)
            await tab.person.asks("room.leave", room_id=str(uuid4()))  # acknowledged behind it
            if room.id not in tab.hears:
                return
            who, place = tab.who, room.place(tab.who)
            data = {"room_id": room.id, "user_id": who.id, "name": who.name, "kind": who.kind, "on": on}
            self.party.tells(room, "/desk", "typing", data, but=tab)
            if place is not None and place.is_visible:
                self.party.tells(room, "/guest", "typing", data, but=tab)

        self._in(name, nth, at, typing)

    def _in(self, name: str, nth: int, at: int, act: Callable[[Tab, Room], Coroutine[Any, Any, None]]) -> None:
        """Let one of somebody's tabs do something in a room, when one is online."""
        if (tab := self.tab(name, nth)) is not None:
            self.plays(act(tab, self.room(at)))

    # Who has the room, and who is in it

    @rule(name=AGENTS, nth=NTH, at=NTH, deed=st.sampled_from(tuple(DEEDS)))
    def handles(self, name: str, nth: int, at: int, deed: str) -> None:
        async def handle(tab: Tab, room: Room) -> None:
            more = {"until": later()} if deed == "room.snooze" else {}
            do = partial(DEEDS[deed], room, tab.who)
            await self.party.commands(tab, deed, room, lambda _: do(), room_id=room.id, **more)

        self._in(name, nth, at, handle)

    @rule(name=AGENTS, nth=NTH, at=NTH, to=st.one_of(st.none(), WHO))
    def assigns(self, name: str, nth: int, at: int, to: str | None) -> None:
        async def assign(tab: Tab, room: Room) -> None:
            whom = self.who(to) if to else None
            data = {"room_id": room.id, "agent_id": whom.id if whom else None}
            await self.party.commands(tab, "room.assign", room, lambda _: hands.assign(room, tab.who, whom), **data)

        self._in(name, nth, at, assign)

    @rule(name=AGENTS, nth=NTH, at=NTH, level=LEVELS, reason=st.sampled_from(("too hard", "too hard", "")))
    def escalates(self, name: str, nth: int, at: int, level: str, reason: str) -> None:
        async def escalate(tab: Tab, room: Room) -> None:
            data: Json = {"room_id": room.id, "to_level": level, "reason": reason}
            deed = partial(hands.escalate, room, tab.who, level, reason)
            await self.party.does(tab, "room.escalate", deed, **data)

        self._in(name, nth, at, escalate)

    @rule(name=AGENTS, nth=NTH, at=NTH, whom=WHO, role=ROLES)
    def brings(self, name: str, nth: int, at: int, whom: str, role: str) -> None:
        async def bring(tab: Tab, room: Room) -> None:
            data = {"room_id": room.id, "user_id": self.who(whom).id, "role": role}
            deed = partial(hands.bring, room, tab.who, self.who(whom), role)
            await self.party.commands(tab, "participant.add", room, lambda _: deed(), **data)

        self._in(name, nth, at, bring)

    @rule(name=AGENTS, nth=NTH, at=NTH, whom=WHO)
    def takes_out(self, name: str, nth: int, at: int, whom: str) -> None:
        async def take_out(tab: Tab, room: Room) -> None:
            data = {"room_id": room.id, "user_id": self.who(whom).id}

            def deed(_: Ack) -> Event:
                event = hands.take_out(room, tab.who, self.who(whom))
                self.party.shuts_out(self.who(whom), room)
                return event

            await self.party.commands(tab, "participant.remove", room, deed, **data)

        self._in(name, nth, at, take_out)

    @rule(name=AGENTS, nth=NTH, at=NTH, whom=WHO, change=CHANGES)
    def changes_place(self, name: str, nth: int, at: int, whom: str, change: Json) -> None:
        async def put(tab: Tab, room: Room) -> None:
            data = {"room_id": room.id, "user_id": self.who(whom).id, **change}
            deed = partial(hands.change_place, room, tab.who, self.who(whom), change)
            await self.party.commands(tab, "participant.update", room, lambda _: deed(), **data)

        self._in(name, nth, at, put)

    @rule(name=AGENTS, nth=NTH, at=NTH, change=NAMES, stale=st.booleans())
    def describes(self, name: str, nth: int, at: int, change: Json, *, stale: bool) -> None:
        async def describe(tab: Tab, room: Room) -> None:
            version = room.version + stale
            deed = partial(hands.update, room, tab.who, version, change)
            await self.party.commands(
                tab, "room.update", room, lambda _: deed(), room_id=room.id, version=version, **change
            )

        self._in(name, nth, at, describe)

    @rule(name=CUSTOMERS, nth=NTH, at=NTH, score=st.integers(1, 5))
    def rates(self, name: str, nth: int, at: int, score: int) -> None:
        async def rate(tab: Tab, room: Room) -> None:
            deed = partial(hands.rate, room, tab.who, score)
            await self.party.commands(tab, "csat.give", room, lambda _: deed(), room_id=room.id, score=score)

        self._in(name, nth, at, rate)

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

    @rule(name=WHO, nth=NTH, at=NTH)
    def joins(self, name: str, nth: int, at: int) -> None:
        async def join(tab: Tab, room: Room) -> None:
            await self.party.joins(tab, room)

        self._in(name, nth, at, join)

    @rule(name=WHO, nth=NTH, at=NTH)
    def stops_hearing(self, name: str, nth: int, at: int) -> None:
        async def leave(tab: Tab, room: Room) -> None:
            await tab.person.asks("room.leave", room_id=room.id)
            tab.hears.discard(room.id)

        self._in(name, nth, at, leave)

    @precondition(lambda self: len(self.party.tabs) < MOST_TABS)
    @rule(name=WHO, at=NTH)
    def opens_another_tab(self, name: str, at: int) -> None:
        async def another(tab: Tab, room: Room) -> None:
            if tab.who.grants:
                await self.party.joins(await self.party.opens_another(tab), room)

        self._in(name, 0, at, another)

    @rule(nth=NTH)
    def a_line_breaks(self, nth: int) -> None:
        tab = self.party.tabs[nth % len(self.party.tabs)]
        if tab.online:
            self.plays(self.party.breaks(tab))

    @precondition(lambda self: any(not tab.online for tab in self.party.tabs))
    @rule(nth=NTH)
    def comes_back(self, nth: int) -> None:
        away = [tab for tab in self.party.tabs if not tab.online and tab.who.grants and not tab.who.blocked]
        if away:
            self.plays(self.party.comes_back(away[nth % len(away)]))

    @rule(name=WHO, nth=NTH, frames=st.integers(1, 3))
    def loses_frames(self, name: str, nth: int, frames: int) -> None:
        if (tab := self.tab(name, nth)) is not None:
            tab.loses = frames

    @rule(name=WHO, nth=NTH, at=NTH, after=st.integers(0, 20))
    def reloads(self, name: str, nth: int, at: int, after: int) -> None:
        async def reload(tab: Tab, room: Room) -> None:
            await self.party.reloads(tab, room, after)

        self._in(name, nth, at, reload)

    # Who may be there at all

    @rule(name=AGENTS, whom=CUSTOMERS)
    def blocks(self, name: str, whom: str) -> None:
        async def block(tab: Tab, _: Room) -> None:
            guest = self.who(whom)
            data: Json = {"guest_id": guest.id, "reason": "rude"}
            done = await self.party.does(tab, "guest.block", lambda _: tab.who.must(Permission.GUEST_BLOCK), **data)
            if done is not None:
                guest.blocked = True
                await self.party.is_cut_off(guest)

        self._in(name, 0, 0, block)

    @rule(name=AGENTS, whom=CUSTOMERS)
    def unblocks(self, name: str, whom: str) -> None:
        async def unblock(tab: Tab, _: Room) -> None:
            guest = self.who(whom)

            def deed(_: Ack) -> None:
                tab.who.must(Permission.GUEST_BLOCK)
                if not guest.blocked:
                    raise Denied("not_found")
                guest.blocked = False

            await self.party.does(tab, "guest.unblock", deed, guest_id=guest.id)

        self._in(name, 0, 0, unblock)

    @rule(name=st.sampled_from(("t1b", "supervisor")), on=st.booleans())
    def rights_change(self, name: str, *, on: bool) -> None:
        role = "supervisor" if name == "supervisor" else "agent"
        self.plays(self.party.gets_rights(name, role) if on else self.party.loses_rights(name))
