"""Scheduled work: functions in tables, a ticker on every node, and each due run claimed as a row."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, TypeVar

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from supportdesk.actor import Permission
from supportdesk.core import queries
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database, Lane
from supportdesk.core.inject import Resources, parameters
from supportdesk.core.metrics import JOBS
from supportdesk.core.tasks import Tasks
from supportdesk.errors import DeskError, NotFound

log = structlog.get_logger(__name__)

T = TypeVar("T")
Body = Callable[..., Awaitable[dict[str, Any] | None]]
LEASE_S = 60
HELD = 0.9
"""The part of a lease for which its node goes on without a renewal: it has stopped before another may begin."""
TICK_S = 1
SWEEP_S = 30


@dataclass(frozen=True, slots=True)
class Job:
    """One function that runs on a UTC grid; it must be idempotent, because a dead node's run is taken up again."""

    name: str
    body: Body
    says: str
    period: timedelta
    at: time | None
    takes: dict[str, type[Any]]
    needs: Permission | None = None
    """What it takes to run it by hand, besides the right to run jobs at all."""

    def due_at(self, now: datetime) -> datetime:
        """The latest instant of the grid that is not after `now`."""
        if self.at is None:
            step = int(self.period.total_seconds())
            return datetime.fromtimestamp(int(now.timestamp()) // step * step, UTC)
        due = datetime.combine(now.astimezone(UTC).date(), self.at, UTC)
        return due if due <= now else due - timedelta(days=1)

    def next_at(self, now: datetime) -> datetime:
        """The first instant of the grid after `now`."""
        return self.due_at(now) + self.period


class Jobs:
    """The jobs of one slice, as a table that app.py reads."""

    def __init__(self) -> None:
        self.table: list[Job] = []

    def every(self, period: timedelta) -> Callable[[Body], Body]:
        """Run the function each period, counted from midnight UTC."""
        return self._register(period, None)

    def daily(self, *, at: time, needs: Permission | None = None) -> Callable[[Body], Body]:
        """Run the function once a day at this time, UTC; `needs` is what running it by hand takes besides."""
        return self._register(timedelta(days=1), at, needs)

    def _register(self, period: timedelta, at: time | None, needs: Permission | None = None) -> Callable[[Body], Body]:
        def register(body: Body) -> Body:
            says = (body.__doc__ or "").strip().splitlines()
            if not says:
                raise TypeError(f"The job {body.__name__} has no docstring to show on the jobs page")
            self.table.append(Job(body.__name__, body, says[0], period, at, parameters(body), needs))
            return body

        return register


async def each_apart(things: Iterable[T], work: Callable[[T], Awaitable[None]]) -> None:
    """Do the work for each thing, so that one for which it fails keeps no other waiting; raises the first failure."""
    failures: list[Exception] = []
    for thing in things:
        try:
            await work(thing)
        except Exception as error:
            log.exception("job.part_failed", part=str(thing))
            failures.append(error)
    if failures:
        raise failures[0]


class Scheduler:
    """Claims what is due and runs it; n nodes run each due run once."""

    def __init__(self, resources: Resources, *, node: str) -> None:
        self._resources = resources
        self._db = resources.get(Database)
        self._clock = resources.get(Clock)
        self._tasks = resources.get(Tasks)
        self._node = node
        self._jobs: dict[str, Job] = {}
        self._seen: dict[str, datetime] = {}
        self._ticker = AsyncIOScheduler(timezone=UTC)

    def add(self, jobs: Jobs) -> None:
        """Know the jobs of a table; raises ValueError when a name is taken."""
        for job in jobs.table:
            if job.name in self._jobs:
                raise ValueError(f"Two jobs are called {job.name}")
            self._jobs[job.name] = job

    @property
    def jobs(self) -> list[Job]:
        """Every job, by name."""
        return [self._jobs[name] for name in sorted(self._jobs)]

    def start(self) -> None:
        """Tick each second. A missed tick is no loss: the next one sees the same grid."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns of each missed tick
        self._ticker.add_job(
            self.tick, "interval", seconds=TICK_S, id="tick", max_instances=1, coalesce=True, misfire_grace_time=None
        )
        self._ticker.start()

    def stop(self) -> None:
        """Tick no more; runs under way are the tasks' to drain."""
        if self._ticker.running:
            self._ticker.shutdown(wait=False)

    async def tick(self) -> None:
        """Claim every job whose latest due instant nobody has run, and run it in a task of its own."""
        now = self._clock.now()
        if is_sweep := now.second % SWEEP_S == 0:
            self._seen.clear()  # another node may have died with its claim: look at the rows again
        due = [(job, job.due_at(now)) for job in self._jobs.values()]
        fresh = [(job, at) for job, at in due if self._seen.get(job.name) != at]
        if not fresh:
            return
        try:
            async with self._db.bare(lane=Lane.LEASES) as conn:
                claims = await queries.claim_job_runs(conn, [(job.name, at) for job, at in fresh], self._node, LEASE_S)
                abandoned = await queries.abandon_job_runs(conn, list(self._jobs)) if is_sweep else ()
        except DeskError:
            return  # PostgreSQL is away and db.py has said so; the next tick asks again
        for name in abandoned:
            log.warning("job.abandoned", job=name)
        self._seen.update((job.name, at) for job, at in fresh)
        for claim in claims:
            self._tasks.spawn(self._run(claim), name=f"job {claim.job}")

    def job(self, name: str) -> Job:
        """A job by its name; raises NotFound for a name that no job has."""
        if name not in self._jobs:
            raise NotFound(f"There is no job called {name}; `supportdesk jobs` lists them.")
        return self._jobs[name]

    async def run_now(self, name: str) -> None:
        """Run a job at once, whatever its grid says; raises NotFound for an unknown name."""
        self.job(name)
        async with self._db.bare(lane=Lane.LEASES) as conn:
            claim = await queries.insert_manual_run(conn, name, self._node, LEASE_S)
        await self._run(claim)

    async def _run(self, claim: queries.Claim) -> None:
        job = self._jobs[claim.job]
        began = self._clock.monotonic()
        outcome, result, problem = "succeeded", None, None
        try:
            async with asyncio.timeout(LEASE_S * HELD) as lease:
                beat = self._tasks.spawn(self._keep_claim(claim, lease), name=f"lease of {job.name}", lasting=True)
                try:
                    result = await job.body(**{name: self._resources.get(kind) for name, kind in job.takes.items()})
                finally:
                    beat.cancel()
        except DeskError as error:
            outcome, problem = "failed", error.sentence
        except Exception as error:
            if not lease.expired():
                log.exception("job.failed", job=job.name)
            outcome, problem = "failed", f"{type(error).__name__}: {error}"[:500]
        took_s = self._clock.monotonic() - began
        if lease.expired():
            self._lose(claim, "the lease could not be kept")
            return
        JOBS.labels(job.name, outcome).observe(took_s)
        log.info("job", job=job.name, outcome=outcome, ms=round(took_s * 1000, 1), result=result, problem=problem)
        try:
            async with self._db.bare(lane=Lane.LEASES) as conn:
                is_written = await queries.finish_job_run(conn, claim, outcome, result, problem)
        except DeskError as error:
            self._lose(claim, error.sentence)
        else:
            if not is_written:
                self._lose(claim, "another node has taken the run over")

    def _lose(self, claim: queries.Claim, reason: str) -> None:
        """The run is no longer this node's: who has it writes down how it went, or a later tick takes it up again."""
        self._seen.pop(claim.job, None)
        log.warning("job.claim_lost", job=claim.job, attempt=claim.attempt, reason=reason)

    async def _keep_claim(self, claim: queries.Claim, lease: asyncio.Timeout) -> None:
        """Renew the lease until the job is done; a lease that another node has, or that nobody renews, ends the job."""
        loop = asyncio.get_running_loop()
        wait_s = LEASE_S / 3
        while True:
            await asyncio.sleep(wait_s)
            asked_at = loop.time()
            try:
                async with self._db.bare(lane=Lane.LEASES) as conn:
                    is_ours = await queries.extend_job_run(conn, claim, LEASE_S)
            except DeskError:
                wait_s = LEASE_S / 20  # the lease runs on: ask again soon
                continue
            if lease.expired():
                return
            if not is_ours:
                lease.reschedule(asked_at)
                return
            lease.reschedule(asked_at + LEASE_S * HELD)
            wait_s = LEASE_S / 3
