"""Levels over HTTP."""

from uuid import UUID

from supportdesk.actor import Actor
from supportdesk.core.db import Tx
from supportdesk.core.http import Routes
from supportdesk.escalations import actions
from supportdesk.escalations.wire import EscalationOut, NewEscalation

routes = Routes()


@routes.post("/api/v1/rooms/{room_id}/escalations", public="the edge of the step names its permission", status=201)
async def escalate(tx: Tx, actor: Actor, room_id: UUID, want: NewEscalation) -> EscalationOut:
    """Move a room to another level."""
    escalation = await actions.escalate(tx, actor, room_id, want.to_level, reason=want.reason, priority=want.priority)
    return EscalationOut(escalation_id=escalation.id, status=escalation.status)
