"""Finding out at the edge which guest is asking."""

from aiohttp import web

from supportdesk.actor import Actor, ActorKind
from supportdesk.config import Settings
from supportdesk.core.address import Address, network_of
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.core.limits import Limit
from supportdesk.core.secrets import Keyring
from supportdesk.guests import actions

LONGEST_TOKEN = 2000
FLOOD = "Too many chats are being started from here; wait a minute."


class GuestEntrance:
    """Knows guests by their tokens, and how many come from where."""

    def __init__(self, db: Database, keys: Keyring, settings: Settings, clock: Clock) -> None:
        self._db, self._keys, self._clock = db, keys, clock
        self._by_address = Limit(settings.guest_sessions_per_minute, clock)
        self._by_site = Limit(settings.site_sessions_per_minute, clock)

    def must_not_flood(self, site_key: str, address: Address) -> None:
        """Count one more session; raises RateLimited. Loopback is the operator's own and exempt."""
        if not address.is_loopback:
            self._by_address.take(str(network_of(address)), FLOOD)
            self._by_site.take(site_key, FLOOD)

    @staticmethod
    def bearer(request: web.Request) -> str | None:
        """The token of the Authorization header, if there is one."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        token = token.strip()
        return token if scheme.lower() == "bearer" and 0 < len(token) <= LONGEST_TOKEN else None

    async def by_token(self, text: str) -> Actor:
        """The guest who holds a token; raises Unauthenticated or Forbidden."""
        token, guest = await actions.token_holder(self._db, self._keys, text, self._clock.now())
        return Actor(
            kind=ActorKind.GUEST,
            id=guest.id,
            workspace_id=token.workspace_id,
            name=guest.name or "Guest",
            grants=guest.grants,
            session_id=token.session_id,
            avatar_url=guest.avatar_url,
            site_id=token.site_id,
        )
