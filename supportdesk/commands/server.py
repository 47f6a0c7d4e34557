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
from supportdesk.commands.database import open_database
from supportdesk.config import Settings
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
            await wiring.after_start(application)
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


async def _until_told_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    sys.stderr.write("Stopping: finishing what is under way.\n")
