"""A workspace's robots as their admins change them: settings, name, order, and how they come and go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from supportdesk.actor import Actor
from supportdesk.audit.actions import note
from supportdesk.audit.model import Subject
from supportdesk.core.db import Connection, Tx
from supportdesk.core.secrets import Keyring
from supportdesk.errors import Conflict, Invalid, NotFound
from supportdesk.robots.actions import install_robot
from supportdesk.robots.contract import Robot
from supportdesk.robots.host import Host
from supportdesk.robots.model import ConfiguredRobot, InstalledRobot, RobotId
from supportdesk.robots.queries import in_rooms
from supportdesk.robots.queries import robots as rows
from supportdesk.robots.schema import fields_of
from supportdesk.robots.settings import (
    VERSION_KEY,
    brought_up_to_date,
    defaults_of,
    differing,
    merge,
    seal,
    settings_for,
    take_secrets,
    unseal,
    with_secrets,
    without_secrets,
)

NO_ROBOT: Final = "There is no such robot."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A robot's settings as they are understood now: the layer and the secrets of the workspace, without defaults.

    `problem` says why what is stored cannot be used; then there is as much of it as could be read.
    """

    layer: Mapping[str, JsonValue]
    secrets: Mapping[str, str]
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be different; what is None stays. `seen` is the row's `updated_at` that the change is based on."""

    name: str | None = None
    avatar: str | None = None
    active: bool | None = None
    layer: Mapping[str, JsonValue] | None = None
    """All settings that are to differ from the defaults."""
    secrets: Mapping[str, str | None] = field(default_factory=dict)
    """By dotted path; None forgets one, those that are not named are kept."""
    seen: datetime | None = None


async def robot_for(conn: Connection, robot_id: UUID, *, even_removed: bool = False) -> ConfiguredRobot:
    """A robot of the workspace; raises NotFound."""
    found = await rows.find_robot(conn, robot_id)
    if found is None or (found.is_removed and not even_removed):
        raise NotFound(NO_ROBOT)
    return found


def read_settings(robot: type[Robot] | None, found: ConfiguredRobot, keys: Keyring) -> Reading:
    """What is set for a robot in the workspace, an older version of it brought up to date."""
    stored = {name: value for name, value in found.layer.items() if name != VERSION_KEY}
    try:
        secrets = unseal(keys, found.robot.id, found.sealed)
    except Invalid as invalid:
        return Reading(layer=stored, secrets={}, problem=invalid.sentence)
    if robot is None:
        return Reading(layer=stored, secrets=secrets)
    try:
        layer = brought_up_to_date(robot, with_secrets(found.layer, secrets))
        settings_for(robot, {**layer, VERSION_KEY: robot.Settings.settings_version})
    except Invalid as invalid:
        return Reading(layer=stored, secrets=secrets, problem=invalid.sentence)
    taken = take_secrets(fields_of(robot.Settings), layer)
    return Reading(layer=layer, secrets={path: str(value) for path, value in taken.items() if value is not None})


async def configure_robot(tx: Tx, host: Host, keys: Keyring, robot_id: UUID, change: Change) -> ConfiguredRobot:
    """Save a robot as an admin wants it; turns that begin from now on follow, in rooms already open too.

    Raises NotFound, Invalid for settings that do not fit, Conflict when somebody has saved it since `change.seen`,
    when its code is not loaded here, or when its name is taken.
    """
    found = await _robot_to_change(tx, robot_id)
    if change.seen is not None and _in_ms(change.seen) != _in_ms(found.updated_at):
        raise Conflict(
            "Somebody has changed this robot since you opened the form. Load the page again to see how it is now, "
            "and make your change there.",
            code="robot_changed",
        )
    robot = replace(
        found.robot,
        name=change.name or found.robot.name,
        avatar=found.robot.avatar if change.avatar is None else change.avatar or None,
        active=found.robot.active if change.active is None else change.active,
    )
    if await rows.is_name_taken(tx.conn, robot, robot.name):
        raise Conflict(f"Another robot {robot.module} is called {robot.name} already; choose another name.")
    layer, version, sealed = found.layer, int(str(found.layer[VERSION_KEY])), found.sealed
    if change.layer is not None or change.secrets:
        cast = loaded(host, robot.module)
        layer, sealed, visible = _settled(cast, found, keys, change)
        version = cast.Settings.settings_version
        robot = replace(robot, staff_only=not visible, version=cast.version)
    kept = {name: value for name, value in layer.items() if name != VERSION_KEY}
    await rows.save_robot(tx.conn, robot, settings=kept, version=version, sealed=sealed)
    if found.robot.staff_only and not robot.staff_only:
        # It steps before guests in conversations that begin from now on: those of the others do not know it.
        await in_rooms.keep_for_staff(tx.conn, robot.id)
    await note(
        tx,
        "robot.changed",
        Subject("robot", robot.id),
        name=robot.name,
        active=robot.active,
        settings=sorted(kept),
        secrets=sorted(change.secrets),
    )
    return await robot_for(tx.conn, robot_id)


def _settled(
    robot: type[Robot], found: ConfiguredRobot, keys: Keyring, change: Change
) -> tuple[dict[str, JsonValue], bytes | None, bool]:
    """The layer to keep, the sealed secrets, and whether guests see what the robot says. Raises Invalid."""
    before = read_settings(robot, found, keys)
    secrets = dict(before.secrets)
    for path, secret in change.secrets.items():
        if secret is None:
            secrets.pop(path, None)
        else:
            secrets[path] = secret
    fields = fields_of(robot.Settings)
    layer = dict(before.layer if change.layer is None else change.layer)
    full = {**with_secrets(layer, secrets), VERSION_KEY: robot.Settings.settings_version}
    in_force = settings_for(robot, full)
    kept = differing(fields, without_secrets(in_force, fields), defaults_of(robot))
    return kept, seal(keys, found.robot.id, secrets), in_force.visible_to_guest


async def patch_robot(
    tx: Tx, host: Host, keys: Keyring, robot_id: UUID, change: Change, patch: Mapping[str, JsonValue] | None
) -> ConfiguredRobot:
    """As `configure_robot`, with settings as a JSON merge patch (RFC 7386): what is not named stays, null goes back.

    A secret is a setting like any other here: a text sets it, null forgets it.
    """
    if patch is None:
        return await configure_robot(tx, host, keys, robot_id, change)
    found = await _robot_to_change(tx, robot_id)
    robot = loaded(host, found.robot.module)
    wanted = dict(patch)
    secrets = take_secrets(fields_of(robot.Settings), wanted)
    for path, value in secrets.items():
        if value is not None and not isinstance(value, str):
            raise Invalid(f"The setting {path} is a text.", fields=[{"field": path, "problem": "it is no text"}])
    change = replace(
        change,
        layer=_patched(read_settings(robot, found, keys).layer, wanted),
        secrets={path: value for path, value in secrets.items() if value is None or isinstance(value, str)},
    )
    return await configure_robot(tx, host, keys, robot_id, change)


def _patched(layer: Mapping[str, JsonValue], patch: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    patched = dict(layer)
    for name, value in patch.items():
        below = patched.get(name)
        if value is None:
            patched.pop(name, None)
        elif isinstance(value, dict) and isinstance(below, dict):
            patched[name] = _patched(below, value)
        else:
            patched[name] = value
    return patched


def in_force(robot: type[Robot], reading: Reading) -> dict[str, JsonValue]:
    """Every setting with the value that holds in the workspace, without secrets."""
    return merge(robot.Settings, defaults_of(robot), reading.layer)


async def remove_robot(tx: Tx, robot_id: UUID) -> InstalledRobot:
    """Take a robot out of the workspace: it takes no more turns; what it said stays. Raises NotFound."""
    found = await _robot_to_change(tx, robot_id)
    await rows.set_removed(tx.conn, found.robot.id, removed=True)
    await note(tx, "robot.removed", Subject("robot", found.robot.id), name=found.robot.name, module=found.robot.module)
    return found.robot


async def restore_robot(tx: Tx, robot_id: UUID) -> InstalledRobot:
    """Bring back a robot that was removed, as it was; raises NotFound, Conflict when its name is taken meanwhile."""
    found = await rows.lock_robot(tx.conn, robot_id)
    if found is None:
        raise NotFound(NO_ROBOT)
    if await rows.is_name_taken(tx.conn, found.robot, found.robot.name):
        raise Conflict(f"Another robot {found.robot.module} is called {found.robot.name} by now; rename it first.")
    if found.is_removed:
        await rows.set_removed(tx.conn, found.robot.id, removed=False)
        await note(tx, "robot.restored", Subject("robot", found.robot.id), name=found.robot.name)
    return found.robot


async def copy_robot(tx: Tx, actor: Actor, host: Host, keys: Keyring, robot_id: UUID, name: str) -> InstalledRobot:
    """Install the same module once more, under another name, with the same settings and secrets; it leads last."""
    found = await robot_for(tx.conn, robot_id)
    reading = read_settings(loaded(host, found.robot.module), found, keys)
    if reading.problem:
        raise Conflict(f"{reading.problem} Save its settings before you copy it.")
    settings = with_secrets(reading.layer, reading.secrets)
    settings_for(loaded(host, found.robot.module), settings)
    last = max(robot.sort_order for robot in await rows.list_robots(tx.conn)) + 1
    made = await install_robot(
        tx,
        actor,
        host,
        found.robot.module,
        name=name,
        avatar=found.robot.avatar,
        settings=reading.layer,
        sort_order=last,
    )
    if reading.secrets:
        await configure_robot(tx, host, keys, made.id, Change(secrets=dict(reading.secrets)))
    return made


async def order_robots(tx: Tx, robot_ids: Sequence[UUID]) -> None:
    """Let the workspace's robots lead in this order, in open rooms too; those that are not named come after them."""
    known = {robot.id: robot for robot in await rows.list_robots(tx.conn)}
    named = [RobotId(robot_id) for robot_id in dict.fromkeys(robot_ids)]
    if any(robot_id not in known for robot_id in named):
        raise NotFound(NO_ROBOT)
    order = [*named, *(robot_id for robot_id in known if robot_id not in named)]
    await rows.number_robots(tx.conn, order)
    await note(tx, "robot.ordered", order=[str(robot_id) for robot_id in order])


async def move_robot(tx: Tx, robot_id: UUID, by: int) -> None:
    """Let a robot lead so many places earlier (negative) or later; at either end it stays. Raises NotFound."""
    order = [robot.id for robot in await rows.list_robots(tx.conn)]
    if robot_id not in order:
        raise NotFound(NO_ROBOT)
    await place_robot(tx, robot_id, order.index(RobotId(robot_id)) + 1 + by)


async def place_robot(tx: Tx, robot_id: UUID, place: int) -> None:
    """Let a robot lead at this place, 1 for the first; beyond the last is the last. Raises NotFound."""
    others = [robot.id for robot in await rows.list_robots(tx.conn) if robot.id != robot_id]
    order: list[UUID] = [*others[: max(0, place - 1)], robot_id, *others[max(0, place - 1) :]]
    await order_robots(tx, order)


def loaded(host: Host, module: str) -> type[Robot]:
    """The robot's class; raises Conflict when it could not be loaded here."""
    robot = host.robot(module)
    if robot is None:
        raise Conflict(f"The robot {module} cannot be set: {host.why_not(module)}.", code="robot_not_loaded")
    return robot


async def _robot_to_change(tx: Tx, robot_id: UUID) -> ConfiguredRobot:
    found = await rows.lock_robot(tx.conn, robot_id)
    if found is None or found.is_removed:
        raise NotFound(NO_ROBOT)
    return found


def _in_ms(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)  # what the wire tells of it
