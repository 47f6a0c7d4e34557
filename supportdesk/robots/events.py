"""What robots announce."""

from collections.abc import Sequence
from dataclasses import dataclass

from supportdesk.actor import WorkspaceId
from supportdesk.core.events import Event
from supportdesk.rooms.model import RoomId


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnsQueued(Event):
    """Robots of this workspace are asked: runners look at once instead of at their next sweep."""

    workspace_id: WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class NobodyToAsk(Event):
    """Guests wrote in rooms that a robot owns and in which no robot can answer."""

    workspace_id: WorkspaceId
    room_ids: Sequence[RoomId]


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnsStopped(Event):
    """The turns of this room are over, whatever the robots still say."""

    room_id: RoomId
    reason: str
