"""Robots and their turns over HTTP."""

from uuid import UUID

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Tx
from supportdesk.core.http import Routes
from supportdesk.robots.access import must_read_rooms, turn_for
from supportdesk.robots.actions import install_robot
from supportdesk.robots.host import Host
from supportdesk.robots.queries import ledger
from supportdesk.robots.queries import robots as rows
from supportdesk.robots.wire import (
    InstallRobot,
    InteractionOut,
    InteractionsOut,
    InteractionsQuery,
    RobotOut,
    RobotsOut,
    interaction_out,
    interactions_out,
    robot_out,
    robots_out,
)
from supportdesk.rooms import access

routes = Routes()


@routes.get("/api/v1/robots", needs=Permission.ROBOT_READ)
async def list_robots(tx: Tx, host: Host) -> RobotsOut:
    """The workspace's robots, and what else is found on this server; a robot that is not loaded says why."""
    return robots_out(await rows.list_robots(tx.conn), host)


@routes.post("/api/v1/robots", needs=Permission.ROBOT_CONFIGURE, status=201)
async def install(tx: Tx, actor: Actor, want: InstallRobot, host: Host) -> RobotOut:
    """Give the workspace a robot of this server; conversations that begin from now on have it."""
    return robot_out(await install_robot(tx, actor, host, want.module), host)


@routes.get("/api/v1/interactions", needs=Permission.ROBOT_READ)
async def list_interactions(tx: Tx, actor: Actor, query: InteractionsQuery) -> InteractionsOut:
    """Every turn on record, newest first; of private rooms only those that the actor may enter."""
    must_read_rooms(actor)
    if query.room_id is not None:
        await access.room_for(tx, actor, query.room_id)
    found = await ledger.list_interactions(
        tx.conn,
        actor,
        room_id=query.room_id,
        robot=query.robot,
        before=query.cursor,
        sees_private=actor.may(Permission.SUPERVISOR_OBSERVE),
        limit=query.limit,
    )
    return interactions_out(found, query.limit)


@routes.get("/api/v1/interactions/{interaction_id}", needs=Permission.ROBOT_READ)
async def read_interaction(tx: Tx, actor: Actor, interaction_id: UUID) -> InteractionOut:
    """One turn on record, with all that the robot saw and said."""
    must_read_rooms(actor)
    return interaction_out(await turn_for(tx.conn, actor, interaction_id))
