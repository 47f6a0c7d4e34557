"""What follows when a tool that a robot asked for is over: the robot is asked again, or a person goes on."""

from supportdesk.actor import Actor
from supportdesk.core.db import Database, Lane, Tx
from supportdesk.core.queries import list_workspaces
from supportdesk.escalations.actions import hand_over
from supportdesk.robots.contract import Trigger
from supportdesk.robots.events import TurnsQueued
from supportdesk.robots.host import Host
from supportdesk.robots.model import MOST_IN_A_ROW, RobotId
from supportdesk.robots.queries import decided
from supportdesk.rooms import access
from supportdesk.rooms.model import RoomId

TOOL_DECIDED = "tool_decided"


async def ask_again(tx: Tx, room_id: RoomId, robot_id: RobotId, host: Host) -> None:
    """Give the robot another turn, if it has not heard of an outcome yet and the room is still a robot's.

    The caller holds the room. A robot that takes no such turns, or takes too many in a row, leaves it to a person.
    """
    module = await decided.find_untold(tx.conn, room_id, robot_id)
    if module is None:
        return
    is_deaf = module in host.deaf(Trigger.TOOL_DECIDED)
    if is_deaf or await decided.count_in_a_row(tx.conn, room_id) >= MOST_IN_A_ROW:
        await hand_over(tx, Actor.system(tx.actor.workspace_id), room_id, reason=TOOL_DECIDED)
    elif await decided.queue_decided(tx.conn, room_id, robot_id):
        tx.announce(TurnsQueued(workspace_id=tx.actor.workspace_id))


async def sweep_untold(db: Database, host: Host) -> int:
    """Find what nobody was told of, in all workspaces; returns the rooms looked at."""
    async with db.bare(lane=Lane.JOBS) as conn:
        workspaces = await list_workspaces(conn)
    looked = 0
    for workspace_id in workspaces:
        system = Actor.system(workspace_id)
        async with db.read(system, lane=Lane.JOBS) as conn:
            untold = await decided.list_untold(conn)
        for room_id, robot_id in untold:
            async with db.transaction(system, lane=Lane.BACKGROUND) as tx:
                await access.room_to_change(tx, system, room_id)
                await ask_again(tx, room_id, robot_id, host)
        looked += len(untold)
    return looked
