"""Where a request comes from, as far as that can be believed."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from aiohttp import web

from supportdesk.config import Settings
from supportdesk.errors import Forbidden

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

LOCAL: Final = ip_address("127.0.0.1")
ONE_CUSTOMER: Final = 64  # the shortest prefix that a provider gives to one customer of IPv6


def client_address(request: web.Request, settings: Settings) -> Address:
    """The address of whoever sent the request; X-Forwarded-For counts only from a trusted proxy."""
    return address_of(request.remote, request.headers.getall("X-Forwarded-For", ()), settings.trusted_proxies)


def address_of(peer: str | None, forwarded: Iterable[str], trusted: Sequence[Network]) -> Address:
    """The nearest address that is no trusted proxy, read from the right: what stands left of it anybody may write.

    `peer` is the other end of the connection; nothing there means a local socket.
    """
    address = _parse(peer or "") or LOCAL
    hops = [hop.strip() for line in forwarded for hop in line.split(",")]
    for hop in reversed(hops):
        if not any(address in network for network in trusted):
            break
        before = _parse(hop)
        if before is None:
            break
        address = before
    return address


@lru_cache(maxsize=4096)
def network_of(address: Address) -> Network:
    """What limits count by: an IPv4 address, or the IPv6 network that one customer has."""
    return ip_network((address, 32 if isinstance(address, IPv4Address) else ONE_CUSTOMER), strict=False)


def is_https(request: web.Request, settings: Settings) -> bool:
    """Whether the browser speaks TLS, to us or to the proxy before us."""
    if request.secure or settings.origin.startswith("https://"):
        return True
    peer = _parse(request.remote or "") or LOCAL
    is_proxied = any(peer in network for network in settings.trusted_proxies)
    return is_proxied and request.headers.get("X-Forwarded-Proto", "").strip().lower() == "https"


def is_own_origin(origin: str, request: web.Request, settings: Settings) -> bool:
    """Whether an Origin header names this desk: its public address, or the one this request was sent to.

    The scheme is left out of it: behind a proxy that ends TLS we see http where the browser sees https.
    """
    try:
        parts = urlsplit(origin)
        known = {urlsplit(settings.origin).netloc.lower(), request.host.lower()}
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() in known and not (parts.path or parts.query)


def must_be_own_page(request: web.Request, settings: Settings) -> None:
    """Raise Forbidden when a browser says that another site sent this request.

    A program that is no browser says nothing; what it sends has to carry its own proof.
    """
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get("Origin")
    if site not in ("same-origin", "none") or (origin is not None and not is_own_origin(origin, request, settings)):
        raise Forbidden("This request comes from another site; open the desk itself and try again.", code="csrf")


@lru_cache(maxsize=4096)
def _parse(text: str) -> Address | None:
    bare = text.strip().removeprefix("[").partition("]")[0].partition("%")[0]
    if bare.count(":") == 1:  # some proxies add the port
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
