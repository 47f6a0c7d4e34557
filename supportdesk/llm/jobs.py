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
async def release_lost_calls(db: Database) -> dict[str, Any]:
    """Give back what calls of models held that no process has booked; forget talks that nobody goes on with."""
    released = 0
    async with db.bare(lane=Lane.JOBS) as conn:
        workspaces = await list_workspaces(conn)

    async def look_after(workspace_id: WorkspaceId) -> None:
        nonlocal released
        async with db.transaction(Actor.system(workspace_id), lane=Lane.JOBS) as tx:
            released += await spending.delete_expired_holds(tx.conn)
            await talks.delete_old_pauses(tx.conn)

    await each_apart(workspaces, look_after)
    return {"released": released}
