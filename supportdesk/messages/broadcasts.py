"""Messages to everybody who hears their room: one frame for staff, one for guests."""

from supportdesk.core.events import Bus
from supportdesk.core.sockets import DESK, GUEST, Emitter, channel
from supportdesk.messages.events import MarksMoved, MessagesPosted
from supportdesk.messages.model import Posted
from supportdesk.messages.shape import as_guests_see, posted_data
from supportdesk.rooms.frames import event_frame
from supportdesk.rooms.model import EventKind, RoomEvent


def setup(bus: Bus, emitter: Emitter) -> None:
    """Listen for what messages announce."""

    def tell(flight: MessagesPosted) -> None:
        for posted in flight.posted:
            _tell(emitter, flight, posted)

    def tick(moved: MarksMoved) -> None:
        for namespace, marks in ((DESK, moved.staff), (GUEST, moved.public)):
            if marks is not None:
                data = {
                    "room_id": str(moved.room_id),
                    "user_id": str(moved.user_id),
                    "delivered_seq": marks[0],
                    "read_seq": marks[1],
                }
                emitter.emit("receipt", data, to=channel(moved.room_id), namespace=namespace, ephemeral=True)

    bus.at_once(MessagesPosted, tell)
    bus.at_once(MarksMoved, tick)


def _tell(emitter: Emitter, flight: MessagesPosted, posted: Posted) -> None:
    to = channel(posted.posting.room_id)
    for_staff = emitter.has_listeners(to, DESK)
    for_guests = posted.public_seq is not None and emitter.has_listeners(to, GUEST)
    if not for_staff and not for_guests:
        return
    message = posted_data(posted)
    event = RoomEvent(
        id=posted.event_id,
        room_id=posted.posting.room_id,
        workspace_id=flight.workspace_id,
        seq=posted.seq,
        public_seq=posted.public_seq,
        kind=EventKind.MESSAGE_CREATED,
        at=posted.created_at,
        actor_id=posted.posting.actor.id,
        actor_kind=posted.posting.actor.kind,
        subject_id=posted.id,
    )
    name = posted.posting.actor.name
    if for_staff:
        frame = event_frame(event, name, {"message": message}, staff=True)
        emitter.emit("room.event", frame, to=to, namespace=DESK)
    if for_guests:
        frame = event_frame(event, name, {"message": as_guests_see(message, posted.public_seq)}, staff=False)
        emitter.emit("room.event", frame, to=to, namespace=GUEST)
