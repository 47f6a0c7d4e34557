"""A room's event as each side receives it."""

from collections.abc import Mapping
from typing import Any

from supportdesk.core.wire import instant
from supportdesk.rooms.model import RoomEvent, public_part


def event_frame(event: RoomEvent, actor_name: str, data: Mapping[str, Any], *, staff: bool) -> dict[str, Any]:
    """A durable event: its number in the receiver's own stream, its data, and nothing else."""
    return {
        "room_id": str(event.room_id),
        "seq": event.seq if staff else event.public_seq,
        "kind": str(event.kind),
        "at": instant(event.at),
        "actor": {
            "id": str(event.actor_id) if event.actor_id else None,
            "kind": str(event.actor_kind),
            "name": actor_name,
        },
        "data": dict(data) if staff else public_part(event.kind, data),
    }
