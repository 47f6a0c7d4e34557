"""A workspace full of people with their tabs, and the model beside it that says what each of them must hear."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeAlias, TypeVar
from uuid import UUID, uuid4

from supportdesk.actor import UserId
from supportdesk.permissions.revocation import Revocation
from tests.contract import words
from tests.contract.model import AGENT, GUEST, SUPERVISOR, Denied, Event, Human, Json, Room, Said, bare
from tests.people import PATIENCE_S, Agent, Desk, Guest, Refused
from tests.streams import history
from tests.views import View

Anybody: TypeAlias = Guest | Agent
T = TypeVar("T")

STAFF: Final = {"t1": AGENT, "t1b": AGENT, "t2": AGENT, "supervisor": SUPERVISOR}
GUESTS: Final = ("ann", "ben")
PASSING: Final = ("typing", "receipt")
UNCOUNTED: Final = {
    "/guest": {"queue.position", "session.ended"},
    "/desk": {"presence", "inbox.changed", "session.ended"},
}
"""Ephemeral frames that a client may get at any time; any other name is a frame too many."""


class Ack(Json):
    """An acknowledgement, or none: then the model makes up what it would have said."""

    def __missing__(self, name: str) -> str:
        return f"no {name}, because the desk refused"


class Tab:
    """One client of one person, its views of rooms, and which of them it hears."""

    def __init__(self, who: Human, person: Anybody) -> None:
        self.who, self.person = who, person
        self.views: dict[str, View] = {}
        self.hears: set[str] = set()
        self.told: list[tuple[str, Json]] = []
        """The receipts and typing that it must be told of in this step."""
        self.loses = 0
        self.lost: set[str] = set()
        self.online = True

    def __repr__(self) -> str:
        return f"{self.who.name}'s tab"


class Party:
    """The people of one workspace."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.people: dict[str, Human] = {}
        self.tabs: list[Tab] = []
        self.rooms: list[Room] = []

    async def comes(self) -> None:
        """Everybody signs in and connects."""
        for name in GUESTS:
            guest = await self.desk.guest()
            self._sits_down(name, Human(str(guest.id), "Guest", "guest", GUEST), guest)
        for name, grants in STAFF.items():
            agent = await self.desk.agent(name)
            self._sits_down(name, Human(str(agent.id), f"{name.capitalize()} Tester", "agent", grants), agent)

    def _sits_down(self, name: str, who: Human, person: Anybody) -> None:
        self.people[name] = who
        self.tabs.append(Tab(who, person))

    def says(self, tab: Tab, room: Room, body: Json, ack: Ack) -> tuple[Said, bool]:
        """What the model makes of a message."""
        guests = [self.people[name].id for name in GUESTS]
        notes = [m.id for one in self.rooms for m in one.messages.values() if m.public_seq is None]
        return words.say(room, tab.who, body, ack, guests=guests, notes=notes)

    def tab_of(self, who: Human, nth: int = 0) -> Tab | None:
        """One of the tabs with which somebody is online."""
        mine = [tab for tab in self.tabs if tab.who is who and tab.online]
        return mine[nth % len(mine)] if mine else None

    async def does(
        self, tab: Tab, event: str, deed: Callable[[Ack], T], *, http: bool = False, **data: Any
    ) -> tuple[Ack, T] | None:
        """Ask the desk and the model; None when both refuse, with the same code."""
        ack, code, denied, result = Ack(), None, None, None
        try:
            ack = Ack(await self._posts(tab, data) if http else await tab.person.asks(event, **data))
        except Refused as refused:
            code = refused.code
        try:
            result = deed(ack)
        except Denied as no:
            denied = no.code
        assert code == denied, f"{tab} asks {event} {data}: the desk says {code or ack}, the contract {denied or 'yes'}"
        return None if result is None and denied else (ack, result)  # type: ignore[return-value]

    async def _posts(self, tab: Tab, data: Json) -> Json:
        body = {name: value for name, value in data.items() if name != "room_id"}
        status, answer = await tab.person.fetches("POST", f"/api/v1/rooms/{data['room_id']}/messages", body)
        if status != 201:
            raise Refused(answer["error"])
        return dict(answer)

    async def commands(
        self, tab: Tab, event: str, *, room: Room, deed: Callable[[], Event | None], **data: Any
    ) -> None:
        """Do what is acknowledged with a number of one's own stream."""
        if not event.startswith(("message.", "reaction.")):
            data["room_id"] = room.id
        done = await self.does(tab, event, lambda _: deed(), **data)
        if done is not None:
            ack, written = done
            assert_number(room, tab.who, ack["seq"], written)

    def shuts_out(self, who: Human, room: Room | None = None) -> None:
        """Somebody hears a room, or whatever they may not see, no more."""
        for tab in self.tabs:
            if tab.who is who:
                gone = {room.id} if room else {r.id for r in self.rooms if not r.admits(who)}
                tab.hears -= gone

    def tells(self, room: Room, namespace: str, event: str, data: Json, *, but: Tab | None = None) -> None:
        """Note what everybody of one side who hears the room must be told."""
        for tab in self.tabs:
            if tab is not but and tab.online and room.id in tab.hears and tab.person.namespace == namespace:
                tab.told.append((event, data))

    async def joins(self, tab: Tab, room: Room) -> bool:
        """Hear a room, reading on from where the tab was; False when it may not."""
        view = tab.views.get(room.id)
        cursor: Json = {} if view is None else {"after_seq": view.last, "epoch": view.epoch}
        done = await self.does(tab, "room.join", lambda _: room.must_admit(tab.who), room_id=room.id, **cursor)
        if not room.admits(tab.who):
            tab.hears.discard(room.id)
            tab.views.pop(room.id, None)
            return False
        assert done is not None
        answer = done[0]
        assert "reset" not in answer, f"{tab} was told to begin anew: {answer}"
        assert answer["head"] == room.head(staff=tab.who.is_staff)
        assert_as_now(room, tab.who, answer["events"])
        if view is None:
            tab.views[room.id] = View(answer, staff=tab.who.is_staff)
        else:
            view.rejoined(answer)
        tab.hears.add(room.id)
        return True

    async def breaks(self, tab: Tab) -> None:
        """The line is gone without a goodbye."""
        tab.person.socket.eio.ws._response.connection.transport.abort()
        tab.online = False
        tab.hears = set()
        async with asyncio.timeout(PATIENCE_S):
            await tab.person.is_cut()
            left = sum(other.online for other in self.tabs if other.who is tab.who)
            while len(self.desk.sockets_of(tab.person)) > left:
                await self.desk.settle()
                await self.desk.owner.fetchval("SELECT 1")  # each round trip is a few turns of the loop

    async def comes_back(self, tab: Tab) -> None:
        """The tab connects again and reads on in the rooms that it had open."""
        tab.person = await tab.person.again()
        tab.online = True
        for room in self.rooms:
            if room.id in tab.views:
                await self.joins(tab, room)

    async def opens_another(self, tab: Tab) -> Tab:
        """One more tab of the same person, which knows nothing."""
        other = Tab(tab.who, await tab.person.again())
        self.tabs.append(other)
        return other

    async def loses_rights(self, name: str) -> None:
        """All roles of a member of staff are taken from them, and felt by their sockets."""
        who = self.people[name]
        await self.desk.owner.execute("DELETE FROM user_roles WHERE user_id = $1", UUID(who.id))
        who.grants = frozenset()
        await self.desk.look_again()
        self.shuts_out(who)

    async def gets_rights(self, name: str) -> None:
        """A member of staff has a role again, and may do what it grants at once."""
        who = self.people[name]
        await self.desk.owner.execute(
            "INSERT INTO user_roles (workspace_id, user_id, role_id) "
            "SELECT workspace_id, $1, id FROM roles WHERE workspace_id = $2 AND name = $3 ON CONFLICT DO NOTHING",
            UUID(who.id),
            self.desk.workspace.id,
            "supervisor" if name == "supervisor" else "agent",
        )
        who.grants = STAFF[name]
        await self.desk.look_again()

    async def settles(self) -> None:
        """Everything under way is done, everybody has heard of it, and nobody of anything else."""
        await self.desk.settle()
        online = [tab for tab in self.tabs if tab.online]
        # What is acknowledged now has come behind every frame that was sent before.
        await asyncio.gather(*(tab.person.asks("room.leave", room_id=str(uuid4())) for tab in online))
        for tab in online:
            self._hears(tab)
        for tab in online:
            await self._catches_up(tab)
        for tab in self.tabs:
            tab.told = []

    def _hears(self, tab: Tab) -> None:
        heard, tab.person.heard = tab.person.heard, []
        rooms = {room.id: room for room in self.rooms}
        passing = []
        for event, data in heard:
            if event == "room.event":
                assert data["room_id"] in tab.hears, f"{tab} heard {data} of a room that it does not hear"
                self._takes(tab, rooms[data["room_id"]], data)
            elif event in PASSING:
                passing.append((event, data))
                if event == "receipt" and data["room_id"] in tab.hears:
                    tab.views[data["room_id"]].receipt(data)
            else:
                assert event in UNCOUNTED[tab.person.namespace], f"{tab} heard {event} {data}"
        assert sorted(map(str, passing)) == sorted(map(str, tab.told)), f"{tab} heard {passing}, not {tab.told}"

    def _takes(self, tab: Tab, room: Room, frame: Json) -> None:
        if tab.loses:
            tab.loses -= 1
            tab.lost.add(room.id)
            return
        staff = tab.who.is_staff
        assert tab.views[room.id].receive(frame), f"{tab} heard {frame} twice"
        stream = room.stream(staff=staff)
        assert 0 < frame["seq"] <= len(stream), f"{tab} heard {frame}, of which the contract knows nothing"
        expected = room.frame(stream[frame["seq"] - 1], staff=staff, live=True)
        assert bare(frame) == bare(expected), f"{tab} heard {bare(frame)}, not {bare(expected)}"

    async def _catches_up(self, tab: Tab) -> None:
        for room in self.rooms:
            if room.id not in tab.hears:
                continue
            view, head = tab.views[room.id], room.head(staff=tab.who.is_staff)
            assert view.last == head or room.id in tab.lost, f"{tab} is at {view.last} of {head} of {room}"
            if view.last < head:
                page = await tab.person.asks("room.sync", room_id=room.id, after_seq=view.last, epoch=view.epoch)
                assert page["head"] == head
                assert [event["seq"] for event in page["events"]] == list(range(view.last + 1, head + 1))
                assert_as_now(room, tab.who, page["events"])
                view.read(page["events"])
            tab.lost.discard(room.id)
            self.assert_pictures(tab, room)

    def assert_pictures(self, tab: Tab, room: Room) -> None:
        """What the tab pictures of the room is what there is to be seen."""
        pictured, there = bare(tab.views[room.id].picture()), room.picture(staff=tab.who.is_staff)
        assert pictured == bare(there), f"{tab} pictures {pictured}, and there is {there}"

    async def reloads(self, tab: Tab, room: Room, after_seq: int) -> None:
        """A client from nothing pictures the same, the log and the history read the same; or none of it is shown."""
        staff, who = tab.who.is_staff, tab.who
        fresh = Tab(who, tab.person)
        path = f"/api/v1/rooms/{room.id}"
        if not await self.joins(fresh, room):
            assert await tab.person.is_refused("room.sync", room_id=room.id, after_seq=0) == "not_found"
            for part in ("", "/messages"):
                status, _ = await tab.person.fetches("GET", path + part)
                assert status in (403, 404)
            return
        if room.id not in tab.hears:  # its line hears the room from now on
            tab.views[room.id] = fresh.views[room.id]
            tab.hears.add(room.id)
        self.assert_pictures(fresh, room)
        page = await tab.person.asks("room.sync", room_id=room.id, after_seq=min(after_seq, room.head(staff=staff)))
        assert_as_now(room, who, page["events"])
        found = await history(tab.person, room.id, limit=3 if after_seq % 5 == 1 else 100)
        seen = [message for message in room.messages.values() if staff or message.public_seq is not None]
        assert bare(found) == [bare(room.wire(message, staff=staff)) for message in seen]
        _, answer = await tab.person.fetches("GET", path)
        head = answer["head"]
        assert (answer["status"], head) == (room.picture(staff=staff)["room"]["status"], room.head(staff=staff))

    async def goes(self) -> None:
        """Everybody leaves."""
        for tab in self.tabs:
            if tab.online:
                await tab.person.leaves()
        self.desk.connected.clear()
        await self.desk.stop()

    def cut_off(self, who: Human) -> None:
        """All tabs of somebody were ended by the desk."""
        for tab in self.tabs:
            if tab.who is who:
                tab.online, tab.hears, tab.told = False, set(), []

    async def is_cut_off(self, who: Human) -> None:
        """Come back when the desk has ended all connections of somebody."""
        await asyncio.gather(*(tab.person.is_cut() for tab in self.tabs if tab.who is who and tab.online))
        assert not self.desk.resources.get(Revocation)._sockets.of_user(UserId(UUID(who.id)))
        self.cut_off(who)


def assert_number(room: Room, who: Human, seq: int, written: Event | None) -> None:
    """An acknowledgement carries the number of what it acknowledges, or the head, in the asker's own stream."""
    head = room.head(staff=who.is_staff)
    own = head if written is None else written.seq if who.is_staff else written.public_seq
    assert seq == own, f"{who.name} was acknowledged {seq}, not {own}"


def assert_as_now(room: Room, who: Human, events: list[Json]) -> None:
    """A page of the log is as the contract has it, everything in it as it stands now."""
    staff = who.is_staff
    stream = room.stream(staff=staff)
    for event in events:
        expected = room.frame(stream[event["seq"] - 1], staff=staff, live=False)
        assert bare(event) == bare(expected), f"{who.name} read {bare(event)}, not {bare(expected)}"


def assert_sent(who: Human, ack: Ack, sent: tuple[Said, bool]) -> None:
    """A message is acknowledged with its id and its number in the sender's own stream, as it was the first time."""
    said, again = sent
    own = said.seq if who.is_staff else said.public_seq
    got = (ack["id"], ack["seq"], ack["duplicate"])
    assert got == (said.id, own, again), f"{who.name} was acknowledged {got}, not {(said.id, own, again)}"
