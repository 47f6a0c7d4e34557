"""Who the staff are, and the rules of proving it."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from supportdesk.actor import Actor, Level, UserId, WorkspaceId, allows

COOKIE: Final = "supportdesk_session"
IDLE: Final = timedelta(days=30)
LONGEST: Final = timedelta(days=90)
TOUCH_AFTER: Final = timedelta(minutes=5)
TICKET_LASTS: Final = timedelta(seconds=30)
INVITATION_LASTS: Final = timedelta(days=7)
RESET_LASTS: Final = timedelta(hours=1)
VERIFICATION_LASTS: Final = timedelta(days=2)

TOKEN_PREFIX: Final = "sdp_"  # noqa: S105 - what personal access tokens begin with
TICKET_PREFIX: Final = "sdt_"

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 256


class AccountStatus(StrEnum):
    """Whether somebody may come in."""

    PENDING = "pending-verification"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"


class Purpose(StrEnum):
    """What a single-use link is for."""

    VERIFY_EMAIL = "email_verification"
    RESET_PASSWORD = "password_reset"  # noqa: S105 - the name of a purpose


@dataclass(frozen=True, slots=True)
class AccessVersion:
    """At which state of somebody's rights they were read."""

    user: int
    workspace: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffIdentity:
    """A member of staff who has proved to be one: by a session's cookie, a ticket of it, or an access token."""

    user_id: UserId
    workspace_id: WorkspaceId
    workspace_name: str
    account_type: str
    name: str
    email: str
    level: Level | None
    avatar_url: str | None
    version: AccessVersion
    session_id: UUID | None = None
    token_id: UUID | None = None
    limits: frozenset[str] | None = None
    """What the access token may do at most; None for a session."""


class Actors(Protocol):
    """Says what somebody may do; permissions know, and app.py introduces them."""

    async def actor_of_staff(self, identity: StaffIdentity) -> Actor:
        """The actor with the grants of their roles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member of staff as others see them."""

    id: UserId
    name: str
    first_name: str
    last_name: str
    email: str
    account_type: str
    roles: tuple[str, ...]
    level: Level | None
    status: AccountStatus
    presence: str
    is_email_verified: bool
    last_seen_at: datetime | None
    last_login_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role by name, with what it grants."""

    id: UUID
    name: str
    patterns: frozenset[str]


STAFF_TYPES: Final = ("agent", "supervisor", "manager", "admin")
ADMIN: Final = "admin"


def account_type_of(role: Role) -> str:
    """The informal account type that goes with a role: its own name where that is one, else agent."""
    return role.name if role.name in STAFF_TYPES else "agent"


def covers(grants: Iterable[str], patterns: Iterable[str]) -> bool:
    """Whether everything these patterns grant is granted already."""
    held = list(grants)
    return all(any(allows(grant, pattern) for grant in held) for pattern in patterns)


def normal_password(text: str) -> str:
    """The same characters always give the same bytes, whichever keyboard typed them."""
    return unicodedata.normalize("NFC", text)


_OFTEN: Final = ("password", "passwort", "123456", "qwerty", "iloveyou", "letmein", "welcome", "abcdef")
_FILLERS: Final = re.compile(r"[\d\W_]+")


def weakness_of(password: str, *, about: Sequence[str] = ()) -> str | None:
    """Why a password cannot be taken, as the end of a sentence; None when it can. `about` is what others know."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return f"it needs {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters; a sentence works well"
    plain = password.casefold()
    if len(set(plain)) < 5:  # noqa: PLR2004 - fewer different characters are a pattern, not a password
        return "it repeats too few different characters"
    bare = _FILLERS.sub("", plain)
    known = {_FILLERS.sub("", part.casefold()) for part in about if part} - {""}
    if any(often in plain for often in _OFTEN) and len(bare) < SHORTEST_PASSWORD:
        return "it is one that everybody tries first"
    if bare and bare in known:
        return "it is your name or your address"
    return None


FREE_TRIES: Final = 5
FREE_TRIES_PER_ADDRESS: Final = 20
FREE_TRIES_ON_THIS_MACHINE: Final = 100
"""Behind a proxy that is not listed everybody comes from this machine; their e-mail addresses still count."""
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 900.0
COUNTED_FOR: Final = timedelta(hours=1)


def wait_s(failures: int, free: int, since_last_s: float) -> float:
    """Seconds until the next try after so many failures: nothing at first, then twice as long each time."""
    if failures < free:
        return 0.0
    wait = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(failures - free, 20))
    return max(0.0, wait - since_last_s)
