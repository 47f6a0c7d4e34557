"""The shapes of messages on the wire."""

import re
import unicodedata
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from supportdesk.actor import UserId
from supportdesk.core.wire import Command, In, Instant, Out, Text, Version
from supportdesk.errors import NotFound
from supportdesk.messages.model import CONTENT_LIMIT, MessageType, Receipt

SENDABLE = frozenset({MessageType.CHAT})


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("a message needs words")
    return text


KEYCAP_OR_FLAG = re.compile("[0-9#*]\ufe0f?\u20e3|[\U0001f1e6-\U0001f1ff]{2}")
JOINER = "\u200d"
HALF_A_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")
FOLLOWS = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
"""Which look it has, the tone of its skin, and the letters of a region's flag."""


def _is_emoji(text: str) -> str:
    # One symbol, or several that joiners make one; keycaps carry a digit. Letters, markup and two emoji are none.
    if not KEYCAP_OR_FLAG.fullmatch(text) and not all(map(_is_symbol, text.split(JOINER))):
        raise ValueError("send one emoji")
    return text


def _is_symbol(part: str) -> bool:
    """Whether it is one symbol with what changes its looks."""
    if not part or unicodedata.category(part[0]) not in {"So", "Sm"} or HALF_A_FLAG.match(part):
        return False
    return all(FOLLOWS.match(c) or unicodedata.category(c) in {"Mn", "Me"} for c in part[1:])


Content = Annotated[Text, Field(min_length=1, max_length=CONTENT_LIMIT), AfterValidator(_not_blank)]
Emoji = Annotated[Text, Field(min_length=1, max_length=16), AfterValidator(_is_emoji)]
AttachmentIds = Annotated[tuple[UUID, ...], Field(max_length=10)]
Seq = Annotated[int, Field(ge=0, le=2**53)]


class SendMessage(In):
    """Say something; the same client_msg_id and body give the same acknowledgement again."""

    room_id: UUID
    client_msg_id: Annotated[Text, Field(min_length=1, max_length=100)]
    content: Content
    message_type: MessageType = MessageType.CHAT
    reply_to: UUID | None = None
    thread_id: UUID | None = None
    attachment_ids: AttachmentIds = ()


class SendStaffMessage(SendMessage):
    """What staff may say besides: notes, and whispers to somebody of the staff or to a robot."""

    note: bool = False
    whisper_to: UUID | None = None


class PostMessage(In):
    """The body of POST /rooms/{room_id}/messages: message.send without the room."""

    client_msg_id: Annotated[Text, Field(min_length=1, max_length=100)]
    content: Content
    message_type: MessageType = MessageType.CHAT
    reply_to: UUID | None = None
    thread_id: UUID | None = None
    attachment_ids: AttachmentIds = ()
    note: bool = False
    whisper_to: UUID | None = None


class SentOut(Out):
    """The acknowledgement of a message; `seq` is of the sender's own stream."""

    id: UUID
    seq: int
    created_at: Instant
    duplicate: bool


class EditMessage(Command):
    """Put other words in the place of one's own."""

    message_id: UUID
    content: Content
    version: Version | None = None


class DeleteMessage(Command):
    """Hide a message."""

    message_id: UUID
    version: Version | None = None


class React(Command):
    """Add or take back an emoji."""

    message_id: UUID
    emoji: Emoji


class SawMessages(In):
    """How far the sender of this has received and read, in their own stream."""

    room_id: UUID
    delivered_seq: Seq | None = None
    read_seq: Seq | None = None


class Typing(In):
    """Somebody types, or stops."""

    room_id: UUID
    on: bool


class JoinRoom(In):
    """Hear a room from now on, and catch up from `after_seq`."""

    room_id: UUID
    after_seq: Seq | None = None
    epoch: Annotated[Text, Field(max_length=64)] | None = None


class SyncRoom(In):
    """Read the log after a number of one's own stream."""

    room_id: UUID
    after_seq: Seq
    epoch: Annotated[Text, Field(max_length=64)] | None = None


class LeaveRoom(In):
    """Hear a room no more."""

    room_id: UUID


class HistoryQuery(In):
    """Which messages: before or after a number of the reader's own stream."""

    before_seq: Seq | None = None
    after_seq: Seq | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


def sent_out(receipt: Receipt, seq: int) -> SentOut:
    """The acknowledgement in the sender's numbers."""
    return SentOut(id=receipt.id, seq=seq, created_at=receipt.created_at, duplicate=receipt.duplicate)


def must_be_uploaded(want: SendMessage | PostMessage) -> None:
    """Raise NotFound for attachments: nothing can be uploaded to this desk yet, so no id is that of a file."""
    if want.attachment_ids:
        raise NotFound("There is no such file to attach.", code="file_not_found")


def whisper_to(want: SendStaffMessage | PostMessage) -> UserId | None:
    """The addressee, if any."""
    return UserId(want.whisper_to) if want.whisper_to is not None else None
