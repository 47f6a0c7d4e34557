"""A robot's settings for one room as a person edits them: what is not as in the workspace, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final
from uuid import UUID

import orjson
from pydantic import JsonValue

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Tx
from supportdesk.core.secrets import Keyring
from supportdesk.errors import Conflict, Invalid, NotFound
from supportdesk.robots.configuring import NO_ROBOT, in_force, loaded, read_settings, robot_for
from supportdesk.robots.contract import Robot
from supportdesk.robots.host import Host
from supportdesk.robots.in_rooms import set_in_room
from supportdesk.robots.model import RobotInRoom
from supportdesk.robots.queries.in_rooms import list_in_room
from supportdesk.robots.schema import Kind, SettingField, fields_of
from supportdesk.robots.settings import (
    VERSION_KEY,
    brought_up_to_date,
    differing,
    merge,
    settings_for,
    with_secrets,
    without_secrets,
)
from supportdesk.rooms import access
from supportdesk.rooms.model import Room

STALE: Final = (
    "Somebody has changed these settings since you opened the form. Load the page again to see how they are now, "
    "and make your change there."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSettings:
    """A robot as it is set in a room. `robot` is None while its code is not loaded; then there is nothing to set."""

    room: Room
    found: RobotInRoom
    robot: type[Robot] | None
    fields: tuple[SettingField, ...]
    workspace: Mapping[str, JsonValue]
    """Every setting with the value that holds in the workspace, without secrets."""
    values: Mapping[str, JsonValue]
    """The same with what the room says otherwise."""
    secrets: Mapping[str, str]
    problem: str
    state: str
    """Changes whenever the workspace or somebody else sets any of it otherwise."""


async def room_settings(
    tx: Tx, actor: Actor, host: Host, keys: Keyring, *, room_id: UUID, robot_id: UUID
) -> RoomSettings:
    """How a robot is set in a room; raises NotFound, Forbidden for who may not change the room's robots."""
    actor.must(Permission.ROOM_UPDATE)
    room = await access.room_for(tx, actor, room_id)
    found = next(iter(await list_in_room(tx.conn, room.id, robot_id)), None)
    if found is None:
        raise NotFound(NO_ROBOT)
    robot = host.robot(found.module)
    ours = read_settings(robot, await robot_for(tx.conn, robot_id), keys)
    workspace: Mapping[str, JsonValue] = in_force(robot, ours) if robot is not None else {}
    values, problem = workspace, ours.problem
    if robot is not None:
        try:
            layer = brought_up_to_date(robot, found.settings)
        except Invalid as invalid:
            problem = invalid.sentence
        else:
            values = merge(robot.Settings, workspace, layer)
    stored = orjson.dumps([found.settings, workspace], option=orjson.OPT_SORT_KEYS)
    return RoomSettings(
        room=room,
        found=found,
        robot=robot,
        fields=_of_rooms(fields_of(robot.Settings)) if robot is not None else (),
        workspace=workspace,
        values=values,
        secrets=ours.secrets,
        problem=problem,
        state=sha256(stored).hexdigest(),
    )


def _of_rooms(fields: tuple[SettingField, ...]) -> tuple[SettingField, ...]:
    """What a room may set: everything but secrets, which are the workspace's."""
    kept = (replace(field, fields=_of_rooms(field.fields)) for field in fields if field.kind is not Kind.SEALED)
    return tuple(field for field in kept if field.fields or field.kind not in (Kind.GROUP, Kind.ITEMS))


async def set_room_settings(
    tx: Tx,
    actor: Actor,
    host: Host,
    keys: Keyring,
    *,
    room_id: UUID,
    robot_id: UUID,
    wanted: Mapping[str, JsonValue],
    seen: str,
) -> None:
    """Keep of the wanted settings those that are not as in the workspace; the robot's next turn in the room follows.

    `seen` is the state in which the form was opened. Raises NotFound, Forbidden, Invalid for settings that do not fit,
    Conflict when somebody has changed them since, or when the robot's code is not loaded here.
    """
    await access.room_to_change(tx, actor, room_id)
    now = await room_settings(tx, actor, host, keys, room_id=room_id, robot_id=robot_id)
    if now.state != seen:
        raise Conflict(STALE, code="robot_changed")
    robot = loaded(host, now.found.module)
    version: dict[str, JsonValue] = {VERSION_KEY: robot.Settings.settings_version}
    base = {**with_secrets(now.workspace, now.secrets), **version}
    held = without_secrets(settings_for(robot, base, {**wanted, **version}), fields_of(robot.Settings))
    await set_in_room(
        tx,
        actor,
        host,
        keys,
        room_id=room_id,
        robot_id=robot_id,
        active=now.found.active,
        order=now.found.own_order,
        settings=differing(now.fields, held, now.workspace),
    )
