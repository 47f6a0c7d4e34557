"""The command line: one sentence for each thing that goes wrong, and a non-zero exit."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Final

from supportdesk import __version__
from supportdesk.commands import data, people, robots, server
from supportdesk.config import Settings
from supportdesk.core.logging import configure
from supportdesk.errors import DeskError, StartError

Command = Callable[[Settings, argparse.Namespace], Coroutine[Any, Any, int]]
INTERRUPTED: Final = 130


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    top = argparse.ArgumentParser(prog="supportdesk", description="A self-hosted support desk.")
    top.add_argument("--version", action="version", version=f"supportdesk {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for part in (server, data, people, robots):
        part.add_to(commands)
    return top


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its status: 0 done, 1 refused or failed, 2 wrong usage."""
    chosen = parser().parse_args(arguments)
    command: Command = chosen.run
    try:
        settings = Settings.load(**({"demo": True} if chosen.command == "demo" else {}))
        configure(settings.log_level, as_json=settings.log_json)
        status = asyncio.run(command(settings, chosen))
    except (StartError, DeskError) as error:
        sys.stderr.write(f"supportdesk: {error}\n")
        status = 1
    except KeyboardInterrupt:
        status = INTERRUPTED
    sys.exit(status)
