"""Guests over HTTP."""

from typing import Final
from uuid import UUID

from aiohttp import web

from supportdesk.actor import Actor, Permission
from supportdesk.config import Settings
from supportdesk.core.address import client_address, is_own_origin
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database, Tx
from supportdesk.core.http import Routes
from supportdesk.core.secrets import Keyring
from supportdesk.errors import Forbidden
from supportdesk.guests import actions
from supportdesk.guests.entrance import GuestEntrance
from supportdesk.guests.wire import BlockIn, OpenedOut, OpenSession, identity_of
from supportdesk.workspaces.access import Sites
from supportdesk.workspaces.model import Site

routes = Routes()
LONGEST_ORIGIN: Final = 300
LONGEST_DEVICE: Final = 200


@routes.post(
    "/api/v1/guest/sessions", public="guests have no account; the site's key and origin are asked for", status=201
)
async def open_session(
    request: web.Request,
    want: OpenSession,
    db: Database,
    keys: Keyring,
    clock: Clock,
    sites: Sites,
    entrance: GuestEntrance,
    settings: Settings,
) -> OpenedOut:
    """Begin a guest's session, or renew the one whose token comes as `Authorization: Bearer`."""
    address = client_address(request, settings)
    entrance.must_have_room(address)
    site = await sites.site_for(want.site_key)
    origin = _allowed_origin(request, site, settings)
    entrance.must_have_room_at(site.site_key, address)
    visit = actions.Visit(
        site=site,
        address=address,
        origin=origin,
        device=_device(request),
        identity=identity_of(want),
        locale=want.locale,
        page=want.page,
    )
    opened = await actions.open_session(db, keys, clock, visit, entrance.bearer(request))
    return OpenedOut(token=opened.token, guest_id=opened.guest_id, expires_at=opened.expires_at)


def _allowed_origin(request: web.Request, site: Site, settings: Settings) -> str | None:
    """The Origin, when it may carry this site's widget; browsers always name one, programs need not."""
    origin = request.headers.get("Origin")
    if origin is None:
        return None
    if len(origin) > LONGEST_ORIGIN or not (is_own_origin(origin, request, settings) or site.allows(origin)):
        raise Forbidden(
            "This site may not be used from here; add the page's origin to the site's allowed origins.",
            code="origin_not_allowed",
        )
    return origin


def _device(request: web.Request) -> str | None:
    said = request.headers.get("User-Agent", "").encode("ascii", "replace").decode()
    return "".join(character for character in said if character.isprintable())[:LONGEST_DEVICE] or None


@routes.put("/api/v1/guests/{guest_id}/block", needs=Permission.GUEST_BLOCK, status=204)
async def block(tx: Tx, actor: Actor, guest_id: UUID, want: BlockIn, clock: Clock) -> None:
    """Keep a guest out; their connections end at once."""
    await actions.block(tx, actor, guest_id, reason=want.reason, until=want.until, is_spam=want.spam, now=clock.now())


@routes.delete("/api/v1/guests/{guest_id}/block", needs=Permission.GUEST_BLOCK, status=204)
async def unblock(tx: Tx, actor: Actor, guest_id: UUID) -> None:
    """Let a guest in again."""
    await actions.unblock(tx, actor, guest_id)
