"""Tells by the looks of a reply that it does not come from a model's API, before a library chokes on it."""

import json
from typing import Final

import httpx2

LONGEST_ADDRESS: Final = 200
WEB_PAGE: Final = (
    "The provider answered with a web page, not as an API does: look whether the address is that of its API; many end"
    " in /v1."
)
OTHER_JSON: Final = (
    "The provider answered with JSON that is no answer of a model: look whether the provider's kind and address are"
    " right."
)


class NotAnApi(httpx2.ReadError):
    """What answers there is no API of a model; the message says what it is and what to do."""


def look_at_head(request: httpx2.Request, reply: httpx2.Response) -> None:
    """Judge a reply by its status and headers. Raises NotAnApi."""
    if reply.has_redirect_location:
        raise NotAnApi(
            f"The provider sends the desk on to {_leads_to(request, reply)}, and redirects are not followed: enter the"
            " address that is meant."
        )
    is_page = reply.headers.get("content-type", "").partition(";")[0].strip().lower() == "text/html"
    if is_page and (reply.is_success or reply.status_code in (404, 405)):  # a gateway's page with 502 is about 502
        raise NotAnApi(WEB_PAGE)


def look_at_opening(request: httpx2.Request, opening: bytes) -> None:
    """Judge a successful reply by its first bytes: a stream of events begins with neither. Raises NotAnApi."""
    first = opening.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if first == b"<":
        raise NotAnApi(WEB_PAGE)
    if first in (b"{", b"[") and _wants_stream(request):
        raise NotAnApi(OTHER_JSON)


def _leads_to(request: httpx2.Request, reply: httpx2.Response) -> str:
    """Where a redirect leads, without what may be secret in it."""
    try:
        meant = request.url.join(reply.headers["location"])
    except httpx2.InvalidURL:
        return "an address that is none"
    return str(meant.copy_with(userinfo=b"", query=None, fragment=None))[:LONGEST_ADDRESS]


def _wants_stream(request: httpx2.Request) -> bool:
    try:
        wanted = json.loads(request.content)
    except (ValueError, httpx2.RequestNotRead):
        return False
    return isinstance(wanted, dict) and wanted.get("stream") is True
