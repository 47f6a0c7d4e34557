"""What levels announce."""

from dataclasses import dataclass

from supportdesk.actor import UserId, WorkspaceId
from supportdesk.core.events import Event
from supportdesk.escalations.model import Escalation, Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationCreated(Event):
    """A room took a step."""

    workspace_id: WorkspaceId
    escalation: Escalation


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceChanged(Event):
    """Somebody of the staff became available, or ceased to be."""

    workspace_id: WorkspaceId
    user_id: UserId
    presence: Presence
