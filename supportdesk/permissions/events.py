"""What permissions announce."""

from dataclasses import dataclass

from supportdesk.actor import UserId, WorkspaceId
from supportdesk.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessChanged(Event):
    """Somebody who is connected here may do more or less than before, somewhere: look again at what they hear."""

    workspace_id: WorkspaceId
    user_id: UserId
