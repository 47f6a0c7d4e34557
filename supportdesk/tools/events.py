"""What tools announce."""

from collections.abc import Sequence
from dataclasses import dataclass

from supportdesk.actor import WorkspaceId
from supportdesk.core.events import Event
from supportdesk.rooms.model import RoomId
from supportdesk.tools.model import ExecutionId


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsApproved(Event):
    """These calls may run now."""

    workspace_id: WorkspaceId
    execution_ids: Sequence[ExecutionId]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingChanged(Event):
    """In this room something waits for approval since just now, or no more, or for another level."""

    workspace_id: WorkspaceId
    room_id: RoomId
