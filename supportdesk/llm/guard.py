"""The way by which providers' libraries reach their servers: to addresses that were judged, and no further.

The name is resolved here, its addresses are judged, and the connection is made to one of those that were: a name that
resolves differently a moment later gains nothing. Redirects are not followed, and the environment's proxies not used.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Final

import httpx2

from supportdesk.core.outward import LOOK_S, is_never_asked, is_public
from supportdesk.errors import Invalid
from supportdesk.llm.looks import NotAnApi, look_at_head, look_at_opening
from supportdesk.llm.model import address_problem
from supportdesk.llm.talk import Running

MOST_BYTES: Final = 8 * 1024 * 1024
"""Of one answer; what is longer is cut off."""
TIMEOUTS: Final = httpx2.Timeout(connect=5, read=30, write=10, pool=5)
"""Seconds; a model that thinks may be silent for a while between two words."""
FIRST_REFUSAL: Final = 300
ASKING: Final[ContextVar[Running | None]] = ContextVar("asking", default=None)
"""The call that asks here; it is told when its provider takes it on, because the libraries keep that to themselves."""


class RefusedAddress(httpx2.ConnectError):
    """A provider's name leads where the desk does not go; the message says so."""


async def look_at(base_url: str | None, *, allows_private_address: bool) -> bool:
    """Whether the host of an address that is to be kept is found now; nothing is asked, no transaction may be open.

    Raises Invalid for a host that no call would reach, whoever has the key. What is no address at all is judged by
    whoever keeps it.
    """
    if not base_url or address_problem(base_url, allows_private_address=allows_private_address):
        return True
    try:
        async with asyncio.timeout(LOOK_S):
            await _addresses(httpx2.URL(base_url), allows_private_address=allows_private_address)
    except RefusedAddress as refused:
        raise Invalid(str(refused), fields=[{"field": "base_url", "problem": f"The host {refused}"}]) from None
    except (httpx2.ConnectError, httpx2.InvalidURL, TimeoutError):
        return False
    return True


def new_client(*, allows_private_address: bool) -> httpx2.AsyncClient:
    """A client for one provider."""
    return httpx2.AsyncClient(
        transport=_Guarded(allows_private_address=allows_private_address),
        follow_redirects=False,
        trust_env=False,
        timeout=TIMEOUTS,
    )


class _Guarded(httpx2.AsyncBaseTransport):
    def __init__(self, *, allows_private_address: bool) -> None:
        self._allows_private = allows_private_address
        self._inner = httpx2.AsyncHTTPTransport(trust_env=False)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        host = request.url.host
        addresses = await _addresses(request.url, allows_private_address=self._allows_private)
        headers = httpx2.Headers(request.headers)
        headers["accept-encoding"] = "identity"  # what is counted is what arrives: nothing small becomes large
        failure: Exception | None = None
        for address in addresses:
            pinned = httpx2.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                response = await self._inner.handle_async_request(pinned)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failure = error
                continue
            if (asking := ASKING.get()) is not None and response.status_code < FIRST_REFUSAL:
                asking.is_answered = True
            if response.headers.get("content-encoding", "identity") != "identity":
                await response.aclose()
                raise httpx2.ReadError(f"{host} has packed its answer, which was not asked for")
            try:
                look_at_head(request, response)
            except NotAnApi:
                await response.aclose()
                raise
            if isinstance(response.stream, httpx2.AsyncByteStream):
                response.stream = _Limited(response.stream, request if response.is_success else None)
            return response
        raise failure or httpx2.ConnectError(f"{host} has no address")

    async def aclose(self) -> None:
        await self._inner.aclose()


async def _addresses(url: httpx2.URL, *, allows_private_address: bool) -> list[str]:
    """The addresses behind a provider's name; raises RefusedAddress, and ConnectError where there is none."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(url.host, url.port or 0, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:  # ValueError: no name that could be looked up
        raise httpx2.ConnectError(f"{url.host} has no address") from error
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    for address in addresses:
        _judge(url, address, allows_private_address=allows_private_address)
    return addresses


def _judge(url: httpx2.URL, address: str, *, allows_private_address: bool) -> None:
    if is_public(address):
        if url.scheme != "https":
            raise RefusedAddress(f"{url.host} is in the open Internet, where a key must not travel unencrypted.")
        return
    if is_never_asked(address):
        raise RefusedAddress(f"{url.host} leads to {address}, where no model can be.")
    if not allows_private_address:
        raise RefusedAddress(f"{url.host} is in a private network; tick that this provider may be there.")


class _Limited(httpx2.AsyncByteStream):
    """A body of so many bytes; `request` is what a successful reply is to be an answer to."""

    def __init__(self, stream: httpx2.AsyncByteStream, request: httpx2.Request | None) -> None:
        self._stream = stream
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        taken = 0
        async for piece in self._stream:
            if self._request is not None and piece.strip():
                look_at_opening(self._request, piece)
                self._request = None
            taken += len(piece)
            if taken > MOST_BYTES:
                raise httpx2.ReadError(f"the answer is longer than {MOST_BYTES // 1024 // 1024} MiB")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
