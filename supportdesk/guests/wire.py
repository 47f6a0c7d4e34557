"""The shapes of guests on the wire."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from supportdesk.core.wire import Command, In, Instant, Out, Text


class IdentityIn(In):
    """Who the host page says its user is; `hash` is HMAC-SHA256(user_id) in hex under the workspace's secret."""

    user_id: Annotated[Text, Field(min_length=1, max_length=255)]
    hash: Annotated[str, Field(pattern="^[0-9a-fA-F]{64}$")]
    name: Annotated[Text, Field(min_length=1, max_length=200)] | None = None
    email: Annotated[Text, Field(max_length=255, pattern=r"^[^@\s]+@[^@\s]+$")] | None = None


class BeginSession(In):
    """A guest comes to a site."""

    site_key: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,64}$")]
    identity: IdentityIn | None = None
    locale: Annotated[Text, Field(max_length=35)] | None = None
    page: dict[str, Any] | Annotated[Text, Field(max_length=2000)] | None = None


class SessionOut(Out):
    """A token for Socket.IO `auth` and `Authorization`, to be renewed before it expires."""

    token: str
    guest_id: UUID
    expires_at: Instant


class BlockGuest(Command):
    """Keep a guest out."""

    guest_id: UUID
    reason: Annotated[Text, Field(min_length=1, max_length=1000)]
    until: AwareDatetime | None = None
    spam: bool = False


class UnblockGuest(Command):
    """Let a guest in again."""

    guest_id: UUID


def is_past(at: datetime | None, now: datetime) -> bool:
    """Whether an end lies behind us."""
    return at is not None and at <= now
