"""HTTP at the edge: find the actor, check the permission, parse, open one transaction, call, shape the answer."""

import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol, cast, get_args
from urllib.parse import quote
from uuid import UUID

import aiohttp_jinja2
import structlog
from aiohttp import web
from pydantic import BaseModel

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Database, Lane, Tx
from supportdesk.core.ids import uuid7
from supportdesk.core.inject import Resources, parameters
from supportdesk.core.metrics import REQUESTS
from supportdesk.core.refusals import tell_denial
from supportdesk.core.uploads import Upload
from supportdesk.core.wire import parse, to_json
from supportdesk.errors import BadRequest, DeskError, NotFound, TooLarge, Unauthenticated

log = structlog.get_logger(__name__)

Handler = Callable[..., Awaitable[Any]]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
RESOURCES: web.AppKey[Resources] = web.AppKey("resources", Resources)
HEADINGS = {403: "You may not do that", 404: "There is nothing here", 429: "Too fast", 503: "One moment"}
FORM: web.RequestKey[dict[str, str]] = web.RequestKey("form", dict[str, str])
UPLOAD: web.RequestKey[Upload] = web.RequestKey("upload", Upload)
"""The form with files of a route that takes some."""
ACTOR: web.RequestKey[Actor | None] = web.RequestKey("actor", Actor | None)  # type: ignore[arg-type]
REQUEST_ID: web.RequestKey[str] = web.RequestKey("request_id", str)


class Authenticator(Protocol):
    """Finds out who is asking; app.py wires the slices that know."""

    async def __call__(self, request: web.Request) -> Actor | None:
        """The actor, or None when nobody is signed in; raises for a stale token or a missing CSRF token."""


class Chrome(Protocol):
    """What every page shows around its own matter: who is signed in, the workspace, the way round."""

    async def __call__(self, request: web.Request, actor: Actor | None) -> Mapping[str, object]:
        """The context that all templates share."""


@dataclass(frozen=True, slots=True)
class Page:
    """A template and what it shows."""

    template: str
    context: Mapping[str, object]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeeOther:
    """After a form: look there (303)."""

    location: str


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the HTTP surface."""

    method: str
    path: str
    handler: Handler
    needs: Permission | None
    public: str | None
    status: int
    takes: dict[str, type[Any]]
    is_page: bool
    hidden: bool
    files: int = 0
    """Bytes of a form with files that it takes; 0 for none."""

    @property
    def body(self) -> type[BaseModel] | None:
        """The model of the request body; a route with files may be sent either."""
        kinds = [kind for kind in get_args(self.takes.get("want")) if kind is not type(None)]
        return cast("type[BaseModel] | None", kinds[0] if kinds else self.takes.get("want"))


ROUTE: web.RequestKey[Route] = web.RequestKey("route", Route)


class Routes:
    """The operations of one slice, as a table that app.py reads."""

    def __init__(self) -> None:
        self.table: list[Route] = []

    def on(
        self,
        method: str,
        path: str,
        *,
        needs: Permission | None = None,
        public: str | None = None,
        status: int = 200,
        is_page: bool = False,
        hidden: bool = False,
        files: int = 0,
    ) -> Callable[[Handler], Handler]:
        """Register an operation; it names the permission it needs, or the reason why it is open to everybody."""
        if (needs is None) == (public is None):
            raise TypeError(f"{method} {path} must name the permission it needs, or why it is public")

        def register(handler: Handler) -> Handler:
            self.table.append(
                Route(
                    method, path, handler, needs, public, status, parameters(handler), is_page, hidden or is_page, files
                )
            )
            return handler

        return register

    def get(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Read something."""
        return self.on("GET", path, **options)

    def post(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Make something."""
        return self.on("POST", path, **options)

    def put(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Set something."""
        return self.on("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Change part of something."""
        return self.on("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """End something."""
        return self.on("DELETE", path, **options)

    def page(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Show a page to a person."""
        return self.on("GET", path, is_page=True, **options)

    def form(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Take a form of a page; answers with SeeOther, or with the page and its errors."""
        return self.on("POST", path, is_page=True, **options)


def mount(app: web.Application, routes: Routes) -> None:
    """Serve the table."""
    for route in routes.table:
        app.router.add_route(route.method, route.path, _edge(route))


def _edge(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    wants_tx = any(kind is Tx for kind in route.takes.values())

    async def edge(request: web.Request) -> web.StreamResponse:
        request[ROUTE] = route
        resources = request.app[RESOURCES]
        body = await _body(route, request)
        actor = await _actor(route, request, resources)
        async with AsyncExitStack() as stack:
            tx = None
            if wants_tx:
                if actor is None:
                    raise Unauthenticated("Sign in first.")
                tx = await stack.enter_async_context(resources.get(Database).transaction(actor, lane=Lane.WEB))
            values = {name: _value(name, kind, request, actor, tx, body) for name, kind in route.takes.items()}
            result = await route.handler(**values)
        return await _answer(request, route, result)

    return edge


async def _actor(route: Route, request: web.Request, resources: Resources) -> Actor | None:
    wants_actor = route.needs is not None or any(kind in (Actor, Tx) for kind in route.takes.values())
    if not wants_actor and Actor | None not in route.takes.values():
        return None
    authenticate = resources.get(Authenticator)  # type: ignore[type-abstract]
    actor = await authenticate(request)
    request[ACTOR] = actor
    if actor is None and wants_actor:
        raise Unauthenticated("Sign in first, or send a token.")
    if actor is not None and route.needs is not None:
        actor.must(route.needs)
    return actor


async def _body(route: Route, request: web.Request) -> BaseModel | None:
    model = route.body
    if request.method in SAFE:
        return None
    if request.content_type == "application/x-www-form-urlencoded":
        try:
            form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        except (UnicodeDecodeError, LookupError):
            raise BadRequest("Send the form as UTF-8.") from None
        request[FORM] = form
        return parse(model, {k: v for k, v in form.items() if k != "csrf_token"}) if model else None
    if route.files and request.content_type == "multipart/form-data":
        upload = request[UPLOAD] = await Upload.begin(request, route.files)
        request[FORM] = upload.fields
        return None
    if model is None:
        return None
    if request.content_type not in ("application/json", "application/octet-stream", "text/plain"):
        raise BadRequest("Send the body as application/json.")
    return parse(model, await request.read() or b"{}")


def _value(
    name: str, kind: Any, request: web.Request, actor: Actor | None, tx: Tx | None, body: BaseModel | None
) -> Any:
    if name in request.match_info:
        return _path_value(kind, request.match_info[name])
    if name == "want":
        return body
    if name == "query":
        return parse(kind, {key: request.query[key] for key in request.query})
    if kind is Tx:
        return tx
    if kind in (Actor, Actor | None):
        return actor
    if kind is web.Request:
        return request
    return request.app[RESOURCES].get(kind)


def _path_value(kind: Any, text: str) -> Any:
    target = getattr(kind, "__supertype__", kind)
    if target is str:
        if "\x00" in text:
            raise NotFound("There is no such thing here.")
        return text
    try:
        value = target(text)
    except ValueError:
        raise NotFound("There is no such thing here.") from None
    # UUID() also takes braces, urn: and bare hex; one thing has one address.
    if target is UUID and str(value) != text.lower():
        raise NotFound("There is no such thing here.")
    return value


async def _answer(request: web.Request, route: Route, result: object) -> web.StreamResponse:
    match result:
        case web.StreamResponse():
            return result
        case Page():
            return await render(request, result)
        case SeeOther():
            return web.Response(status=303, headers={"Location": result.location})
        case None:
            return web.Response(status=204)
        case _:
            return web.Response(status=route.status, body=to_json(result), content_type="application/json")


async def render(request: web.Request, page: Page) -> web.Response:
    """The page as HTML, never cached."""
    chrome = request.app[RESOURCES].get(Chrome)  # type: ignore[type-abstract]
    shared = await chrome(request, request.get(ACTOR))
    response = aiohttp_jinja2.render_template(page.template, request, {**shared, **page.context}, status=page.status)
    response.headers["Cache-Control"] = "no-store"
    for name, value in page.headers.items():
        response.headers[name] = value
    return response


async def _refusal(request: web.Request, error: DeskError, status: int | None = None) -> web.StreamResponse:
    route: Route | None = request.get(ROUTE)
    headers = {}
    if "retry_after" in error.details:
        headers["Retry-After"] = str(max(1, round(float(str(error.details["retry_after"])))))
    wants_page = (route.is_page if route else "text/html" in request.headers.get("Accept", "")) and not (
        request.path.startswith("/api/")
    )
    if wants_page:
        if isinstance(error, Unauthenticated) and request.method == "GET":
            return web.Response(status=303, headers={"Location": f"/login?next={quote(request.path, safe='/')}"})
        heading = HEADINGS.get(status or error.status, "That did not work")
        context = {
            "status": status or error.status,
            "heading": heading,
            "sentence": error.sentence,
            "request_id": request.get(REQUEST_ID),
        }
        return await render(request, Page("error.html", context, status or error.status, headers))
    return web.json_response(
        {"error": error.as_wire()},
        status=status or error.status,
        headers=headers,
        dumps=lambda data: to_json(data).decode(),
    )


@web.middleware
async def canonical_line(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer every error in one shape and write one line per request: ids only, no query string, no body."""
    began = time.perf_counter()
    request_id = request[REQUEST_ID] = str(uuid7())
    failure: str | None = None
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        try:
            response = await handler(request)
        except DeskError as error:
            failure = error.specific_code
            route: Route | None = request.get(ROUTE)
            if route is not None:
                tell_denial(request.app[RESOURCES], request.get(ACTOR), f"{route.method} {route.path}", error)
            response = await _refusal(request, error)
        except web.HTTPRequestEntityTooLarge:
            failure = "too_large"
            response = await _refusal(request, TooLarge("The body is larger than this operation takes."))
        except web.HTTPException as error:
            known = {
                404: ("not_found", "There is nothing at this address."),
                405: ("method_not_allowed", "This address does not take that method."),
            }
            code, sentence = known.get(error.status, ("bad_request", "The request cannot be understood."))
            if error.status < 400:  # noqa: PLR2004 - a redirect is no failure
                raise
            failure = code
            response = await _refusal(request, DeskError(sentence, code=code), error.status)
            if "Allow" in error.headers:
                response.headers["Allow"] = error.headers["Allow"]
        except Exception:
            failure = "internal"
            log.exception("http.failed", method=request.method, path=request.path)
            sentence = f"Something went wrong on our side (request {request_id})."
            response = await _refusal(request, DeskError(sentence, code=failure), 500)
        _log_line(request, response, failure, time.perf_counter() - began)
    return response


def _log_line(request: web.Request, response: web.StreamResponse, failure: str | None, took_s: float) -> None:
    resource = request.match_info.route.resource
    name = resource.canonical if resource is not None else "unmatched"
    actor: Actor | None = request.get(ACTOR)
    REQUESTS.labels(request.method, name, str(response.status)).observe(took_s)
    log.info(
        "http",
        method=request.method,
        route=name,
        status=response.status,
        ms=round(took_s * 1000, 2),
        actor=str(actor.id) if actor else None,
        error=failure,
    )
