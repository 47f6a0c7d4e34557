"""What clients may do to rooms over Socket.IO."""

from supportdesk.actor import Actor, Permission, UserId
from supportdesk.core.clock import Clock
from supportdesk.core.db import Tx
from supportdesk.core.sockets import DESK, SocketRoutes
from supportdesk.rooms import access, actions, participants
from supportdesk.rooms.actions import NewRoom
from supportdesk.rooms.model import ParticipantRole, RoomEvent
from supportdesk.rooms.wire import (
    AddParticipant,
    CreateRoom,
    RemoveParticipant,
    RoomAnswer,
    RoomCommand,
    SeqOut,
    SnoozeRoom,
    UpdateParticipant,
    UpdateRoom,
    room_out,
)

routes = SocketRoutes()


def _seq(event: RoomEvent) -> SeqOut:
    return SeqOut(seq=event.seq)


@routes.on("room.create", CreateRoom, namespaces=(DESK,), needs=Permission.ROOM_CREATE)
async def create(tx: Tx, actor: Actor, want: CreateRoom) -> RoomAnswer:
    """Begin a conversation among staff."""
    room = await actions.create_room(
        tx,
        actor,
        NewRoom(
            client_room_id=want.client_room_id,
            name=want.name,
            room_type=want.room_type,
            is_private=want.is_private,
            participant_ids=[UserId(user_id) for user_id in want.participant_ids],
        ),
    )
    return RoomAnswer(room=room_out(await access.seat_for(tx.conn, actor, room.id), actor))


@routes.on("room.update", UpdateRoom, namespaces=(DESK,), needs=Permission.ROOM_UPDATE)
async def update(tx: Tx, actor: Actor, want: UpdateRoom) -> SeqOut:
    """Rename a room, change its priority, file it, or say how robots answer in it."""
    return _seq(await actions.update_room(tx, actor, want.room_id, want.version, want.changes()))


@routes.on("room.reopen", RoomCommand, namespaces=(DESK,), needs=Permission.ROOM_REOPEN)
async def reopen(tx: Tx, actor: Actor, want: RoomCommand) -> SeqOut:
    """Take a conversation up again."""
    return _seq(await actions.reopen_room(tx, actor, want.room_id))


@routes.on("room.snooze", SnoozeRoom, namespaces=(DESK,), needs=Permission.ROOM_SNOOZE)
async def snooze(tx: Tx, actor: Actor, want: SnoozeRoom, clock: Clock) -> SeqOut:
    """Set a conversation aside until an instant."""
    return _seq(await actions.snooze_room(tx, actor, want.room_id, until=want.until, now=clock.now()))


@routes.on("participant.add", AddParticipant, namespaces=(DESK,), needs=Permission.ROOM_READ)
async def add(tx: Tx, actor: Actor, want: AddParticipant) -> SeqOut:
    """Let somebody into a room."""
    room = await access.room_to_change(tx, actor, want.room_id)
    await participants.must_invite(tx, actor, room)
    if want.role in (ParticipantRole.MODERATOR, ParticipantRole.OBSERVER):
        actor.must(Permission.SUPERVISOR_TAKEOVER)
    event = await participants.add_participant(tx, actor, room, UserId(want.user_id), want.role)
    return _seq(event) if event is not None else SeqOut(seq=room.head.last_seq)


@routes.on("participant.update", UpdateParticipant, namespaces=(DESK,), needs=Permission.SUPERVISOR_TAKEOVER)
async def update_participant(tx: Tx, actor: Actor, want: UpdateParticipant) -> SeqOut:
    """Mute somebody, or change their rights in a room."""
    room = await access.room_to_change(tx, actor, want.room_id)
    flags = want.flags.model_dump(exclude_none=True) if want.flags else {}
    return _seq(
        await participants.update_participant(
            tx, actor, room, UserId(want.user_id), role=want.role, status=want.status, flags=flags
        )
    )


@routes.on("participant.remove", RemoveParticipant, namespaces=(DESK,), needs=Permission.ROOM_READ)
async def remove(tx: Tx, actor: Actor, want: RemoveParticipant) -> SeqOut:
    """Leave a room, or take somebody else out of it."""
    room = await access.room_to_change(tx, actor, want.room_id)
    if want.user_id != actor.id:
        actor.must(Permission.SUPERVISOR_TAKEOVER)
    status = "left" if want.user_id == actor.id else "removed"
    return _seq(await participants.remove_participant(tx, actor, room, UserId(want.user_id), status=status))
