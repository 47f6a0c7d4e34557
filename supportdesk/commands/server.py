"""serve, demo, worker."""

import argparse
import asyncio
import errno
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any, Final

import structlog

from supportdesk.commands.database import connect, open_database
from supportdesk.config import Settings
from supportdesk.core.collector import collect_rarely
from supportdesk.core.db import Database
from supportdesk.errors import StartError

if TYPE_CHECKING:
    from aiohttp import web

log = structlog.get_logger(__name__)

DRAIN_S: Final = 12.0
BACKLOG: Final = 1024
DEMO_LOG: Final = "desk.log"
"""Where the demo says what happens: its terminal belongs to the newcomer."""
WORKER_SEATS: Final = 8
"""Turns at once in a worker when the setting leaves none to the server."""


def add_to(commands: Any) -> None:
    """Add the commands of this module."""
    commands.add_parser("serve", help="run the desk").set_defaults(run=serve)
    demo = commands.add_parser("demo", help="run the desk with a demo workspace")
    demo.add_argument("--remove", action="store_true", help="remove the demo workspace instead, with all that is in it")
    demo.set_defaults(run=run_demo)
    commands.add_parser("worker", help="play robot turns beside a server, without HTTP").set_defaults(run=work)


async def serve(settings: Settings, _chosen: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM; then finish what is under way."""
    if settings.demo and not settings.is_loopback and not settings.force:
        raise StartError(
            f"The demo workspace has known passwords, and others can reach this desk at {settings.origin} "
            f"(SUPPORTDESK_HOST is {settings.host}). "
            "Listen on 127.0.0.1, use `supportdesk serve` without SUPPORTDESK_DEMO, "
            "or set SUPPORTDESK_FORCE=1 if nobody else can reach this machine."
        )
    # Before PostgreSQL starts, because these are known at once; the application is read when nothing stands in its way.
    settings.master_key()
    sockets = await _bound(settings)
    settings = settings.model_copy(update={"port": sockets[0].getsockname()[1]})
    stop = _stop_signal()
    try:
        async with open_database(settings, owning=True) as dsn:
            from aiohttp import web

            from supportdesk import app as wiring

            application = wiring.build(settings, dsn)
            runner = web.AppRunner(application, access_log=None, shutdown_timeout=DRAIN_S, handle_signals=False)
            try:
                await runner.setup()
                for listener in sockets:
                    await _listen(runner, listener, settings)
                collect_rarely()
                sys.stdout.write(_welcome(settings, await _first_run_code(application)))
                sys.stdout.flush()
                await stop.wait()
                sys.stderr.write("Stopping: finishing what is under way.\n")
            finally:
                await runner.cleanup()
    finally:
        for listener in sockets:
            listener.close()
    return 0


async def run_demo(settings: Settings, chosen: argparse.Namespace) -> int:
    """Run the desk with the demo workspace, or remove that."""
    if not chosen.remove:
        return await serve(settings, chosen)
    from supportdesk.demo.loader import remove_demo

    async with open_database(settings) as dsn:
        conn = await connect(dsn)
        try:
            was_there = await remove_demo(conn)
        finally:
            await conn.close()
    sys.stdout.write("The demo workspace is removed.\n" if was_there else "There is no demo workspace here.\n")
    return 0


async def work(settings: Settings, _chosen: argparse.Namespace) -> int:
    """Play the robots' turns of the queue until SIGINT or SIGTERM; turns under way are finished."""
    settings = settings.model_copy(update={"robot_workers": settings.robot_workers or WORKER_SEATS})
    stop = _stop_signal()
    async with open_database(settings) as dsn:
        from supportdesk import app as wiring

        async with wiring.robots_only(settings, dsn):
            sys.stdout.write(f"Playing up to {settings.robot_workers} robot turns at once. Ctrl-C stops it.\n")
            sys.stdout.flush()
            await stop.wait()
            sys.stderr.write("Stopping: finishing what is under way.\n")
    return 0


async def _bound(settings: Settings) -> list[socket.socket]:
    """A socket for each address of the host, bound and not yet listening; raises StartError."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (socket.gaierror, UnicodeError):
        raise StartError(
            f"SUPPORTDESK_HOST is {settings.host}, which is no address of this machine and no name that leads to one."
        ) from None
    port = settings.port
    bound: list[socket.socket] = []
    problem: OSError | None = None
    for family, _, _, _, address in dict.fromkeys(found):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            listener.bind((address[0], port, *address[2:]))
        except OSError as error:
            listener.close()
            problem = error
            if error.errno != errno.EADDRNOTAVAIL:  # localhost may have an IPv6 name on a machine without IPv6
                break
            continue
        bound.append(listener)
        port = listener.getsockname()[1]
        problem = None
    if problem is not None:
        for listener in bound:
            listener.close()
        raise _cannot_listen(settings, problem)
    return bound


async def _listen(runner: "web.AppRunner", listener: socket.socket, settings: Settings) -> None:
    from aiohttp import web

    try:
        await web.SockSite(runner, listener, backlog=BACKLOG).start()
    except OSError as error:
        raise _cannot_listen(settings, error) from None


def _cannot_listen(settings: Settings, error: OSError) -> StartError:
    place = f"{settings.port} of {settings.host}"
    match error.errno:
        case errno.EADDRINUSE:
            return StartError(f"Port {place} is taken by another program; stop it or set SUPPORTDESK_PORT.")
        case errno.EACCES:
            return StartError(f"This user may not listen on port {place}; set SUPPORTDESK_PORT to one above 1023.")
        case errno.EADDRNOTAVAIL:
            return StartError(f"{settings.host} is no address of this machine; set SUPPORTDESK_HOST to one of its own.")
        case _:
            return StartError(f"Cannot listen on port {place}: {error.strerror}.")


async def _first_run_code(application: "web.Application") -> str | None:
    from supportdesk.accounts.actions.setup import FirstRun, first_run_code
    from supportdesk.core.http import RESOURCES

    resources = application[RESOURCES]
    return await first_run_code(resources.get(Database), resources.get(FirstRun))


def _welcome(settings: Settings, code: str | None) -> str:
    """What to open and with which sign-in."""
    from supportdesk.demo.loader import DEMO_PASSWORD

    lines = ["", f"  Support Desk is running at {settings.origin}", ""]
    if code is not None:
        lines += [f"  The desk is empty: open {settings.origin}/setup and enter the one-time code {code}.", ""]
    if settings.demo:
        lines += [
            f"  1. Open {settings.origin}/demo and ask the chat bubble: How long do refunds take?",
            "     Then ask for a person.",
            f"  2. Open {settings.origin}/login in another window and sign in as t1@demo.test,",
            f"     password {DEMO_PASSWORD}: claim the room, reply, add a note, escalate to T2.",
            "  3. Others: t1b, t2, t3, supervisor, manager, admin @demo.test, the same password.",
            "",
            f"  What happens is written to {settings.data_dir / DEMO_LOG}.",
        ]
    lines += ["  Ctrl-C stops it.", ""]
    return "\n".join(lines) + "\n"


def _stop_signal() -> asyncio.Event:
    """Set by SIGINT and SIGTERM, from now on."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
