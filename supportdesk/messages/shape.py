"""The shape of a message on the wire, for each side: plain dicts, built once per frame."""

from collections.abc import Mapping, Sequence
from typing import Any

from supportdesk.actor import ActorKind
from supportdesk.core.wire import instant
from supportdesk.messages.model import Message, Posted, Watermark

STAFF_ONLY = ("note", "whisper_to")
OF_ROBOTS = ("graph", "stopped")
"""What robots' messages may have besides words: a chart, and that somebody stopped the robot before it was done."""


def message_data(message: Message, marks: Sequence[Watermark], *, staff: bool) -> dict[str, Any]:
    """A message as it stands; a deleted one keeps its place without its words."""
    data = _for_staff(message, marks)
    return data if staff else as_guests_see(data, message.public_seq)


def as_guests_see(data: Mapping[str, Any], public_seq: int | None) -> dict[str, Any]:
    """A message's data for staff as guests get it: in their numbers, without what is not theirs."""
    theirs = {**data, "seq": public_seq}
    for name in STAFF_ONLY:
        theirs.pop(name, None)
    return theirs


def _for_staff(message: Message, marks: Sequence[Watermark]) -> dict[str, Any]:
    gone = message.deleted_at is not None
    created_at = instant(message.created_at)
    status, stamps = _status(message, created_at, marks)
    data: dict[str, Any] = {
        "id": str(message.id),
        "room_id": str(message.room_id),
        "seq": message.seq,
        "client_msg_id": message.client_msg_id,
        "sender": {
            "id": str(message.sender_id) if message.sender_id else None,
            "kind": str(message.sender_kind),
            "name": message.sender_name,
            "avatar_url": message.sender_avatar,
        },
        "message_type": str(message.message_type),
        "content": "" if gone else message.content,
        "content_html": "" if gone else message.content_html,
        "attachments": [],
        "citations": [] if gone else list(message.citations),
        "quick_replies": [] if gone else list(message.metadata.get("quick_replies", ())),
        "reactions": []
        if gone
        else [
            {"emoji": reaction.emoji, "count": len(reaction.user_ids), "user_ids": [str(u) for u in reaction.user_ids]}
            for reaction in message.reactions
        ],
        "status": status,
        "status_timestamps": stamps,
        "created_at": created_at,
        "version": message.version,
    }
    if gone:
        data["deleted"] = True
    else:
        _extras(data, message)
    return data


def _extras(data: dict[str, Any], message: Message) -> None:
    for name in OF_ROBOTS:
        if name in message.metadata:
            data[name] = message.metadata[name]
    for name, value in (
        ("reply_to", message.reply_to),
        ("thread_id", message.thread_id),
        ("draft_id", message.draft_id),
    ):
        if value is not None:
            data[name] = str(value)
    if message.edited_at is not None:
        data["edited_at"] = instant(message.edited_at)
    if message.is_note:
        data["note"] = True
    if message.whisper_to is not None:
        data["whisper_to"] = str(message.whisper_to)


def _status(message: Message, created_at: str, marks: Sequence[Watermark]) -> tuple[str, dict[str, str]]:
    """sent, delivered or read: by the first participant of the other side."""
    stamps = {"sent": created_at}
    if not marks or message.public_seq is None:
        return "sent", stamps  # just written, or for staff only: then there is no other side
    from_guest = message.sender_kind is ActorKind.GUEST
    others = [m for m in marks if (m.kind is ActorKind.GUEST) != from_guest and m.kind is not ActorKind.ROBOT]
    delivered = [m.delivered_at for m in others if m.delivered_seq >= message.seq and m.delivered_at]
    read = [m.read_at for m in others if m.read_seq >= message.seq and m.read_at]
    if delivered:
        stamps["delivered"] = instant(max(min(delivered), message.created_at))
    if read:
        stamps["read"] = instant(max(min(read), message.created_at))
    return ("read" if read else "delivered" if delivered else "sent"), stamps


def posted_data(posted: Posted) -> dict[str, Any]:
    """The message just written as `message_data` gives it to staff: without a Message, which costs as much again."""
    posting, robot, actor = posted.posting, posted.posting.robot, posted.posting.actor
    created_at = instant(posted.created_at)
    data: dict[str, Any] = {
        "id": str(posted.id),
        "room_id": str(posting.room_id),
        "seq": posted.seq,
        "client_msg_id": posting.client_msg_id,
        "sender": {
            "id": str(actor.id) if actor.id else None,
            "kind": str(actor.kind),
            "name": actor.name or "Guest",
            "avatar_url": actor.avatar_url,
        },
        "message_type": str(posting.message_type),
        "content": posting.content,
        "content_html": posting.html(),
        "attachments": [],
        "citations": list(posting.citations),
        "quick_replies": list(posting.metadata.get("quick_replies", ())),
        "reactions": [],
        "status": "sent",
        "status_timestamps": {"sent": created_at},
        "created_at": created_at,
        "version": 1,
    }
    for name in OF_ROBOTS:
        if name in posting.metadata:
            data[name] = posting.metadata[name]
    if posting.reply_to is not None:
        data["reply_to"] = str(posting.reply_to)
    if posting.thread_id is not None:
        data["thread_id"] = str(posting.thread_id)
    if robot is not None and robot.draft_id is not None:
        data["draft_id"] = str(robot.draft_id)
    if posting.note or posting.whisper_to is not None:
        data["note"] = True
    if posting.whisper_to is not None:
        data["whisper_to"] = str(posting.whisper_to)
    return data
