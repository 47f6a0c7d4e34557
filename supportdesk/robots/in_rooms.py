"""A room's own choice among the workspace's robots: who takes part, in which order, set otherwise."""

from collections.abc import Mapping
from uuid import UUID

from pydantic import JsonValue

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Tx
from supportdesk.core.secrets import Keyring
from supportdesk.errors import Forbidden, Invalid, NotFound
from supportdesk.robots.configuring import NO_ROBOT, loaded, read_settings, robot_for
from supportdesk.robots.host import Host
from supportdesk.robots.model import RobotInRoom
from supportdesk.robots.queries import in_rooms as rows
from supportdesk.robots.schema import fields_of
from supportdesk.robots.settings import VERSION_KEY, settings_for, take_secrets, with_secrets
from supportdesk.rooms import access, participants
from supportdesk.rooms.model import ParticipantRole


async def robots_of_room(tx: Tx, actor: Actor, room_id: UUID) -> list[RobotInRoom]:
    """Every robot of the workspace as it stands in this room, in the order in which they lead; raises NotFound."""
    room = await access.room_for(tx, actor, room_id)
    return await rows.list_in_room(tx.conn, room.id)


async def set_in_room(
    tx: Tx,
    actor: Actor,
    host: Host,
    keys: Keyring,
    *,
    room_id: UUID,
    robot_id: UUID,
    active: bool,
    order: int | None,
    settings: Mapping[str, JsonValue] | None,
) -> RobotInRoom:
    """Say whether a robot takes part in a room, in which place, and which settings outrank the workspace's there.

    Its next turn follows. `settings` None leaves them as they are. Raises NotFound, Invalid for settings that do not
    fit and for secrets, which are the workspace's, Forbidden for settings from somebody who may not configure robots.
    """
    room = await access.room_to_change(tx, actor, room_id)
    found = next(iter(await rows.list_in_room(tx.conn, room.id, robot_id)), None)
    if found is None:
        raise NotFound(NO_ROBOT)
    layer, staff_only = dict(found.settings), None
    if settings is not None:
        if not actor.may(Permission.ROBOT_CONFIGURE):
            raise Forbidden("Your role may switch robots on and off, but not set them.")
        robot = loaded(host, found.module)
        layer = dict(settings)
        if secret := next(iter(take_secrets(fields_of(robot.Settings), layer)), None):
            raise Invalid(f"The setting {secret} is a secret: it is set for the whole workspace.")
        if layer:
            layer[VERSION_KEY] = robot.Settings.settings_version
        ours = read_settings(robot, await robot_for(tx.conn, robot_id), keys)
        base = {**with_secrets(ours.layer, ours.secrets), VERSION_KEY: robot.Settings.settings_version}
        in_force = settings_for(robot, base, layer)
        staff_only = not in_force.visible_to_guest if "visible_to_guest" in layer else None
    elif "visible_to_guest" in found.settings:
        staff_only = found.staff_only
    await rows.put_in_room(
        tx.conn, room.id, found.id, active=active, own_order=order, settings=layer, staff_only=staff_only
    )
    now = next(iter(await rows.list_in_room(tx.conn, room.id, robot_id)))
    if active and not now.staff_only:
        await participants.add_participant(tx, actor, room, now.user_id, ParticipantRole.AI)
    return now
