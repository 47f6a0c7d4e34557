"""What rooms announce."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from supportdesk.actor import Actor, UserId
from supportdesk.core.events import Event
from supportdesk.rooms.model import Room, RoomEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomEventWritten(Event):
    """A durable event of a room; `staff` and `public` are its data as each side gets it."""

    event: RoomEvent
    actor_name: str
    staff: Mapping[str, Any]
    public: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomOpened(Event):
    """A conversation began."""

    room: Room
    by: Actor
    locale: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomStateChanged(Event):
    """A room's status, owner, level or priority changed: lists and queues look again."""

    room: Room


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestJoined(Event):
    """A guest hears the room, for the first time or again: what was told meanwhile has passed them by."""

    room: Room


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLost(Event):
    """Somebody may no longer hear a room."""

    room: Room
    user_id: UserId
