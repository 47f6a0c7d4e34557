"""The door for guests: the token they show, and how many may come at once from one address and to one site."""

from typing import Final

from aiohttp import web

from supportdesk.config import Settings
from supportdesk.core.address import Address, network_of
from supportdesk.core.clock import Clock
from supportdesk.core.limits import Limit
from supportdesk.errors import Unauthenticated

BEARER: Final = "Bearer "


class GuestEntrance:
    """Counts new sessions; this machine itself is exempt, so that it can be loaded and tested."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._by_address = Limit(settings.guest_sessions_per_minute, clock)
        self._by_site = Limit(settings.site_sessions_per_minute, clock)

    def must_have_room(self, address: Address) -> None:
        """Raise RateLimited when this address has begun too many sessions."""
        if not address.is_loopback:
            self._by_address.take(str(network_of(address)), "Too many visits from your address; wait a little.")

    def must_have_room_at(self, site_key: str, address: Address) -> None:
        """Raise RateLimited when the site of this key, which exists, has had too many visits."""
        if not address.is_loopback:
            self._by_site.take(site_key, "Very many people visit this site just now; wait a little.")

    @staticmethod
    def bearer(request: web.Request) -> str | None:
        """The token of the Authorization header; raises Unauthenticated for a header that is no token."""
        header = request.headers.get("Authorization")
        if header is None:
            return None
        if not header.startswith(BEARER):
            raise Unauthenticated("Send the guest's token as `Authorization: Bearer` and the token.")
        return header.removeprefix(BEARER).strip()
