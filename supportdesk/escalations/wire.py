"""The shapes of levels on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from supportdesk.actor import Level
from supportdesk.core.wire import Command, In, Out, Text
from supportdesk.escalations.model import Presence
from supportdesk.rooms.wire import RoomCommand

Reason = Annotated[Text, Field(max_length=4000)]


class AssignRoom(RoomCommand):
    """Give a room to an agent; null puts it back into its queue."""

    agent_id: UUID | None = None


class HandBack(RoomCommand):
    """Give a room back to its robots or to its queue."""

    to: Annotated[str, Field(pattern="^(robot|queue)$")] = "queue"


class Escalate(RoomCommand):
    """Move a room to another level."""

    to_level: Level
    reason: Reason = ""
    priority: Annotated[int, Field(ge=1, le=5)] | None = None


class NewEscalation(In):
    """The body of POST /rooms/{room_id}/escalations."""

    to_level: Level
    reason: Reason = ""
    priority: Annotated[int, Field(ge=1, le=5)] | None = None


class EscalationOut(Out):
    """The step that was taken."""

    escalation_id: UUID
    status: str


class PlaceOut(Out):
    """Where a guest stands; position 0 when a person has the room, no wait while nobody of the staff is on duty."""

    queue_position: int
    expected_wait_s: int | None


class SetPresence(Command):
    """Whether one takes rooms."""

    status: Presence
