"""The shapes of the inbox."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import Field

from supportdesk.actor import Actor
from supportdesk.core.wire import In, Text, instant
from supportdesk.dashboard.queries import BEHIND, InQueue, Latest
from supportdesk.errors import BadRequest

WORDS = {"pending": "waiting", "open": "active", "resolved": "closed"}
"""Pages and clients may use the words that people know these states by."""
PREVIEW = 140
FURTHEST = 10**17
"""Microseconds: three thousand years, which the database can still count from 1970 either way."""


class RoomsQuery(In):
    """Which rooms a list shows."""

    queue: Annotated[str, Field(pattern="^(mine|T1|T2|T3|manager|robots|approvals|all)$")] | None = None
    status: (
        Annotated[str, Field(pattern="^(waiting|active|snoozed|closed|archived|pending|open|resolved|all)$")] | None
    ) = None
    q: Annotated[Text, Field(max_length=200)] | None = None
    guest_id: UUID | None = None
    cursor: Annotated[Text, Field(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


def cursor_of(place: Latest | InQueue) -> str:
    """Where the next page begins; opaque to clients."""
    match place:
        case Latest():
            parts: list[str | int] = [place.at.isoformat(), str(place.room_id)]
        case InQueue():
            parts = [place.rank, place.place, str(place.room_id)]
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode()


def latest_of(cursor: str) -> Latest:
    """The place that a cursor names in a list by latest activity; raises BadRequest for one that we did not make."""
    with _ours():
        at, room_id = _parts(cursor)
        place = datetime.fromisoformat(at)
        if place.tzinfo is None:
            raise ValueError("an instant of ours names its zone")
        return Latest(place.astimezone(UTC), UUID(room_id))


def in_queue_of(cursor: str) -> InQueue:
    """The place that a cursor names in a list of who waits; raises BadRequest for one that we did not make."""
    with _ours():
        rank, place, room_id = _parts(cursor)
        if type(rank) is not int or type(place) is not int or not 1 <= rank <= BEHIND or abs(place) > FURTHEST:
            raise ValueError("places of ours are small numbers")
        return InQueue(rank, place, UUID(room_id))


def _parts(cursor: str) -> Any:
    return orjson.loads(base64.urlsafe_b64decode(cursor.encode()))


@contextmanager
def _ours() -> Iterator[None]:
    try:
        yield
    except (binascii.Error, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise BadRequest("This cursor is not one of ours; begin again without it.", code="bad_cursor") from error


def room_line(row: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """A room as a line of the list."""
    line: dict[str, Any] = {
        "id": str(row["id"]),
        "name": row["name"],
        "room_type": row["room_type"],
        "status": row["status"],
        "level": row["level"],
        "queue": row["queue_name"],
        "owner": {
            "kind": row["owner_kind"],
            "id": str(row["assignee_id"]) if row["assignee_id"] else None,
            "name": row["assignee_name"],
        },
        "priority": row["priority"],
        "created_at": instant(row["created_at"]),
        "last_message_at": instant(row["last_message_at"]) if row["last_message_at"] else None,
        "waiting_since": instant(row["waiting_since"]) if row["waiting_since"] else None,
        "snoozed_until": instant(row["snoozed_until"]) if row["snoozed_until"] else None,
        "unread": max(0, row["guest_messages"] - row["seen_messages"]),
        "head": row["last_seq"],
        "version": row["version"],
        **_preview(row, actor),
        "page": row["page"],
        "site": row["site_name"],
        "locale": row["locale"],
        "issue_id": row["issue_id"],
        "tags": row["tags"] or [],
        "approvals": row["approvals"],
        "to_decide": [str(call) for call in row["to_decide"] or ()],
        "guest": None,
    }
    if row["guest_id"] is not None:
        line["guest"] = {"id": str(row["guest_id"]), "name": row["guest_name"], "verified": row["guest_verified"]}
    return line


def _preview(row: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    if row["last_content"] is None:
        return {"preview": None, "preview_by": None}
    gone = row["last_deleted_at"] is not None
    if row["last_sender_type"] == "ai":
        voice = "robot"
    elif row["last_sender_type"] == "system":
        voice = "system"
    else:
        voice = "guest" if row["last_sender_id"] == row["guest_id"] else "agent"
    return {
        "preview": "" if gone else row["last_content"][:PREVIEW],
        "preview_by": {"voice": voice, "mine": row["last_sender_id"] == actor.id, "note": row["last_is_note"]},
    }


def guest_details(row: Mapping[str, Any]) -> dict[str, Any]:
    """A room's customer as staff know them; `block` tells who keeps them out, why and until when, or is null."""
    return {
        "id": str(row["id"]),
        "name": row["name"],
        "verified": row["is_identity_verified"],
        "email": row["email"],
        "time_zone": row["time_zone"],
        "first_seen_at": instant(row["created_at"]),
        "blocked": row["is_blocked"],
        "block": _block(row) if row["is_blocked"] else None,
    }


def _block(row: Mapping[str, Any]) -> dict[str, Any]:
    by = row["blocked_by"]
    return {
        "reason": row["block_reason"],
        "at": instant(row["blocked_at"]),
        "until": instant(row["blocked_until"]) if row["blocked_until"] else None,
        "by": {"id": str(by), "name": row["blocked_by_name"]} if by else None,
        "spam": row["is_spam"],
    }
