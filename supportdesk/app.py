"""The only wiring: which slices there are, what they share, and in which order things start and stop."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog
from aiohttp import web

from supportdesk.accounts import http as account_http
from supportdesk.accounts import pages as account_pages
from supportdesk.accounts import people_pages
from supportdesk.accounts.actions.passwords import MAIL
from supportdesk.accounts.actions.setup import FirstRun
from supportdesk.accounts.entrance import StaffEntrance
from supportdesk.accounts.links import Links
from supportdesk.accounts.mail import AccountMail
from supportdesk.accounts.model import Actors
from supportdesk.accounts.passwords import Passwords
from supportdesk.audit import http as audit_http
from supportdesk.config import Settings
from supportdesk.core import fast_socket, health, http, render, watch
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.core.events import Bus
from supportdesk.core.inject import Resources
from supportdesk.core.jobs import Scheduler
from supportdesk.core.mail import Mailer
from supportdesk.core.metrics import SOCKETS_CUT
from supportdesk.core.outbox import Outbox
from supportdesk.core.secrets import Keyring
from supportdesk.core.sockets import Emitter, SocketAuthenticator, Sockets
from supportdesk.core.tasks import Tasks
from supportdesk.guests import http as guest_http
from supportdesk.guests import sockets as guest_sockets
from supportdesk.guests.flood import Flood
from supportdesk.messages import broadcasts as message_broadcasts
from supportdesk.messages import http as message_http
from supportdesk.messages import sockets as message_sockets
from supportdesk.messages.flights import Flights, Hooks
from supportdesk.messages.stream import Hydrators
from supportdesk.permissions import reactions as permission_reactions
from supportdesk.permissions.entrance import Entrance
from supportdesk.permissions.grants import Grants
from supportdesk.permissions.revocation import SWEEP_S, Revocation
from supportdesk.rooms import broadcasts as room_broadcasts
from supportdesk.rooms import reactions as room_reactions
from supportdesk.rooms import sockets as room_sockets
from supportdesk.rooms.actions import Openings
from supportdesk.workspaces import http as workspace_http
from supportdesk.workspaces.access import Sites
from supportdesk.workspaces.events import SiteChanged

log = structlog.get_logger(__name__)

FRAME_LIMIT = 64 * 1024
BODY_LIMIT = 1024 * 1024
OUTBOX_S = 1.0

HTTP = [
    health.routes,
    audit_http.routes,
    workspace_http.routes,
    account_http.routes,
    account_pages.routes,
    people_pages.routes,
    guest_http.routes,
    message_http.routes,
]
SOCKETS = [guest_sockets.routes, room_sockets.routes, message_sockets.routes]


def build(settings: Settings, dsn: str, *, clock: Clock | None = None) -> web.Application:
    """The application, ready to run: it connects when it starts, and gives everything back when it stops."""
    app = web.Application(
        middlewares=[render.security_headers, http.canonical_line],
        client_max_size=BODY_LIMIT,
        handler_args={"max_line_size": 16_384, "max_field_size": 16_384},
    )
    resources = Resources()
    app[http.RESOURCES] = resources
    tasks = Tasks()
    bus = Bus(tasks)
    clock = clock or Clock()
    node = f"{socket.gethostname()}:{os.getpid()}"
    db = Database(settings, dsn, bus)
    hooks = Hooks()
    for thing in (settings, tasks, bus, clock, db, hooks, Hydrators(), Openings(), watch.LoopWatch(clock)):
        resources.add(thing)
    resources.add(clock, as_type=Clock)
    resources.add(Flights(db, tasks, clock, hooks))
    resources.add(Outbox(db, node=node))
    _let_people_in(resources, settings)
    _serve_sockets(app, resources, settings)
    _serve_http(app)
    scheduler = Scheduler(resources, node=node)
    resources.add(scheduler)
    app.cleanup_ctx.extend([_database, _background])
    return app


def _let_people_in(resources: Resources, settings: Settings) -> None:
    db, bus, clock = resources.get(Database), resources.get(Bus), resources.get(Clock)
    previous = [key.get_secret_value().encode() for key in settings.previous_secret_keys]
    keys = Keyring(settings.master_key(), previous=previous)
    links, mailer, sites, grants = Links(keys, settings), Mailer(settings), Sites(db, clock), Grants(db)
    staff = StaffEntrance(db, keys, settings, clock)
    entrance = Entrance(db, keys, clock, staff, grants)
    things = (keys, links, mailer, sites, grants, staff, entrance, Passwords(), FirstRun(clock), Flood(settings, clock))
    for thing in things:
        resources.add(thing)
    resources.add(grants, as_type=Actors)
    resources.add(entrance.of_request, as_type=http.Authenticator)
    resources.add(entrance.of_socket, as_type=SocketAuthenticator)
    bus.at_once(SiteChanged, sites.forget)
    resources.get(Outbox).carry(MAIL, AccountMail(db, mailer, links))


def _serve_http(app: web.Application) -> None:
    assets = render.Assets()
    app[http.RESOURCES].add(assets)
    render.setup(app, assets)
    for routes in HTTP:
        http.mount(app, routes)


def _serve_sockets(app: web.Application, resources: Resources, settings: Settings) -> None:
    tasks, bus = resources.get(Tasks), resources.get(Bus)
    origins = {settings.origin, f"http://127.0.0.1:{settings.port}", f"http://localhost:{settings.port}"}

    def allowed(origin: str) -> bool:
        # Browsers always say where they come from; programs need not. The token decides who they are.
        return not origin or origin in origins

    server = fast_socket.make_server(
        fast=settings.fast_sockets,
        ping_interval=settings.ping_interval_s,
        ping_timeout=settings.ping_timeout_s,
        max_frame=FRAME_LIMIT,
        allowed_origin=allowed,
        limits=fast_socket.SocketLimits(per_address=settings.sockets_per_address),
        on_cut=lambda _sid, reason: SOCKETS_CUT.labels(reason).inc(),
        tasks=tasks,
    )
    server.attach(app)
    resources.add(server, as_type=fast_socket.DeskServer)
    emitter = Emitter(server, tasks)
    resources.add(emitter)
    sockets = Sockets(server, resources, guest_rate=settings.guest_rate, guest_burst=settings.guest_burst)
    resources.add(sockets)
    for routes in SOCKETS:
        sockets.serve(routes)
    db = resources.get(Database)
    revocation = Revocation(db, sockets, resources.get(Grants), bus, resources.get(Clock))
    resources.add(revocation)
    permission_reactions.setup(bus, revocation)
    room_reactions.setup(bus, sockets, db)
    room_broadcasts.setup(bus, emitter, sockets, tasks)
    message_broadcasts.setup(bus, emitter)


async def _database(app: web.Application) -> AsyncIterator[None]:
    resources = app[http.RESOURCES]
    db = resources.get(Database)
    await db.open()
    yield
    await db.close()


async def _background(app: web.Application) -> AsyncIterator[None]:
    resources = app[http.RESOURCES]
    tasks, scheduler = resources.get(Tasks), resources.get(Scheduler)
    tasks.spawn(resources.get(watch.LoopWatch).run(), name="loop watch", lasting=True)
    tasks.spawn(_again(resources.get(Outbox).sweep, OUTBOX_S), name="outbox", lasting=True)
    tasks.spawn(_again(resources.get(Revocation).sweep, SWEEP_S), name="revocation", lasting=True)
    scheduler.start()
    yield
    scheduler.stop()
    await resources.get(fast_socket.DeskServer).shutdown()
    await tasks.drain()


async def _again(work: Callable[[], Awaitable[object]], every_s: float) -> None:
    """Do it over and over; what fails is logged and tried again."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("sweep.failed")
        await asyncio.sleep(every_s)
