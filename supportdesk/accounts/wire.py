"""Accounts as they cross the wire."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from supportdesk.accounts.actions.people import OpenLink
from supportdesk.accounts.actions.sessions import NewToken
from supportdesk.accounts.model import (
    LONGEST_PASSWORD,
    AccountStatus,
    Person,
    Purpose,
    StaffIdentity,
)
from supportdesk.accounts.queries.links import Invitation
from supportdesk.accounts.queries.sessions import AccessToken, Session
from supportdesk.actor import Actor, Level, Permission
from supportdesk.core.mail import normal_email
from supportdesk.core.paging import cursor_of
from supportdesk.core.wire import In, Instant, Moment, Out, Text

Email = Annotated[Text, Field(max_length=255), AfterValidator(normal_email)]
Typed = Annotated[Text, Field(min_length=1, max_length=LONGEST_PASSWORD * 4)]
"""A password as somebody types it; whether it is one is another question."""


def _trimmed(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise ValueError("it is empty")
    return name


Name = Annotated[Text, Field(min_length=1, max_length=100), AfterValidator(_trimmed)]
RoleName = Annotated[Text, Field(min_length=1, max_length=100)]
Pattern = Annotated[Text, Field(max_length=150, pattern=r"^(\*|[a-z_]+):(\*|[a-z_]+):(\*|[a-z0-9_]+)$")]


class SignIn(In):
    """E-mail and password."""

    email: Annotated[Text, Field(min_length=1, max_length=255)]
    password: Typed


class ChangePassword(In):
    """The present password and the one to come."""

    current_password: Typed
    new_password: Typed


class Invite(In):
    """Whom to invite, in which role, at which level."""

    email: Email
    role: RoleName = "agent"
    level: Level | None = None


class ChangePerson(In):
    """What to change of somebody; what is left out stays, `level: null` takes the level away."""

    role: RoleName | None = None
    level: Level | None = None
    status: AccountStatus | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("say what to change: role, level or status")
        return self


class MakeToken(In):
    """A new personal access token; without `expires_at` it lasts until it is revoked."""

    name: Annotated[Text, Field(min_length=1, max_length=100), AfterValidator(_trimmed)]
    grants: Annotated[list[Pattern], Field(min_length=1, max_length=100)] = Field(default_factory=lambda: ["*:*:*"])
    expires_at: Moment | None = None


class RequestReset(In):
    """Whose password is forgotten."""

    email: Annotated[Text, Field(min_length=1, max_length=255)]


class MeOut(Out):
    """Who is signed in."""

    id: UUID
    email: str
    name: str
    level: Level | None
    account_type: str
    permissions: list[str]


class SignedInOut(Out):
    """Who is signed in, and what writes of this session must carry; null for an access token, which needs none."""

    csrf_token: str | None
    user: MeOut


class CsrfOut(Out):
    """What writes of this session must carry from now on."""

    csrf_token: str


class SessionOut(Out):
    """A place where one is signed in."""

    id: UUID
    device: str | None
    address: str | None
    created_at: Instant
    last_seen_at: Instant
    expires_at: Instant
    current: bool


class SessionsOut(Out):
    """Everywhere one is signed in."""

    items: list[SessionOut]
    next_cursor: None = None


class TicketOut(Out):
    """A ticket for one socket."""

    token: str


class TokenOut(Out):
    """A personal access token; the secret is there only in the answer to its making."""

    id: UUID
    name: str
    prefix: str
    grants: list[str]
    created_at: Instant
    last_used_at: Instant | None
    expires_at: Instant | None


class NewTokenOut(TokenOut):
    """A token with its secret, shown this once."""

    token: str


class TokensOut(Out):
    """One's own tokens."""

    items: list[TokenOut]
    next_cursor: None = None


class PersonOut(Out):
    """A member of staff."""

    id: UUID
    name: str
    email: str
    account_type: str
    roles: list[str]
    level: Level | None
    status: AccountStatus
    presence: str
    is_email_verified: bool
    last_seen_at: Instant | None
    created_at: Instant


class PeopleOut(Out):
    """A page of the staff."""

    items: list[PersonOut]
    next_cursor: str | None


class InvitationOut(Out):
    """An open invitation; `link` is there once, for an admin of a desk without outgoing mail."""

    id: UUID
    email: str
    role: str
    level: str | None
    invited_by: str
    expires_at: Instant
    link: str | None = None


class InvitationsOut(Out):
    """Open invitations."""

    items: list[InvitationOut]
    next_cursor: None = None


class LinkOut(Out):
    """A link to pass on; null when it went by mail."""

    link: str | None


class OpenLinkOut(Out):
    """A link that waits to be used."""

    user_id: UUID
    email: str
    purpose: Purpose
    link: str
    expires_at: Instant


class OpenLinksOut(Out):
    """Links to pass on."""

    items: list[OpenLinkOut]
    next_cursor: None = None


def signed_in_out(identity: StaffIdentity, actor: Actor, csrf_token: str | None) -> SignedInOut:
    """Shape who is signed in; `permissions` are those of the catalogue that their grants cover."""
    return SignedInOut(
        csrf_token=csrf_token,
        user=MeOut(
            id=identity.user_id,
            email=identity.email,
            name=identity.name,
            level=identity.level,
            account_type=identity.account_type,
            permissions=[str(permission) for permission in Permission if actor.may(permission)],
        ),
    )


def sessions_out(sessions: Iterable[Session], current: UUID | None) -> SessionsOut:
    """Shape where one is signed in."""
    return SessionsOut(
        items=[
            SessionOut(
                id=session.id,
                device=session.device,
                address=session.address,
                created_at=session.created_at,
                last_seen_at=session.last_seen_at,
                expires_at=session.expires_at,
                current=session.id == current,
            )
            for session in sessions
        ]
    )


def token_out(token: AccessToken) -> TokenOut:
    """Shape a token without its secret."""
    return TokenOut(
        id=token.id,
        name=token.name,
        prefix=token.token_prefix,
        grants=sorted(token.grants),
        created_at=token.created_at,
        last_used_at=token.last_used_at,
        expires_at=token.expires_at,
    )


def new_token_out(made: NewToken) -> NewTokenOut:
    """Shape a token with its secret."""
    return NewTokenOut(**dict(token_out(made.token)), token=made.secret)


def person_out(person: Person) -> PersonOut:
    """Shape a member of staff."""
    return PersonOut(
        id=person.id,
        name=person.name,
        email=person.email,
        account_type=person.account_type,
        roles=list(person.roles),
        level=person.level,
        status=person.status,
        presence=person.presence,
        is_email_verified=person.is_email_verified,
        last_seen_at=person.last_seen_at,
        created_at=person.created_at,
    )


def people_out(people: Sequence[Person], limit: int) -> PeopleOut:
    """Shape a page of the staff; there may be another when this one is full."""
    return PeopleOut(
        items=[person_out(person) for person in people],
        next_cursor=cursor_of(people[-1].id) if len(people) == limit else None,
    )


def open_links_out(links: Iterable[OpenLink]) -> OpenLinksOut:
    """Shape links to pass on."""
    return OpenLinksOut(
        items=[
            OpenLinkOut(
                user_id=link.user_id,
                email=link.email,
                purpose=link.purpose,
                link=link.link,
                expires_at=link.expires_at,
            )
            for link in links
        ]
    )


def invitation_out(invitation: Invitation, link: str | None = None) -> InvitationOut:
    """Shape an invitation."""
    return InvitationOut(
        id=invitation.id,
        email=invitation.email,
        role=invitation.role,
        level=invitation.level,
        invited_by=invitation.invited_by,
        expires_at=invitation.expires_at,
        link=link,
    )
