"""The door for guests: the token they show, and how many come from where."""

from aiohttp import web

from supportdesk.config import Settings
from supportdesk.core.address import Address, network_of
from supportdesk.core.clock import Clock
from supportdesk.core.limits import Limit

LONGEST_TOKEN = 2000
FLOOD = "Too many chats are being started from here; wait a minute."


class GuestEntrance:
    """Counts who comes from where, and reads the token they show."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
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
