"""What a message costs on the whole path as the database grows: CPU of this process and of PostgreSQL's, per message.

150 people of 50 rooms post through the flights, as the edges do: dedup, numbers, log, policies, history, commit.
"""

import asyncio
import resource
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

import asyncpg
import psutil

from bench.data import Connection, Size, Stored, copied, server
from bench.figures import Figure, Run, at_most, median, spread
from bench.queries import database
from supportdesk.actor import Actor, ActorKind, UserId
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.core.events import Bus
from supportdesk.core.tasks import Tasks
from supportdesk.messages.flights import Flights, Hooks
from supportdesk.messages.model import Outcome, Posting
from supportdesk.rooms.model import RoomId

SIZES: Final = (Size(10_000, 500), Size(100_000, 5_000), Size(1_000_000, 50_000))
ROOMS: Final = 50
SENDERS: Final = 150
MESSAGES: Final = 6000
QUICK_MESSAGES: Final = 3000
MOST: Final = 1.15

# Open rooms, each with its guest, its person and somebody else who has a seat in it.
CAST: Final = """
    SELECT r.id AS room_id, ARRAY[r.creator_id, r.assignee_id] AS people
      FROM chat_rooms r
     WHERE r.workspace_id = $1 AND r.status = 'active' AND r.owner_kind = 'human' AND r.client_room_id <> 'room-1'
     ORDER BY r.created_at DESC
     LIMIT $2
"""
THIRD: Final = """
    INSERT INTO room_participants (workspace_id, room_id, user_id)
    SELECT $1, room_id, (SELECT u.id FROM users u WHERE u.workspace_id = $1 AND u.username = 'agent042')
      FROM unnest($2::uuid[]) AS room_id
    ON CONFLICT (room_id, user_id) DO UPDATE SET status = 'active'
 RETURNING room_id, user_id
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of CPU per message."""

    server: float
    postgres: float

    @property
    def whole(self) -> float:
        """Both."""
        return self.server + self.postgres


async def measure(run: Run) -> Sequence[Figure]:
    """Cost per size, in turns, and how much more the largest database's messages cost."""
    sizes = SIZES[:2] if run.quick else SIZES
    costs: dict[Size, list[Cost]] = {size: [] for size in sizes}
    async with server() as running, AsyncExitStack() as stack:
        filled = {size: await stack.enter_async_context(copied(running, size)) for size in sizes}
        for size in sizes:
            await _round(filled[size], running.info.pid, QUICK_MESSAGES // 3)  # plans are made, pages are read
        for _ in range(run.rounds):
            for size in sizes:
                cost = await _round(filled[size], running.info.pid, QUICK_MESSAGES if run.quick else MESSAGES)
                costs[size].append(cost)
    figures = [
        Figure(
            figure=f"growth.cpu_at_{size.messages}",
            value=median([cost.whole for cost in costs[size]]),
            unit="µs per message",
            note=f"server {median([cost.server for cost in costs[size]]):.0f}, "
            f"PostgreSQL {median([cost.postgres for cost in costs[size]]):.0f}; "
            + spread([cost.whole for cost in costs[size]]),
        )
        for size in sizes
    ]
    # Round by round, because what else the machine does changes between them.
    ratios = [large.whole / small.whole for small, large in zip(costs[sizes[0]], costs[sizes[-1]], strict=True)]
    growth = at_most(
        "growth.largest_to_smallest",
        median(ratios),
        MOST,
        "×",
        note=f"{sizes[0].messages:,} to {sizes[-1].messages:,} messages; {spread(ratios)}",
    )
    return [*figures, growth]


async def _round(data: Stored, postmaster: int, messages: int) -> Cost:
    """Post so many messages and look at the clocks of the processes."""
    async with database(data.dsn) as db, _senders(data) as senders, _flights(db) as flights:
        began, before = _own_cpu(), _postgres_cpu(postmaster)
        share = messages // len(senders)
        await asyncio.gather(*(_talk(flights, actor, room_id, share) for actor, room_id in senders))
        sent = share * len(senders)
        # The connections are still open: a process that has ended takes its clock along.
        return Cost(1e6 * (_own_cpu() - began) / sent, 1e6 * (_postgres_cpu(postmaster) - before) / sent)


@asynccontextmanager
async def _flights(db: Database) -> AsyncIterator[Flights]:
    tasks = Tasks()
    yield Flights(db, Bus(tasks), tasks, Clock(), Hooks())
    await tasks.settle()


async def _talk(flights: Flights, actor: Actor, room_id: RoomId, messages: int) -> None:
    for number in range(messages):
        verdict = await flights.post(
            Posting(
                actor=actor,
                room_id=room_id,
                client_msg_id=str(uuid4()),
                content=f"I still wait for the parcel {number} that I asked about last week, please look into it.",
            )
        )
        if verdict.outcome is not Outcome.POSTED:
            raise LookupError(f"A message was not posted: {verdict.outcome}.")


@asynccontextmanager
async def _senders(data: Stored) -> AsyncIterator[list[tuple[Actor, RoomId]]]:
    conn: Connection = await asyncpg.connect(data.dsn)
    try:
        cast = await conn.fetch(CAST, data.workspace_id, ROOMS)
        rooms = [row["room_id"] for row in cast]
        thirds = {row["room_id"]: row["user_id"] for row in await conn.fetch(THIRD, data.workspace_id, rooms)}
    finally:
        await conn.close()
    found = [
        (_actor(data, person, is_guest=place == 0), RoomId(row["room_id"]))
        for row in cast
        for place, person in enumerate([*row["people"], thirds[row["room_id"]]])
    ]
    if len(found) != SENDERS:
        raise LookupError(f"The data has {len(found)} who could talk, and {SENDERS} are needed.")
    yield found


def _actor(data: Stored, user_id: UUID, *, is_guest: bool) -> Actor:
    return Actor(
        kind=ActorKind.GUEST if is_guest else ActorKind.AGENT,
        id=UserId(user_id),
        workspace_id=data.workspace_id,
        grants=data.agent.grants,
    )


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _postgres_cpu(postmaster: int) -> float:
    """Seconds of the server's processes that live: backends, writers and the postmaster.

    Without autovacuum: it comes when it likes, and to whichever database was filled last.
    """
    total = 0.0
    parent = psutil.Process(postmaster)
    for process in (parent, *parent.children()):
        with suppress(psutil.NoSuchProcess, IndexError):
            if "autovacuum" not in process.cmdline()[0]:
                times = process.cpu_times()
                total += times.user + times.system
    return total
