"""The only door to a call of a tool: whoever may see its room may see it, and no guest ever."""

from uuid import UUID

from supportdesk.actor import Actor, ActorKind
from supportdesk.core.db import Tx
from supportdesk.errors import NotFound
from supportdesk.rooms import access as rooms
from supportdesk.tools.model import Execution
from supportdesk.tools.queries import executions as queries

MISSING = "There is no such call of a tool."


async def execution_for(tx: Tx, actor: Actor, execution_id: UUID) -> Execution:
    """The call, to read; raises NotFound alike for a stranger's and for a missing one."""
    found = await queries.find_execution(tx.conn, execution_id)
    if found is None or actor.kind in (ActorKind.GUEST, ActorKind.ROBOT):
        raise NotFound(MISSING)
    try:
        await rooms.room_for(tx, actor, found.room_id)
    except NotFound:
        raise NotFound(MISSING) from None
    return found


async def execution_to_change(tx: Tx, actor: Actor, execution_id: UUID) -> Execution:
    """The call as it is now, its room locked until the transaction ends, so that two who decide queue up."""
    found = await execution_for(tx, actor, execution_id)
    await rooms.room_to_change(tx, Actor.system(actor.workspace_id), found.room_id)
    return await execution_for(tx, actor, execution_id)
