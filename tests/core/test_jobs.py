"""Jobs: a UTC grid, each due run claimed once, taken over from the dead, paused, run by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest

from supportdesk.config import Settings
from supportdesk.core import jobs as core_jobs
from supportdesk.core import queries
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database, Lane, lane_sizes
from supportdesk.core.inject import Resources
from supportdesk.core.jobs import Body, Job, Jobs, Scheduler
from supportdesk.core.tasks import Tasks
from supportdesk.errors import Conflict, NotFound, ServerBusy
from tests.people import PATIENCE_S, Connection, Desk

NOON = datetime(2026, 5, 4, 12, 0, 10, tzinfo=UTC)


class StillClock(Clock):
    """A clock that a test sets."""

    at = NOON

    def now(self) -> datetime:
        return self.at


class Crew:
    """Some nodes with the same jobs on one database."""

    def __init__(self, db: Database) -> None:
        self.tasks, self.clock, self._db = Tasks(), StillClock(), db
        self.name = f"job_{uuid4().hex[:12]}"

    def node(self, name: str, body: Body) -> Scheduler:
        """A scheduler that knows one job, which is due each minute."""
        resources = Resources()
        resources.add(self._db)
        resources.add(self.tasks)
        resources.add(self.clock, as_type=Clock)
        scheduler = Scheduler(resources, node=name)
        table = Jobs()
        body.__name__ = self.name
        table.every(timedelta(minutes=1))(body)
        scheduler.add(table)
        return scheduler

    async def last(self) -> queries.LastRun:
        """How the latest run went."""
        async with self._db.bare(lane=Lane.JOBS) as conn:
            return (await queries.list_last_runs(conn))[self.name]


@pytest.fixture
async def crew(db: Database) -> AsyncIterator[Crew]:
    crew = Crew(db)
    yield crew
    await crew.tasks.settle()


def counting(calls: list[str], who: str) -> Callable[[], Body]:
    def make() -> Body:
        async def body() -> dict[str, object]:
            """Counts."""
            calls.append(who)
            return {"calls": len(calls)}

        return body

    return make


def test_the_grid_is_counted_from_midnight_utc() -> None:
    async def body() -> None:
        """Does nothing."""

    each = Job("each", body, "", timedelta(minutes=15), None, {})
    assert each.due_at(NOON) == datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    assert each.next_at(NOON) == datetime(2026, 5, 4, 12, 15, tzinfo=UTC)
    daily = Job("daily", body, "", timedelta(days=1), time(13, 30), {})
    assert daily.due_at(NOON) == datetime(2026, 5, 3, 13, 30, tzinfo=UTC)
    assert daily.next_at(NOON) == datetime(2026, 5, 4, 13, 30, tzinfo=UTC)


async def test_two_nodes_run_each_due_instant_once(crew: Crew) -> None:
    calls: list[str] = []
    one, two = crew.node("one", counting(calls, "one")()), crew.node("two", counting(calls, "two")())
    for _ in range(3):
        await one.tick()
        await two.tick()
    await crew.tasks.settle()
    assert len(calls) == 1
    crew.clock.at = NOON + timedelta(minutes=1)
    await two.tick()
    await one.tick()
    await crew.tasks.settle()
    assert len(calls) == 2
    run = await crew.last()
    assert (run.status, run.result) == ("succeeded", {"calls": 2})


async def test_the_run_of_a_dead_node_is_taken_over(crew: Crew, owner: Connection) -> None:
    calls: list[str] = []
    due = NOON.replace(second=0)
    await owner.execute(
        "INSERT INTO job_runs (job, due_at, claimed_by, claimed_until) VALUES ($1, $2, 'dead', now() - interval '1 s')",
        crew.name,
        due,
    )
    await crew.node("alive", counting(calls, "alive")()).tick()
    await crew.tasks.settle()
    assert calls == ["alive"]
    row = await owner.fetchrow("SELECT status, attempt, claimed_by FROM job_runs WHERE job = $1", crew.name)
    assert row is not None
    assert (row["status"], row["attempt"], row["claimed_by"]) == ("succeeded", 2, "alive")


async def test_a_run_that_another_node_keeps_alive_is_left_alone(crew: Crew, owner: Connection) -> None:
    calls: list[str] = []
    await owner.execute(
        "INSERT INTO job_runs (job, due_at, claimed_by, claimed_until) "
        "VALUES ($1, $2, 'busy', now() + interval '1 min')",
        crew.name,
        NOON.replace(second=0),
    )
    await crew.node("other", counting(calls, "other")()).tick()
    await crew.tasks.settle()
    assert calls == []


@pytest.fixture
def renewed(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Leases are renewed each second; set when one was, or was found lost."""
    monkeypatch.setattr(core_jobs, "LEASE_S", 3)
    renewed, extend = asyncio.Event(), queries.extend_job_run

    async def extended(conn: Connection, claim: queries.Claim, lease_s: float) -> bool:
        answer = await extend(conn, claim, lease_s)
        renewed.set()
        return answer

    monkeypatch.setattr(queries, "extend_job_run", extended)
    return renewed


async def test_jobs_that_fill_their_lane_keep_their_claims_and_let_others_be_claimed(
    crew: Crew, db: Database, settings: Settings, owner: Connection, renewed: asyncio.Event
) -> None:
    begun, beside = asyncio.Event(), asyncio.Event()

    async def fills() -> None:
        """Takes every connection that jobs have."""
        async with AsyncExitStack() as held:
            for _ in range(lane_sizes(settings.db_pool_max)[Lane.JOBS]):
                await held.enter_async_context(db.bare(lane=Lane.JOBS))
            begun.set()
            await beside.wait()

    async def comes_beside() -> None:
        """Needs no connection."""
        beside.set()

    busy = crew.node("busy", fills)
    await busy.tick()
    await begun.wait()
    renewed.clear()
    async with asyncio.timeout(PATIENCE_S):
        await renewed.wait()
        left = await owner.fetchval("SELECT claimed_until > now() FROM job_runs WHERE job = $1", crew.name)
        assert left, "the lease is kept"
        crew.clock.at = NOON + timedelta(minutes=1)
        await crew.node("other", comes_beside).tick()
        await crew.tasks.settle()
    runs = await owner.fetch("SELECT status, attempt FROM job_runs WHERE job = $1", crew.name)
    assert [tuple(run) for run in runs] == [("succeeded", 1)] * 2


TAKE_OVER = "UPDATE job_runs SET claimed_by = 'quicker', attempt = attempt + 1 WHERE job = $1"


async def test_a_job_whose_run_was_taken_over_is_stopped(
    crew: Crew, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core_jobs, "LEASE_S", 0.6)
    ended: list[str] = []

    async def works_on() -> None:
        """Works until it is stopped."""
        await owner.execute(TAKE_OVER, crew.name)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("stopped")
            raise

    await crew.node("slow", works_on).tick()
    async with asyncio.timeout(PATIENCE_S):
        await crew.tasks.settle()
    assert ended == ["stopped"]
    assert (await crew.last()).status == "running", "it is the other's to write down how it went"


async def test_a_job_that_ends_after_its_run_was_taken_over_writes_nothing_down(crew: Crew, owner: Connection) -> None:
    async def ends_late() -> dict[str, object]:
        """Ends when the run is another's."""
        await owner.execute(TAKE_OVER, crew.name)
        return {"calls": 1}

    await crew.node("slow", ends_late).tick()
    await crew.tasks.settle()
    run = await crew.last()
    assert (run.status, run.result) == ("running", None)


async def test_a_job_whose_lease_nobody_could_renew_is_stopped_before_another_begins(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_conn: Connection, _claim: queries.Claim, _lease_s: float) -> bool:
        raise ServerBusy("The database cannot be reached just now; try again.", retry_after=1)

    async def works_on() -> None:
        """Works until it is stopped."""
        await asyncio.Event().wait()

    monkeypatch.setattr(core_jobs, "LEASE_S", 0.6)
    monkeypatch.setattr(queries, "extend_job_run", away)
    await crew.node("cut off", works_on).tick()
    async with asyncio.timeout(PATIENCE_S):
        await crew.tasks.settle()
    assert (await crew.last()).status == "running", "the next tick takes it up again"


DIED = "INSERT INTO job_runs (job, due_at, claimed_by, claimed_until) VALUES ($1, $2, 'dead', now() - $3::interval)"
HALF_PAST = NOON.replace(second=30)
"""When a node looks for the runs of the dead."""


@pytest.mark.parametrize(
    "due_at",
    [NOON.replace(second=7), NOON.replace(second=0) - timedelta(minutes=5)],
    ids=["run by hand", "due before the present run"],
)
async def test_a_run_that_nobody_takes_up_again_is_abandoned(crew: Crew, owner: Connection, due_at: datetime) -> None:
    calls: list[str] = []
    await owner.execute(DIED, crew.name, due_at, timedelta(minutes=2))
    run = await crew.last()
    assert (run.status, run.error_message) == ("abandoned", queries.ABANDONED), "also where no node is left to sweep"
    crew.clock.at = HALF_PAST
    await crew.node("alive", counting(calls, "alive")()).tick()
    await crew.tasks.settle()
    rows = await owner.fetch("SELECT * FROM job_runs WHERE job = $1 ORDER BY claimed_by", crew.name)
    assert [(row["claimed_by"], row["status"]) for row in rows] == [("alive", "succeeded"), ("dead", "abandoned")]
    assert rows[1]["error_message"] == queries.ABANDONED
    assert rows[1]["finished_at"] is not None
    assert calls == ["alive"]


async def test_a_run_that_is_still_due_is_taken_over_and_one_that_was_just_lost_is_left(
    crew: Crew, owner: Connection
) -> None:
    calls: list[str] = []
    await owner.execute(DIED, crew.name, NOON.replace(second=0), timedelta(hours=1))
    await owner.execute(DIED, crew.name, NOON.replace(second=7), timedelta(seconds=5))
    crew.clock.at = HALF_PAST
    await crew.node("alive", counting(calls, "alive")()).tick()
    await crew.tasks.settle()
    rows = await owner.fetch("SELECT status FROM job_runs WHERE job = $1 ORDER BY due_at", crew.name)
    assert [row["status"] for row in rows] == ["succeeded", "running"]


async def test_a_failure_is_written_down_with_its_sentence(crew: Crew) -> None:
    async def refuses() -> None:
        """Refuses."""
        raise Conflict("The archive is locked.")

    async def breaks() -> None:
        """Breaks."""
        raise ValueError("no such month")

    await crew.node("one", refuses).tick()
    await crew.tasks.settle()
    run = await crew.last()
    assert (run.status, run.error_message) == ("failed", "The archive is locked.")
    crew.clock.at = NOON + timedelta(minutes=1)
    await crew.node("one", breaks).tick()
    await crew.tasks.settle()
    run = await crew.last()
    assert (run.status, run.error_message) == ("failed", "ValueError: no such month")


async def test_a_paused_job_waits_but_can_be_run_by_hand(crew: Crew, owner: Connection) -> None:
    calls: list[str] = []
    node = crew.node("one", counting(calls, "one")())
    await owner.execute("INSERT INTO job_pauses (job) VALUES ($1)", crew.name)
    await node.tick()
    await crew.tasks.settle()
    assert calls == []
    await node.run_now(crew.name)
    assert calls == ["one"]
    assert (await crew.last()).status == "succeeded"
    with pytest.raises(NotFound, match="There is no job called nonsense"):
        await node.run_now("nonsense")


async def test_the_admin_page_shows_jobs_and_runs_one(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    headers = {"X-CSRF-Token": admin.csrf, "Origin": desk.url}
    async with admin.http.post(
        f"{desk.url}/admin/jobs/make_partitions/run", headers=headers, allow_redirects=False
    ) as answer:
        assert answer.status == 303
    await desk.settle()
    async with admin.http.get(f"{desk.url}/admin/jobs") as answer:
        page = await answer.text()
    assert "make_partitions" in page
    assert "keep_by_policy" in page
    line = page[page.index("make_partitions") :].partition("</tr>")[0]
    assert "made 0" in line, "the last run and what came of it"


async def test_the_admin_page_tells_of_a_run_that_was_abandoned(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    due_at = NOON - timedelta(days=1)
    await desk.owner.execute(
        "INSERT INTO job_runs (job, due_at, claimed_by, claimed_until, started_at) "
        "VALUES ('wake_snoozed', $1, 'dead', now() - interval '2 minutes', now() + interval '1 minute')",
        due_at,  # begun after all that the desk itself begins
    )
    async with admin.http.get(f"{desk.url}/admin/jobs") as answer:
        page = await answer.text()
    line = page[page.index("wake_snoozed") :].partition("</tr>")[0]
    assert "abandoned" in line
    assert queries.ABANDONED in line
    await desk.owner.execute("DELETE FROM job_runs WHERE job = 'wake_snoozed' AND due_at = $1", due_at)
