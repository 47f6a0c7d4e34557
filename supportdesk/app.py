"""The only wiring: which slices there are, what they share, and in which order things start and stop."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from supportdesk.accounts import pages as account_pages
from supportdesk.accounts.actions.passwords import MAIL
from supportdesk.accounts.actions.setup import FirstRun
from supportdesk.accounts.entrance import StaffEntrance
from supportdesk.accounts.links import Links
from supportdesk.accounts.mail import AccountMail
from supportdesk.accounts.model import Actors
from supportdesk.accounts.passwords import Passwords
from supportdesk.audit import reactions as audit_reactions
from supportdesk.audit.reading import AccessLog
from supportdesk.config import Settings
from supportdesk.core import fast_socket, http, render, watch
from supportdesk.core.address import client_address
from supportdesk.core.breaker import Breaker
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.core.events import Bus
from supportdesk.core.inject import Resources
from supportdesk.core.jobs import Scheduler
from supportdesk.core.mail import Mailer
from supportdesk.core.metrics import SOCKETS_CUT
from supportdesk.core.outbox import Outbox
from supportdesk.core.outward import Outward
from supportdesk.core.secrets import Keyring
from supportdesk.core.sockets import Emitter, SocketAuthenticator, Sockets
from supportdesk.core.tasks import Tasks
from supportdesk.dashboard.broadcasts import ListBroadcasts
from supportdesk.dashboard.pages import DeskChrome
from supportdesk.demo import loader as demo
from supportdesk.descriptions.documents import Descriptions
from supportdesk.edges import HTTP, JOBS, SOCKETS
from supportdesk.escalations import actions as escalation_actions
from supportdesk.escalations import jobs as escalation_jobs
from supportdesk.escalations.reactions import Reactions
from supportdesk.guests.entrance import GuestEntrance
from supportdesk.knowledge import reactions as knowledge_reactions
from supportdesk.knowledge.pool import Embeddings
from supportdesk.knowledge.search import Knowledge
from supportdesk.llm.conversing import Conversations
from supportdesk.llm.models import Models
from supportdesk.messages import broadcasts as message_broadcasts
from supportdesk.messages.flights import Flights, Hooks
from supportdesk.messages.heads import COMPARE_S, Heads
from supportdesk.messages.stream import Hydrators
from supportdesk.permissions import reactions as permission_reactions
from supportdesk.permissions.entrance import Entrance
from supportdesk.permissions.grants import Grants
from supportdesk.permissions.revocation import SWEEP_S, Revocation
from supportdesk.retention.store import ArchiveStore
from supportdesk.robots import reactions as robot_reactions
from supportdesk.robots.discovery import discover
from supportdesk.robots.finishing import Surroundings
from supportdesk.robots.host import Host
from supportdesk.robots.rescue import Rescuer
from supportdesk.robots.runner import Runner
from supportdesk.robots.suggesting import hydrate as suggestions_of
from supportdesk.robots.turns import Stage
from supportdesk.robots.watchdog import Watchdog
from supportdesk.rooms import actions as room_actions
from supportdesk.rooms import broadcasts as room_broadcasts
from supportdesk.rooms import reactions as room_reactions
from supportdesk.rooms.actions import Closings, Openings
from supportdesk.rooms.events import RoomOpened
from supportdesk.rooms.model import EventKind
from supportdesk.tools.actions import Endings
from supportdesk.tools.executor import Executor
from supportdesk.tools.offering import offer_tools
from supportdesk.workspaces.access import Sites
from supportdesk.workspaces.actions import Beginnings
from supportdesk.workspaces.events import SiteChanged

log = structlog.get_logger(__name__)

FRAME_LIMIT = 64 * 1024
BODY_LIMIT = 1024 * 1024
OUTBOX_S = 1.0
PRESENCE_S = 15.0


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
    for thing in (settings, tasks, bus, clock, db, hooks, Hydrators(), Openings(), Closings(), watch.LoopWatch(clock)):
        resources.add(thing)
    resources.add(clock, as_type=Clock)
    keys = Keyring(
        settings.master_key(), previous=[key.get_secret_value().encode() for key in settings.previous_secret_keys]
    )
    resources.add(keys)
    resources.add(Sites(db, clock))
    resources.add(Beginnings())
    resources.add(Outward(settings.private_hosts))
    resources.add(GuestEntrance(settings, clock))
    resources.add(Outbox(db, node=node))
    resources.add(AccessLog(db, clock))
    audit_reactions.setup(bus, db, clock)
    _open_doors(resources, settings)
    resources.add(Flights(db, bus, tasks, clock, hooks))
    resources.add(ArchiveStore(settings.data_dir.resolve() / "objects"))
    _serve_sockets(app, resources, settings)
    _serve_http(app)
    resources.get(Hooks).after_insert.extend([escalation_actions.note_replies, escalation_actions.wake_by_message])
    if settings.demo:
        app[account_pages.DEMO_PEOPLE] = (demo.people(), demo.DEMO_PASSWORD)
    by_kind = resources.get(Hydrators).by_kind
    by_kind[EventKind.ESCALATION_CREATED] = escalation_actions.reasons_of
    by_kind[EventKind.CSAT_GIVEN] = room_actions.comments_of
    by_kind[EventKind.SUGGESTION_MADE] = suggestions_of
    _serve_knowledge(resources)
    resources.add(Models(db, keys, clock, tasks))
    offer_tools(resources)
    _host_robots(resources, settings, node)
    Reactions(bus, db, resources.get(Emitter))
    scheduler = Scheduler(resources, node=node)
    for jobs in JOBS:
        scheduler.add(jobs)
    resources.add(scheduler)
    app.cleanup_ctx.extend([_database, _background])
    return app


@asynccontextmanager
async def robots_only(settings: Settings, dsn: str) -> AsyncIterator[Resources]:
    """The robots' part of the application: turns are claimed, played and written down, and nothing is served."""
    resources = build(settings, dsn)[http.RESOURCES]
    db, tasks, runner = resources.get(Database), resources.get(Tasks), resources.get(Runner)
    await db.open()
    watchdog = Watchdog(resources.get(Clock), resources.get(Host).blame)
    try:
        tasks.spawn(resources.get(watch.LoopWatch).run(), name="loop watch", lasting=True)
        tasks.spawn(resources.get(Models).keep_warm(), name="keep models warm", lasting=True)
        runner.start()
        watchdog.start()
        yield resources
    finally:
        watchdog.stop()
        runner.stop()
        await tasks.drain()
        await resources.get(Embeddings).close()
        await resources.get(Models).close()
        await db.close()


def _open_doors(resources: Resources, settings: Settings) -> None:
    """Who may come in: staff by cookie or token, guests by theirs."""
    db, keys, clock = resources.get(Database), resources.get(Keyring), resources.get(Clock)
    links, mailer = Links(keys, settings), Mailer(settings)
    staff, grants = StaffEntrance(db, keys, settings, clock), Grants(db)
    entrance = Entrance(db, keys, clock, staff, grants)
    for thing in (links, mailer, staff, grants, entrance, Passwords(), FirstRun(clock)):
        resources.add(thing)
    resources.add(grants, as_type=Actors)
    resources.add(entrance.of_request, as_type=http.Authenticator)
    resources.add(entrance.of_socket, as_type=SocketAuthenticator)
    resources.add(DeskChrome(db), as_type=http.Chrome)
    resources.get(Bus).at_once(SiteChanged, resources.get(Sites).forget)
    resources.get(Outbox).carry(MAIL, AccountMail(db, mailer, links))


def _serve_knowledge(resources: Resources) -> None:
    db = resources.get(Database)
    embeddings = Embeddings()
    resources.add(embeddings)
    resources.add(Knowledge(db, embeddings))
    knowledge_reactions.setup(resources.get(Bus), db, embeddings)

    async def warm(opened: RoomOpened) -> None:
        await embeddings.of_questions(["hello"])  # loaded while the guest still types; an idle desk carries no model
        await resources.get(Models).warm(opened.room.workspace_id)

    resources.get(Bus).on(RoomOpened, warm)


def _host_robots(resources: Resources, settings: Settings, node: str) -> None:
    db, tasks, clock, hooks = resources.get(Database), resources.get(Tasks), resources.get(Clock), resources.get(Hooks)
    host = Host(discover(), Breaker(clock))
    stage = Stage(
        db=db,
        tasks=tasks,
        clock=clock,
        emitter=resources.get(Emitter),
        library=resources.get(Knowledge),
        executor=resources.get(Executor),
        outward=resources.get(Outward),
        around=Surroundings(host=host, hooks=hooks),
        keys=resources.get(Keyring),
        conversations=Conversations(resources.get(Models), db, resources.get(Keyring)),
    )
    runner, rescuer = Runner(stage, node=node, seats=settings.robot_workers), Rescuer(db)
    for thing in (host, runner, rescuer):
        resources.add(thing)
    robot_reactions.setup(
        resources.get(Bus),
        hooks,
        resources.get(Openings),
        resources.get(Beginnings),
        host,
        runner,
        rescuer,
        resources.get(Endings),
    )


def _serve_http(app: web.Application) -> None:
    resources = app[http.RESOURCES]
    resources.add(render.built())
    resources.add(Descriptions(HTTP, SOCKETS, resources.get(Settings).origin))
    render.setup(app)
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
        limits=fast_socket.SocketLimits(per_address=settings.sockets_per_address, loopback_exempt=True),
        client_address=lambda request: client_address(request, settings),
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
    resources.add(Heads(db, sockets, emitter, bus, resources.get(Hydrators)))
    ListBroadcasts(bus, emitter, sockets)


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
    sockets = resources.get(Sockets)
    tasks.spawn(
        _again(lambda: escalation_jobs.touch_present(resources.get(Database), sockets), PRESENCE_S),
        name="presence",
        lasting=True,
    )
    tasks.spawn(_again(resources.get(Revocation).sweep, SWEEP_S), name="revocation", lasting=True)
    tasks.spawn(_again(resources.get(Heads).compare, COMPARE_S), name="heads", lasting=True)
    tasks.spawn(resources.get(Models).keep_warm(), name="keep models warm", lasting=True)
    runner = resources.get(Runner)
    runner.start()
    watchdog = Watchdog(resources.get(Clock), resources.get(Host).blame)
    watchdog.start()
    if resources.get(Settings).demo:
        await _load_demo(resources)
    scheduler.start()
    yield
    scheduler.stop()
    watchdog.stop()
    runner.stop()
    await resources.get(fast_socket.DeskServer).shutdown()
    await tasks.drain()
    await resources.get(Embeddings).close()
    await resources.get(Models).close()


async def _load_demo(resources: Resources) -> None:
    """Acme Store; its help centre is read beside the serving, but for the answers to what the chat offers to ask."""
    db = resources.get(Database)
    workspace_id = await demo.load(resources.get(Settings), db, resources.get(Host))
    answers_ready = asyncio.Event()
    reading = demo.read_help_centre(db, resources.get(Embeddings), workspace_id, answers_ready)
    resources.get(Tasks).spawn(reading, name="read the help centre", lasting=True)
    await answers_ready.wait()


async def _again(work: Callable[[], Awaitable[object]], every_s: float) -> None:
    """Do it over and over; what fails is logged and tried again."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("sweep.failed")
        await asyncio.sleep(every_s)
