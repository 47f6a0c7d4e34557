"""The shapes of rooms and participants on the wire."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field

from supportdesk.actor import Actor, UserId
from supportdesk.core.wire import Command, In, Instant, Line, Moment, Out, Text, Version
from supportdesk.rooms.access import Seat
from supportdesk.rooms.model import Participant, ParticipantRole, Room, RoomChanges, RoomType

ClientId = Annotated[Text, Field(min_length=1, max_length=100)]


class OwnerOut(Out):
    """Who answers in a room."""

    kind: str
    id: UUID | None
    name: str | None


class RoomOut(Out):
    """A room as one actor sees it; `head` and `unread` are of their own stream."""

    id: UUID
    name: str | None
    status: str
    level: str
    queue: str | None
    owner: OwnerOut
    priority: int
    created_at: Instant
    last_message_at: Instant | None
    unread: int
    head: int
    version: int | None = None
    room_type: str | None = None


class ParticipantOut(Out):
    """Somebody in a room; the numbers are of the receiver's stream."""

    user_id: UUID
    kind: str
    name: str
    avatar_url: str | None
    role: str
    delivered_seq: int
    read_seq: int
    online: bool
    account: str | None = None
    """For staff, what tells two of one name apart: a robot's module, a colleague's e-mail address."""


class PageInfo(In):
    """Where the guest is, as the host page says: shown to staff, trusted by nobody."""

    url: Annotated[Text, Field(max_length=2000)] | None = None
    title: Annotated[Text, Field(max_length=200)] | None = None
    attributes: dict[Annotated[Text, Field(max_length=100)], Annotated[Text, Field(max_length=500)]] = Field(
        default_factory=dict, max_length=20
    )
    trail: Annotated[tuple[Annotated[Text, Field(max_length=200)], ...], Field(max_length=20)] = ()


class OpenRoom(Command):
    """A guest begins a conversation; the same client_room_id gives the same room back."""

    client_room_id: ClientId
    topic: Line | None = None
    locale: Annotated[Text, Field(max_length=35)] | None = None
    page: PageInfo | Annotated[Text, Field(max_length=2000)] | None = None


class GiveCsat(Command):
    """How content the guest is: 1 worst to 5 best."""

    room_id: UUID
    score: Annotated[int, Field(ge=1, le=5)]
    comment: Annotated[Text, Field(max_length=2000)] | None = None


class CreateRoom(Command):
    """Staff begin a conversation among themselves."""

    client_room_id: ClientId
    room_type: RoomType
    name: Line | None = None
    participant_ids: Annotated[tuple[UUID, ...], Field(max_length=49)] = ()
    is_private: bool = False


def _trimmed(text: str) -> str:
    if not (word := " ".join(text.split())):
        raise ValueError("a tag is a word or a few")
    return word


Tag = Annotated[Text, AfterValidator(_trimmed), Field(max_length=50)]


class UpdateRoom(Command):
    """Change what a room is called, how urgent it is, what it is filed under, and how robots answer in it.

    What is left out stays as it is; `tags` are the whole list.
    """

    room_id: UUID
    version: Version
    name: Line | None = None
    description: Annotated[Text, Field(max_length=10_000)] | None = None
    priority: Annotated[int, Field(ge=1, le=5)] | None = None
    issue_id: Annotated[Text, Field(max_length=255)] | None = None
    tags: Annotated[tuple[Tag, ...], Field(max_length=20)] | None = None
    system_prompt: Annotated[Text, Field(max_length=20_000)] | None = None
    provider: Annotated[Text, Field(max_length=100)] | None = None
    model: Annotated[Text, Field(max_length=200)] | None = None

    def changes(self) -> RoomChanges:
        """What to change."""
        return RoomChanges(**{part.name: getattr(self, part.name) for part in fields(RoomChanges)})


class RoomCommand(Command):
    """A command that needs to know the room only."""

    room_id: UUID


class CloseRoom(RoomCommand):
    """End the conversation."""

    outcome: Annotated[str, Field(pattern="^(resolved|unresolved|duplicate|spam|abandoned)$")] | None = None


class SnoozeRoom(RoomCommand):
    """Set the room aside until an instant."""

    until: Moment


class AddParticipant(RoomCommand):
    """Let somebody into the room."""

    user_id: UUID
    role: ParticipantRole = ParticipantRole.MEMBER


class Flags(Out):
    """What somebody may do in one room, beside their role."""

    can_send_messages: bool | None = None
    can_invite_others: bool | None = None
    can_see_history: bool | None = None


class UpdateParticipant(RoomCommand):
    """Mute somebody, or change their rights in the room."""

    user_id: UUID
    role: ParticipantRole | None = None
    status: Annotated[str, Field(pattern="^(active|muted)$")] | None = None
    flags: Flags | None = None


class RemoveParticipant(RoomCommand):
    """Take somebody out of the room."""

    user_id: UUID


class SeqOut(Out):
    """Where the change stands in the sender's own stream."""

    seq: int


class RoomAnswer(Out):
    """A room."""

    room: RoomOut


def room_out(seat: Seat, actor: Actor) -> RoomOut:
    """The room as the actor sees it."""
    room: Room = seat.room
    for_staff: dict[str, Any] = {"version": room.version, "room_type": room.room_type} if actor.is_staff else {}
    return RoomOut(
        id=room.id,
        name=room.name_for(staff=actor.is_staff),
        status=room.status_for(actor),
        level=room.level,
        queue=room.queue_name,
        owner=OwnerOut(kind=room.owner_kind, id=room.assignee_id, name=room.owner_name),
        priority=room.priority,
        created_at=room.created_at,
        last_message_at=room.last_message_at if actor.is_staff else room.last_public_message_at,
        unread=room.unread_for(actor, seat.mine),
        head=room.head.of(actor),
        **for_staff,
    )


def participants_out(
    participants: Sequence[Participant], marks: dict[UserId, tuple[int, int]], online: set[UserId], *, staff: bool
) -> list[dict[str, Any]]:
    """Those in a room as one side sees them: guests do not learn of observers."""
    return [
        ParticipantOut(
            user_id=p.user_id,
            kind=p.kind,
            name=p.name,
            avatar_url=p.avatar_url,
            role=p.role,
            delivered_seq=marks[p.user_id][0],
            read_seq=marks[p.user_id][1],
            online=p.user_id in online,
            **({"account": p.account} if staff and p.account is not None else {}),
        ).model_dump(mode="json", exclude_unset=True)
        for p in participants
        if staff or p.role is not ParticipantRole.OBSERVER
    ]
