"""The admin pages: server-rendered, Post/Redirect/Get, without JavaScript."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from supportdesk.actor import Actor, Permission
from supportdesk.admin import queries
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database, Tx
from supportdesk.core.http import Page, Routes, SeeOther
from supportdesk.core.jobs import Job, Scheduler
from supportdesk.core.queries import LastRun, list_last_runs, list_paused
from supportdesk.core.tasks import Tasks
from supportdesk.core.wire import In, Text
from supportdesk.robots.actions import set_robot_active
from supportdesk.robots.host import Host
from supportdesk.robots.model import RobotId

routes = Routes()
STATUS = {
    "succeeded": "completed",
    "running": "processing",
    "failed": "failed",
    "skipped": "completed",
    "abandoned": "abandoned",
}


class DocumentsQuery(In):
    """Which documents the page lists."""

    q: Annotated[Text, Field(max_length=200)] = ""


class RobotState(In):
    """Whether a robot answers."""

    active: bool


@routes.page("/admin", needs=Permission.ROBOT_READ)
async def front() -> SeeOther:
    """The first of the admin pages."""
    return SeeOther("/admin/robots")


@routes.page("/admin/jobs", needs=Permission.JOB_READ)
async def list_jobs(actor: Actor, db: Database, scheduler: Scheduler, clock: Clock) -> Page:
    """What the desk does by itself, when it last did and when it will."""
    async with db.bare() as conn:
        last, paused = await list_last_runs(conn), await list_paused(conn)
    jobs = [{"may_run": _may_run(actor, job), **_job(job, last.get(job.name), paused, clock)} for job in scheduler.jobs]
    return Page("admin/jobs.html", {"jobs": jobs})


def _may_run(actor: Actor, job: Job) -> bool:
    return actor.may(Permission.JOB_RUN) and (job.needs is None or actor.may(job.needs))


def _job(job: Job, run: LastRun | None, paused: set[str], clock: Clock) -> dict[str, Any]:
    return {
        "name": job.name,
        "summary": job.says,
        "schedule": f"daily at {job.at:%H:%M} UTC" if job.at else f"every {_period(job)}",
        "next_run_at": None if job.name in paused else job.next_at(clock.now()),
        "last_run": None if run is None else _run(run),
    }


def _period(job: Job) -> str:
    seconds = int(job.period.total_seconds())
    for size, word in ((3600, "hour"), (60, "minute")):
        if seconds % size == 0:
            count = seconds // size
            return word if count == 1 else f"{count} {word}s"
    return f"{seconds} seconds"


def _run(run: LastRun) -> dict[str, Any]:
    took = (run.finished_at - run.started_at).total_seconds() if run.finished_at else None
    result = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in (run.result or {}).items())
    return {
        "started_at": run.started_at,
        "took_s": took,
        "status": STATUS[run.status],
        "result": result or None,
        "error": run.error_message,
    }


@routes.form("/admin/jobs/{name}/run", needs=Permission.JOB_RUN)
async def run_job(actor: Actor, name: str, scheduler: Scheduler, tasks: Tasks) -> SeeOther:
    """Run a job now; the page shows it running and, loaded again, how it went."""
    job = scheduler.job(name)
    if job.needs is not None:
        actor.must(job.needs)
    tasks.spawn(scheduler.run_now(name), name=f"run {name} by hand")
    return SeeOther("/admin/jobs")


@routes.page("/admin/robots", needs=Permission.ROBOT_READ)
async def list_robots(actor: Actor, db: Database, host: Host) -> Page:
    """The workspace's robots, and those on the server that could not be loaded."""
    async with db.read(actor) as conn:
        rows = await queries.list_robots(conn, actor)
    robots = []
    for row in rows:
        robot = host.robot(row["module"])
        summary = (robot.__doc__ or "").strip().splitlines()[0] if robot else ""
        problem = host.why_not(row["module"]) or None
        robots.append({**row, "summary": summary, "visible_to_guests": row["visible"], "problem": problem})
    installed = {row["module"] for row in rows}
    robots += [
        {
            "id": None,
            "name": listing.name,
            "version": "",
            "summary": "",
            "active": False,
            "visible_to_guests": False,
            "problem": listing.problem,
        }
        for listing in host.catalogue.listings
        if listing.problem and listing.name not in installed
    ]
    return Page("admin/robots.html", {"robots": robots})


@routes.form("/admin/robots/{robot_id}/state", needs=Permission.ROBOT_CONFIGURE)
async def switch_robot(tx: Tx, robot_id: UUID, want: RobotState) -> SeeOther:
    """Let a robot answer in new rooms, or no longer."""
    await set_robot_active(tx, RobotId(robot_id), active=want.active)
    return SeeOther("/admin/robots")


@routes.page("/admin/knowledge", needs=Permission.KNOWLEDGE_READ)
async def list_documents(actor: Actor, query: DocumentsQuery, db: Database) -> Page:
    """What robots answer from."""
    async with db.read(actor) as conn:
        documents = await queries.list_documents(conn, actor, query.q)
        counts = await queries.count_documents(conn, actor)
    context = {"documents": documents, "counts": counts, "q": query.q, "next_url": None, "first_url": None}
    return Page("admin/knowledge.html", context)
