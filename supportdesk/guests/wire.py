"""Guests as they cross the wire."""

from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field

from supportdesk.core.mail import normal_email
from supportdesk.core.wire import Command, In, Instant, Moment, Out, Text
from supportdesk.guests.model import Identity

LONGEST_ADDRESS: Final = 2000


def _one_line(name: str) -> str:
    name = " ".join(name.split())
    if not name or not name.isprintable():
        raise ValueError("it has to be one line of printable characters")
    return name


def _address_of_page(page: object) -> object:
    # The widget sends all it knows of its page; of a session, only the address is kept.
    address = page.get("url") if isinstance(page, dict) else page
    if not isinstance(address, str) or len(address) > LONGEST_ADDRESS or "\x00" in address:
        return None
    return address if address.isprintable() else None


class IdentityIn(In):
    """Who the host page's user is: `hash` is HMAC-SHA256 of `user_id` under the identity secret, in hex."""

    user_id: Annotated[Text, Field(min_length=1, max_length=255)]
    hash: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]
    name: Annotated[Text, Field(min_length=1, max_length=255), AfterValidator(_one_line)] | None = None
    email: Annotated[Text, Field(max_length=255), AfterValidator(normal_email)] | None = None


class OpenSession(In):
    """A widget's request for a session."""

    site_key: Annotated[Text, Field(min_length=1, max_length=64)]
    identity: IdentityIn | None = None
    locale: Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,4}$")] | None = None
    page: Annotated[str | None, BeforeValidator(_address_of_page)] = None


class OpenedOut(Out):
    """A guest's session."""

    token: str
    guest_id: UUID
    expires_at: Instant


Reason = Annotated[Text, Field(min_length=1, max_length=1000)]


class BlockIn(In):
    """Why and until when a guest is kept out; `spam` marks what they wrote as spam."""

    reason: Reason
    until: Moment | None = None
    spam: bool = False


class BlockGuest(Command):
    """Keep a guest out."""

    guest_id: UUID
    reason: Reason
    until: Moment | None = None
    spam: bool = False


class UnblockGuest(Command):
    """Let a guest in again."""

    guest_id: UUID


def identity_of(want: OpenSession) -> Identity | None:
    """The identity that a request claims."""
    if want.identity is None:
        return None
    claimed = want.identity
    return Identity(user_id=claimed.user_id, hash=claimed.hash, name=claimed.name, email=claimed.email)
