"""What a room is, who takes part, what can happen in it, and who may see what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NewType
from uuid import UUID

from supportdesk.actor import Actor, ActorKind, Level, Permission, UserId, WorkspaceId
from supportdesk.errors import Conflict

RoomId = NewType("RoomId", UUID)


class RoomType(StrEnum):
    """What kind of conversation it is."""

    GROUP = "group"
    DIRECT = "direct"
    SUPPORT = "support"
    ESCALATED = "escalated"


class RoomStatus(StrEnum):
    """Where a room stands; pages say pending, open, snoozed, resolved, archived."""

    WAITING = "waiting"
    ACTIVE = "active"
    SNOOZED = "snoozed"
    CLOSED = "closed"
    ARCHIVED = "archived"


TRANSITIONS: Final[Mapping[RoomStatus, frozenset[RoomStatus]]] = {
    RoomStatus.WAITING: frozenset({RoomStatus.ACTIVE, RoomStatus.SNOOZED, RoomStatus.CLOSED}),
    RoomStatus.ACTIVE: frozenset({RoomStatus.WAITING, RoomStatus.SNOOZED, RoomStatus.CLOSED}),
    RoomStatus.SNOOZED: frozenset({RoomStatus.WAITING, RoomStatus.ACTIVE, RoomStatus.CLOSED}),
    RoomStatus.CLOSED: frozenset({RoomStatus.WAITING, RoomStatus.ACTIVE, RoomStatus.ARCHIVED}),
    RoomStatus.ARCHIVED: frozenset(),
}


class OwnerKind(StrEnum):
    """Who answers: a robot, nobody yet (the queue), or a person."""

    ROBOT = "robot"
    QUEUE = "queue"
    HUMAN = "human"


class ParticipantRole(StrEnum):
    """What somebody is in a room."""

    MEMBER = "member"
    MODERATOR = "moderator"
    OBSERVER = "observer"
    GUEST = "guest"
    AI = "ai"


class EventKind(StrEnum):
    """Every durable thing that can happen in a room."""

    MESSAGE_CREATED = "message.created"
    MESSAGE_EDITED = "message.edited"
    MESSAGE_DELETED = "message.deleted"
    REACTION_ADDED = "reaction.added"
    REACTION_REMOVED = "reaction.removed"
    PARTICIPANT_JOINED = "participant.joined"
    PARTICIPANT_LEFT = "participant.left"
    PARTICIPANT_UPDATED = "participant.updated"
    ROOM_CREATED = "room.created"
    ROOM_UPDATED = "room.updated"
    ROOM_SNOOZED = "room.snoozed"
    ROOM_ASSIGNED = "room.assigned"
    ROOM_OWNER_CHANGED = "room.owner_changed"
    ROOM_CLOSED = "room.closed"
    ROOM_REOPENED = "room.reopened"
    ESCALATION_CREATED = "escalation.created"
    ESCALATION_UPDATED = "escalation.updated"
    TOOL_REQUESTED = "tool.requested"
    TOOL_DECIDED = "tool.decided"
    TOOL_COMPLETED = "tool.completed"
    CSAT_GIVEN = "csat.given"
    SUGGESTION_MADE = "suggestion.made"
    SUGGESTION_DECIDED = "suggestion.decided"


class Audience(StrEnum):
    """Who may learn that something happened; fixed when it is written."""

    PUBLIC = "public"
    STAFF = "staff"
    AS_SUBJECT = "as_subject"


@dataclass(frozen=True, slots=True)
class Visibility:
    """The audience of an event kind, and the fields of its data that guests get."""

    audience: Audience
    public_fields: frozenset[str] = frozenset()


_SUBJECT = frozenset({"message", "message_id", "emoji", "user_id"})
VISIBILITY: Final[Mapping[EventKind, Visibility]] = {
    EventKind.MESSAGE_CREATED: Visibility(Audience.AS_SUBJECT, _SUBJECT),
    EventKind.MESSAGE_EDITED: Visibility(Audience.AS_SUBJECT, _SUBJECT),
    EventKind.MESSAGE_DELETED: Visibility(Audience.AS_SUBJECT, _SUBJECT),
    EventKind.REACTION_ADDED: Visibility(Audience.AS_SUBJECT, _SUBJECT),
    EventKind.REACTION_REMOVED: Visibility(Audience.AS_SUBJECT, _SUBJECT),
    EventKind.PARTICIPANT_JOINED: Visibility(Audience.AS_SUBJECT, frozenset({"participant"})),
    EventKind.PARTICIPANT_LEFT: Visibility(Audience.AS_SUBJECT, frozenset({"user_id", "name"})),
    EventKind.PARTICIPANT_UPDATED: Visibility(Audience.STAFF),
    EventKind.ROOM_CREATED: Visibility(Audience.PUBLIC, frozenset({"name"})),
    EventKind.ROOM_UPDATED: Visibility(Audience.STAFF),
    EventKind.ROOM_SNOOZED: Visibility(Audience.STAFF),
    EventKind.ROOM_ASSIGNED: Visibility(Audience.STAFF),
    EventKind.ROOM_OWNER_CHANGED: Visibility(Audience.PUBLIC, frozenset({"owner", "reason"})),
    EventKind.ROOM_CLOSED: Visibility(Audience.PUBLIC, frozenset({"status"})),
    EventKind.ROOM_REOPENED: Visibility(Audience.AS_SUBJECT, frozenset({"status"})),
    EventKind.ESCALATION_CREATED: Visibility(Audience.PUBLIC, frozenset({"to_level"})),
    EventKind.ESCALATION_UPDATED: Visibility(Audience.STAFF),
    EventKind.TOOL_REQUESTED: Visibility(Audience.STAFF),
    EventKind.TOOL_DECIDED: Visibility(Audience.STAFF),
    EventKind.TOOL_COMPLETED: Visibility(Audience.STAFF),
    EventKind.CSAT_GIVEN: Visibility(Audience.PUBLIC, frozenset({"score"})),
    EventKind.SUGGESTION_MADE: Visibility(Audience.STAFF),
    EventKind.SUGGESTION_DECIDED: Visibility(Audience.STAFF),
}


def public_part(kind: EventKind, data: Mapping[str, Any]) -> dict[str, Any]:
    """What guests get of an event's data."""
    fields = VISIBILITY[kind].public_fields
    return {name: value for name, value in data.items() if name in fields}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomEvent:
    """One row of the log."""

    id: UUID
    room_id: RoomId
    workspace_id: WorkspaceId
    seq: int
    public_seq: int | None
    kind: EventKind
    at: datetime
    actor_id: UserId | None
    actor_kind: ActorKind
    subject_id: UUID | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The hot counters of a room."""

    last_seq: int
    last_public_seq: int
    turn_no: int
    guest_messages: int
    desk_messages: int

    def of(self, actor: Actor) -> int:
        """The end of the actor's own stream."""
        return self.last_seq if actor.is_staff else self.last_public_seq


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomChanges:
    """What somebody changes of a room; None leaves a thing as it is."""

    name: str | None = None
    description: str | None = None
    priority: int | None = None
    issue_id: str | None = None
    tags: Sequence[str] | None = None
    system_prompt: str | None = None
    provider: str | None = None
    model: str | None = None

    @property
    def names(self) -> list[str]:
        """What is changed."""
        return [part.name for part in fields(self) if getattr(self, part.name) is not None]

    @property
    def instructs_robots(self) -> bool:
        """Whether robots would answer otherwise from now on."""
        return not {"system_prompt", "provider", "model"}.isdisjoint(self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One conversation."""

    id: RoomId
    workspace_id: WorkspaceId
    name: str | None
    name_source: str
    room_type: RoomType
    status: RoomStatus
    level: Level
    owner_kind: OwnerKind
    assignee_id: UserId | None
    assignee_name: str | None
    queue_id: UUID | None
    queue_name: str | None
    site_id: UUID | None
    priority: int
    is_private: bool
    guest_access_allowed: bool
    max_participants: int
    creator_id: UserId | None
    version: int
    created_at: datetime
    closed_at: datetime | None
    snoozed_until: datetime | None
    waiting_since: datetime | None
    locale: str | None
    page: str | None
    last_message_at: datetime | None
    last_public_message_at: datetime | None
    head: Head

    def must_become(self, status: RoomStatus) -> None:
        """Raise Conflict, naming both states, unless the room may go there from where it is."""
        if status not in TRANSITIONS[self.status]:
            raise Conflict(
                f"A room that is {self.status} cannot become {status}.",
                code="illegal_transition",
                status=str(self.status),
                wanted=str(status),
            )

    def name_for(self, *, staff: bool) -> str | None:
        """What a side calls the room: guests know their own question, never what staff or robots made of it."""
        return self.name if staff or self.name_source == "first_question" else None

    def status_for(self, actor: Actor) -> RoomStatus:
        """The status as the actor's side knows it: guests do not learn that their room was set aside."""
        if actor.is_staff or self.status is not RoomStatus.SNOOZED:
            return self.status
        return self.status_awake

    @property
    def status_awake(self) -> RoomStatus:
        """Where the room is when it is neither set aside nor closed: it waits where nobody has it."""
        return RoomStatus.WAITING if self.owner_kind is OwnerKind.QUEUE else RoomStatus.ACTIVE

    def unread_for(self, actor: Actor, mine: "Participant | None") -> int:
        """How many messages of the other side the actor has not seen."""
        written = self.head.guest_messages if actor.is_staff else self.head.desk_messages
        return max(0, written - (mine.seen_messages if mine is not None else 0))

    @property
    def owner_name(self) -> str | None:
        """The person who has it, where a person has."""
        return self.assignee_name if self.owner_kind is OwnerKind.HUMAN else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody in a room."""

    room_id: RoomId
    user_id: UserId
    kind: ActorKind
    name: str
    avatar_url: str | None
    role: ParticipantRole
    status: str
    can_send_messages: bool
    can_invite_others: bool
    can_see_history: bool
    joined_seq: int
    last_delivered_seq: int
    last_delivered_at: datetime | None
    last_read_seq: int
    last_read_at: datetime | None
    seen_messages: int
    presence: str
    account: str | None = None
    """What tells two of one name apart, for staff: a robot's module, a colleague's e-mail address."""

    @property
    def is_present(self) -> bool:
        """Whether they are in the room now, muted or not."""
        return self.status in ("active", "muted")

    @property
    def is_visible(self) -> bool:
        """Whether guests may know of them: they are there, and not as a silent observer."""
        return self.is_present and self.role is not ParticipantRole.OBSERVER


def admits(actor: Actor, room: Room, mine: Participant | None) -> bool:
    """Whether the actor may see the room at all.

    Guests and robots: their own rooms only, while guest access is on. Staff: every room they may read,
    private ones only as a participant or with supervisor rights.
    """
    present = mine is not None and mine.is_present
    if actor.kind is ActorKind.SYSTEM:
        return True
    if actor.kind is ActorKind.GUEST:
        return present and room.guest_access_allowed
    if actor.kind is ActorKind.ROBOT:
        return present
    if not actor.may(Permission.ROOM_READ):
        return False
    return not room.is_private or present or actor.may(Permission.SUPERVISOR_OBSERVE)
