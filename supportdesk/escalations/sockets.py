"""Levels over Socket.IO."""

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Tx
from supportdesk.core.sockets import DESK, GUEST, SocketRoutes
from supportdesk.errors import Forbidden
from supportdesk.escalations import actions
from supportdesk.escalations.wire import AssignRoom, Escalate, EscalationOut, HandBack, PlaceOut, SetPresence
from supportdesk.rooms import access
from supportdesk.rooms.actions import Closings
from supportdesk.rooms.wire import CloseRoom, RoomCommand, SeqOut

routes = SocketRoutes()


@routes.on("room.request_person", RoomCommand, namespaces=(GUEST,), needs=Permission.ESCALATION_REQUEST)
async def request_person(tx: Tx, actor: Actor, want: RoomCommand) -> PlaceOut:
    """A guest asks for a person."""
    place = await actions.request_person(tx, actor, want.room_id)
    return PlaceOut(queue_position=place.position, expected_wait_s=place.expected_wait_s)


@routes.on("room.claim", RoomCommand, namespaces=(DESK,), needs=Permission.ROOM_CLAIM)
async def claim(tx: Tx, actor: Actor, want: RoomCommand) -> SeqOut:
    """Take a room; of two at once, one wins."""
    event = await actions.claim(tx, actor, want.room_id)
    if event is not None:
        return SeqOut(seq=event.seq)
    return SeqOut(seq=(await access.room_for(tx, actor, want.room_id)).head.last_seq)


@routes.on("room.assign", AssignRoom, namespaces=(DESK,), needs=Permission.ROOM_CLAIM)
async def assign(tx: Tx, actor: Actor, want: AssignRoom) -> SeqOut:
    """Give a room to somebody. One's own room may be put back or passed on; others' take the permission to assign."""
    room = await access.room_to_change(tx, actor, want.room_id)
    if actor.id not in (room.assignee_id, want.agent_id):
        actor.must(Permission.ROOM_ASSIGN)
    if want.agent_id == actor.id:
        event = await actions.claim(tx, actor, want.room_id)
        return SeqOut(seq=event.seq if event is not None else room.head.last_seq)
    return SeqOut(seq=(await actions.assign(tx, actor, want.room_id, want.agent_id)).seq)


@routes.on("room.takeover", RoomCommand, namespaces=(DESK,), needs=Permission.SUPERVISOR_TAKEOVER)
async def take_over(tx: Tx, actor: Actor, want: RoomCommand) -> SeqOut:
    """Take a room from whoever has it."""
    return SeqOut(seq=(await actions.take_over(tx, actor, want.room_id)).seq)


@routes.on("room.handback", HandBack, namespaces=(DESK,), needs=Permission.ROOM_CLAIM)
async def hand_back(tx: Tx, actor: Actor, want: HandBack) -> SeqOut:
    """Give one's room back to robot or queue."""
    room = await access.room_to_change(tx, actor, want.room_id)
    if room.assignee_id != actor.id:
        actor.must(Permission.ROOM_ASSIGN)
    return SeqOut(seq=(await actions.hand_back(tx, actor, want.room_id, to_robot=want.to == "robot")).seq)


@routes.on("room.close", CloseRoom, namespaces=(DESK,), needs=Permission.ROOM_CLOSE)
async def close(tx: Tx, actor: Actor, want: CloseRoom, closings: Closings) -> SeqOut:
    """Resolve a conversation, and the step that brought it here; what waits for approval in it is called off."""
    return SeqOut(seq=(await actions.resolve_room(tx, actor, want.room_id, closings, outcome=want.outcome)).seq)


@routes.on("room.observe", RoomCommand, namespaces=(DESK,), needs=Permission.SUPERVISOR_OBSERVE)
async def observe(tx: Tx, actor: Actor, want: RoomCommand) -> SeqOut:
    """Sit in silently."""
    event = await actions.observe(tx, actor, want.room_id)
    return SeqOut(seq=event.seq if event else (await access.room_for(tx, actor, want.room_id)).head.last_seq)


@routes.on("room.escalate", Escalate, namespaces=(DESK,), public="the edge of the step names its permission")
async def escalate(tx: Tx, actor: Actor, want: Escalate) -> EscalationOut:
    """Move a room to another level."""
    escalation = await actions.escalate(
        tx, actor, want.room_id, want.to_level, reason=want.reason, priority=want.priority
    )
    return EscalationOut(escalation_id=escalation.id, status=escalation.status)


@routes.on("presence.set", SetPresence, namespaces=(DESK,), needs=Permission.PRESENCE_SET)
async def set_presence(tx: Tx, actor: Actor, want: SetPresence) -> None:
    """Say whether one takes rooms."""
    if actor.id is None:
        raise Forbidden("Only somebody with an account can be present.")
    await actions.set_presence(tx, actor.id, want.status)
