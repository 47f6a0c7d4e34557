"""What accounts announce."""

from dataclasses import dataclass

from supportdesk.actor import UserId, WorkspaceId
from supportdesk.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChanged(Event):
    """Somebody's role, level, name or status changed."""

    workspace_id: WorkspaceId
    user_id: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsEnded(Event):
    """Some of somebody's sessions or access tokens count no more."""

    workspace_id: WorkspaceId
    user_id: UserId
