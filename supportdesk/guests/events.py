"""What guests announce."""

from dataclasses import dataclass

from supportdesk.actor import UserId, WorkspaceId
from supportdesk.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestBlocked(Event):
    """A guest may not speak any more."""

    workspace_id: WorkspaceId
    guest_id: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestUnblocked(Event):
    """A guest may speak again."""

    workspace_id: WorkspaceId
    guest_id: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestSessionEnded(Event):
    """A guest goes on as somebody else; what was opened before counts no more."""

    workspace_id: WorkspaceId
    guest_id: UserId
