"""Durable events of rooms, to everybody who hears them; and the end of hearing for those who may no longer."""

from supportdesk.actor import UserId
from supportdesk.core.events import Bus
from supportdesk.core.sockets import DESK, GUEST, Emitter, Sockets, channel, workspace_channel
from supportdesk.core.tasks import Tasks
from supportdesk.rooms.events import AccessLost, RoomEventWritten, RoomStateChanged
from supportdesk.rooms.frames import event_frame
from supportdesk.rooms.model import EventKind, ParticipantRole, RoomEvent


def setup(bus: Bus, emitter: Emitter, sockets: Sockets, tasks: Tasks) -> None:
    """Listen for what rooms announce."""

    def tell(written: RoomEventWritten) -> None:
        to = channel(written.event.room_id)
        frame = event_frame(written.event, written.actor_name, written.staff, staff=True)
        emitter.emit("room.event", frame, to=to, namespace=DESK)
        if written.public is not None and written.event.public_seq is not None:
            frame = event_frame(written.event, written.actor_name, written.public, staff=False)
            emitter.emit("room.event", frame, to=to, namespace=GUEST)
        if written.event.kind in (EventKind.PARTICIPANT_JOINED, EventKind.PARTICIPANT_UPDATED):
            _show_in_room(sockets, written.event)

    def lists_changed(changed: RoomStateChanged) -> None:
        room = changed.room
        emitter.emit(
            "inbox.changed",
            {
                "room_id": str(room.id),
                "status": str(room.status),
                "level": str(room.level),
                "owner": str(room.owner_kind),
            },
            to=workspace_channel(room.workspace_id),
            namespace=DESK,
            ephemeral=True,
        )

    def leave(lost: AccessLost) -> None:
        for socket in sockets.of_user(lost.user_id):
            if lost.room.id in socket.rooms:
                tasks.spawn(socket.leave(lost.room.id), name="forced leave")

    bus.at_once(RoomEventWritten, tell)
    bus.at_once(RoomStateChanged, lists_changed)
    bus.at_once(AccessLost, leave)


def _show_in_room(sockets: Sockets, event: RoomEvent) -> None:
    # Most have read the room for a while when they come into it: from now on guests may see them type. Whoever is made
    # a silent observer is seen no more.
    role = event.data.get("role")
    for socket in sockets.of_user(UserId(event.subject_id)) if event.subject_id and role else ():
        if event.room_id in socket.rooms:
            socket.rooms[event.room_id] = role != ParticipantRole.OBSERVER
