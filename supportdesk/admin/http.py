"""The admin pages: server-rendered, Post/Redirect/Get, without JavaScript."""

from typing import Any
from uuid import UUID

from supportdesk.actor import Actor, Permission
from supportdesk.admin import queries
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database, Tx
from supportdesk.core.http import Page, Routes, SeeOther
from supportdesk.core.jobs import Job, Scheduler
from supportdesk.core.queries import LastRun, list_last_runs, list_paused
from supportdesk.core.tasks import Tasks
from supportdesk.core.wire import In
from supportdesk.errors import DeskError
from supportdesk.robots.actions import install_robot, set_robot_active
from supportdesk.robots.contract import Robot
from supportdesk.robots.host import Host
from supportdesk.robots.model import RobotId
from supportdesk.robots.wire import InstallRobot

routes = Routes()
STATUS = {
    "succeeded": "completed",
    "running": "processing",
    "failed": "failed",
    "skipped": "completed",
    "abandoned": "abandoned",
}


class RobotsQuery(In):
    """Which robot was removed just now."""

    removed: UUID | None = None


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
async def list_robots(actor: Actor, db: Database, host: Host, query: RobotsQuery) -> Page:
    """The workspace's robots, those it could have, and those that could not be loaded."""
    return await _robots(actor, db, host, removed=query.removed)


async def _robots(
    actor: Actor, db: Database, host: Host, *, refused: DeskError | None = None, removed: UUID | None = None
) -> Page:
    async with db.read(actor) as conn:
        rows = await queries.list_robots(conn, actor)
        gone = await queries.find_removed_robot(conn, actor, removed) if removed is not None else None
    installed = {row["module"] for row in rows}
    context: dict[str, object] = {
        "removed": gone,
        "robots": [
            {
                **row,
                "summary": _summary(host.robot(row["module"])),
                "problem": host.why_not(row["module"]),
                "rests": host.breaker.is_open(row["module"]),
            }
            for row in rows
        ],
        "available": [
            {
                "module": module,
                "name": module.replace("_", " ").capitalize(),  # several speak to guests as "Assistant"
                "version": robot.version,
                "summary": _summary(robot),
            }
            for module, robot in host.catalogue.usable.items()
            if module not in installed
        ],
        # One whose name an installed robot has must not hide behind it.
        "broken": [
            listing
            for listing in host.catalogue.listings
            if listing.problem and (listing.name not in installed or host.robot(listing.name) is not None)
        ],
    }
    if refused is None:
        return Page("admin/robots.html", context)
    flash = {"kind": "danger", "text": refused.sentence, "link": None}
    return Page("admin/robots.html", {**context, "flash": flash}, refused.status)


def _summary(robot: type[Robot] | None) -> str:
    return (robot.__doc__ or "").strip().partition("\n")[0] if robot else ""


@routes.form("/admin/robots", needs=Permission.ROBOT_CONFIGURE)
async def install(actor: Actor, db: Database, host: Host, want: InstallRobot) -> Page | SeeOther:
    """Give the workspace a robot of this server."""
    try:
        async with db.transaction(actor) as tx:
            await install_robot(tx, actor, host, want.module)
    except DeskError as error:
        return await _robots(actor, db, host, refused=error)
    return SeeOther("/admin/robots")


@routes.form("/admin/robots/{robot_id}/state", needs=Permission.ROBOT_CONFIGURE)
async def switch_robot(tx: Tx, robot_id: UUID, want: RobotState) -> SeeOther:
    """Let a robot answer in new rooms, or no longer."""
    await set_robot_active(tx, RobotId(robot_id), active=want.active)
    return SeeOther("/admin/robots")
