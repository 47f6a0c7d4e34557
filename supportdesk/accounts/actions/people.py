"""How people come to the desk, rise, fall and leave."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from supportdesk.accounts import access
from supportdesk.accounts.actions.passwords import LINK_OF, MAIL, STALE, make_link, must_be_strong
from supportdesk.accounts.actions.sign_in import Visitor, begin_session, person_as_actor
from supportdesk.accounts.events import AccountChanged, SessionsEnded
from supportdesk.accounts.links import Link, Links
from supportdesk.accounts.model import (
    ADMIN,
    INVITATION_LASTS,
    AccountStatus,
    Person,
    Purpose,
    Role,
    account_type_of,
    covers,
)
from supportdesk.accounts.passwords import Passwords
from supportdesk.accounts.queries import links, people, sessions
from supportdesk.accounts.queries.links import Invitation, OpenedInvitation
from supportdesk.actor import Actor, Level, UserId
from supportdesk.audit import actions as audit
from supportdesk.audit.model import Subject
from supportdesk.core.db import Connection, Database, Tx
from supportdesk.core.ids import uuid7
from supportdesk.core.outbox import promise
from supportdesk.core.secrets import digest, new_token
from supportdesk.errors import Conflict, Invalid, NotFound

LONGEST_USERNAME: Final = 50
MOST_OPEN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Somebody who is about to get an account."""

    email: str
    first_name: str
    last_name: str
    password: str


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link that waits to be used, shown to an admin of a desk without mail."""

    id: UUID
    user_id: UserId
    purpose: Purpose
    email: str
    link: str
    expires_at: datetime


async def invite(
    tx: Tx, actor: Actor, where: Links, email: str, *, role_name: str, level: Level | None
) -> tuple[Invitation, str | None]:
    """Invite somebody by a link that works once within seven days; also returns the link where no mail carries it."""
    role = await access.role_to_give(tx.conn, actor, role_name)
    if await sessions.staff_by_email(tx.conn, email) is not None:
        raise Conflict("This e-mail address belongs to an account already.", code="email_taken")
    invitation_id = uuid7()
    await links.insert_invitation(
        tx.conn,
        actor,
        invitation_id,
        email,
        role,
        account_type_of(role),
        level,
        digest(where.code(Link.INVITATION, invitation_id)),
        INVITATION_LASTS,
    )
    await audit.note(tx, "person.invited", Subject("invitation", invitation_id), role=role.name, level=level)
    made = await links.find_invitation(tx.conn, invitation_id)
    if made is None:
        raise LookupError(f"Invitation {invitation_id} vanished while it was made")
    if where.go_by_mail:
        await promise(tx, MAIL, {"link": Link.INVITATION.name, "id": str(invitation_id)}, dedup_key=str(invitation_id))
        return made, None
    return made, where.address(Link.INVITATION, invitation_id)


async def withdraw(tx: Tx, invitation_id: UUID) -> None:
    """Take an invitation back that nobody has accepted."""
    if not await links.withdraw_invitation(tx.conn, invitation_id):
        raise NotFound("There is no open invitation of that id.")
    await audit.note(tx, "invitation.withdrawn", Subject("invitation", invitation_id))


async def open_invitation(db: Database, code: str) -> tuple[OpenedInvitation, Invitation]:
    """What the link of an invitation leads to; raises NotFound when it was used, withdrawn or has run out."""
    async with db.bare() as conn:
        opened = await links.invitation_by_token(conn, digest(code))
    if opened is None:
        raise NotFound(STALE)
    async with db.read(Actor.system(opened.workspace_id)) as conn:
        invitation = await links.find_invitation(conn, opened.id)
    if invitation is None:
        raise NotFound(STALE)
    return opened, invitation


async def accept(
    db: Database, passwords: Passwords, where: Links, code: str, who: NewPerson, *, visitor: Visitor
) -> str:
    """Use an invitation up: makes the account and begins its first session, whose token is returned."""
    opened, _ = await open_invitation(db, code)
    must_be_strong(who.password, opened.email.partition("@")[0], who.first_name, who.last_name)
    kept, token = await passwords.hash(who.password), new_token()
    user_id = UserId(uuid7())
    async with db.transaction(person_as_actor(opened.workspace_id, user_id)) as tx:
        given = await links.accept_invitation(tx.conn, opened.id)
        if given is None:
            raise NotFound(STALE)
        role = Role(id=given.role_id, name=given.account_type, patterns=frozenset())
        # A link that came by mail has proved the address; one that an admin passed on has not.
        await make_staff(
            tx, user_id, who, kept, role, level=given.level, is_verified=where.go_by_mail, granted_by=given.invited_by
        )
        await links.name_accepted(tx.conn, opened.id, user_id)
        await audit.note(tx, "invitation.accepted", Subject("invitation", opened.id), address=visitor.address)
        await begin_session(tx, token, visitor)
    return token


async def make_staff(
    tx: Tx,
    user_id: UserId,
    who: NewPerson,
    password_hash: str,
    role: Role,
    *,
    level: Level | None,
    is_verified: bool,
    granted_by: UserId | None,
) -> None:
    """Make an active account with one role; raises Conflict when the e-mail address has one already."""
    account_type = account_type_of(role)
    username = await _free_username(tx.conn, who.email)
    is_made = await people.insert_staff(
        tx.conn,
        user_id,
        tx.actor.workspace_id,
        account_type=account_type,
        username=username,
        first_name=who.first_name,
        last_name=who.last_name,
        email=who.email,
        password_hash=password_hash,
        is_email_verified=is_verified,
        level=level,
    )
    if not is_made:
        raise Conflict("This e-mail address belongs to an account already.", code="email_taken")
    await people.set_role(tx.conn, user_id, tx.actor.workspace_id, role.id, account_type, granted_by)


async def _free_username(conn: Connection, email: str) -> str:
    username = email.partition("@")[0][:LONGEST_USERNAME]
    if not await people.is_username_taken(conn, username):
        return username
    return f"{username[: LONGEST_USERNAME - 9]}-{secrets.token_hex(4)}"


async def set_role(tx: Tx, actor: Actor, user_id: UUID, role_name: str) -> Person:
    """Give somebody another role. Their sessions end when it takes something from them, or makes them an admin."""
    person = await access.person_to_manage(tx, actor, user_id)
    role = await access.role_to_give(tx.conn, actor, role_name)
    if person.roles == (role.name,):
        return person
    before = await people.patterns_of(tx.conn, person.id)
    if role.name != ADMIN:
        await _must_not_be_last_admin(tx.conn, person)
    await people.set_role(tx.conn, person.id, tx.actor.workspace_id, role.id, account_type_of(role), actor.id)
    await audit.note(tx, "person.role_changed", Subject("user", person.id), before=list(person.roles), after=role.name)
    if role.name == ADMIN or not covers(role.patterns, before):
        await _end_everything(tx, person, "the role was changed")
    tx.announce(AccountChanged(workspace_id=actor.workspace_id, user_id=person.id))
    return await access.person_for(tx.conn, person.id)


async def set_level(tx: Tx, actor: Actor, user_id: UUID, level: Level | None) -> Person:
    """Put somebody at another level, or at none."""
    person = await access.person_to_manage(tx, actor, user_id)
    if person.level is level:
        return person
    await people.set_level(tx.conn, person.id, level)
    await audit.note(tx, "person.level_changed", Subject("user", person.id), before=person.level, after=level)
    tx.announce(AccountChanged(workspace_id=actor.workspace_id, user_id=person.id))
    return await access.person_for(tx.conn, person.id)


async def set_status(tx: Tx, actor: Actor, user_id: UUID, status: AccountStatus) -> Person:
    """Suspend somebody, deactivate them, or let them in again; whoever is out is out of everything at once."""
    person = await access.person_to_manage(tx, actor, user_id)
    if status is AccountStatus.PENDING:
        raise Invalid("An account cannot be made pending again; suspend it instead.")
    if person.status is status:
        return person
    if status is not AccountStatus.ACTIVE:
        await _must_not_be_last_admin(tx.conn, person)
        await _end_everything(tx, person, f"the account was {status}")
        await links.withdraw_invitations_by(tx.conn, person.id)
    await people.set_status(tx.conn, person.id, status)
    await audit.note(tx, "person.status_changed", Subject("user", person.id), before=person.status, after=status)
    tx.announce(AccountChanged(workspace_id=actor.workspace_id, user_id=person.id))
    return await access.person_for(tx.conn, person.id)


async def _end_everything(tx: Tx, person: Person, reason: str) -> None:
    await sessions.end_sessions(tx.conn, person.id, but=None, reason=reason)
    await links.retire_verifications(tx.conn, person.id, Purpose.RESET_PASSWORD)
    tx.announce(SessionsEnded(workspace_id=tx.actor.workspace_id, user_id=person.id))


async def _must_not_be_last_admin(conn: Connection, person: Person) -> None:
    admins = await people.lock_admins(conn)
    others = [who for who, status in admins.items() if who != person.id and status is AccountStatus.ACTIVE]
    if person.id in admins and not others:
        raise Conflict("This is the last admin; make somebody else an admin first.", code="last_admin")


async def make_reset_link(tx: Tx, actor: Actor, where: Links, user_id: UUID) -> str | None:
    """A link by which somebody chooses another password; returns it where no mail carries it to them."""
    person = await access.person_to_manage(tx, actor, user_id)
    if person.status is not AccountStatus.ACTIVE:
        raise Conflict(f"This account is {person.status}; let the person in again first.", status=person.status)
    address = await make_link(tx, where, person.id, person.email, Purpose.RESET_PASSWORD)
    return None if where.go_by_mail else address


async def list_open_links(conn: Connection, actor: Actor, where: Links) -> list[OpenLink]:
    """Links that people asked for and that no mail carried, of those people whom the actor may manage."""
    if where.go_by_mail:
        return []
    shown = []
    for row in await links.list_open_verifications(conn, MOST_OPEN):
        address = where.address_again(LINK_OF[row.purpose], row.id, row.token_hash)
        if address is not None and covers(actor.grants, row.patterns):
            shown.append(OpenLink(row.id, row.user_id, row.purpose, row.email, address, row.expires_at))
    return shown
