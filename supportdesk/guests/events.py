"""What guests announce."""

from dataclasses import dataclass

from supportdesk.actor import UserId, WorkspaceId
from supportdesk.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestBlocked(Event):
    """A guest may no longer use the desk."""

    workspace_id: WorkspaceId
    guest_id: UserId
