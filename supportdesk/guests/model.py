"""What a guest's session is, and what proves who they are."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import orjson

from supportdesk.actor import UserId, WorkspaceId
from supportdesk.core.secrets import BadToken, Keyring

PURPOSE: Final = "guest token"
TOKEN_PREFIX: Final = "sdg_"  # noqa: S105 - what every guest token begins with
LASTS: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestToken:
    """What a token says; its signature makes it true, its row makes it valid."""

    session_id: UUID
    workspace_id: WorkspaceId
    site_id: UUID
    guest_id: UserId
    expires_at: datetime
    nonce: str

    def signed(self, keys: Keyring) -> str:
        """As text to give away."""
        body = [
            self.session_id,
            self.workspace_id,
            self.site_id,
            self.guest_id,
            self.expires_at.timestamp(),
            self.nonce,
        ]
        return TOKEN_PREFIX + keys.sign(PURPOSE, orjson.dumps(body, default=str))


def read_token(keys: Keyring, text: str) -> GuestToken:
    """What a token of ours says; raises BadToken for anything else, whatever it claims."""
    if not text.startswith(TOKEN_PREFIX):
        raise BadToken
    try:
        session, workspace, site, guest, expires, nonce = orjson.loads(
            keys.verify(PURPOSE, text.removeprefix(TOKEN_PREFIX))
        )
        return GuestToken(
            session_id=UUID(session),
            workspace_id=WorkspaceId(UUID(workspace)),
            site_id=UUID(site),
            guest_id=UserId(UUID(guest)),
            expires_at=datetime.fromtimestamp(expires, UTC),
            nonce=str(nonce),
        )
    except (ValueError, TypeError) as error:
        raise BadToken from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the host page says of its user; the hash proves it."""

    user_id: str
    hash: str
    name: str | None
    email: str | None

    def is_proved_by(self, secret: str) -> bool:
        """Whether the hash is HMAC-SHA256(user_id) in hex under the workspace's secret; in constant time."""
        expected = hmac.new(secret.encode(), self.user_id.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected.encode(), self.hash.lower().encode(errors="replace"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A customer."""

    id: UserId
    name: str | None
    external_id: str | None
    avatar_url: str | None
    is_blocked: bool
    workspace_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestIdentity:
    """A guest who has proved to be one, by a token; what guests may do is for permissions to say."""

    user_id: UserId
    workspace_id: WorkspaceId
    workspace_version: int
    name: str
    avatar_url: str | None
    session_id: UUID
    site_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestSession:
    """A session that was just begun or rotated."""

    token: str
    guest_id: UserId
    expires_at: datetime
