"""A clock that is off, and a loop that stands still."""

import asyncio
import signal
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic

from supportdesk.core.clock import Clock
from tests.faults.checker import Violation
from tests.faults.desk import BLOCKED_S
from tests.faults.measures import ack_times, percentile
from tests.faults.stage import Fault, Stage

HOUR_S = 3600
GRID_S = 30
"""The desk's shortest period of a job."""
RECOVERED_S = 5.0
RUNS = """
    SELECT job, due_at, attempt, status
      FROM job_runs
     WHERE started_at >= $1
"""


async def clock(stage: Stage) -> None:
    """The node's clock is an hour ahead, then right, then an hour behind."""
    began = Clock().now()
    world, load = await stage.begin("--shift", str(HOUR_S))
    spans: list[tuple[datetime, datetime, int]] = []
    for shift in (HOUR_S, 0, -HOUR_S, 0):
        if spans:
            await stage.node.kill()
            await stage.node.start("--shift", str(shift))
            await stage.converges(world)
        since = Clock().now()
        await load.reaches(world.history.acked + 40)
        await asyncio.sleep(stage.lasts(35.0, 1.0))
        spans.append((since, Clock().now(), shift))
    await load.stop()
    await _jobs(stage, began, spans)


async def _jobs(stage: Stage, began: datetime, spans: Sequence[tuple[datetime, datetime, int]]) -> None:
    """Each due instant of a span, as the node's clock told it, was run, and none twice."""
    async with stage.postgres.owner() as conn:
        rows = await conn.fetch(RUNS, began)
    runs = {(row["job"], row["due_at"]): row for row in rows}
    stage.figure("runs of jobs", len(rows), "")
    again = [f"{job} of {due}" for (job, due), row in runs.items() if row["attempt"] > 1 and row["status"] != "running"]
    stage.figure("runs taken up again after a kill", len(again), "")
    job = "wake_snoozed"
    expected = {due for since, until, shift in spans for due in _grid(since + timedelta(seconds=shift), until, shift)}
    stage.figure("due instants that passed", len(expected), "")
    stage.outcome.violations += [
        Violation("a due job was not run", f"{job} of {due}") for due in sorted(expected) if (job, due) not in runs
    ]


def _grid(since: datetime, until: datetime, shift: int) -> list[datetime]:
    """The due instants within a span of the shifted clock, but for the last moment's."""
    last = until + timedelta(seconds=shift - 3)
    step = int(since.timestamp()) // GRID_S + 1
    found = []
    while (due := datetime.fromtimestamp(step * GRID_S, UTC)) <= last:
        found.append(due)
        step += 1
    return found


async def blocked(stage: Stage) -> None:
    """Something holds up the event loop for three seconds."""
    world, load = await stage.begin("--at=1")
    slowest = 0.0
    for _ in range(stage.times(2 if stage.is_brief else 5)):
        await load.reaches(world.history.acked + 20)
        stage.node.send(signal.SIGUSR1)
        since = monotonic()
        await asyncio.sleep(BLOCKED_S)
        slowest = max(slowest, await stage.converges(world))
        await load.reaches(world.history.acked + 20)
    stage.figure("ack of the slowest", percentile(ack_times(world.history, since, monotonic()), 1.0), "s")
    stage.figure("converged after it, the slowest", slowest, "s", most=RECOVERED_S)
    stage.figure("connections that were lost", world.history.reconnects, "")


FAULTS = [
    Fault("clock", "clock ± 1 h: order kept, no job lost or doubled", clock),
    Fault("blocked", "event loop blocked 3 s: order kept, nobody is cut off", blocked),
]
