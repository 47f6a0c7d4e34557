"""migrate, doctor, jobs."""

import argparse
import sys
from collections.abc import Mapping
from typing import Any

from supportdesk import app as wiring
from supportdesk.commands.database import connect, open_database
from supportdesk.config import Settings
from supportdesk.core import migrations, queries, roles
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database, Lane
from supportdesk.core.http import RESOURCES
from supportdesk.core.jobs import Scheduler
from supportdesk.core.places import folder
from supportdesk.retention import actions as retention
from supportdesk.retention.store import ArchiveStore

OK, PROBLEM = "ok", "problem"


def add_to(commands: Any) -> None:
    """Add the commands of this module."""
    migrate = commands.add_parser("migrate", help="bring the database schema up to date")
    migrate.add_argument(
        "--snapshot", action="store_true", help="also write migrations/schema.sql (from PostgreSQL 18)"
    )
    migrate.set_defaults(run=run_migrate)
    commands.add_parser("doctor", help="look for what is wrong and say what to do").set_defaults(run=run_doctor)
    keep = commands.add_parser("retention", help="show or do what the retention policies ask for now")
    keep.add_argument("action", choices=["preview", "run"])
    keep.set_defaults(run=run_retention)
    jobs = commands.add_parser("jobs", help="list the scheduled jobs, or run one now")
    jobs.add_argument("action", nargs="?", choices=["list", "run"], default="list")
    jobs.add_argument("name", nargs="?", help="the job to run")
    jobs.set_defaults(run=run_jobs)


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
    """Check database, roles, schema, extensions, secrets and demo passwords; 1 when something must be done."""
    problems = 0
    async with open_database(settings, migrating=False) as dsn:
        conn = await connect(dsn)
        try:
            version = conn.get_server_version()
            _say(OK, f"PostgreSQL {version.major}.{version.minor} answers.")
            missing = await roles.missing_sql(conn)
            problems += _judge(not missing, "The database roles are complete.", f"Run this as a superuser:\n{missing}")
            pending = await migrations.pending(conn)
            problems += _judge(
                not pending,
                "The schema is up to date.",
                f"{len(pending)} migrations are pending: run supportdesk migrate.",
            )
            vectors = await queries.has_vectors(conn)
            _say(
                OK if vectors else "note",
                "Search by meaning is on (pgvector)."
                if vectors
                else "Without the extension vector search is by words only: install pgvector 0.8 or newer.",
            )
            demo = await queries.count_demo_staff(conn)
            problems += _judge(
                not demo or settings.is_loopback,
                "No demo passwords are reachable from elsewhere.",
                "The demo workspace's known passwords are reachable from elsewhere: remove it, or listen on loopback.",
            )
        finally:
            await conn.close()
    settings.master_key()
    _say(OK, "The secret key is there." if settings.secret_key else f"The secret key is in {settings.data_dir}.")
    return 1 if problems else 0


def _judge(holds: object, good: str, bad: str) -> int:
    _say(OK if holds else PROBLEM, good if holds else bad)
    return 0 if holds else 1


def _say(verdict: str, sentence: str) -> None:
    sys.stdout.write(f"{verdict:>8}  {sentence}\n")


async def run_jobs(settings: Settings, chosen: argparse.Namespace) -> int:
    """List every job with its last and next run, or run one now and wait for it."""
    async with open_database(settings) as dsn:
        application = wiring.build(settings, dsn)
        resources = application[RESOURCES]
        db, scheduler, clock = resources.get(Database), resources.get(Scheduler), resources.get(Clock)
        await db.open()
        try:
            if chosen.action == "run":
                await scheduler.run_now(chosen.name or "")
            async with db.bare() as conn:
                last, paused = await queries.list_last_runs(conn), await queries.list_paused(conn)
        finally:
            await db.close()
    for job in scheduler.jobs:
        run = last.get(job.name)
        how = f"{run.status} {run.started_at:%Y-%m-%d %H:%M:%S}" if run else "never ran here"
        after = "paused" if job.name in paused else f"{job.next_at(clock.now()):%Y-%m-%d %H:%M:%S}"
        sys.stdout.write(f"{job.name:28} last: {how:34} next: {after}  {job.says}\n")
        if run is not None and run.error_message and chosen.name == job.name:
            sys.stdout.write(f"{'':28} {run.error_message}\n")
    failed = chosen.action == "run" and last[chosen.name].status == "failed"
    return 1 if failed else 0


async def run_retention(settings: Settings, chosen: argparse.Namespace) -> int:
    """Per workspace: what a run would archive and purge now (preview), or do it (run)."""
    async with open_database(settings) as dsn:
        resources = wiring.build(settings, dsn)[RESOURCES]
        db, store, now = resources.get(Database), resources.get(ArchiveStore), resources.get(Clock).now()
        await db.open()
        try:
            async with db.bare(lane=Lane.JOBS) as conn:
                workspaces = await queries.list_workspaces(conn)
            for workspace_id in workspaces:
                facts: Mapping[str, object]
                if chosen.action == "run":
                    facts = await retention.run(db, store, workspace_id, now)
                else:
                    facts = (await retention.preview(db, workspace_id, now)).as_facts()
                shown = ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)
                sys.stdout.write(f"workspace {workspace_id}: {shown}\n")
        finally:
            await db.close()
    return 0
