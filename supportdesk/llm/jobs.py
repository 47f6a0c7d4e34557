"""What is tidied up by the clock."""

from datetime import timedelta
from typing import Any

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.db import Database, Lane
from supportdesk.core.jobs import Jobs, each_apart
from supportdesk.core.queries import list_workspaces
from supportdesk.llm.queries import spending, talks

jobs = Jobs()


@jobs.every(timedelta(minutes=10))
async def book_lost_calls(db: Database) -> dict[str, Any]:
    """Book the calls of models that a crash left as they were held; forget talks that nobody goes on with."""
    booked = 0
    async with db.bare(lane=Lane.JOBS) as conn:
        workspaces = await list_workspaces(conn)

    async def look_after(workspace_id: WorkspaceId) -> None:
        nonlocal booked
        async with db.transaction(Actor.system(workspace_id), lane=Lane.JOBS) as tx:
            booked += await spending.book_lost_holds(tx.conn, workspace_id)
            await talks.delete_old_pauses(tx.conn)

    await each_apart(workspaces, look_after)
    return {"booked": booked}
