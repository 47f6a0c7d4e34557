"""Signing in and out."""

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from supportdesk.accounts.events import SessionsEnded
from supportdesk.accounts.model import (
    COUNTED_FOR,
    FREE_TRIES,
    FREE_TRIES_ON_THIS_MACHINE,
    FREE_TRIES_PER_ADDRESS,
    IDLE,
    AccountStatus,
    StaffIdentity,
    wait_s,
)
from supportdesk.accounts.passwords import Passwords
from supportdesk.accounts.queries import attempts, people, sessions
from supportdesk.accounts.queries.sessions import Credentials
from supportdesk.actor import Actor, ActorKind, UserId, WorkspaceId
from supportdesk.audit import actions as audit
from supportdesk.audit.model import Subject
from supportdesk.core.address import Address, network_of
from supportdesk.core.db import Database, Tx
from supportdesk.core.mail import normal_email
from supportdesk.core.secrets import digest, new_token
from supportdesk.core.tasks import Tasks
from supportdesk.errors import Forbidden, RateLimited, Unauthenticated

WRONG: Final = "E-mail or password is wrong."


@dataclass(frozen=True, slots=True)
class Visitor:
    """From where somebody comes, for their list of devices and for counting tries."""

    address: Address
    device: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has just begun; the token is known to nobody but the browser it goes to."""

    token: str
    identity: StaffIdentity


async def sign_in(
    db: Database, tasks: Tasks, passwords: Passwords, email: str, password: str, *, visitor: Visitor
) -> SignedIn:
    """Begin a session.

    Raises RateLimited after too many tries, Unauthenticated alike for a wrong password and an unknown address (after
    the same work), Forbidden for a right password of an account that is not active.
    """
    try:
        known_as = normal_email(email)
    except ValueError:
        known_as = email.strip().lower()
    attempt = await begin_attempt(db, known_as, visitor.address)
    async with db.bare() as conn:
        found = await sessions.staff_by_email(conn, known_as)
    is_right = await passwords.is_right(found.password_hash if found else None, password)
    if found is None or not is_right:
        if found is not None:
            # Beside the answer, so that its time says nothing of whether the address is known.
            tasks.spawn(_note_refusal(db, found, visitor.address, "wrong_password"), name="note a refused sign-in")
        raise Unauthenticated(WRONG)
    if found.account_status != AccountStatus.ACTIVE:
        await _note_refusal(db, found, visitor.address, found.account_status)
        raise Forbidden("This account is not active; ask an admin of your desk.", code="account_not_active")
    token = new_token()
    rehashed = None
    if found.password_hash is not None and passwords.is_outdated(found.password_hash):
        rehashed = await passwords.hash(password)
    async with db.transaction(person_as_actor(found.workspace_id, found.user_id)) as tx:
        await begin_session(tx, token, visitor)
        await _succeed(tx, attempt, known_as, visitor.address)
        if rehashed is not None and found.password_hash is not None:
            await people.renew_hash(tx.conn, found.user_id, found.password_hash, rehashed)
    return SignedIn(token, await identity_of_session(db, token))


async def begin_attempt(db: Database, subject: str, address: Address) -> UUID:
    """Count a try as failed before it is made; raises RateLimited when it comes too soon after the others."""
    subject_hash = digest(subject)
    free_here = FREE_TRIES_ON_THIS_MACHINE if address.is_loopback else FREE_TRIES_PER_ADDRESS
    async with db.bare() as conn, conn.transaction():
        of_subject, of_network = await attempts.failures(conn, subject_hash, network_of(address), COUNTED_FOR)
        wait = max(
            wait_s(of_subject.count, FREE_TRIES, of_subject.since_last_s),
            wait_s(of_network.count, free_here, of_network.since_last_s),
        )
        if wait > 0:
            raise RateLimited("Too many tries; wait a little before the next one.", retry_after=wait)
        return await attempts.insert_attempt(conn, subject_hash, address, succeeded=False, reason="tried")


async def _succeed(tx: Tx, attempt: UUID, subject: str, address: Address) -> None:
    await attempts.delete_attempt(tx.conn, attempt)
    await attempts.insert_attempt(tx.conn, digest(subject), address, succeeded=True, reason="signed in")


async def begin_session(tx: Tx, token: str, visitor: Visitor) -> UUID:
    """Begin a session of this transaction's actor."""
    if tx.actor.id is None:
        raise Forbidden("Only a person can sign in.")
    session_id = await sessions.insert_session(
        tx.conn,
        tx.actor.workspace_id,
        tx.actor.id,
        digest(token),
        device=visitor.device,
        address=visitor.address,
        lasts=IDLE,
    )
    await audit.note(tx, "session.began", Subject("session", session_id), address=visitor.address)
    return session_id


async def identity_of_session(db: Database, token: str) -> StaffIdentity:
    """Whose session this is; raises Unauthenticated when it has ended."""
    async with db.bare() as conn:
        known = await sessions.staff_by_session(conn, digest(token))
    if known is None:
        raise Unauthenticated("This session has ended; sign in again.")
    return known.identity


async def sign_out(db: Database, token: str) -> None:
    """End the session of a token, if it is one; the browser that shows it wants to be rid of it."""
    async with db.bare() as conn:
        known = await sessions.staff_by_session(conn, digest(token))
    if known is None or known.identity.session_id is None:
        return
    who = known.identity
    async with db.transaction(person_as_actor(who.workspace_id, who.user_id)) as tx:
        if known.identity.session_id is not None:
            await sessions.end_session(tx.conn, known.identity.session_id, who.user_id, "signed out")
            await audit.note(tx, "session.ended", Subject("session", known.identity.session_id))
        tx.announce(SessionsEnded(workspace_id=who.workspace_id, user_id=who.user_id))


async def _note_refusal(db: Database, found: Credentials, address: Address, reason: str) -> None:
    await audit.note_denial(
        db,
        Actor.system(found.workspace_id),
        "session.refused",
        Subject("user", found.user_id),
        reason=reason,
        address=address,
    )


def person_as_actor(workspace_id: WorkspaceId, user_id: UserId) -> Actor:
    """Somebody in a transaction about their own account, before their grants are known: so without any."""
    return Actor(kind=ActorKind.AGENT, id=user_id, workspace_id=workspace_id)


_BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_UNPRINTABLE: Final = re.compile(r"[^\x20-\x7e]+")


def device_of(user_agent: str) -> str | None:
    """What to call a device in somebody's list: browser and system, else the beginning of what it says it is."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    if browser and system:
        return f"{browser} on {system}"
    return _UNPRINTABLE.sub(" ", user_agent)[:100].strip() or None
