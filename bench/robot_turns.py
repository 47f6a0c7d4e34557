"""Two hundred robot turns in flight on one process: how late its loop runs, and what the host costs per turn.

The turns wait in the queue before the clock starts, so that what is measured is the host alone: claiming, the kit, the
stream, the limits, and the transaction that posts the answer and keeps the record. The robot itself only waits.
"""

import asyncio
import resource
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, Final

import asyncpg

from bench.data import Connection, server, settings, superuser_of
from bench.figures import Figure, Run, at_most, median, spread
from supportdesk.core import migrations
from supportdesk.core.clock import Clock
from supportdesk.core.tasks import Tasks
from supportdesk.robots.contract import Event, Robot, Say, Turn
from tests.factories import make_workspace
from tests.robots.theatre import Theatre

DATABASE: Final = "bench_robot_turns"
TURNS: Final = 200
PIECES: Final = 20
PAUSE_S: Final = 0.1
MOST_LAG_MS: Final = 50
MOST_CPU_MS: Final = 5
LOOK_S: Final = 0.005


class PatientRobot(Robot):
    """Says a word now and then; the next comes only once all the others play too."""

    name, display_name = "patient", "Patient"
    playing: ClassVar[int] = 0
    most: ClassVar[int] = 0
    all_in: ClassVar[asyncio.Event]

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """Talk slowly."""
        kind = type(self)
        kind.playing += 1
        kind.most = max(kind.most, kind.playing)
        if kind.playing == TURNS:
            kind.all_in.set()
        yield Say(delta=f"About {turn.text}: ")
        await kind.all_in.wait()
        for _ in range(PIECES):
            await asyncio.sleep(PAUSE_S)
            yield Say(delta="word ")
        kind.playing -= 1


@dataclass(frozen=True, slots=True)
class Played:
    """One round."""

    lag_ms: float
    cpu_ms: float
    in_flight: int
    answered: int


async def measure(run: Run) -> Sequence[Figure]:
    """Lag of the loop while all turns are in flight and end, and the CPU of the host per turn."""
    rounds: list[Played] = []
    async with server() as running:
        admin: Connection = await asyncpg.connect(superuser_of(running.dsn("postgres")))
        try:
            for _ in range(1 if run.quick else run.rounds):
                await admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
                await running.create_database(DATABASE)
                rounds.append(await _round(running.dsn(DATABASE)))
            await admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        finally:
            await admin.close()
    lags, costs = [one.lag_ms for one in rounds], [one.cpu_ms for one in rounds]
    beside = f"{min(one.in_flight for one in rounds)} turns at once, {PIECES + 1} pieces each"
    unanswered = sum(TURNS - one.answered for one in rounds)
    return [
        at_most("robots.loop_lag", median(lags), MOST_LAG_MS, "ms p99", note=f"{beside}; {spread(lags)}"),
        at_most("robots.cpu_per_turn", median(costs), MOST_CPU_MS, "ms", note=f"{beside}; {spread(costs)}"),
        at_most("robots.turns_unanswered", unanswered, 0, "turns", note=f"of {TURNS * len(rounds)}"),
    ]


async def _round(dsn: str) -> Played:
    owner: Connection = await asyncpg.connect(dsn)
    await migrations.migrate(owner)
    PatientRobot.playing = PatientRobot.most = 0
    PatientRobot.all_in = asyncio.Event()
    try:
        with TemporaryDirectory(prefix="bench-robots-") as folder:
            return await _played(dsn, owner, Path(folder))
    finally:
        await owner.close()


async def _played(dsn: str, owner: Connection, folder: Path) -> Played:
    workspace, chosen = await make_workspace(owner), settings(folder)
    asking = Theatre(chosen, dsn, owner, workspace)
    await asking.open(PatientRobot, seats=0)
    for number in range(TURNS):
        guest = await asking.guest()
        await asking.says(guest, await asking.opens(guest), f"question {number}")
    await asking.close()
    playing = Theatre(chosen, dsn, owner, workspace)
    await playing.open(PatientRobot, seats=TURNS, install=False)
    lags: list[float] = []
    before = _cpu_s()
    async with _watched(lags):
        await playing.runner.sweep()
        await playing.settle()
    spent = _cpu_s() - before
    answered = await owner.fetchval("SELECT count(*) FROM robot_interactions WHERE response_data ->> 'fate' = 'posted'")
    await playing.close()
    ordered = sorted(lags)
    return Played(
        lag_ms=ordered[int(len(ordered) * 0.99)],
        cpu_ms=1000 * spent / TURNS,
        in_flight=PatientRobot.most,
        answered=answered,
    )


@asynccontextmanager
async def _watched(lags: list[float]) -> AsyncIterator[None]:
    """Note how late the loop comes back, in milliseconds."""
    clock, tasks = Clock(), Tasks()

    async def look() -> None:
        while True:
            asked = clock.monotonic()
            await asyncio.sleep(LOOK_S)
            lags.append(1000 * max(0.0, clock.monotonic() - asked - LOOK_S))

    tasks.spawn(look(), name="lag", lasting=True)
    yield
    await tasks.drain(grace_s=0)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
