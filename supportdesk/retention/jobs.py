"""The nightly work that keeps the data in shape."""

from collections import Counter
from datetime import time, timedelta
from typing import Any

import structlog

from supportdesk.actor import Actor, Permission, WorkspaceId
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database, Lane
from supportdesk.core.jobs import Jobs, each_apart
from supportdesk.core.queries import list_workspaces
from supportdesk.retention import actions
from supportdesk.retention.queries import expiry
from supportdesk.retention.store import ArchiveStore

log = structlog.get_logger(__name__)
jobs = Jobs()

MONTHS_AHEAD = 3


@jobs.every(timedelta(hours=6))
async def make_partitions(db: Database) -> dict[str, Any]:
    """Make the monthly partitions of the next three months."""
    async with db.bare(lane=Lane.JOBS) as conn:
        missing = await expiry.missing_partitions(conn, MONTHS_AHEAD)
        for parent, month in missing:
            await expiry.make_partition(conn, parent, month)
        left = await expiry.missing_partitions(conn, MONTHS_AHEAD)
    if left:
        log.error("partitions.missing", missing=[f"{parent} {month}" for parent, month in left])
    return {"made": len(missing) - len(left), "missing": len(left)}


@jobs.daily(at=time(2, 10))
async def expire_rows(db: Database, clock: Clock) -> dict[str, Any]:
    """Delete ended sessions, tokens and invitations, remembered acknowledgements, cached answers and side effects."""
    now = clock.now()
    gone: Counter[str] = Counter()
    async with db.bare(lane=Lane.JOBS) as conn:
        workspaces = await list_workspaces(conn)
        gone.update(await expiry.expire_common(conn, now))

    async def expire(workspace_id: WorkspaceId) -> None:
        async with db.transaction(Actor.system(workspace_id), lane=Lane.JOBS) as tx:
            for table in expiry.EXPIRING:
                gone[table] += await expiry.expire(tx.conn, table, workspace_id, now)

    await each_apart(workspaces, expire)
    return {table: count for table, count in gone.items() if count}


@jobs.daily(at=time(2, 30))
async def remove_unfinished_archives(db: Database, store: ArchiveStore, clock: Clock) -> dict[str, Any]:
    """Remove the files of archives whose process died before they were complete."""
    now, removed = clock.now(), 0
    async with db.bare(lane=Lane.JOBS) as conn:
        workspaces = await list_workspaces(conn)

    async def remove(workspace_id: WorkspaceId) -> None:
        nonlocal removed
        removed += await actions.remove_unfinished(db, store, workspace_id, now)

    await each_apart(workspaces, remove)
    return {"removed": removed}


@jobs.daily(at=time(2, 40), needs=Permission.RETENTION_RUN)
async def keep_by_policy(db: Database, store: ArchiveStore, clock: Clock) -> dict[str, Any]:
    """Archive closed rooms past their policy, and purge archives past theirs."""
    now = clock.now()
    done: Counter[str] = Counter()
    async with db.bare(lane=Lane.JOBS) as conn:
        workspaces = await list_workspaces(conn)

    async def keep(workspace_id: WorkspaceId) -> None:
        done.update(await actions.run(db, store, workspace_id, now))

    await each_apart(workspaces, keep)
    return dict(done)
