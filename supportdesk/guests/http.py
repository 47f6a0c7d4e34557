"""How guests come in."""

from aiohttp import web

from supportdesk.actor import Actor, ActorKind
from supportdesk.config import Settings
from supportdesk.core.address import client_address, is_own_origin
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.core.http import Routes
from supportdesk.core.secrets import Keyring
from supportdesk.errors import Forbidden
from supportdesk.guests import actions
from supportdesk.guests.entrance import GuestEntrance
from supportdesk.guests.model import Identity
from supportdesk.guests.wire import BeginSession, SessionOut
from supportdesk.workspaces.access import Sites

routes = Routes()


@routes.post("/api/v1/guest/sessions", public="a guest has no sign-in before the first conversation", status=201)
async def begin_session(
    request: web.Request,
    want: BeginSession,
    db: Database,
    settings: Settings,
    keys: Keyring,
    clock: Clock,
    entrance: GuestEntrance,
    sites: Sites,
) -> SessionOut:
    """Begin a session, or renew the one whose token is sent; with an identity, as whoever that proves."""
    address = client_address(request, settings)
    entrance.must_not_flood(want.site_key, address)
    site = await sites.site_for(want.site_key)
    origin = request.headers.get("Origin")
    if origin is not None and not is_own_origin(origin, request, settings) and not site.allows(origin):
        raise Forbidden("This site key may not be used by pages of this origin.", code="origin_not_allowed")
    text = entrance.bearer(request)
    held = None
    if text is not None:
        token, _ = await actions.token_holder(db, keys, text, clock.now())
        held = (text, token) if token.workspace_id == site.workspace_id else None
    identity = None
    if want.identity is not None:
        given = want.identity
        identity = Identity(user_id=given.user_id, hash=given.hash, name=given.name, email=given.email)
    actor = Actor(
        kind=ActorKind.GUEST, id=held[1].guest_id if held else None, workspace_id=site.workspace_id, site_id=site.id
    )
    async with db.transaction(actor) as tx:
        session = await actions.begin_session(
            tx,
            keys,
            site,
            held=held,
            identity=identity,
            locale=want.locale,
            now=clock.now(),
            origin=origin,
            device=request.headers.get("User-Agent", "")[:300] or None,
            address=str(address),
        )
    return SessionOut(token=session.token, guest_id=session.guest_id, expires_at=session.expires_at)
