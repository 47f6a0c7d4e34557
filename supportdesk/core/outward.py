"""Requests to other servers, held off the desk's own network.

The address is judged after its name was resolved and is the one connected to, so a name that resolves differently the
second time gains nothing; each redirect is judged again. Hosts of `SUPPORTDESK_PRIVATE_HOSTS` may be private.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final, TypeAlias

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from supportdesk.errors import Invalid, TooLarge, Unanswered

MOST_BYTES: Final = 1024 * 1024
MOST_REDIRECTS: Final = 5
LONGEST_URL: Final = 2_000
LOOK_S: Final = 2.0
"""So long a form that is saved waits for the name in an address to be resolved."""
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
HARMLESS: Final = frozenset({"accept", "accept-language", "content-type", "user-agent"})
"""Headers that follow a redirect to another server; any other may hold a secret that is this one's alone."""
EMBEDDING: Final = tuple(ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96"))
"""IPv6 networks that lead to the IPv4 address in their last four bytes."""
SITE_LOCAL: Final = ip_network("fec0::/10")
NOWHERE: Final = frozenset(ip_address(each) for each in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200"))
"""Where clouds keep their machines' credentials."""


Onward: TypeAlias = Callable[[URL], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a server has answered, whatever its status; `url` is where the last redirect led."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes


class PrivateAddress(Invalid):
    """An address leads into a private network; `can_be_allowed` unless nobody may allow it."""

    def __init__(self, sentence: str, *, can_be_allowed: bool) -> None:
        super().__init__(sentence)
        self.can_be_allowed = can_be_allowed


class Outward:
    """The way to other servers. `private_hosts` are host names, or host:port, that may have private addresses."""

    def __init__(self, private_hosts: Collection[str] = ()) -> None:
        self._private = frozenset(host.casefold() for host in private_hosts)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_s: float = 10.0,
        most_bytes: int = MOST_BYTES,
        most_redirects: int = MOST_REDIRECTS,
        private_hosts: Collection[str] = (),
        onward: Onward | None = None,
    ) -> Reply:
        """One request with its redirects, in `timeout_s` altogether.

        `private_hosts` may be private for this request, as host or host:port, but never where clouds keep credentials.
        `onward` is asked before each redirect is followed, within the same time; what it raises ends the request.
        Raises Invalid for an address that may not be asked, Unanswered when nothing usable comes back, and TooLarge
        when the answer is longer than `most_bytes`.
        """
        allowed = _Allowed(self._private, frozenset(host.casefold() for host in private_hosts))
        try:
            async with asyncio.timeout(timeout_s):
                errand = _Errand(method, dict(headers or {}), body, most_bytes, most_redirects, allowed, onward)
                return await self._follow(address_of(url), errand)
        except TimeoutError:
            raise Unanswered(f"{URL(url).host} did not answer within {timeout_s:g} seconds.") from None
        except _Private as refused:
            raise PrivateAddress(str(refused), can_be_allowed=refused.can_be_allowed) from None
        except aiohttp.InvalidURL as odd:  # 2130706433 and other ways to write 127.0.0.1
            raise Invalid(f"This address cannot be asked: {odd}.") from None
        except aiohttp.ClientConnectorDNSError as failed:
            private = _private_behind(failed)
            if private is not None:
                raise PrivateAddress(str(private), can_be_allowed=private.can_be_allowed) from None
            raise Unanswered(f"There is no server called {URL(url).host}.") from None
        except (aiohttp.ClientError, OSError, ValueError) as failed:
            private = _private_behind(failed)
            if private is not None:
                raise PrivateAddress(str(private), can_be_allowed=private.can_be_allowed) from None
            raise Unanswered(f"{URL(url).host} could not be asked: {str(failed) or type(failed).__name__}.") from None

    async def look(self, url: str, field: str) -> bool:
        """Judge an address that is to be kept as a request would judge it; nothing is asked.

        False when its name is not found now: only requests will tell. Raises Invalid, which names `field`.
        """
        there, allowed = address_of(url), _Allowed(self._private, frozenset())
        try:
            async with asyncio.timeout(LOOK_S):
                _judge_literal(there, allowed)
                await _Judging(allowed).resolve(there.host or "", there.port or 0)
        except _Private as refused:
            raise Invalid(str(refused), fields=[{"field": field, "problem": f"The host {refused}"}]) from None
        except (TimeoutError, OSError, ValueError):  # ValueError: no name that could be looked up
            return False
        return True

    async def _follow(self, url: URL, errand: "_Errand") -> Reply:
        method, headers, body, allowed = errand.method, errand.headers, errand.body, errand.allowed
        connector = aiohttp.TCPConnector(resolver=_Judging(allowed), use_dns_cache=False)
        async with aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=True
        ) as session:
            for _hop in range(errand.most_redirects + 1):
                _judge_literal(url, allowed)
                async with session.request(
                    method, url, headers=headers, data=body or None, allow_redirects=False
                ) as answer:
                    location = answer.headers.get("Location") if answer.status in REDIRECTS else None
                    if location is None:
                        return Reply(
                            status=answer.status,
                            url=str(url),
                            headers={name.casefold(): value for name, value in answer.headers.items()},
                            body=await _limited(answer, errand.most_bytes),
                        )
                    if answer.status in (301, 302, 303) and method != "HEAD":
                        method, body = "GET", b""
                there = address_of(str(url.join(URL(location))))
                if errand.onward is not None:
                    await errand.onward(there)
                if there.origin() != url.origin():
                    if body:
                        raise Unanswered(
                            f"{url.host} sends this request on to {there.host}, which it is not meant for."
                        )
                    headers = {name: value for name, value in headers.items() if name.casefold() in HARMLESS}
                url = there
        if errand.most_redirects == 0:
            raise Unanswered(f"{url.host} is where it redirects to, and this request follows no redirect.")
        raise Unanswered(f"{url.host} redirects more than {errand.most_redirects} times.")


@dataclass(frozen=True, slots=True)
class _Errand:
    """A request as it was asked for."""

    method: str
    headers: dict[str, str]
    body: bytes
    most_bytes: int
    most_redirects: int
    allowed: "_Allowed"
    onward: Onward | None


@dataclass(frozen=True, slots=True)
class _Allowed:
    """Hosts that may be private: those of the operator, and those of an admin, who may not allow everything."""

    by_operator: frozenset[str]
    by_admin: frozenset[str]

    def covers(self, host: str, port: int, address: str) -> bool:
        names = {host.casefold(), f"{host.casefold()}:{port}"}
        return bool(names & self.by_operator) or (bool(names & self.by_admin) and not is_never_asked(address))


def address_of(url: str) -> URL:
    """The address, if it is one that can be asked at all. Raises Invalid."""
    try:
        parsed = URL(url)
    except ValueError:
        raise Invalid("This is no address; it should look like https://example.com/page.") from None
    if len(url) > LONGEST_URL or parsed.scheme not in ("http", "https") or not parsed.host:
        raise Invalid("An address must begin with https:// or http:// and name a host.")
    if parsed.user is not None or parsed.password is not None:
        raise Invalid("An address must not carry a user name or a password.")
    return parsed


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open Internet."""
    found = address_behind(address)
    return found.is_global and not found.is_multicast and found not in SITE_LOCAL


def is_never_asked(address: str) -> bool:
    """Whether nobody may allow an IP address: link-local, where clouds keep credentials, or no single machine's."""
    found = address_behind(address)
    return found.is_link_local or found.is_multicast or found.is_unspecified or found in NOWHERE


def address_behind(address: str) -> IPv4Address | IPv6Address:
    """The address that is reached in the end: an IPv6 one may carry an IPv4 one."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv4Address):
        return found
    inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
    if inner is None and int(found) > 1 and any(found in network for network in EMBEDDING):  # :: and ::1 are their own
        inner = IPv4Address(int(found) & 0xFFFFFFFF)
    return inner or found


class _Private(Exception):
    """A name or an address leads into a private network, or where nobody may ask anything."""

    def __init__(self, host: str, address: str) -> None:
        self.can_be_allowed = not is_never_asked(address)
        way_out = "; the desk's operator can allow it with SUPPORTDESK_PRIVATE_HOSTS."
        super().__init__(
            f"{host} is in a private network{way_out}" if self.can_be_allowed else f"{host} is nowhere to ask anything."
        )


class _Judging(AbstractResolver):
    def __init__(self, allowed: _Allowed) -> None:
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        results = [_result(host, port, one) for one in found]
        for one in results:
            if not is_public(one["host"]) and not self._allowed.covers(host, port, one["host"]):
                raise _Private(host, one["host"])
        return results

    async def close(self) -> None:
        """Nothing is held."""


def _result(host: str, port: int, info: tuple[Any, ...]) -> ResolveResult:
    family, _kind, proto, _name, address = info
    return ResolveResult(
        hostname=host, host=str(address[0]), port=port, family=family, proto=proto, flags=socket.AI_NUMERICHOST
    )


def _judge_literal(url: URL, allowed: _Allowed) -> None:
    host = url.host or ""
    try:
        ip_address(host)
    except ValueError:
        return  # a name: the resolver judges what it stands for
    if not is_public(host) and not allowed.covers(host, url.port or 0, host):
        raise _Private(host, host)


def _private_behind(error: BaseException | None) -> _Private | None:
    while error is not None:
        if isinstance(error, _Private):
            return error
        error = error.__cause__ or error.__context__
    return None


async def _limited(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    taken = bytearray()
    async for piece in answer.content.iter_chunked(65_536):
        taken += piece
        if len(taken) > most_bytes:
            raise TooLarge(f"The answer of {answer.url.host} is longer than {most_bytes // 1024} KiB.")
    return bytes(taken)
