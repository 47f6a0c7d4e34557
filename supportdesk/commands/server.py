"""serve, demo, worker, doctor."""

import argparse
import asyncio
import errno
import signal
import sys
from typing import Any

import structlog
from aiohttp import web

from supportdesk import app as wiring
from supportdesk.accounts.actions.setup import FirstRun, first_run_code
from supportdesk.commands.database import open_database
from supportdesk.config import Settings
from supportdesk.core.db import Database
from supportdesk.core.http import RESOURCES
from supportdesk.demo.loader import DEMO_PASSWORD
from supportdesk.errors import StartError

log = structlog.get_logger(__name__)

DRAIN_S = 12.0


def add_to(commands: Any) -> None:
    """Add the commands of this module."""
    serve_command = commands.add_parser("serve", help="run the desk")
    serve_command.set_defaults(run=serve)
    demo = commands.add_parser("demo", help="run the desk with a demo workspace")
    demo.set_defaults(run=serve)


async def serve(settings: Settings, _chosen: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM; then finish what is under way."""
    if settings.demo and not settings.is_loopback and not settings.force:
        raise StartError(
            f"The demo workspace has known passwords and SUPPORTDESK_HOST is {settings.host}, not loopback. "
            "Unset SUPPORTDESK_DEMO, or set SUPPORTDESK_FORCE=1 if nobody else can reach this machine."
        )
    async with open_database(settings, owning=True) as dsn:
        application = wiring.build(settings, dsn)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=DRAIN_S, handle_signals=False)
        await runner.setup()
        try:
            await _listen(runner, settings)
            sys.stdout.write(_welcome(settings, await _first_run_code(application)))
            sys.stdout.flush()
            await _until_told_to_stop()
        finally:
            await runner.cleanup()
    return 0


async def _listen(runner: web.AppRunner, settings: Settings) -> None:
    try:
        await web.TCPSite(runner, settings.host, settings.port, backlog=1024).start()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"Port {settings.port} of {settings.host} is taken by another program; stop it or set SUPPORTDESK_PORT."
            ) from None
        raise StartError(f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}.") from None


async def _first_run_code(application: web.Application) -> str | None:
    resources = application[RESOURCES]
    return await first_run_code(resources.get(Database), resources.get(FirstRun))


def _welcome(settings: Settings, code: str | None) -> str:
    """What to open and with which sign-in."""
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
        ]
    lines += ["  Ctrl-C stops it.", ""]
    return "\n".join(lines) + "\n"


async def _until_told_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    sys.stderr.write("Stopping: finishing what is under way.\n")
