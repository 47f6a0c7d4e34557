"""A workspace with rooms, and the clients in them: guests and staff together, in notes apart, and some outside."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from uuid import uuid4

import aiohttp

from supportdesk.accounts.model import TOKEN_PREFIX
from supportdesk.core.secrets import digest
from supportdesk.core.tasks import Tasks
from tests.factories import Workspace, make_staff, make_workspace
from tests.faults.client import Client, Person
from tests.faults.history import History
from tests.faults.link import Json, Link
from tests.faults.postgres import Connection, Postgres

SETUP_S = 60.0
INSERT_TOKEN = """
    INSERT INTO personal_access_tokens (workspace_id, user_id, name, token_hash, token_prefix)
         VALUES ($1, $2, 'faults', $3, $4)
"""


@dataclass(slots=True)
class World:
    """Everybody of one workspace; each room has two guests and some staff."""

    workspace: Workspace
    history: History
    http: aiohttp.ClientSession
    random: Random
    url: str
    boss: Person
    rooms: list[str] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)

    def members(self, room: str) -> list[Client]:
        """The clients that take part in a room."""
        return [c for c in self.clients if room in c.streams and c.streams[room].listening.member]

    def client(self, person: Person, rooms: Sequence[str], *, member: bool = True, name: str = "") -> Client:
        """One more socket of somebody, for these rooms; it is not started."""
        client = Client(person, self.url, self.http, self.history, Random(self.random.random()), name=name)
        for room in rooms:
            client.hears(room, member=member)
        self.clients.append(client)
        return client

    async def all_up(self, clients: Sequence[Client] | None = None, within_s: float = SETUP_S) -> None:
        """Wait until these are connected and have caught up for the first time."""
        async with asyncio.timeout(within_s):
            await asyncio.gather(*(client.up.wait() for client in clients or self.clients))

    async def close(self) -> None:
        """Everybody leaves."""
        await asyncio.gather(*(client.stop() for client in self.clients))
        await self.http.close()


async def make_person(conn: Connection, workspace: Workspace, name: str, account: str = "agent") -> Person:
    """A member of staff with a personal access token."""
    user = await make_staff(conn, workspace, name, account, "T1")
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    await conn.execute(INSERT_TOKEN, workspace.id, user, digest(token), token[:12])
    return Person(str(user), token, staff=True)


async def make_guest(http: aiohttp.ClientSession, url: str, workspace: Workspace) -> Person:
    """A guest of the site without robots."""
    async with http.post(f"{url}/api/v1/guest/sessions", json={"site_key": workspace.plain_site_key}) as response:
        answer = await response.json()
        if response.status != 201:
            raise RuntimeError(f"The desk gave no guest session: {answer}")
    return Person(answer["guest_id"], answer["token"], staff=False)


async def make_world(postgres: Postgres, url: str, *, clients: int, seed: str, via: str = "") -> World:
    """Half the clients guests, two to a room; half staff, each in two rooms; and two outsiders who try every door.

    `url` is where the world is made, `via` where the clients connect when that is another address.
    """
    random, history = Random(seed), History()
    # A connection for each request: one that is kept may be dead, and the next socket would be opened on it.
    http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True))
    pairs = max(2, clients // 4)
    async with postgres.owner() as conn:
        workspace = await make_workspace(conn)
        boss = await make_person(conn, workspace, "boss", "supervisor")
        staff = [await make_person(conn, workspace, f"agent{n}") for n in range(pairs * 2)]
        stranger = await make_person(conn, workspace, "stranger")
    world = World(workspace, history, http, random, via or url, boss)
    guests = [await make_guest(http, url, workspace) for _ in range(pairs * 2 + 1)]
    arranged = await _Arranging.begin(http, url, boss)
    for n in range(pairs):
        first, second = guests[2 * n : 2 * n + 2]
        # Each member of staff is in this room and the next; every fifth room is private to its members.
        present = [staff[2 * n], staff[2 * n + 1], staff[2 * n - 2], staff[2 * n - 1]]
        room = await arranged.room(first, second, present)
        world.rooms.append(room)
    private = [await arranged.private([staff[2 * n], staff[2 * n + 1]]) for n in range(0, pairs, 5)]
    for n in range(pairs):
        for guest in guests[2 * n : 2 * n + 2]:
            world.client(guest, [world.rooms[n]])
        for agent in staff[2 * n : 2 * n + 2]:
            inner = [private[n // 5]] if n % 5 == 0 else []
            world.client(agent, [world.rooms[n], world.rooms[(n + 1) % pairs], *inner])
    world.rooms += private
    world.client(guests[-1], world.rooms, member=False, name="outside guest")
    world.client(stranger, private, member=False, name="outside agent")
    await arranged.end()
    for client in world.clients:
        client.start()
    await world.all_up()
    return world


class _Arranging:
    """The boss opens rooms and lets people in, over the desk's own surface."""

    def __init__(self, http: aiohttp.ClientSession, url: str, link: Link) -> None:
        self._http, self._url, self._link = http, url, link
        self._tasks = Tasks()
        self._tasks.spawn(link.run(), name="arranging")

    @classmethod
    async def begin(cls, http: aiohttp.ClientSession, url: str, boss: Person) -> "_Arranging":
        return cls(http, url, await Link.open(http, url, "/desk", boss.token, _ignore))

    async def room(self, first: Person, second: Person, present: Sequence[Person]) -> str:
        guest = await Link.open(self._http, self._url, "/guest", first.token, _ignore)
        self._tasks.spawn(guest.run(), name="opening")
        ack = await guest.ask("room.open", {"client_room_id": str(uuid4()), "topic": "Faults"}, within_s=SETUP_S)
        room = str(ack["room"]["id"])
        await guest.close()
        await self._let_in(room, second, "guest")
        for person in {one.id: one for one in present}.values():
            await self._let_in(room, person, "member")
        return room

    async def private(self, present: Sequence[Person]) -> str:
        want: Json = {
            "client_room_id": str(uuid4()),
            "room_type": "group",
            "name": "Private",
            "is_private": True,
            "participant_ids": [person.id for person in present],
        }
        ack = await self._link.ask("room.create", want, within_s=SETUP_S)
        return str(ack["room"]["id"])

    async def _let_in(self, room: str, person: Person, role: str) -> None:
        want = {"room_id": room, "user_id": person.id, "role": role}
        await self._link.ask("participant.add", want, within_s=SETUP_S)

    async def end(self) -> None:
        await self._link.close()
        await self._tasks.settle()


def _ignore(_event: str, _data: Json) -> None:
    """What the arranging hears is of no interest."""
