"""What is done with robots: install them, put them into a room, ask them, stop them. finishing.py ends a turn."""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import JsonValue

from supportdesk.actor import Actor, ActorKind
from supportdesk.audit.actions import note
from supportdesk.audit.model import Subject
from supportdesk.core.db import Tx
from supportdesk.errors import Conflict, NotFound
from supportdesk.messages.model import Posted
from supportdesk.robots.contract import Trigger
from supportdesk.robots.events import NobodyToAsk, TurnsQueued, TurnsStopped
from supportdesk.robots.host import Host
from supportdesk.robots.model import Asked, InstalledRobot, RobotId
from supportdesk.robots.queries import robots as rows
from supportdesk.robots.queries import turns
from supportdesk.robots.settings import settings_for
from supportdesk.rooms import actions as rooms
from supportdesk.rooms import participants
from supportdesk.rooms.model import OwnerKind, ParticipantRole, Room, RoomId
from supportdesk.tools.actions import call_off

FIRST_ROBOTS: Final = ("greeter", "faq")
"""What a new workspace begins with, in the order in which they lead."""


async def furnish_workspace(tx: Tx, host: Host) -> None:
    """Give a new workspace its first robots; one that cannot be loaded here is left for the admin to see."""
    for order, module in enumerate(FIRST_ROBOTS, start=1):
        if host.robot(module) is not None:
            await install_robot(tx, tx.actor, host, module, sort_order=order)


async def install_robot(
    tx: Tx,
    actor: Actor,
    host: Host,
    module: str,
    *,
    name: str | None = None,
    avatar: str | None = None,
    settings: Mapping[str, JsonValue] | None = None,
    sort_order: int = 100,
) -> InstalledRobot:
    """Give the workspace a robot: rooms that open from now on have it, the smallest `sort_order` leads.

    It speaks under `name`, else under the name that its class has for people, else under its module's.
    Raises Conflict when the module cannot be loaded here or is there under this name already, Invalid when the
    settings do not fit.
    """
    robot = host.robot(module)
    if robot is None:
        raise Conflict(f"The robot {module} cannot be used: {host.why_not(module)}.", code="robot_not_loaded")
    in_force = settings_for(robot, settings or {})
    shown = name or robot.display_name or module
    installed = await rows.insert_robot(
        tx.conn,
        actor,
        module=module,
        version=robot.version,
        name=shown,
        avatar=avatar,
        settings=settings or {},
        settings_version=robot.Settings.settings_version,
        sort_order=sort_order,
        staff_only=not in_force.visible_to_guest,
    )
    if installed is None:
        raise Conflict(f"The robot {module} is installed already under the name {shown}.")
    await note(tx, "robot.installed", Subject("robot", installed.id), module=module)
    return installed


async def set_robot_active(tx: Tx, robot_id: RobotId, *, active: bool) -> None:
    """Let a robot answer, or no longer: its next turn is not taken; raises NotFound."""
    if not await rows.set_robot_active(tx.conn, robot_id, active=active):
        raise NotFound("There is no such robot.")
    await note(tx, "robot.switched_on" if active else "robot.switched_off", Subject("robot", robot_id))


async def settle_in(tx: Tx, room: Room, host: Host) -> None:
    """Put the site's robots into a new room: one that answers messages owns it, one that greets is asked at once.

    Those for the staff are there too, and take no part: a participant is somebody whom guests are told of.
    """
    system = Actor.system(room.workspace_id)
    joined = await rows.put_robots_in_room(tx.conn, room.id, list(host.catalogue.usable))
    seen = [robot for robot in joined if not robot.staff_only]
    for robot in seen:
        await participants.add_participant(tx, system, room, robot.user_id, ParticipantRole.AI)
    answering = set(host.catalogue.hearing(Trigger.MESSAGE))
    if any(robot.module in answering for robot in seen):
        await rooms.set_owner(tx, system, room, OwnerKind.ROBOT, reason="robots_first")
    if seen and await turns.queue_opening(tx.conn, room.id, host.ready(Trigger.ROOM_OPENED)):
        tx.announce(TurnsQueued(workspace_id=room.workspace_id))


async def queue_interactions(tx: Tx, posted: Sequence[Posted], host: Host) -> None:
    """Ask the leader of each robot-owned room in which a guest wrote, and the robots for the staff in every such room.

    One statement for a whole flight. Of several messages of a room only the last is asked about: the others are in its
    history. Who is named in it with an @ leads; else the first of the room's robots that is fit to.
    """
    newest: dict[RoomId, Asked] = {}
    for one in posted:
        if one.posting.actor.kind is ActorKind.GUEST:
            room_id = one.posting.room_id
            newest[room_id] = Asked(
                room_id=room_id,
                message_id=one.id,
                turn_no=one.turn_no,
                text=one.posting.content,
                is_led=one.owner_kind == OwnerKind.ROBOT,
            )
    suggesting = host.ready(Trigger.SUGGESTION)
    if not newest or not (suggesting or any(asked.is_led for asked in newest.values())):
        return
    workspace_id = tx.actor.workspace_id
    led, queued = await turns.queue_turns(
        tx.conn,
        workspace_id,
        list(newest.values()),
        deaf=host.deaf(Trigger.MESSAGE),
        ready=host.ready(Trigger.MESSAGE),
        suggesting=suggesting,
    )
    if queued:
        tx.announce(TurnsQueued(workspace_id=workspace_id))
    if orphans := [asked.room_id for asked in newest.values() if asked.is_led and asked.room_id not in led]:
        tx.announce(NobodyToAsk(workspace_id=workspace_id, room_ids=orphans))


async def stop_turns(tx: Tx, room: Room, reason: str) -> int:
    """End whatever robots are saying or about to say in a room; returns how many turns that were.

    What they have asked for since somebody last spoke, and nobody has decided, is called off with them.
    """
    stopped = await turns.stop_turns(tx.conn, room.id, reason)  # before the room is held, as where a turn ends
    await call_off(tx, room.id, f"It was {reason}.", asked_in=await turns.list_of_now(tx.conn, room.id))
    if stopped:
        tx.announce(TurnsStopped(room_id=room.id, reason=reason))
    return stopped
