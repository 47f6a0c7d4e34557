"""Reads what nobody has read yet, and deletes what nobody may read any more."""

import asyncio
from datetime import time, timedelta
from typing import Final

import structlog

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database, Lane
from supportdesk.core.jobs import Jobs, each_apart
from supportdesk.core.outward import Outward
from supportdesk.knowledge.fetching import look_again
from supportdesk.knowledge.pool import Embeddings
from supportdesk.knowledge.processing import read_next
from supportdesk.knowledge.queries import purging, reading, unanswered, web
from supportdesk.workspaces.access import list_workspaces

log = structlog.get_logger(__name__)

jobs = Jobs()

REMOVED_FOR: Final = timedelta(days=30)
"""So long a removed or replaced document stays, out of every search, before its text is deleted for good."""
PURGED_AT_ONCE: Final = 50
"""Documents of one transaction; each may bring thousands of chunks along."""


@jobs.every(timedelta(minutes=1))
async def read_documents(db: Database, embeddings: Embeddings) -> dict[str, int]:
    """Cuts, embeds and stores every document that waits, in all workspaces."""
    async with db.bare(lane=Lane.BACKGROUND) as conn:
        waiting = await reading.workspaces_with_waiting(conn)
    read = failed = 0
    for workspace_id in waiting:
        while (done := await read_next(db, embeddings, Actor.system(workspace_id))) is not None:
            read += done.problem is None
            failed += done.problem is not None
    await embeddings.rest()
    return {"read": read, "failed": failed}


@jobs.daily(at=time(3, 20))
async def look_at_web_documents(db: Database, outward: Outward) -> dict[str, int]:
    """Asks for every document that came from the web again, and takes in those that have changed."""
    looked = changed = failed = 0
    for workspace_id in await list_workspaces(db):
        actor = Actor.system(workspace_id)
        async with db.read(actor, lane=Lane.BACKGROUND) as conn:
            sources = await web.list_sources(conn)
        for document_id in sources:
            looked += 1
            # Whatever a page makes us stumble over, the others are looked at.
            (found,) = await asyncio.gather(look_again(db, outward, actor, document_id), return_exceptions=True)
            if isinstance(found, BaseException):
                failed += 1
                log.error("knowledge.not_looked_at", document_id=str(document_id), exc_info=found)
            else:
                changed += found
    return {"looked": looked, "changed": changed, "failed": failed}


@jobs.daily(at=time(2, 50))
async def forget_unanswered_questions(db: Database) -> dict[str, int]:
    """Deletes unanswered questions that are older than their room's messages may be."""
    gone = 0
    for workspace_id in await list_workspaces(db):
        async with db.transaction(Actor.system(workspace_id), lane=Lane.JOBS) as tx:
            gone += await unanswered.expire_questions(tx.conn)
    return {"deleted": gone}


@jobs.daily(at=time(3, 0))
async def purge_documents(db: Database, clock: Clock) -> dict[str, int]:
    """Deletes documents and answers for good, 30 days after they or their conversation were removed, if under no hold.

    Messages that cite one keep its title and the words they quoted.
    """
    before, gone = clock.now() - REMOVED_FOR, 0

    async def purge(workspace_id: WorkspaceId) -> None:
        nonlocal gone
        for some in (purging.purge_documents, purging.purge_entries):
            deleted = PURGED_AT_ONCE
            while deleted == PURGED_AT_ONCE:
                async with db.transaction(Actor.system(workspace_id), lane=Lane.JOBS) as tx:
                    deleted = await some(tx.conn, workspace_id, before, PURGED_AT_ONCE)
                gone += deleted

    await each_apart(await list_workspaces(db), purge)
    return {"deleted": gone}
