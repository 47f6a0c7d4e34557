"""How guests come, prove who they are, and are kept out."""

from datetime import datetime
from typing import Final
from uuid import UUID

from supportdesk.actor import Actor, UserId, WorkspaceId
from supportdesk.audit.actions import note
from supportdesk.audit.model import Subject
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database, Lane, Tx
from supportdesk.core.ids import uuid7
from supportdesk.core.secrets import BadToken, Keyring, digest, new_token
from supportdesk.errors import Forbidden, Invalid, NotFound, Unauthenticated
from supportdesk.guests import queries
from supportdesk.guests.events import GuestBlocked
from supportdesk.guests.model import LASTS, Guest, GuestIdentity, GuestSession, GuestToken, Identity, read_token
from supportdesk.workspaces.actions import find_identity_secret
from supportdesk.workspaces.model import Site

STALE: Final = "This chat session has ended; start a new one."


async def guest_of_token(
    db: Database, keys: Keyring, clock: Clock, text: str, *, lane: Lane = Lane.WEB
) -> GuestIdentity:
    """The guest who shows a token; raises Unauthenticated for one that is not valid, Forbidden when blocked."""
    token, guest = await token_holder(db, keys, text, clock.now(), lane=lane)
    return GuestIdentity(
        user_id=guest.id,
        workspace_id=token.workspace_id,
        workspace_version=guest.workspace_version,
        name=guest.name or "Guest",
        avatar_url=guest.avatar_url,
        session_id=token.session_id,
        site_id=token.site_id,
    )


async def token_holder(
    db: Database, keys: Keyring, text: str, now: datetime, *, lane: Lane = Lane.WEB
) -> tuple[GuestToken, Guest]:
    """Who holds a token; raises Unauthenticated for one that is not valid, Forbidden when the guest is blocked."""
    try:
        token = read_token(keys, text)
    except BadToken:
        raise Unauthenticated(STALE) from None
    if token.expires_at <= now:
        raise Unauthenticated(STALE)
    async with db.bare(lane=lane) as conn:
        if not await queries.has_session(conn, digest(text)):
            raise Unauthenticated(STALE)
    async with db.read(Actor.system(token.workspace_id), lane=lane) as conn:
        guest = await queries.find_guest(conn, token.guest_id)
    if guest is None:
        raise Unauthenticated(STALE)
    if guest.is_blocked:
        raise Forbidden("This chat is not available to you.", code="blocked")
    return token, guest


async def begin_session(
    tx: Tx,
    keys: Keyring,
    site: Site,
    *,
    held: tuple[str, GuestToken] | None,
    identity: Identity | None,
    locale: str | None,
    now: datetime,
    origin: str | None,
    device: str | None,
    address: str | None,
) -> GuestSession:
    """A session for whoever asks: the guest of the token they hold, the one they prove to be, or a new one."""
    guest_id = held[1].guest_id if held is not None else None
    if identity is not None:
        guest_id = await _identified(tx, keys, site.workspace_id, identity, guest_id, locale)
    if guest_id is None:
        guest_id = UserId(uuid7())
        await queries.insert_guest(tx.conn, guest_id, site.workspace_id, locale)
    guest = await queries.find_guest(tx.conn, guest_id)
    if guest is None:
        raise Unauthenticated(STALE)
    if guest.is_blocked:
        raise Forbidden("This chat is not available to you.", code="blocked")
    goes_on = held is not None and held[1].guest_id == guest_id and held[1].site_id == site.id
    token = GuestToken(
        session_id=held[1].session_id if held is not None and goes_on else uuid7(),
        workspace_id=site.workspace_id,
        site_id=site.id,
        guest_id=guest_id,
        expires_at=now + LASTS,
        nonce=new_token()[:16],
    )
    text = token.signed(keys)
    if held is not None and goes_on:
        if not await queries.rotate_session(tx.conn, token.session_id, digest(text), digest(held[0]), token.expires_at):
            raise Unauthenticated(STALE)
    else:
        await queries.insert_session(tx.conn, token, digest(text), origin=origin, device=device, address=address)
    return GuestSession(token=text, guest_id=guest_id, expires_at=token.expires_at)


async def _identified(
    tx: Tx, keys: Keyring, workspace_id: WorkspaceId, identity: Identity, present: UserId | None, locale: str | None
) -> UserId:
    secret = await find_identity_secret(tx.conn, keys, workspace_id)
    if secret is None or not identity.is_proved_by(secret):
        raise Invalid(
            "The identity's hash is not the HMAC-SHA256 of its user_id under this workspace's secret.",
            code="identity_not_proved",
        )
    known = await queries.find_identified(tx.conn, workspace_id, identity.user_id)
    guest_id = known or present
    if guest_id is None or not await queries.identify(
        tx.conn, guest_id, identity.user_id, identity.name, identity.email
    ):
        # The guest at hand is somebody else by proof: another customer uses this browser now.
        guest_id = UserId(uuid7())
        await queries.insert_guest(tx.conn, guest_id, workspace_id, locale)
        await queries.identify(tx.conn, guest_id, identity.user_id, identity.name, identity.email)
    return guest_id


async def block_guest(tx: Tx, actor: Actor, guest_id: UUID, *, reason: str, until: datetime | None, spam: bool) -> None:
    """Keep a guest out from now on: their sockets are cut, their tokens refused."""
    guest = await queries.find_guest(tx.conn, guest_id)
    if guest is None:
        raise NotFound("There is no such guest.")
    await queries.block(tx.conn, actor, guest.id, reason, until)
    if spam:
        await queries.mark_spam(tx.conn, guest.id)
    await note(tx, "guest.blocked", Subject("user", guest.id), until=until.isoformat() if until else None, spam=spam)
    tx.announce(GuestBlocked(workspace_id=actor.workspace_id, guest_id=guest.id))


async def unblock_guest(tx: Tx, actor: Actor, guest_id: UUID) -> None:
    """Let a guest in again."""
    if not await queries.lift_block(tx.conn, actor, UserId(guest_id)):
        raise NotFound("Nothing keeps this guest out.")
    await note(tx, "guest.unblocked", Subject("user", guest_id))
