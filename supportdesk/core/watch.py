"""The loop watches itself: how late it runs, and who waits for what."""

import asyncio

from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.core.metrics import LOOP_LAG, POOL, POOL_WAITING, TASKS
from supportdesk.core.tasks import Tasks

INTERVAL_S = 0.1


class LoopWatch:
    """Measures the event loop's lag, and keeps the last second's worst for readiness."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.worst_s = 0.0

    async def run(self) -> None:
        """Sleep a little, see how late the waking is, for ever."""
        while True:
            asked = self._clock.monotonic()
            await asyncio.sleep(INTERVAL_S)
            late = max(0.0, self._clock.monotonic() - asked - INTERVAL_S)
            LOOP_LAG.observe(late)
            self.worst_s = max(late, self.worst_s * 0.9)


def sample(db: Database, tasks: Tasks) -> None:
    """Copy the gauges that are cheaper to read than to keep."""
    for lane, size, idle, largest, waiting in db.load():
        POOL.labels(lane, "in_use").set(size - idle)
        POOL.labels(lane, "idle").set(idle)
        POOL.labels(lane, "allowed").set(largest)
        POOL_WAITING.labels(lane).set(waiting)
    TASKS.set(len(tasks))
