"""What people say to each other in the rooms of a desk, in any order: rules for Hypothesis to draw from."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final, Protocol, TypeAlias
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from supportdesk.actor import Permission
from tests.contract import words
from tests.contract.model import Human, Json, Place, Room, Said
from tests.contract.party import GUESTS, STAFF, Ack, Party, Tab, assert_sent

WHO = st.sampled_from(("t1", "ann", "supervisor", *GUESTS, *STAFF))
AGENTS = st.sampled_from(("t1", "supervisor", "supervisor", *STAFF))
Act: TypeAlias = Callable[[Tab, Room], Coroutine[Any, Any, None]]
NTH = st.integers(0, 7)
"""Which of those there are, of whatever it is, counted round."""
WORDS = st.sampled_from(("good day", "thanks", "one moment", "it is lost", "refund"))
CHANGES: Final = ("edit", "edit", "stale", "delete", "+👍", "-👍", "+🎉")
HOW = st.sampled_from(("plain", "plain", "note", "whisper_to", "reply_to", "thread_id", "elsewhere"))


class Stage(Protocol):
    """Where a machine plays: a running desk and the loop that it runs in."""

    def party(self) -> Party:
        """A new workspace on that desk, with nobody there."""

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something in the desk's loop."""


class Talking(RuleBasedStateMachine):
    """One workspace, in which people talk."""

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
            for name in (*GUESTS, "t1", "supervisor"):
                for room in self.party.rooms:
                    if (tab := self.tab(name)) is not None:
                        await self.party.joins(tab, room)

        self.plays(begin())
        for name, more in (("ann", {}), ("t1", {"note": True}), ("t1", {})):
            body: Json = {"client_msg_id": str(len(self.said)), "content": "hello", **more}
            self.said.append((name, self.party.rooms[0], body))
            self.plays(self._sends(name, 0, self.party.rooms[0], body, http=False))

    def teardown(self) -> None:
        async def end() -> None:
            try:
                for name in ("ann", "t1", "supervisor"):
                    if (tab := self.tab(name)) is not None:
                        for room in self.party.rooms:
                            await self.party.reloads(tab, room, 0)
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

    @rule(name=WHO, nth=NTH, at=NTH, content=WORDS, to=NTH, how=HOW, http=st.booleans())
    def says_one_thing(self, **how: Any) -> None:
        self._says(**how)

    @rule(name=WHO, nth=NTH, at=NTH, content=WORDS, to=NTH, how=HOW, http=st.booleans())
    def says_another(self, **how: Any) -> None:
        self._says(**how)  # twice, because nothing is as frequent as a message

    def _says(self, name: str, nth: int, at: int, content: str, to: int, how: str, *, http: bool) -> None:
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
            tab, "message.send", lambda ack: self.party.says(tab, room, body, ack), http=http, room_id=room.id, **body
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
            assert_sent(tab.who, Ack(ack), self.party.says(tab, room, body, Ack(ack)))

    @rule(name=WHO, nth=NTH, at=NTH, which=NTH, own=st.booleans(), how=st.sampled_from(CHANGES), content=WORDS)
    def changes_a_message(self, name: str, nth: int, at: int, which: int, how: str, content: str, *, own: bool) -> None:
        async def change(tab: Tab, room: Room) -> None:
            message = self.message(room, which)
            if message is None:
                return
            tab = (self.party.tab_of(message.sender, nth) if own else None) or tab
            to = partial(self.party.commands, tab, room=room, message_id=message.id)
            match how:
                case "edit" | "stale":
                    version = message.version + (how == "stale")
                    edit = partial(words.edit, room, tab.who, message.id, content, version)
                    await to("message.edit", deed=edit, content=content, version=version)
                case "delete":
                    await to("message.delete", deed=partial(words.delete, room, tab.who, message.id))
                case _:
                    emoji, on = how[1:], how[0] == "+"
                    react = partial(words.react, room, tab.who, message.id, emoji, on=on)
                    await to("reaction.add" if on else "reaction.remove", deed=react, emoji=emoji)

        self._in(name, nth, at, change)

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

    def _in(self, name: str, nth: int, at: int, act: Act) -> None:
        """Let one of somebody's tabs do something in a room, when one is online."""
        if (tab := self.tab(name, nth)) is not None:
            self.plays(act(tab, self.room(at)))
