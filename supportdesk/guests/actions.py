"""What guests do before they speak, and what is done against those who should not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from supportdesk.actor import Actor, ActorKind, UserId
from supportdesk.audit import actions as audit
from supportdesk.audit.model import Subject
from supportdesk.core.address import Address
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database, Lane, Tx
from supportdesk.core.ids import uuid7
from supportdesk.core.secrets import BadToken, Keyring, digest
from supportdesk.errors import Forbidden, Invalid, NotFound, Unauthenticated
from supportdesk.guests import queries
from supportdesk.guests.events import GuestBlocked, GuestSessionEnded, GuestUnblocked
from supportdesk.guests.model import (
    MICROSECOND,
    RENEWABLE_FOR,
    TOKEN_LASTS,
    GuestIdentity,
    GuestToken,
    Identity,
    is_signed,
    read_token,
)
from supportdesk.guests.queries import SessionRow
from supportdesk.workspaces import actions as workspaces
from supportdesk.workspaces.model import Site

LONGEST_BLOCK: Final = timedelta(days=3653)
OUT: Final = ("suspended", "deactivated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A widget that wants a session."""

    site: Site
    address: Address
    origin: str | None = None
    device: str | None = None
    identity: Identity | None = None
    locale: str | None = None
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A session for the widget."""

    token: str
    guest_id: UserId
    expires_at: datetime


async def open_session(db: Database, keys: Keyring, clock: Clock, visit: Visit, held: str | None) -> Opened:
    """Begin a guest's session, or renew the one whose token is held.

    A signed identity leads to the guest of that identity: the present one, if they are not known otherwise and nobody
    else is known by it. Raises Unauthenticated for a held token that cannot be renewed, Forbidden for an identity that
    is not signed and for a blocked guest.
    """
    before = await _session_of(db, keys, clock, visit, held) if held is not None else None
    if visit.identity is not None:
        await _must_be_signed(db, keys, visit, visit.identity)
    workspace_id = visit.site.workspace_id
    actor = (
        Actor(kind=ActorKind.GUEST, id=before.guest_id, workspace_id=workspace_id)
        if before is not None
        else Actor.system(workspace_id)
    )
    async with db.transaction(actor) as tx:
        guest_id = await _who(tx, visit, before)
        if visit.identity is not None and await queries.is_blocked(tx.conn, guest_id):
            raise _blocked()
        if before is not None and held is not None and guest_id == before.guest_id:
            return await _renew(tx, keys, clock, visit, before, held)
        if before is not None:
            await queries.end_session(tx.conn, before.session_id, "the guest goes on as somebody else")
            tx.announce(GuestSessionEnded(workspace_id=workspace_id, guest_id=before.guest_id))
        return await _begin(tx, keys, clock, visit, guest_id)


async def _session_of(db: Database, keys: Keyring, clock: Clock, visit: Visit, held: str) -> SessionRow:
    token = _read(keys, held)
    if token.site_id != visit.site.id or token.expires_at + RENEWABLE_FOR <= clock.now():
        raise _stale()
    return await _row(db, token, held)


async def _row(db: Database, token: GuestToken, held: str, *, lane: Lane = Lane.WEB) -> SessionRow:
    async with db.bare(lane=lane) as conn:
        row = await queries.session_by_token(conn, digest(held))
    # The signature has said the same; a row that says otherwise is not the token's.
    if row is None or (row.session_id, row.guest_id) != (token.session_id, token.guest_id):
        raise _stale()
    if row.is_blocked:
        raise _blocked()
    if row.account_status in OUT:
        raise Forbidden("You cannot write here; ask the company by other means.", code="account_not_active")
    return row


async def _must_be_signed(db: Database, keys: Keyring, visit: Visit, identity: Identity) -> None:
    workspace_id = visit.site.workspace_id
    async with db.read(Actor.system(workspace_id)) as conn:
        secret = await workspaces.find_identity_secret(conn, keys, workspace_id)
    if secret is None or not is_signed(identity, secret):
        raise Forbidden(
            "The identity is not signed with this workspace's secret: send HMAC-SHA256 of user_id in hex as hash.",
            code="identity_not_signed",
        )


async def _who(tx: Tx, visit: Visit, before: SessionRow | None) -> UserId:
    identity = visit.identity
    if identity is None:
        return before.guest_id if before is not None else await _new_guest(tx, visit)
    await queries.lock_identity(tx.conn, visit.site.workspace_id, identity.user_id)
    holder = await queries.holder_of_external_id(tx.conn, identity.user_id)
    if holder is not None and not holder[1]:
        raise Forbidden("This identity belongs to somebody who is no guest.", code="identity_not_signed")
    known = holder[0] if holder is not None else None
    if known is None and before is not None and await queries.lock_external_id(tx.conn, before.guest_id) is None:
        known = before.guest_id
    if known is None:
        return await _new_guest(tx, visit)
    await queries.identify(tx.conn, known, identity.user_id, identity.name, identity.email)
    return known


async def _new_guest(tx: Tx, visit: Visit) -> UserId:
    identity = visit.identity
    guest_id = UserId(uuid7())
    await queries.insert_guest(
        tx.conn,
        guest_id,
        visit.site.workspace_id,
        name=identity.name if identity else None,
        email=identity.email if identity else None,
        external_id=identity.user_id if identity else None,
        attributes={"page": visit.page} if visit.page else {},
        preferences={"locale": visit.locale} if visit.locale else {},
    )
    return guest_id


async def _begin(tx: Tx, keys: Keyring, clock: Clock, visit: Visit, guest_id: UserId) -> Opened:
    token = GuestToken(
        workspace_id=visit.site.workspace_id,
        site_id=visit.site.id,
        guest_id=guest_id,
        session_id=uuid7(),
        expires_at=clock.now() + TOKEN_LASTS,
    )
    signed = token.signed(keys)
    await queries.insert_session(
        tx.conn,
        token.session_id,
        token.workspace_id,
        token.site_id,
        guest_id,
        digest(signed),
        origin=visit.origin,
        device=visit.device,
        address=visit.address,
        renewable_until=token.expires_at + RENEWABLE_FOR,
    )
    return Opened(signed, guest_id, token.expires_at)


async def _renew(tx: Tx, keys: Keyring, clock: Clock, visit: Visit, before: SessionRow, held: str) -> Opened:
    present = await queries.lock_present_token(tx.conn, before.session_id)
    if present is None:
        raise _stale()
    present_hash, renewable_until = present
    is_replaced = present_hash != digest(held)  # another tab, or an answer that was lost: both get the present one
    expires_at = renewable_until - RENEWABLE_FOR
    token = GuestToken(
        workspace_id=before.workspace_id,
        site_id=before.site_id,
        guest_id=before.guest_id,
        session_id=before.session_id,
        expires_at=expires_at if is_replaced else max(clock.now() + TOKEN_LASTS, expires_at + MICROSECOND),
    )
    signed = token.signed(keys)
    if is_replaced and digest(signed) != present_hash:
        raise _stale()  # it was signed with a key that has been taken out of use
    if not is_replaced:
        await queries.rotate_session(
            tx.conn, before.session_id, digest(signed), token.expires_at + RENEWABLE_FOR, visit.address
        )
    return Opened(signed, before.guest_id, token.expires_at)


async def guest_of_token(
    db: Database, keys: Keyring, clock: Clock, held: str, *, lane: Lane = Lane.WEB
) -> GuestIdentity:
    """Whose token this is; raises Unauthenticated when it has run out or was revoked, Forbidden for a blocked guest."""
    token = _read(keys, held)
    if token.expires_at <= clock.now():
        raise _stale()
    row = await _row(db, token, held, lane=lane)
    return GuestIdentity(
        user_id=row.guest_id,
        workspace_id=row.workspace_id,
        site_id=row.site_id,
        session_id=row.session_id,
        name=row.name,
        avatar_url=row.avatar_url,
        workspace_version=row.workspace_version,
    )


def _read(keys: Keyring, held: str) -> GuestToken:
    try:
        return read_token(keys, held)
    except BadToken:
        raise _stale() from None


def _stale() -> Unauthenticated:
    return Unauthenticated("This guest session has ended; begin another.")


def _blocked() -> Forbidden:
    return Forbidden("You cannot write here; ask the company by other means.", code="blocked")


async def block(
    tx: Tx, actor: Actor, guest_id: UUID, *, reason: str, until: datetime | None, is_spam: bool, now: datetime
) -> None:
    """Keep a guest out, for good or until an instant; a block that stands is replaced by this one."""
    if until is not None and not now < until <= now + LONGEST_BLOCK:
        raise Invalid("Block the guest until an instant within ten years, or leave it out to block for good.")
    guest = await _guest_for(tx, guest_id)
    await queries.lift_block(tx.conn, guest, actor.id)
    await queries.insert_block(tx.conn, actor, guest, reason, until)
    if is_spam:
        await queries.mark_spam(tx.conn, guest, spam=True)
    await audit.note(tx, "guest.blocked", Subject("user", guest), until=until, spam=is_spam)
    tx.announce(GuestBlocked(workspace_id=actor.workspace_id, guest_id=guest))


async def unblock(tx: Tx, actor: Actor, guest_id: UUID) -> None:
    """Let a guest speak again and take the mark of spam away; raises NotFound when they are not blocked."""
    guest = await _guest_for(tx, guest_id)
    if not await queries.lift_block(tx.conn, guest, actor.id):
        raise NotFound("This guest is not blocked.")
    await queries.mark_spam(tx.conn, guest, spam=False)
    await audit.note(tx, "guest.unblocked", Subject("user", guest))
    tx.announce(GuestUnblocked(workspace_id=actor.workspace_id, guest_id=guest))


async def _guest_for(tx: Tx, guest_id: UUID) -> UserId:
    guest = await queries.lock_guest(tx.conn, guest_id)
    if guest is None:
        raise NotFound("There is no such guest.")
    return guest
