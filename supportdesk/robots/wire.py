"""The shapes of robots and their turns on the wire."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, JsonValue

from supportdesk.core.wire import Command, In, Instant, Line, Moment, Out, Text
from supportdesk.robots.configuring import Reading, in_force
from supportdesk.robots.contract import Robot
from supportdesk.robots.discovery import LONGEST_NAME
from supportdesk.robots.host import Host
from supportdesk.robots.model import ConfiguredRobot, Decision, InstalledRobot, Interaction, RobotInRoom
from supportdesk.robots.settings import VERSION_KEY


class RobotOut(Out):
    """A robot that was found on this server, that is installed in the workspace, or both."""

    id: UUID | None
    user_id: UUID | None
    module: str
    name: str
    version: str | None
    description: str
    active: bool
    order: int | None
    status: str
    problem: str | None


class RobotDetailOut(RobotOut):
    """An installed robot with its settings: what is set in the workspace, and what holds with the defaults."""

    avatar: str | None
    staff_only: bool
    settings: dict[str, Any]
    in_force: dict[str, Any]
    secrets_set: list[str]
    settings_version: int
    settings_problem: str | None
    updated_at: Instant


class SettingsSchemaOut(Out):
    """The JSON schema of a robot's settings, with the version that its present code writes."""

    module: str
    settings_version: int
    settings_schema: dict[str, Any]


class ChangeRobot(In):
    """What is to be different. Settings are a JSON merge patch: null brings a setting back to its default.

    With `updated_at`, as it was read, the change is refused when somebody has saved the robot since.
    """

    name: Annotated[Line, Field(max_length=LONGEST_NAME)] | None = None
    avatar: Annotated[Text, Field(max_length=500)] | None = None
    active: bool | None = None
    settings: dict[str, JsonValue] | None = None
    order: Annotated[int, Field(ge=1, le=10_000)] | None = None
    updated_at: Moment | None = None


class RobotInRoomOut(Out):
    """A robot as it stands in a room. `order` is the room's own, null for the workspace's; so are `settings`."""

    id: UUID
    module: str
    name: str
    active: bool
    active_in_workspace: bool
    order: int | None
    staff_only: bool
    settings: dict[str, Any]


class RobotsInRoomOut(Out):
    """All robots of the workspace, in the order in which they lead in this room."""

    items: list[RobotInRoomOut]
    next_cursor: None = None


class PutRobotInRoom(In):
    """How a robot is to be in a room. Without `settings` the room's stay; an empty object gives them up."""

    active: bool
    order: Annotated[int, Field(ge=1, le=10_000)] | None = None
    settings: dict[str, JsonValue] | None = None


class RobotsOut(Out):
    """All of them: installed ones in the order in which they lead, then those that could be installed."""

    items: list[RobotOut]
    next_cursor: None = None


class InstallRobot(In):
    """Which robot of this server the workspace is to have."""

    module: Annotated[Text, Field(min_length=1, max_length=100)]


class InteractionsQuery(In):
    """Which turns: of a room, of a robot (its name, module or id), older than the cursor."""

    room_id: UUID | None = None
    robot: Annotated[Text, Field(max_length=100)] | None = None
    cursor: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class RobotRef(Out):
    """Whose turn it was; robots may share a name, so `module` tells them apart."""

    id: UUID
    name: str
    module: str


class InteractionOut(Out):
    """One turn on record: what the robot was asked, what it saw, what it answered, and how it came out."""

    id: UUID
    room_id: UUID
    message_id: UUID | None
    robot: RobotRef
    trigger_kind: str
    status: str
    attempt: int
    request_data: dict[str, Any]
    observation_data: dict[str, Any] | None
    response_data: dict[str, Any] | None
    error_message: str | None
    tokens: int
    cost: float | None
    created_at: Instant
    started_at: Instant | None
    completed_at: Instant | None


class InteractionsOut(Out):
    """A page of the ledger, newest first."""

    items: list[InteractionOut]
    next_cursor: UUID | None


class StopRobots(Command):
    """Let the robots of a room fall silent."""

    room_id: UUID


class DecideSuggestion(Command):
    """What was done with a suggestion."""

    room_id: UUID
    suggestion_id: UUID
    decision: Decision


def robots_out(installed: list[InstalledRobot], host: Host) -> RobotsOut:
    """What the workspace has, with what this server knows of it; then what it could have."""
    items = [robot_out(robot, host) for robot in installed]
    there = {robot.module for robot in installed}
    items += [
        RobotOut(
            id=None,
            user_id=None,
            module=listing.name,
            name=(listing.robot.display_name if listing.robot else "") or listing.name,
            version=listing.robot.version if listing.robot else None,
            description=_description(host, listing.name) if listing.robot else "",
            active=False,
            order=None,
            status="available" if listing.robot else "not_loaded",
            problem=listing.problem,
        )
        for listing in host.catalogue.listings
        if listing.name not in there or listing.robot is None
    ]
    return RobotsOut(items=items)


def robot_out(robot: InstalledRobot, host: Host) -> RobotOut:
    """A robot that the workspace has."""
    problem = host.why_not(robot.module)
    return RobotOut(
        id=robot.id,
        user_id=robot.user_id,
        module=robot.module,
        name=robot.name,
        version=robot.version,
        description=_description(host, robot.module),
        active=robot.active,
        order=robot.sort_order,
        status="not_loaded" if problem else "ready",
        problem=problem or None,
    )


def robot_detail_out(found: ConfiguredRobot, host: Host, robot: type[Robot] | None, reading: Reading) -> RobotDetailOut:
    """A robot that the workspace has, with its settings; of one that is not loaded here, as they are stored."""
    return RobotDetailOut(
        **robot_out(found.robot, host).model_dump(),
        avatar=found.robot.avatar,
        staff_only=found.robot.staff_only,
        settings=dict(reading.layer),
        in_force=in_force(robot, reading) if robot else dict(reading.layer),
        secrets_set=sorted(reading.secrets),
        settings_version=int(str(found.layer[VERSION_KEY])),
        settings_problem=reading.problem or None,
        updated_at=found.updated_at,
    )


def robot_in_room_out(found: RobotInRoom) -> RobotInRoomOut:
    """A robot in a room."""
    return RobotInRoomOut(
        id=found.id,
        module=found.module,
        name=found.name,
        active=found.active,
        active_in_workspace=found.active_in_workspace,
        order=found.own_order,
        staff_only=found.staff_only,
        settings={name: value for name, value in found.settings.items() if name != VERSION_KEY},
    )


def _description(host: Host, module: str) -> str:
    robot = host.robot(module)
    return (robot.__doc__ or "").strip().partition("\n")[0] if robot else ""


def interaction_out(one: Interaction) -> InteractionOut:
    """One turn on record."""
    return InteractionOut(
        id=one.id,
        room_id=one.room_id,
        message_id=one.message_id,
        robot=RobotRef(id=one.robot_id, name=one.robot_name, module=one.robot_module),
        trigger_kind=one.trigger_kind,
        status=one.status,
        attempt=one.attempt,
        request_data=dict(one.request_data),
        observation_data=dict(one.observation_data) if one.observation_data is not None else None,
        response_data=dict(one.response_data) if one.response_data is not None else None,
        error_message=one.error_message,
        tokens=one.tokens,
        cost=one.cost,
        created_at=one.created_at,
        started_at=one.started_at,
        completed_at=one.completed_at,
    )


def interactions_out(found: list[Interaction], limit: int) -> InteractionsOut:
    """A page, and where the next one begins."""
    items = [interaction_out(one) for one in found]
    return InteractionsOut(items=items, next_cursor=items[-1].id if len(items) == limit else None)
