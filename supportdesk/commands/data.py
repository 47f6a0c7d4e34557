"""migrate, doctor, jobs, retention."""

import argparse
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from supportdesk.actor import WorkspaceId
from supportdesk.commands.database import Schema, connect, open_database
from supportdesk.config import Settings
from supportdesk.core import migrations, queries, roles
from supportdesk.core.clock import Clock
from supportdesk.core.db import Connection, Database, Lane
from supportdesk.core.places import folder
from supportdesk.errors import NotFound

if TYPE_CHECKING:
    from supportdesk.core.inject import Resources

OK: Final = "ok"
NOTE: Final = "note"
PROBLEM: Final = "problem"
DONE: Final = ("succeeded", "skipped")
LEAST_FREE: Final = 500 * 2**20


def add_to(commands: Any) -> None:
    """Add the commands of this module."""
    migrate = commands.add_parser("migrate", help="bring the database schema up to date")
    migrate.add_argument(
        "--snapshot", action="store_true", help="also write migrations/schema.sql (from PostgreSQL 18)"
    )
    migrate.set_defaults(run=run_migrate)
    commands.add_parser("doctor", help="look for what is wrong and say what to do").set_defaults(run=run_doctor)
    keep = commands.add_parser("retention", help="show or do what the retention policies ask for now")
    what = keep.add_subparsers(dest="what", required=True, metavar="preview | run")
    what.add_parser("preview", help="what a run would archive and purge now").set_defaults(run=preview_retention)
    what.add_parser("run", help="archive and purge now").set_defaults(run=run_retention)
    jobs = commands.add_parser("jobs", help="list the scheduled jobs, or run one now")
    jobs.set_defaults(run=list_jobs)
    what = jobs.add_subparsers(dest="what", metavar="list | run")
    what.add_parser("list", help="every job with its last and next run").set_defaults(run=list_jobs)
    running = what.add_parser("run", help="run a job now and wait for it")
    running.add_argument("name", help="the job to run")
    running.set_defaults(run=run_job)


async def run_migrate(settings: Settings, chosen: argparse.Namespace) -> int:
    """Apply what is pending; the schema is then what this code needs."""
    async with open_database(settings) as dsn:
        conn = await connect(dsn)
        try:
            applied = await migrations.applied(conn)
            if chosen.snapshot:
                path = folder("migrations") / "schema.sql"
                path.write_text(await migrations.snapshot(dsn))
                sys.stdout.write(f"Wrote {path}.\n")
        finally:
            await conn.close()
    sys.stdout.write(f"The schema is at version {applied[-1].version}.\n")
    return 0


async def run_doctor(settings: Settings, _chosen: argparse.Namespace) -> int:
    """Check database, roles, schema, extensions, disk, secrets and demo passwords; 1 when something must be done."""
    problems = 0
    settings.master_key()
    if settings.database_url is None and not (settings.data_dir / "postgres").exists():
        _say(NOTE, f"There is no database in {settings.data_dir} yet: `supportdesk serve` makes one.")
    else:
        async with open_database(settings, Schema.LEAVE) as dsn:
            conn = await connect(dsn)
            try:
                problems += await _examine_database(conn, settings)
            finally:
                await conn.close()
    _say(OK, "The secret key is given." if settings.secret_key else f"The secret key is in {settings.data_dir}.")
    free = shutil.disk_usage(settings.data_dir).free
    problems += _judge(
        free > LEAST_FREE,
        f"The data folder has {free / 2**30:.1f} GB to grow.",
        f"The disk of {settings.data_dir} has only {free / 2**20:.0f} MB left: free some space.",
    )
    return 1 if problems else 0


async def _examine_database(conn: Connection, settings: Settings) -> int:
    _say(OK, f"PostgreSQL {await queries.server_version(conn)} answers.")
    if not await queries.is_durable(conn):
        _say(NOTE, "PostgreSQL has fsync off: acknowledged messages are lost when the machine stops. Switch it on.")
    if await roles.is_superuser(conn):
        _say(
            NOTE, "The database user is a superuser; the desk gives that up, but a plain user with the roles is safer."
        )
    missing = await roles.missing_sql(conn)
    problems = _judge(not missing, "The database roles are complete.", f"Run this as a superuser:\n{missing}")
    try:
        pending = await migrations.pending(conn)
    except migrations.SchemaRefused as refusal:
        _say(PROBLEM, str(refusal))
        return problems + 1
    required = [migration for migration in pending if migration.extension is None]
    problems += _judge(
        not required,
        "The schema is up to date.",
        f"{len(required)} migrations are pending: run supportdesk migrate.",
    )
    if required:
        return problems
    for extension in sorted({migration.extension for migration in pending if migration.extension is not None}):
        _say(NOTE, f"A superuser can run CREATE EXTENSION {extension}; then run supportdesk migrate.")
    vectors = await queries.has_vectors(conn)
    _say(
        OK if vectors else NOTE,
        "Search by meaning is on (pgvector)."
        if vectors
        else "Without the extension vector search is by words only: install pgvector 0.8 or newer.",
    )
    demo = await queries.count_demo_staff(conn)
    return problems + _judge(
        not demo or settings.is_loopback,
        "No demo passwords are reachable from elsewhere.",
        "The demo workspace's known passwords are reachable from elsewhere: "
        "remove it with supportdesk demo --remove, or listen on loopback.",
    )


def _judge(holds: object, good: str, bad: str) -> int:
    _say(OK if holds else PROBLEM, good if holds else bad)
    return 0 if holds else 1


def _say(verdict: str, sentence: str) -> None:
    sys.stdout.write(f"{verdict:>8}  {sentence}\n")


async def list_jobs(settings: Settings, _chosen: argparse.Namespace) -> int:
    """List every job with its last and next run."""
    async with _opened(settings) as resources:
        await _show_jobs(resources)
    return 0


async def run_job(settings: Settings, chosen: argparse.Namespace) -> int:
    """Run a job now and wait for it; 1 when it did not come to its end."""
    from supportdesk.core.jobs import Scheduler
    from supportdesk.edges import JOBS

    name = str(chosen.name)
    if all(job.name != name for table in JOBS for job in table.table):
        raise NotFound(f"There is no job called {name}; `supportdesk jobs` lists them.")
    async with _opened(settings) as resources:
        await resources.get(Scheduler).run_now(name)
        run = (await _show_jobs(resources, only=name))[name]
    return 0 if run.status in DONE else 1


async def _show_jobs(resources: "Resources", *, only: str | None = None) -> Mapping[str, queries.LastRun]:
    from supportdesk.core.jobs import Scheduler

    scheduler, now = resources.get(Scheduler), resources.get(Clock).now()
    async with resources.get(Database).bare() as conn:
        last, paused = await queries.list_last_runs(conn), await queries.list_paused(conn)
    for job in scheduler.jobs:
        if only not in (None, job.name):
            continue
        run = last.get(job.name)
        how = f"{run.status} {run.started_at:%Y-%m-%d %H:%M:%S}" if run else "never ran here"
        after = "paused" if job.name in paused else f"{job.next_at(now):%Y-%m-%d %H:%M:%S}"
        sys.stdout.write(f"{job.name:28} last: {how:34} next: {after:21} {job.says}\n")
        if run is not None and run.error_message:
            sys.stdout.write(f"{'':28} {run.error_message}\n")
    return last


async def preview_retention(settings: Settings, _chosen: argparse.Namespace) -> int:
    """Per workspace: what a run would archive and purge now."""
    from supportdesk.retention import actions as retention

    async with _opened(settings) as resources:
        db, now = resources.get(Database), resources.get(Clock).now()
        for workspace_id in await _workspaces(db):
            _tell(workspace_id, (await retention.preview(db, workspace_id, now)).as_facts())
    return 0


async def run_retention(settings: Settings, _chosen: argparse.Namespace) -> int:
    """Per workspace: archive and purge what the policies ask for now."""
    from supportdesk.retention import actions as retention
    from supportdesk.retention.store import ArchiveStore

    async with _opened(settings) as resources:
        db, store, now = resources.get(Database), resources.get(ArchiveStore), resources.get(Clock).now()
        for workspace_id in await _workspaces(db):
            _tell(workspace_id, await retention.run(db, store, workspace_id, now))
    return 0


async def _workspaces(db: Database) -> list[WorkspaceId]:
    async with db.bare(lane=Lane.JOBS) as conn:
        return await queries.list_workspaces(conn)


def _tell(workspace_id: WorkspaceId, facts: Mapping[str, object]) -> None:
    shown = ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)
    sys.stdout.write(f"workspace {workspace_id}: {shown}\n")


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator["Resources"]:
    """The application's things with its database open, and nothing running."""
    from supportdesk import app as wiring
    from supportdesk.core.http import RESOURCES

    async with open_database(settings) as dsn:
        resources = wiring.build(settings, dsn)[RESOURCES]
        await resources.get(Database).open()
        try:
            yield resources
        finally:
            await resources.get(Database).close()
