"""Steps between levels, and where an escalation stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from supportdesk.actor import Actor, ActorKind, Level, Permission, UserId
from supportdesk.errors import Conflict, Forbidden, Invalid
from supportdesk.rooms.model import RoomId

EscalationId = NewType("EscalationId", UUID)


class EscalationStatus(StrEnum):
    """created → assigned → in_progress → resolved, or cancelled on the way."""

    CREATED = "created"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"


STEPS: Final[Mapping[EscalationStatus, frozenset[EscalationStatus]]] = {
    EscalationStatus.CREATED: frozenset(
        {EscalationStatus.ASSIGNED, EscalationStatus.RESOLVED, EscalationStatus.CANCELLED}
    ),
    EscalationStatus.ASSIGNED: frozenset(
        {EscalationStatus.IN_PROGRESS, EscalationStatus.CREATED, EscalationStatus.RESOLVED, EscalationStatus.CANCELLED}
    ),
    EscalationStatus.IN_PROGRESS: frozenset({EscalationStatus.RESOLVED, EscalationStatus.CANCELLED}),
    EscalationStatus.RESOLVED: frozenset(),
    EscalationStatus.CANCELLED: frozenset(),
}


class Presence(StrEnum):
    """Whether somebody of the staff takes rooms."""

    ONLINE = "online"
    AWAY = "away"
    BUSY = "busy"
    OFFLINE = "offline"


class Trigger(StrEnum):
    """What set an escalation off."""

    PERSON = "person"
    GUEST = "guest"
    ROBOT = "robot"
    ROBOT_FAILURE = "robot_failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One allowed step."""

    from_level: Level
    to_level: Level
    permission: str
    robots_allowed: bool
    reason_required: bool
    default_priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """One step that a room took."""

    id: EscalationId
    room_id: RoomId
    reason: str | None
    from_level: Level
    to_level: Level
    priority: int
    status: EscalationStatus
    created_by: UserId | None
    assigned_to: UserId | None
    created_at: datetime

    def must_become(self, status: EscalationStatus) -> None:
        """Raise Conflict, naming both states, unless it may go there from where it is."""
        if status not in STEPS[self.status]:
            raise Conflict(
                f"An escalation that is {self.status} cannot become {status}.",
                code="illegal_transition",
                status=str(self.status),
                wanted=str(status),
            )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a guest stands in the queue: 1 is next; the wait in seconds is an estimate, None while nobody is there."""

    room_id: RoomId
    position: int
    expected_wait_s: int | None


@dataclass(frozen=True, slots=True)
class Match:
    """A waiting room and somebody free for it."""

    room_id: RoomId
    agent_id: UserId
    agent_name: str


@dataclass(frozen=True, slots=True)
class Assigned:
    """How many rooms went to somebody, and how many could not just now because somebody had them in hand."""

    given: int
    busy: int


def check_step(actor: Actor, present: Level, wanted: Level, edge: Edge | None, reason: str) -> Edge:
    """The edge, if the actor may take this step; raises Conflict, Forbidden or Invalid.

    Pure: levels never skip without an edge, and never fall without the permission for that.
    """
    if wanted is present:
        raise Conflict(f"The room is at {present} already.", code="illegal_transition", level=str(present))
    if edge is None:
        raise Conflict(
            f"There is no step from {present} to {wanted} in this workspace.",
            code="no_such_step",
            from_level=str(present),
            to_level=str(wanted),
        )
    actor.must(Permission(edge.permission))
    if actor.kind is ActorKind.ROBOT and not edge.robots_allowed:
        raise Forbidden(f"Robots may not move a room from {present} to {wanted}.")
    if edge.reason_required and not reason.strip():
        raise Invalid("Say why: this step needs a reason.", code="reason_required")
    return edge
