"""What a message is, before and after it is written."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from supportdesk.actor import Actor, ActorKind, Permission, UserId, WorkspaceId
from supportdesk.core.ids import uuid7
from supportdesk.core.wire import to_json
from supportdesk.messages.markdown import to_html
from supportdesk.rooms.model import RoomId

CONTENT_LIMIT = 16_000
"""Characters of one message."""


class MessageType(StrEnum):
    """What the content is."""

    CHAT = "chat"
    ROBOT = "robot"
    SYSTEM = "system"
    FILE = "file"
    IMAGE = "image"
    GRAPH = "graph"


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotVoice:
    """What only a robot's message carries."""

    robot_id: UUID
    response_to: UUID | None
    visible_to_guests: bool
    first_responder: bool
    draft_id: UUID | None
    turn_no: int | None
    model_used: str | None = None
    processing_time_ms: int | None = None
    token_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What somebody wants to say. `client_msg_id` makes saying it twice harmless."""

    actor: Actor
    room_id: RoomId
    client_msg_id: str
    content: str
    message_type: MessageType = MessageType.CHAT
    note: bool = False
    whisper_to: UserId | None = None
    reply_to: UUID | None = None
    thread_id: UUID | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    citations: Sequence[Mapping[str, Any]] = ()
    robot: RobotVoice | None = None
    id: UUID = field(default_factory=uuid7)

    @property
    def key(self) -> tuple[RoomId, UserId | None, str]:
        """What makes two postings the same."""
        return (self.room_id, self.actor.id, self.client_msg_id)

    @property
    def workspace_id(self) -> WorkspaceId:
        """Whose flight it joins."""
        return self.actor.workspace_id

    def html(self) -> str:
        """The content as safe HTML."""
        return to_html(self.content)

    def digest(self) -> str:
        """The sha256 of everything that was said, in hex: a retry must say the same."""
        body = [self.content, self.message_type, self.note, self.whisper_to, self.reply_to, self.thread_id]
        return hashlib.sha256(to_json(body)).hexdigest()

    def as_row(self, order: int) -> dict[str, Any]:
        """The posting as `post_flight` reads it."""
        robot = self.robot
        return {
            "ord": order,
            "id": self.id,
            "room_id": self.room_id,
            "sender_id": self.actor.id,
            "sender_kind": self.actor.kind,
            "may_private": self.actor.may(Permission.SUPERVISOR_OBSERVE),
            "client_msg_id": self.client_msg_id,
            "body_sha256": self.digest(),
            "content": self.content,
            "content_html": self.html(),
            "message_type": self.message_type,
            "is_note": self.note or self.whisper_to is not None,
            "whisper_to": self.whisper_to,
            "reply_to": self.reply_to,
            "thread_id": self.thread_id,
            "metadata": self.metadata,
            "citations": self.citations or None,
            "robot_id": robot.robot_id if robot else None,
            "robot_response_to": robot.response_to if robot else None,
            "visible": robot.visible_to_guests if robot else True,
            "first_responder": robot.first_responder if robot else False,
            "draft_id": robot.draft_id if robot else None,
            "expected_turn": robot.turn_no if robot else None,
            "model_used": robot.model_used if robot else None,
            "processing_time_ms": robot.processing_time_ms if robot else None,
            "token_count": robot.token_count if robot else 0,
        }


class Outcome(StrEnum):
    """What `post_flight` answers for one posting."""

    POSTED = "posted"
    DUPLICATE = "duplicate"
    BUSY = "busy"
    ATTENDED = "attended"
    """Not written yet: it sets off what belongs into one transaction with it."""
    CONFLICT = "idempotency_conflict"
    NOT_FOUND = "not_found"
    CLOSED = "room_closed"
    MUTED = "muted"
    NOT_PARTICIPANT = "not_participant"
    STALE = "stale"
    BAD_REPLY = "bad_reply"
    BAD_THREAD = "bad_thread"
    BAD_WHISPER = "bad_whisper"


class Verdict(NamedTuple):
    """One posting's fate as `post_flight` answers it; numbers are set for posted and duplicate."""

    outcome: Outcome
    id: UUID | None
    seq: int | None
    public_seq: int | None
    created_at: datetime | None
    turn_no: int | None
    owner_kind: str | None
    status: str | None
    level: str | None
    event_id: UUID | None


class Posted(NamedTuple):
    """A message that is written: what was to be said, and the verdict without its outcome."""

    posting: Posting
    id: UUID
    seq: int
    public_seq: int | None
    created_at: datetime
    turn_no: int
    owner_kind: str
    status: str
    level: str
    event_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The acknowledgement of one message."""

    id: UUID
    seq: int
    public_seq: int | None
    created_at: datetime
    duplicate: bool

    def seq_for(self, actor: Actor) -> int:
        """The message's number in the actor's own stream; a guest's own messages are always in it."""
        return self.seq if actor.is_staff else (self.public_seq or 0)


@dataclass(frozen=True, slots=True)
class Reaction:
    """One emoji on a message, and who put it there."""

    emoji: str
    user_ids: tuple[UserId, ...]


class Message(NamedTuple):
    """A message as it stands; in the order in which the statements of queries.py select it."""

    id: UUID
    room_id: RoomId
    seq: int
    public_seq: int | None
    sender_id: UserId | None
    sender_name: str
    sender_avatar: str | None
    content: str
    content_html: str
    client_msg_id: str | None
    is_note: bool
    whisper_to: UserId | None
    reply_to: UUID | None
    thread_id: UUID | None
    draft_id: UUID | None
    robot_id: UUID | None
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    version: int
    sender_kind: ActorKind
    message_type: MessageType
    metadata: Mapping[str, Any]
    citations: Sequence[Mapping[str, Any]]
    reactions: tuple[Reaction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whom an event names."""

    id: UserId
    kind: ActorKind
    name: str
    avatar_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """How far one participant has got, in staff seqs."""

    user_id: UserId
    kind: ActorKind
    delivered_seq: int
    delivered_at: datetime | None
    read_seq: int
    read_at: datetime | None
