"""The shapes that the desk builds as plain dicts: messages, events, pages of the log, lines of the inbox."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from supportdesk.actor import ActorKind, Level
from supportdesk.core.wire import Instant, Out
from supportdesk.escalations.model import Presence
from supportdesk.messages.model import MessageType
from supportdesk.rooms.model import EventKind, OwnerKind, ParticipantRole, RoomStatus, RoomType
from supportdesk.rooms.wire import OwnerOut, ParticipantOut, RoomOut

Seq = Annotated[int, Field(ge=0, description="A number of the receiver's own stream")]


class Sender(Out):
    """Who said it; the id is null for the desk itself and after an erasure."""

    id: UUID | None
    kind: ActorKind
    name: str
    avatar_url: str | None


class ReactionOut(Out):
    """An emoji and who gave it."""

    emoji: str
    count: int
    user_ids: list[UUID]


class StatusTimestamps(Out):
    """When the message was sent, and when the first of the other side had it and read it."""

    sent: Instant
    delivered: Instant | None = None
    read: Instant | None = None


class MessageOut(Out):
    """A message as it stands now; a deleted one keeps its place without its words."""

    id: UUID
    room_id: UUID
    seq: Seq
    client_msg_id: str | None
    sender: Sender
    message_type: MessageType
    content: str
    content_html: str
    attachments: list[dict[str, Any]]
    citations: list[dict[str, Any]]
    quick_replies: list[Any]
    reactions: list[ReactionOut]
    status: Literal["sent", "delivered", "read"]
    status_timestamps: StatusTimestamps
    created_at: Instant
    version: int
    deleted: bool | None = None
    graph: Any = None
    stopped: bool | None = None
    reply_to: UUID | None = None
    thread_id: UUID | None = None
    draft_id: UUID | None = None
    edited_at: Instant | None = None


class StaffMessageOut(MessageOut):
    """A message as staff see it."""

    note: bool | None = None
    whisper_to: UUID | None = None


class HistoryOut(Out):
    """Messages of a room, oldest first, and the end of the reader's stream."""

    items: list[StaffMessageOut]
    next_cursor: None
    head: Seq


class EventActor(Out):
    """Who did it; the id is null for the desk itself."""

    id: UUID | None
    kind: ActorKind
    name: str


class Newcomer(Out):
    """Who joined."""

    user_id: UUID
    kind: ActorKind
    name: str
    avatar_url: str | None
    role: ParticipantRole


class GuestEventData(Out):
    """What an event of the guests' stream is about; which fields there are depends on its kind."""

    message: MessageOut | None = None
    message_id: UUID | None = None
    emoji: str | None = None
    user_id: UUID | None = None
    participant: Newcomer | None = None
    name: str | None = None
    owner: OwnerOut | None = None
    reason: str | None = None
    status: RoomStatus | None = None
    to_level: Level | None = None
    score: int | None = None


class Assignee(Out):
    """Who was given the room."""

    id: UUID
    name: str


class StaffEventData(Out):
    """What an event of the staff's stream is about; which fields there are depends on its kind."""

    message: StaffMessageOut | None = None
    message_id: UUID | None = None
    emoji: str | None = None
    user_id: UUID | None = None
    participant: Newcomer | None = None
    name: str | None = None
    owner: OwnerOut | None = None
    owner_kind: OwnerKind | None = None
    assignee_id: UUID | None = None
    assignee: Assignee | None = None
    agent_id: UUID | None = None
    by: UUID | None = None
    reason: str | None = None
    status: str | None = None
    outcome: str | None = None
    until: str | None = None
    level: Level | None = None
    role: ParticipantRole | None = None
    flags: dict[str, bool] | None = None
    can_send_messages: bool | None = None
    can_invite_others: bool | None = None
    can_see_history: bool | None = None
    fields: list[str] | None = None
    priority: int | None = None
    version: int | None = None
    escalation_id: UUID | None = None
    from_level: Level | None = None
    to_level: Level | None = None
    assigned_to: UUID | None = None
    score: int | None = None
    comment: str | None = None


class GuestRoomEvent(Out):
    """A durable event of a room in the guests' stream; clients apply `seq == last + 1` and ask for a gap."""

    room_id: UUID
    seq: Seq
    kind: EventKind
    at: Instant
    actor: EventActor
    data: GuestEventData


class StaffRoomEvent(Out):
    """A durable event of a room in the staff's stream; clients apply `seq == last + 1` and ask for a gap."""

    room_id: UUID
    seq: Seq
    kind: EventKind
    at: Instant
    actor: EventActor
    data: StaffEventData


class SyncedOut(Out):
    """A page of the log after a number, or a reset: then the client begins again without a number."""

    epoch: str
    head: Seq
    events: list[StaffRoomEvent]
    reset: bool | None = None
    reason: Literal["epoch", "retention", "access"] | None = None


class JoinedOut(SyncedOut):
    """The room that is heard from now on, who is in it, and a page of its log."""

    room: RoomOut
    participants: list[ParticipantOut]


class Delta(Out):
    """A piece of what a robot is saying; ends with a `message.created` that carries the draft's id, or an abort."""

    room_id: UUID
    draft_id: UUID
    robot_id: UUID
    delta: str
    n: int


class DeltaAborted(Out):
    """What was streamed under this draft is taken back: no message follows it."""

    room_id: UUID
    draft_id: UUID
    robot_id: UUID


class TypingOut(Out):
    """Somebody types, or a robot is at work on its answer; forgotten by itself after 6 seconds."""

    room_id: UUID
    user_id: UUID
    name: str
    kind: ActorKind
    on: bool


class PresenceOut(Out):
    """Whether a colleague takes rooms."""

    user_id: UUID
    status: Presence


class ReceiptOut(Out):
    """How far somebody has received and read."""

    room_id: UUID
    user_id: UUID
    delivered_seq: Seq
    read_seq: Seq


class QueuePosition(Out):
    """Where a waiting guest stands; no wait is expected while nobody of the staff is on duty."""

    room_id: UUID
    queue_position: int
    expected_wait_s: int | None


class BusyOut(Out):
    """The desk cannot keep up: wait so many seconds before sending more."""

    retry_after: float


class InboxChanged(Out):
    """Lines in the lists are outdated: of one room whose state is told, or of several in which something was said."""

    room_ids: list[UUID] | None = None
    room_id: UUID | None = None
    status: RoomStatus | None = None
    level: Level | None = None
    owner: OwnerKind | None = None


class SessionEnded(Out):
    """Why the desk closes this connection."""

    code: str
    message: str
    details: dict[str, Any] | None = None


class PreviewBy(Out):
    """Whose words a preview shows."""

    voice: ActorKind
    mine: bool
    note: bool


class LineGuest(Out):
    """The customer of a room."""

    id: UUID
    name: str | None
    verified: bool


class RoomLine(Out):
    """A room as a line of the inbox."""

    id: UUID
    name: str | None
    room_type: RoomType
    status: RoomStatus
    level: Level
    queue: str | None
    owner: OwnerOut
    priority: int
    created_at: Instant
    last_message_at: Instant | None
    waiting_since: Instant | None
    snoozed_until: Instant | None
    unread: int
    head: int
    version: int
    preview: str | None
    preview_by: PreviewBy | None
    page: str | None
    site: str | None
    locale: str | None
    issue_id: str | None
    tags: list[Any]
    approvals: int
    to_decide: list[str]
    guest: LineGuest | None


class RoomLinesOut(Out):
    """Rooms: in the open queue of a level, or of all, who waits stands first; else by latest activity.

    `counts` of all queues come with the first page.
    """

    items: list[RoomLine]
    next_cursor: str | None
    counts: dict[str, Any] | None = None


class BlockedBy(Out):
    """Who blocked a guest."""

    id: UUID
    name: str | None


class BlockOut(Out):
    """A guest's block as it stands."""

    reason: str
    at: Instant
    until: Instant | None
    by: BlockedBy | None
    spam: bool


class RoomGuest(LineGuest):
    """The customer of a room as its page shows them."""

    email: str | None
    locale: str | None
    time_zone: str | None
    first_seen_at: Instant
    online: bool
    blocked: bool
    block: BlockOut | None


class ShownRoom(RoomOut):
    """One room; staff get its customer and where they are, too."""

    locale: str | None = None
    page: str | None = None
    site_id: UUID | None = None
    snoozed_until: Instant | None = None
    guest: RoomGuest | None = None


class AgentOut(Out):
    """Somebody who can be given a room."""

    id: UUID
    name: str
    level: Level | None
    presence: Presence
    avatar_url: str | None


class AgentsOut(Out):
    """All of them."""

    items: list[AgentOut]
    next_cursor: None
