"""The end of the desk's process: kill -9 again and again."""

import asyncio
from time import monotonic

from tests.faults.stage import Fault, Stage

CONVERGED_S = 10.0


async def kill_loop(stage: Stage) -> None:
    """Every ten seconds kill -9, under load."""
    world, load = await stage.begin()
    slowest, starts = 0.0, []
    for _ in range(stage.times(20)):
        again = monotonic() + stage.lasts(10.0, 3.0) * stage.random.uniform(0.7, 1.3)
        await load.reaches(world.history.acked + stage.random.randint(10, 60))
        await asyncio.sleep(stage.random.uniform(0, 0.05))  # anywhere in a flight
        await stage.node.kill()
        starts.append(await stage.node.start())
        slowest = max(slowest, await stage.converges(world))
        await asyncio.sleep(max(0.0, again - monotonic()))
    stage.figure("kills", len(starts), "")
    stage.figure("restart, the slowest", max(starts), "s")
    stage.figure("converged after a restart, the slowest", slowest, "s", most=CONVERGED_S)


FAULTS = [
    Fault("kill", "kill -9 of a node under load, every 10 s × 20: 0 violations, converged ≤ 10 s", kill_loop),
]
