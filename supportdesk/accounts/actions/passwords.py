"""Changing a password, choosing another by a link, and proving that an e-mail address is one's own."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from supportdesk.accounts.actions.sessions import must_be_signed_in
from supportdesk.accounts.actions.sign_in import Visitor, begin_attempt, person_as_actor
from supportdesk.accounts.events import SessionsEnded
from supportdesk.accounts.links import Link, Links
from supportdesk.accounts.model import (
    RESET_LASTS,
    VERIFICATION_LASTS,
    AccountStatus,
    Person,
    Purpose,
    weakness_of,
)
from supportdesk.accounts.passwords import Passwords
from supportdesk.accounts.queries import attempts, links, people, sessions
from supportdesk.accounts.queries.links import OpenedVerification
from supportdesk.actor import Actor, UserId
from supportdesk.audit import actions as audit
from supportdesk.audit.model import Subject
from supportdesk.core.db import Database, Tx
from supportdesk.core.ids import uuid7
from supportdesk.core.mail import normal_email
from supportdesk.core.outbox import promise
from supportdesk.core.secrets import digest, new_token
from supportdesk.errors import Conflict, Forbidden, Invalid, NotFound

MAIL: Final = "account_mail"
"""The outbox's kind of e-mails with links."""
MOST_LINKS: Final = 5
COUNTED_FOR: Final = timedelta(hours=1)
LASTS: Final = {Purpose.RESET_PASSWORD: RESET_LASTS, Purpose.VERIFY_EMAIL: VERIFICATION_LASTS}
LINK_OF: Final = {Purpose.RESET_PASSWORD: Link.PASSWORD_RESET, Purpose.VERIFY_EMAIL: Link.EMAIL_VERIFICATION}
STALE: Final = "This link has been used or has run out; ask for another."


def must_be_strong(password: str, *about: str, field: str = "password") -> None:
    """Raise Invalid, naming the field and what is wrong, for a password that is too easy."""
    weakness = weakness_of(password, about=about)
    if weakness is not None:
        raise Invalid(f"This password cannot be used: {weakness}.", fields=[{"field": field, "problem": weakness}])


async def change_password(
    db: Database, passwords: Passwords, actor: Actor, email: str, current: str, new: str, *, visitor: Visitor
) -> str:
    """Put another password in the place of one's own; returns the new token of this session, all others end.

    Raises Invalid when the present password is wrong (counted like a sign-in) or the new one is too easy.
    """
    user_id, session_id = must_be_signed_in(actor)
    must_be_strong(new, email.partition("@")[0], actor.name, field="new_password")
    attempt = await begin_attempt(db, email, visitor.address)
    async with db.read(actor) as conn:
        kept = await people.password_hash(conn, user_id)
    if not await passwords.is_right(kept, current):
        problem = "it is not your present password"
        raise Invalid("The current password is wrong.", fields=[{"field": "current_password", "problem": problem}])
    fresh, token = await passwords.hash(new), new_token()
    async with db.transaction(actor) as tx:
        await attempts.delete_attempt(tx.conn, attempt)
        if await people.password_hash(tx.conn, user_id) != kept:
            raise Conflict("Your password was changed elsewhere a moment ago; try again.")
        await _set_password(tx, user_id, fresh, but=session_id)
        await sessions.renew_session(tx.conn, session_id, digest(token))
    return token


async def _set_password(tx: Tx, user_id: UserId, fresh: str, *, but: UUID | None) -> None:
    await people.set_password(tx.conn, user_id, fresh)
    await sessions.end_sessions(tx.conn, user_id, but=but, reason="the password was changed")
    await links.retire_verifications(tx.conn, user_id, Purpose.RESET_PASSWORD)
    await audit.note(tx, "password.changed", Subject("user", user_id))
    tx.announce(SessionsEnded(workspace_id=tx.actor.workspace_id, user_id=user_id))


async def request_reset(db: Database, where: Links, email: str) -> None:
    """Make a reset link for whoever has this address; says nothing to whoever asks, not even whether there is one."""
    try:
        known_as = normal_email(email)
    except ValueError:
        return
    async with db.bare() as conn:
        found = await sessions.staff_by_email(conn, known_as)
    if found is None or found.account_status != AccountStatus.ACTIVE:
        return
    async with db.transaction(Actor.system(found.workspace_id)) as tx:
        if await links.count_verifications(tx.conn, found.user_id, Purpose.RESET_PASSWORD, COUNTED_FOR) < MOST_LINKS:
            await make_link(tx, where, found.user_id, known_as, Purpose.RESET_PASSWORD)


async def request_verification(tx: Tx, where: Links, person: Person) -> None:
    """Send somebody a link that proves that their address is theirs."""
    if person.is_email_verified:
        raise Conflict("Your e-mail address is verified already.")
    if await links.count_verifications(tx.conn, person.id, Purpose.VERIFY_EMAIL, COUNTED_FOR) >= MOST_LINKS:
        raise Conflict("You have asked for enough links for now; look into your mailbox, or try again in an hour.")
    await make_link(tx, where, person.id, person.email, Purpose.VERIFY_EMAIL)


async def make_link(tx: Tx, where: Links, user_id: UserId, email: str, purpose: Purpose) -> str:
    """A link of this purpose; it goes by mail where there is one. Returns the address."""
    link, row_id = LINK_OF[purpose], uuid7()
    await links.insert_verification(
        tx.conn,
        row_id,
        tx.actor.workspace_id,
        user_id,
        purpose,
        email,
        digest(where.code(link, row_id)),
        LASTS[purpose],
    )
    await audit.note(tx, "link.made", Subject("user", user_id), purpose=str(purpose))
    if where.go_by_mail:
        await promise(tx, MAIL, {"link": link.name, "id": str(row_id)}, dedup_key=str(row_id))
    return where.address(link, row_id)


async def open_link(db: Database, code: str, purpose: Purpose) -> OpenedVerification:
    """What a link leads to; raises NotFound when it was used, has run out, or its account is not active."""
    async with db.bare() as conn:
        opened = await links.verification_by_token(conn, digest(code), purpose)
    if opened is None or opened.account_status != AccountStatus.ACTIVE:
        raise NotFound(STALE)
    return opened


async def reset_password(db: Database, passwords: Passwords, code: str, new: str) -> None:
    """Choose another password by a link; every session of the account ends."""
    opened = await open_link(db, code, Purpose.RESET_PASSWORD)
    must_be_strong(new, opened.email.partition("@")[0])
    fresh = await passwords.hash(new)
    async with db.transaction(person_as_actor(opened.workspace_id, opened.user_id)) as tx:
        if not await links.use_verification(tx.conn, opened.id):
            raise NotFound(STALE)
        await _set_password(tx, opened.user_id, fresh, but=None)


async def verify_email(db: Database, code: str) -> str:
    """Use a verification link; returns the address that is now known to be theirs."""
    opened = await open_link(db, code, Purpose.VERIFY_EMAIL)
    async with db.transaction(person_as_actor(opened.workspace_id, opened.user_id)) as tx:
        if not await links.use_verification(tx.conn, opened.id):
            raise NotFound(STALE)
        if not await people.set_email_verified(tx.conn, opened.user_id, opened.email):
            raise Forbidden("The address of this account has changed since the link was made; ask for another.")
        await audit.note(tx, "email.verified", Subject("user", opened.user_id))
    return opened.email
