"""Templates and static files, under a strict content security policy."""

import gzip
import hashlib
import json
import mimetypes
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web
from markupsafe import Markup

from supportdesk.core.places import PACKAGE, folder
from supportdesk.core.plainly import plainly

STATIC = PACKAGE / "static"
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".html": "text/html",
    ".json": "application/json",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self' {websocket}; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}; "
    "frame-src 'self'; manifest-src 'self'; require-trusted-types-for 'script'; trusted-types supportdesk lit-html"
)
ANCESTORS: web.RequestKey[str] = web.RequestKey("frame_ancestors", str)
"""Set on the request by the widget's frame: the origins that may embed it."""


class Assets:
    """The built front-end files, by name, each under an address that carries its hash and never changes."""

    def __init__(self, root: Path = STATIC) -> None:
        self._files: dict[str, tuple[bytes, str]] = {}
        self._packed: dict[str, bytes] = {}
        self._names: dict[str, str] = {}
        for path in sorted([*(root / "dist").rglob("*"), root / "icon.svg"]):
            if path.is_file() and path.suffix in TYPES and path.name != "manifest.json":
                self._add(path.name, path.read_bytes(), TYPES[path.suffix])

    def _add(self, name: str, body: bytes, content_type: str) -> None:
        digest = hashlib.sha256(body).hexdigest()[:16]
        self._names[name] = digest
        self._files[name] = (body, content_type)

    def url(self, name: str) -> str:
        """The immutable address of a file; raises KeyError for one that was not built."""
        return f"/static/{self._names[name]}/{name}"

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def response(self, request: web.Request, name: str, *, cache: str) -> web.Response:
        """The file, compressed where the browser takes that; raises 404 when there is none."""
        if name not in self._files:
            raise web.HTTPNotFound
        plain, content_type = self._files[name]
        etag = f'"{self._names[name]}"'
        headers = {"Cache-Control": cache, "ETag": etag, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        headers["Content-Type"] = f"{content_type}; charset=utf-8"
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=self._compressed(name, plain), headers={**headers, "Content-Encoding": "gzip"})
        return web.Response(body=plain, headers=headers)

    def _compressed(self, name: str, body: bytes) -> bytes:
        # When first asked for: half of the files belong to pages that a start need not wait for.
        if name not in self._packed:
            self._packed[name] = gzip.compress(body, 9, mtime=0)
        return self._packed[name]

    async def serve(self, request: web.Request) -> web.Response:
        """`GET /static/{hash}/{name}`: an old hash still gets the present file, only not for ever."""
        name = request.match_info["name"]
        fresh = self._names.get(name) == request.match_info["hash"]
        return self.response(request, name, cache="public, max-age=31536000, immutable" if fresh else "no-cache")


ASSETS: web.AppKey[Assets] = web.AppKey("assets", Assets)


def data_block(value: object) -> Markup:
    """JSON for a `<script type="application/json">`: nothing in it can end the block."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - every character that HTML would read is escaped above


@cache
def built() -> Assets:
    """The files of this version, read once: no application of the process has others."""
    return Assets()


@cache
def environment() -> jinja2.Environment:
    """The templates of this version, each compiled once for all applications of the process."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["data_block"] = data_block
    made.filters["plainly"] = plainly
    made.globals["asset"] = made.globals["static"] = built().url
    return made


def setup(app: web.Application) -> None:
    """Give the application its templates and `/static`."""
    app[aiohttp_jinja2.APP_KEY] = environment()
    app[ASSETS] = built()
    app.router.add_get("/static/{hash}/{name}", built().serve)
    mimetypes.init([])


@web.middleware
async def security_headers(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Put the policy on every answer; the widget's frame alone may be embedded, by the origins of its site."""
    response = await handler(request)
    if response.prepared:  # a WebSocket has answered already
        return response
    headers = response.headers
    headers.setdefault("Cache-Control", "no-store")  # what may be kept says so itself
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Server", "supportdesk")  # which versions run here is nobody's business
    if response.content_type == "text/html":
        # What only a page can break is said of pages only: the chat's budget counts every byte.
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        ancestors = request.get(ANCESTORS, "'none'")
        websocket = f"{'wss' if request.secure else 'ws'}://{request.host}"
        headers.setdefault("Content-Security-Policy", POLICY.format(websocket=websocket, ancestors=ancestors))
        if ancestors == "'none'":
            headers.setdefault("X-Frame-Options", "DENY")
    return response
