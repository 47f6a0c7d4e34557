"""The command line: one sentence for each thing that goes wrong, and a non-zero exit."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final, NoReturn

import asyncpg

from supportdesk import __version__
from supportdesk.commands import data, descriptions, evaluation, knowledge, people, robots, server
from supportdesk.commands.server import DEMO_LOG
from supportdesk.config import Settings
from supportdesk.core.logging import configure
from supportdesk.errors import DeskError, StartError

Command = Callable[[Settings, argparse.Namespace], Coroutine[Any, Any, int]]
REFUSED: Final = 1
WRONG_USAGE: Final = 2
INTERRUPTED: Final = 130
TALKATIVE: Final = frozenset({"serve", "worker"})
"""Commands that log what they do; the others say only what is wrong, unless a level is set."""


class Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong with a command line."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and where to look; exit 2."""
        self.exit(WRONG_USAGE, f"supportdesk: {message[:1].upper()}{message[1:]}; `{self.prog} --help` tells more.\n")


def parser() -> Parser:
    """Every command with its options."""
    top = Parser(prog="supportdesk", description="A self-hosted support desk.", allow_abbrev=False)
    top.add_argument("--version", action="version", version=f"supportdesk {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for part in (server, data, people, knowledge, robots, evaluation, descriptions):
        part.add_to(commands)
    return top


@contextmanager
def _log_of(settings: Settings, command: str) -> Iterator[None]:
    """Say what is no setting, and log: to the terminal, or for the demo to a file that begins anew with each start."""
    for sentence in Settings.strangers():
        sys.stderr.write(f"supportdesk: {sentence}\n")
    is_told = "log_level" in settings.model_fields_set
    if command != "demo" or is_told:
        if command in TALKATIVE:
            configure(settings.log_level, as_json=settings.log_json)
        else:  # what somebody runs by hand and reads
            configure(settings.log_level if is_told else "warning", as_json=bool(settings.log_json))
        yield
        return
    settings.master_key()  # makes the data folder, or says why it cannot
    with (settings.data_dir / DEMO_LOG).open("w") as file:
        configure(settings.log_level, as_json=settings.log_json, file=file)
        yield


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The loop of uvloop where there is one: a message costs less CPU on it (429 and 401 µs, bench/path.py)."""
    try:
        import uvloop
    except ImportError:  # Windows
        return None
    return uvloop.new_event_loop


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its status: 0 done, 1 refused or failed, 2 wrong usage."""
    chosen = parser().parse_args(arguments)
    command: Command = chosen.run
    try:
        settings = Settings.load(**({"demo": True} if chosen.command == "demo" else {}))
        with _log_of(settings, chosen.command), asyncio.Runner(loop_factory=_loop_factory()) as runner:
            status = runner.run(command(settings, chosen))
        sys.stdout.flush()
    except (StartError, DeskError) as error:
        sys.stderr.write(f"supportdesk: {error}\n")
        status = REFUSED
    except asyncpg.PostgresError as error:
        sys.stderr.write(f"supportdesk: PostgreSQL refused: {str(error).splitlines()[0].rstrip('.')}.\n")
        status = REFUSED
    except BrokenPipeError:  # the reader of our output has seen enough; nothing more can be written there
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = REFUSED
    except KeyboardInterrupt:
        status = INTERRUPTED
    sys.exit(status)
