"""Where a fault is played: PostgreSQL, the nodes, the people at them, and the figures it leaves."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

from tests.faults.checker import Expected, judge
from tests.faults.load import Load
from tests.faults.node import Node
from tests.faults.postgres import Postgres
from tests.faults.proxy import Proxy
from tests.faults.report import Figure, Outcome
from tests.faults.stored import Head, read_heads, read_stored
from tests.faults.world import World, make_world

CLIENTS, CLIENTS_BRIEFLY = 200, 24
RATE, RATE_BRIEFLY = 200.0, 60.0
CONVERGENCE_S = 60.0
"""How long a stage waits at most; the figure is what the fault promises."""
LOOK_S = 0.1


class Lacking(Exception):
    """The machine does not have what a fault takes; the sentence says what that is."""


@dataclass(slots=True)
class Stage:
    """One fault's run. `points` is how many times a disturbance is repeated; None is the full number of the table."""

    postgres: Postgres
    nodes: list[Node]
    folder: Path
    outcome: Outcome
    points: int | None
    random: Random
    expected: Expected = field(default_factory=Expected)
    worlds: list[World] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)
    after: list[Callable[[], Awaitable[None]]] = field(default_factory=list)  # what must be put back, last first

    @property
    def node(self) -> Node:
        """The first node; most faults need no other."""
        return self.nodes[0]

    @property
    def is_brief(self) -> bool:
        """Whether this is a short form for every commit."""
        return self.points is not None

    def times(self, full: int) -> int:
        """How often to repeat."""
        return full if self.points is None else min(full, self.points)

    def lasts(self, full_s: float, brief_s: float) -> float:
        """How long something lasts."""
        return brief_s if self.is_brief else full_s

    def add_node(self, settings: Mapping[str, str] | None = None) -> Node:
        """One more node at this PostgreSQL; it is not started."""
        number = len(self.nodes) + 1
        node = Node(f"node{number}", self.postgres.dsn, self.folder / f"node{number}", settings)
        self.nodes.append(node)
        return node

    async def people(self, *, clients: int | None = None, via: str = "") -> World:
        """A world of the usual size, connected."""
        count = clients or (CLIENTS_BRIEFLY if self.is_brief else CLIENTS)
        seed = f"{self.outcome.seed} world {len(self.worlds)}"
        world = await make_world(self.postgres, self.node.url, clients=count, seed=seed, via=via)
        self.worlds.append(world)
        return world

    def talk(self, world: World, rate: float | None = None, **more: Any) -> Load:
        """People begin to talk."""
        load = Load(world, rate or (RATE_BRIEFLY if self.is_brief else RATE), **more)
        self.loads.append(load)
        load.start()
        return load

    async def begin(self, *args: str, settings: Mapping[str, str] | None = None) -> tuple[World, Load]:
        """A node, the usual people, and all of them talking."""
        await self.add_node(settings).start(*args)
        world = await self.people()
        return world, self.talk(world)

    async def proxy(self) -> Proxy:
        """A network in front of the first node, in fine weather."""
        proxy = Proxy(self.node.port, self.random)
        await proxy.start()
        self.after.append(proxy.stop)
        return proxy

    def figure(
        self, name: str, value: float, unit: str, *, most: float | None = None, least: float | None = None
    ) -> None:
        """Note a value, with the most or the least it may be."""
        target, met = "", None
        if most is not None:
            target, met = f"≤ {most:g} {unit}".strip(), value <= most
        elif least is not None:
            target, met = f"≥ {least:g} {unit}".strip(), value >= least
        self.outcome.figures.append(Figure(name, value, unit, target, met))

    def note(self, sentence: str) -> None:
        """Say something in the report."""
        self.outcome.notes.append(sentence)

    async def converges(self, world: World, since: float | None = None) -> float:
        """Wait until everybody has applied all that is committed now; seconds since the fault was over."""
        began = since or monotonic()
        async with self.postgres.owner() as conn:
            heads = await read_heads(conn, world.rooms)
        took = await _reached(world, heads, began)
        self.outcome.converged_s = max(took, self.outcome.converged_s or 0.0)
        return took

    async def end(self) -> None:
        """Everybody falls silent; then all must have everything, and the checker judges."""
        for load in self.loads:
            await load.stop()
        for world in self.worlds:
            await self.converges(world)
            async with self.postgres.owner() as conn:
                stored = await read_stored(conn, world.rooms)
            self.outcome.count(world.history)
            self.outcome.violations += judge(world.history, stored, self.expected)

    async def clear(self) -> None:
        """Take everything down, however far it got."""
        for load in self.loads:
            await load.cut_short()
        for world in self.worlds:
            await world.close()
        for node in self.nodes:
            await node.kill()
        for put_back in reversed(self.after):
            await put_back()
        self.after.clear()


async def _reached(world: World, heads: Mapping[str, Head], began: float) -> float:
    removed = {(removal.user, removal.room) for removal in world.history.removals}
    waiting = [
        listening
        for listening in world.history.listening
        if listening.member and not listening.removed and (listening.user, listening.room) not in removed
    ]
    while waiting and monotonic() - began < CONVERGENCE_S:
        waiting = [one for one in waiting if one.last < heads[one.room].of(staff=one.staff)]
        if waiting:
            await asyncio.sleep(LOOK_S)
    return monotonic() - began


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that breaks, and what the table of security.md says of it."""

    name: str
    says: str
    act: Callable[[Stage], Awaitable[None]]
