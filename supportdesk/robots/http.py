"""Robots and their turns over HTTP."""

from uuid import UUID

from supportdesk.actor import Actor, Permission
from supportdesk.audit.model import Looked
from supportdesk.audit.reading import AccessLog
from supportdesk.core.db import Database, Tx
from supportdesk.core.http import Routes
from supportdesk.core.outward import Outward
from supportdesk.core.secrets import Keyring
from supportdesk.robots import configuring, in_rooms
from supportdesk.robots.access import must_read_rooms, turn_for
from supportdesk.robots.actions import install_robot
from supportdesk.robots.addresses import look_at_addresses
from supportdesk.robots.host import Host
from supportdesk.robots.model import ConfiguredRobot
from supportdesk.robots.queries import ledger
from supportdesk.robots.queries import robots as rows
from supportdesk.robots.wire import (
    ChangeRobot,
    InstallRobot,
    InteractionOut,
    InteractionsOut,
    InteractionsQuery,
    PutRobotInRoom,
    RobotDetailOut,
    RobotInRoomOut,
    RobotOut,
    RobotsInRoomOut,
    RobotsOut,
    SettingsSchemaOut,
    interaction_out,
    interactions_out,
    robot_detail_out,
    robot_in_room_out,
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


@routes.get("/api/v1/robots/{robot_id}", needs=Permission.ROBOT_CONFIGURE)
async def read_robot(tx: Tx, robot_id: UUID, host: Host, keys: Keyring) -> RobotDetailOut:
    """One robot with its settings; of its secrets only which are set."""
    return _detail(await configuring.robot_for(tx.conn, robot_id), host, keys)


@routes.patch("/api/v1/robots/{robot_id}", needs=Permission.ROBOT_CONFIGURE)
async def change_robot(
    actor: Actor, db: Database, outward: Outward, robot_id: UUID, want: ChangeRobot, host: Host, keys: Keyring
) -> RobotDetailOut:
    """Rename, switch, set or move a robot; conversations already open follow with the next turn."""
    async with db.read(actor) as conn:
        found = await configuring.robot_for(conn, robot_id)
    if want.settings and (robot := host.robot(found.robot.module)) is not None:
        await look_at_addresses(outward, robot, found.layer, want.settings)
    change = configuring.Change(name=want.name, avatar=want.avatar, active=want.active, seen=want.updated_at)
    async with db.transaction(actor) as tx:
        await configuring.patch_robot(tx, host, keys, robot_id, change, want.settings)
        if want.order is not None:
            await configuring.place_robot(tx, robot_id, want.order)
        return _detail(await configuring.robot_for(tx.conn, robot_id), host, keys)


@routes.get("/api/v1/robots/{robot_id}/settings-schema", needs=Permission.ROBOT_CONFIGURE)
async def read_settings_schema(tx: Tx, robot_id: UUID, host: Host) -> SettingsSchemaOut:
    """What can be set, as JSON schema; secrets are `writeOnly` in it."""
    found = await configuring.robot_for(tx.conn, robot_id)
    robot = configuring.loaded(host, found.robot.module)
    return SettingsSchemaOut(
        module=robot.name,
        settings_version=robot.Settings.settings_version,
        settings_schema=robot.Settings.model_json_schema(),
    )


def _detail(found: ConfiguredRobot, host: Host, keys: Keyring) -> RobotDetailOut:
    robot = host.robot(found.robot.module)
    return robot_detail_out(found, host, robot, configuring.read_settings(robot, found, keys))


@routes.get("/api/v1/rooms/{room_id}/robots", needs=Permission.ROBOT_READ)
async def list_in_room(tx: Tx, actor: Actor, room_id: UUID) -> RobotsInRoomOut:
    """The workspace's robots as they stand in this conversation, in the order in which they lead."""
    found = await in_rooms.robots_of_room(tx, actor, room_id)
    return RobotsInRoomOut(items=[robot_in_room_out(one) for one in found])


@routes.put("/api/v1/rooms/{room_id}/robots/{robot_id}", needs=Permission.ROOM_UPDATE)
async def put_in_room(
    tx: Tx, actor: Actor, room_id: UUID, robot_id: UUID, want: PutRobotInRoom, host: Host, keys: Keyring
) -> RobotInRoomOut:
    """Switch a robot on or off in this conversation, or give it another place; settings take the right to configure."""
    found = await in_rooms.set_in_room(
        tx,
        actor,
        host,
        keys,
        room_id=room_id,
        robot_id=robot_id,
        active=want.active,
        order=want.order,
        settings=want.settings,
    )
    return robot_in_room_out(found)


@routes.get("/api/v1/interactions", needs=Permission.ROBOT_READ)
async def list_interactions(actor: Actor, query: InteractionsQuery, db: Database, looks: AccessLog) -> InteractionsOut:
    """Every turn on record, newest first; of private rooms only those that the actor may enter."""
    must_read_rooms(actor)
    async with db.read(actor) as conn:
        seat = await access.seat_for(conn, actor, query.room_id) if query.room_id is not None else None
        found = await ledger.list_interactions(
            conn,
            actor,
            room_id=query.room_id,
            robot=query.robot,
            before=query.cursor,
            sees_private=actor.may(Permission.SUPERVISOR_OBSERVE),
            limit=query.limit,
        )
    if seat is None or seat.is_outside:  # a list holds whole turns
        await looks.note(actor, Looked.LEDGER, query.room_id or actor.workspace_id)
    return interactions_out(found, query.limit)


@routes.get("/api/v1/interactions/{interaction_id}", needs=Permission.ROBOT_READ)
async def read_interaction(actor: Actor, interaction_id: UUID, db: Database, looks: AccessLog) -> InteractionOut:
    """One turn on record, with all that the robot saw and said."""
    must_read_rooms(actor)
    async with db.read(actor) as conn:
        turn, seat = await turn_for(conn, actor, interaction_id)
    if seat.is_outside:
        await looks.note(actor, Looked.LEDGER, turn.id)
    return interaction_out(turn)
