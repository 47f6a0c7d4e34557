"""People talking: sends at a rate, whoever answers or not, so that a fault meets work under way."""

import asyncio
from collections.abc import Collection
from time import monotonic
from typing import Any

from supportdesk.core.tasks import Tasks
from tests.faults.client import Client
from tests.faults.history import Send
from tests.faults.world import World

WORDS = ("where", "is", "my", "order", "it", "has", "not", "come", "could", "you", "look", "please", "thank", "you")
AT_ONCE = 12
"""Messages that one client has under way at most."""
PATIENCE_S = 120.0


class Load:
    """Sends `rate` messages a second from members chosen at random, a share of them over HTTP, some as notes.

    `only` names the rooms that are spoken in, `longest` the most words of a message.
    """

    def __init__(
        self,
        world: World,
        rate: float,
        *,
        by_http: float = 0.15,
        reads: float = 0.1,
        only: Collection[str] | None = None,
        longest: int = 40,
    ) -> None:
        self._only, self._longest = only, longest
        self._world, self._rate, self._by_http, self._reads = world, rate, by_http, reads
        self._under_way: dict[Client, int] = {}
        self._tasks = Tasks()
        self._talking: asyncio.Task[Any] | None = None
        self.given_up: list[Send] = []

    def start(self) -> None:
        """Begin to talk."""
        self._talking = self._tasks.spawn(self._talk(), name="load", lasting=True)

    async def stop(self) -> None:
        """Say nothing new, and wait until all that was said is acknowledged or refused."""
        if self._talking is not None:
            self._talking.cancel()
        async with asyncio.timeout(PATIENCE_S + 30):
            await self._tasks.settle()

    async def cut_short(self) -> None:
        """Say nothing more and wait for nothing."""
        await self._tasks.drain(grace_s=0)

    def count(self) -> int:
        """Messages begun so far."""
        return len(self._world.history.sends)

    async def reaches(self, acked: int, within_s: float = 300.0) -> None:
        """Come back when so many messages are acknowledged."""
        async with asyncio.timeout(within_s):
            while self._world.history.acked < acked:  # noqa: ASYNC110 - counted over many senders
                await asyncio.sleep(0.05)

    async def _talk(self) -> None:
        random, due = self._world.random, monotonic()
        while True:
            due += random.expovariate(self._rate)
            await asyncio.sleep(max(0.0, due - monotonic()))
            due = max(due, monotonic() - 1)  # after a pause of our own there is no flood
            client = random.choice(self._world.clients)
            rooms = [name for name in client.speaks_in() if self._only is None or name in self._only]
            if rooms and self._under_way.get(client, 0) < AT_ONCE:
                self._tasks.spawn(self._say(client, random.choice(rooms)), name="say")

    async def _say(self, client: Client, room: str) -> None:
        random = self._world.random
        words = " ".join(random.choices(WORDS, k=random.randint(3, self._longest)))
        hidden = client.person.staff and random.random() < 0.25
        send = client.begins(room, f"{len(self._world.history.sends)} {words}", hidden=hidden)
        self._under_way[client] = self._under_way.get(client, 0) + 1
        try:
            reads = random.random() < self._reads
            if not await client.delivers(send, by_http=self._by_http, reads=reads, until=PATIENCE_S):
                self.given_up.append(send)
        finally:
            self._under_way[client] -= 1
