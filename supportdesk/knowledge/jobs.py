"""Reads what nobody has read yet: what a crash left behind, above all."""

from datetime import timedelta

from supportdesk.actor import Actor
from supportdesk.core.db import Database, Lane
from supportdesk.core.jobs import Jobs
from supportdesk.knowledge.pool import Embeddings
from supportdesk.knowledge.processing import read_next
from supportdesk.knowledge.queries import reading

jobs = Jobs()


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
