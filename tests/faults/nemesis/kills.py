"""The end of the desk's process: kill -9 at any time and at exact points, and the polite end of a restart."""

import asyncio
import signal
from time import monotonic
from uuid import UUID, uuid4

from tests.faults.checker import Violation
from tests.faults.desk import MARK, Point
from tests.faults.stage import Fault, Stage
from tests.faults.world import World

CONVERGED_S = 10.0
DRAINED_S = 15.0
DIES_WITHIN_S = 60.0
LEASE_S = 2
MARKS = 6
"""Side effects that are promised for each kill in the relay."""
RELAYED_WITHIN_S = 30.0
PROMISE = "INSERT INTO outbox (workspace_id, kind, payload) VALUES ($1, $2, jsonb_build_object('mark', $3::text))"
UNDONE = "SELECT count(*) FROM outbox WHERE workspace_id = $1 AND kind = $2 AND done_at IS NULL"


async def kill_loop(stage: Stage) -> None:
    """Every ten seconds kill -9, under load."""
    world, load = await stage.begin()
    slowest, starts = 0.0, []
    for _ in range(stage.times(20)):
        again = monotonic() + stage.lasts(10.0, 3.0) * stage.random.uniform(0.7, 1.3)
        await load.reaches(world.history.acked + stage.random.randint(10, 60))
        await asyncio.sleep(stage.random.uniform(0, 0.05))  # anywhere in a flight
        died_at = monotonic()
        await stage.node.kill()
        starts.append(await stage.node.start())
        slowest = max(slowest, await stage.converges(world, died_at))
        await asyncio.sleep(max(0.0, again - monotonic()))
    stage.figure("kills", len(starts), "")
    stage.figure("restart, the slowest", max(starts), "s")
    stage.figure("converged after a kill, the restart included, the slowest", slowest, "s", most=CONVERGED_S)


async def kill_points(stage: Stage) -> None:
    """The process ends itself at an exact point, on a pass chosen at random."""
    world, load = await stage.begin()
    carried = stage.folder / "carried"
    promised: list[str] = []
    slowest = 0.0
    points = list(Point) * (1 if stage.is_brief else 10)
    stage.random.shuffle(points)
    await stage.node.kill()
    for point in points:
        is_relay = point in (Point.RELAY_CLAIMED, Point.RELAY_CARRIED)
        at = stage.random.randint(1, MARKS if is_relay else 25)
        await stage.node.start(f"--die={point}", f"--at={at}", f"--lease={LEASE_S}", f"--carry={carried}")
        slowest = max(slowest, await stage.converges(world))
        await load.reaches(world.history.acked + 5)
        stage.node.send(signal.SIGUSR2)
        if is_relay:
            promised += await _promise(stage, world)
        await stage.node.ended(DIES_WITHIN_S)
    await stage.node.start(f"--lease={LEASE_S}", f"--carry={carried}")
    slowest = max(slowest, await stage.converges(world))
    for point in Point:
        stage.figure(f"kills {point}", points.count(point), "")
    stage.figure("converged after a restart, the slowest", slowest, "s", most=CONVERGED_S)
    await _relayed(stage, world)
    done = carried.read_text().split() if carried.exists() else []
    stage.figure("side effects promised", len(promised), "")
    stage.figure("carried out more than once, as a crash may", len(done) - len(set(done)), "")
    stage.outcome.violations += [
        Violation("a promised side effect was lost", mark) for mark in set(promised) - set(done)
    ]


async def _promise(stage: Stage, world: World) -> list[str]:
    marks = [str(uuid4()) for _ in range(MARKS)]
    async with stage.postgres.owner() as conn:
        await conn.executemany(PROMISE, [(UUID(str(world.workspace.id)), MARK, mark) for mark in marks])
    return marks


async def _relayed(stage: Stage, world: World) -> None:
    """Wait until every promise is written down as kept."""
    async with stage.postgres.owner() as conn, asyncio.timeout(RELAYED_WITHIN_S):
        while await conn.fetchval(UNDONE, world.workspace.id, MARK):  # noqa: ASYNC110 - another process's rows
            await asyncio.sleep(0.2)


async def restart(stage: Stage) -> None:
    """SIGTERM under load, and a new process at the same address."""
    world, load = await stage.begin()
    drains, slowest = [], 0.0
    for _ in range(stage.times(10)):
        await load.reaches(world.history.acked + stage.random.randint(20, 80))
        drains.append(await stage.node.stop())
        stopped_at = monotonic()
        await stage.node.start()
        slowest = max(slowest, await stage.converges(world, stopped_at))
    await load.stop()
    stage.figure("restarts", len(drains), "")
    stage.figure("drained, the slowest", max(drains), "s", most=DRAINED_S)
    stage.figure("failed sends", world.history.failed + len(load.given_up), "", most=0)
    stage.figure("converged, the slowest", slowest, "s", most=CONVERGED_S)


FAULTS = [
    Fault("kill", "kill -9 of a node under load, every 10 s × 20: 0 violations, converged ≤ 10 s", kill_loop),
    Fault("points", "kill at exact points: 0 violations, converged ≤ 10 s, no side effect lost", kill_points),
    Fault("restart", "SIGTERM under load: 0 failed sends, drained ≤ 15 s", restart),
]
