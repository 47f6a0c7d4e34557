"""Finding out at the edge which member of staff is asking."""

from datetime import timedelta
from typing import Final

from aiohttp import web

from supportdesk.accounts.model import (
    COOKIE,
    IDLE,
    LONGEST,
    TICKET_PREFIX,
    TOKEN_PREFIX,
    TOUCH_AFTER,
    AccountStatus,
    StaffIdentity,
)
from supportdesk.accounts.queries import sessions
from supportdesk.accounts.queries.sessions import Known
from supportdesk.actor import Actor
from supportdesk.config import Settings
from supportdesk.core.address import Address, is_https, must_be_own_page, network_of
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database, Lane
from supportdesk.core.http import FORM, SAFE
from supportdesk.core.limits import Limit
from supportdesk.core.secrets import Keyring, digest
from supportdesk.errors import Forbidden, Unauthenticated

CSRF_HEADER: Final = "X-CSRF-Token"
CSRF_FIELD: Final = "csrf_token"
CSRF_PURPOSE: Final = "csrf"
CSRF: web.RequestKey[str] = web.RequestKey("csrf_token", str)
"""Where a request keeps the token that its page's forms need."""
LONGEST_TOKEN: Final = 200
LINKS_A_MINUTE: Final = 10


class StaffEntrance:
    """Knows staff by the cookie of a session, by a ticket of one, and by personal access tokens."""

    def __init__(self, db: Database, keys: Keyring, settings: Settings, clock: Clock) -> None:
        self._db = db
        self._keys = keys
        self._settings = settings
        self._clock = clock
        self._links = Limit(LINKS_A_MINUTE, clock)

    def must_have_room_for_a_link(self, address: Address) -> None:
        """Raise RateLimited when this address asks for links to choose a password faster than anybody forgets them."""
        if not address.is_loopback:
            self._links.take(
                str(network_of(address)), "Too many links were asked for from your address; wait a little."
            )

    async def by_cookie(self, request: web.Request) -> StaffIdentity | None:
        """Whose session the cookie is; None without one that counts.

        Raises Forbidden for a write that does not prove to come from one of our own pages.
        """
        token = request.cookies.get(COOKIE, "")
        if not token or len(token) > LONGEST_TOKEN:
            return None
        async with self._db.bare() as conn:
            known = await sessions.staff_by_session(conn, digest(token))
        if known is None:
            return None
        request[CSRF] = self.csrf_token(token)
        if request.method not in SAFE:
            self._must_be_meant(request, token)
        await self._touch(known)
        return known.identity

    async def by_token(self, token: str) -> StaffIdentity:
        """Whose personal access token this is; raises Unauthenticated when it counts no more."""
        async with self._db.bare() as conn:
            known = await sessions.staff_by_token(conn, digest(token)) if token.startswith(TOKEN_PREFIX) else None
        if known is None:
            raise Unauthenticated("This access token is unknown, revoked or has run out; make another.")
        await self._touch(known)
        return known.identity

    async def by_socket_token(self, token: str) -> StaffIdentity:
        """Who connects to /desk: with a ticket, which is used up by this, or a personal access token."""
        if token.startswith(TOKEN_PREFIX):
            return await self.by_token(token)
        async with self._db.bare(lane=Lane.REALTIME) as conn:
            known = await sessions.staff_by_ticket(conn, digest(token)) if token.startswith(TICKET_PREFIX) else None
        if known is None or known.account_status != AccountStatus.ACTIVE:
            raise Unauthenticated("This ticket is unknown, used or older than 30 seconds; ask for another.")
        return known.identity

    def csrf_token(self, session_token: str) -> str:
        """What the session's own pages send along with every write."""
        return self._keys.code(CSRF_PURPOSE, session_token.encode(errors="surrogatepass"))

    def set_cookie(self, request: web.Request, response: web.StreamResponse, token: str) -> None:
        """Give the browser a session's token: not for scripts, not for other sites, over TLS where there is TLS."""
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(LONGEST / timedelta(seconds=1)),
            path="/",
            httponly=True,
            samesite="Lax",
            secure=is_https(request, self._settings),
        )

    @staticmethod
    def drop_cookie(response: web.StreamResponse) -> None:
        """Let the browser forget the token."""
        response.del_cookie(COOKIE, path="/", httponly=True, samesite="Lax")

    def _must_be_meant(self, request: web.Request, token: str) -> None:
        must_be_own_page(request, self._settings)
        given = request.headers.get(CSRF_HEADER) or request.get(FORM, {}).get(CSRF_FIELD, "")
        if not self._keys.is_code(CSRF_PURPOSE, token.encode(errors="surrogatepass"), given):
            raise Forbidden("The page you sent this from is out of date; reload it and try again.", code="csrf")

    async def _touch(self, known: Known) -> None:
        who, seen = known.identity, known.last_seen_at
        if seen is not None and self._clock.now() - seen < TOUCH_AFTER:
            return
        async with self._db.transaction(Actor.system(who.workspace_id)) as tx:
            if who.session_id is not None:
                await sessions.touch_session(tx.conn, who.session_id, idle=IDLE, longest=LONGEST)
            elif who.token_id is not None:
                await sessions.touch_token(tx.conn, who.token_id)
