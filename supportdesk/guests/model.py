"""Who a guest is, and what their token says."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

import orjson

from supportdesk.actor import Actor, UserId, WorkspaceId
from supportdesk.core.secrets import BadToken, Keyring
from supportdesk.workspaces.model import SiteId

TOKEN_LASTS: Final = timedelta(days=7)
RENEWABLE_FOR: Final = timedelta(days=90)
"""How long after it ran out a token may still be exchanged for another: who comes back finds their conversation."""
TOKEN_PURPOSE: Final = "guest session"  # noqa: S105 - the name of a purpose
TOKEN_PREFIX: Final = "sdg_"  # noqa: S105 - what guests' tokens begin with
LONGEST_TOKEN: Final = 600
MICROSECOND: Final = timedelta(microseconds=1)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestToken:
    """What is signed: which session of which guest, where, and until when."""

    workspace_id: WorkspaceId
    site_id: SiteId
    guest_id: UserId
    session_id: UUID
    expires_at: datetime

    def signed(self, keys: Keyring) -> str:
        """The token as the widget holds it: the same for the same facts, so that it can be written again."""
        facts = [str(self.workspace_id), str(self.site_id), str(self.guest_id), str(self.session_id)]
        return TOKEN_PREFIX + keys.sign(TOKEN_PURPOSE, orjson.dumps([*facts, (self.expires_at - EPOCH) // MICROSECOND]))


def read_token(keys: Keyring, token: str) -> GuestToken:
    """What a token says, whether or not it has run out; raises BadToken for anything we did not sign for guests."""
    if not token.startswith(TOKEN_PREFIX) or len(token) > LONGEST_TOKEN:
        raise BadToken
    workspace, site, guest, session, until = orjson.loads(keys.verify(TOKEN_PURPOSE, token.removeprefix(TOKEN_PREFIX)))
    return GuestToken(
        workspace_id=WorkspaceId(UUID(workspace)),
        site_id=SiteId(UUID(site)),
        guest_id=UserId(UUID(guest)),
        session_id=UUID(session),
        expires_at=EPOCH + until * MICROSECOND,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestIdentity:
    """A guest who has proved to be the holder of a session."""

    user_id: UserId
    workspace_id: WorkspaceId
    site_id: SiteId
    session_id: UUID
    name: str
    avatar_url: str | None
    workspace_version: int


class GuestActors(Protocol):
    """Says what a guest may do; permissions know, and app.py introduces them."""

    async def actor_of_guest(self, identity: GuestIdentity) -> Actor:
        """The actor with the grants of the role of guests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the host page says its user is, with its server's signature."""

    user_id: str
    hash: str
    name: str | None = None
    email: str | None = None


def is_signed(identity: Identity, secret: str) -> bool:
    """Whether the hash is HMAC-SHA256 of the user's id under the workspace's secret, in hex."""
    expected = hmac.new(secret.encode(), identity.user_id.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), identity.hash.lower().encode())
