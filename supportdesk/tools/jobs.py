"""What tools need by the clock."""

from collections import Counter
from datetime import timedelta
from typing import Any

from supportdesk.actor import WorkspaceId
from supportdesk.core.db import Database, Lane
from supportdesk.core.jobs import Jobs, each_apart
from supportdesk.tools.executor import Executor
from supportdesk.tools.queries import executions as queries

jobs = Jobs()


@jobs.every(timedelta(seconds=10))
async def look_after_tools(db: Database, executor: Executor) -> dict[str, Any]:
    """Let requests lapse, show them to the next level, and finish what a crash has left."""
    done: Counter[str] = Counter()
    async with db.bare(lane=Lane.BACKGROUND) as conn:
        workspaces = await queries.due_workspaces(conn)

    async def look_after(workspace_id: WorkspaceId) -> None:
        done.update(await executor.sweep(workspace_id))

    await each_apart(workspaces, look_after)
    return dict(done)
