"""What messages announce."""

from collections.abc import Sequence
from dataclasses import dataclass

from supportdesk.actor import UserId, WorkspaceId
from supportdesk.core.events import Event
from supportdesk.messages.model import Posted
from supportdesk.rooms.model import RoomId


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesPosted(Event):
    """One flight's messages, in the order of their rooms' logs."""

    workspace_id: WorkspaceId
    posted: Sequence[Posted]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarksMoved(Event):
    """Somebody has received and read further: how far, in staff numbers and, where guests may know, in theirs."""

    room_id: RoomId
    user_id: UserId
    staff: tuple[int, int]
    public: tuple[int, int] | None
