"""How many guests may come at once, from one address and to one site."""

from supportdesk.config import Settings
from supportdesk.core.address import Address, network_of
from supportdesk.core.clock import Clock
from supportdesk.core.limits import Limit
from supportdesk.workspaces.model import SiteId


class Flood:
    """Counts new sessions; this machine itself is exempt, so that it can be loaded and tested."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._addresses = Limit(settings.guest_sessions_per_minute, clock)
        self._sites = Limit(settings.site_sessions_per_minute, clock)

    def must_have_room(self, address: Address) -> None:
        """Raise RateLimited when this address has begun too many sessions."""
        if not address.is_loopback:
            self._addresses.take(str(network_of(address)), "Too many visits from your address; wait a little.")

    def must_have_room_at(self, site_id: SiteId, address: Address) -> None:
        """Raise RateLimited when the site has had too many visits."""
        if not address.is_loopback:
            self._sites.take(str(site_id), "Very many people visit this site just now; wait a little.")
