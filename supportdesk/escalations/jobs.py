"""What levels do by the clock."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from supportdesk.actor import Actor, UserId, WorkspaceId
from supportdesk.core.db import Database, Lane
from supportdesk.core.jobs import Jobs, each_apart
from supportdesk.core.queries import list_workspaces
from supportdesk.core.sockets import DESK, Sockets
from supportdesk.escalations import actions, queries

jobs = Jobs()

ABSENT = timedelta(seconds=75)
"""Somebody whose dashboard has not been seen for this long is offline: a reload is shorter."""


async def touch_present(db: Database, sockets: Sockets) -> None:
    """Date everybody whose dashboard is open in this process; each node does so, several times a minute."""
    present: dict[WorkspaceId, set[UserId]] = defaultdict(set)
    for socket in sockets:
        if socket.namespace is DESK and socket.actor.id is not None:
            present[socket.actor.workspace_id].add(socket.actor.id)
    for workspace_id, people in present.items():
        async with db.transaction(Actor.system(workspace_id), lane=Lane.BACKGROUND) as tx:
            await queries.touch(tx.conn, people)


@jobs.every(timedelta(seconds=30))
async def mark_absent(db: Database) -> dict[str, Any]:
    """Set staff offline whose dashboard has gone, and give what waits to those who are there."""
    gone, given = 0, 0
    async with db.bare(lane=Lane.BACKGROUND) as conn:
        workspaces = await list_workspaces(conn)

    async def look_after(workspace_id: WorkspaceId) -> None:
        nonlocal gone, given
        async with db.transaction(Actor.system(workspace_id), lane=Lane.BACKGROUND) as tx:
            gone += await actions.mark_absent(tx, ABSENT)
            given += (await actions.assign_waiting(tx)).given

    await each_apart(workspaces, look_after)
    return {"offline": gone, "assigned": given}


@jobs.every(timedelta(seconds=30))
async def wake_snoozed(db: Database) -> dict[str, Any]:
    """Bring back the rooms whose snooze has run out."""
    woken = 0
    async with db.bare(lane=Lane.BACKGROUND) as conn:
        workspaces = await queries.workspaces_with_snoozed(conn)

    async def wake(workspace_id: WorkspaceId) -> None:
        nonlocal woken
        async with db.transaction(Actor.system(workspace_id), lane=Lane.BACKGROUND) as tx:
            woken += await actions.wake_due(tx)

    await each_apart(workspaces, wake)
    return {"woken": woken}
