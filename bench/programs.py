"""Servers under measurement: each a process on the servers' core, told apart by what it prints."""

import asyncio
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, cast

from bench.machine import CannotMeasure, server_cores

ROOT: Final = Path(__file__).parent.parent
START_S: Final = 60.0
STOP_S: Final = 30.0
LAST_WORDS: Final = 2000


class Program:
    """A running server."""

    def __init__(self, process: Process, log: Path) -> None:
        self._process, self._log = process, log
        self.pid = process.pid

    async def says(self, words: str, *, within_s: float = START_S) -> str:
        """The next line of its output with these words; raises CannotMeasure with its last words when it ends."""
        output = cast("asyncio.StreamReader", self._process.stdout)
        async with asyncio.timeout(within_s):
            while line := await output.readline():
                if words in (text := line.decode().strip()):
                    return text
        raise CannotMeasure(f"A server has ended: {self._log.read_text(errors='replace')[-LAST_WORDS:]}")

    async def told(self, line: str) -> None:
        """Write a line to its input."""
        orders = cast("asyncio.StreamWriter", self._process.stdin)
        orders.write(line.encode() + b"\n")
        await orders.drain()


@asynccontextmanager
async def started(
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    cores: set[int] | None = None,
) -> AsyncIterator[Program]:
    """Run a server on the servers' core until the block ends; what it complains of goes to a file, as an operator's."""
    with log.open("wb") as complaints:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            env={**os.environ, **(environment or {})},  # noqa: TID251 - what the desk's own settings are put beside
            stdin=PIPE,
            stdout=PIPE,
            stderr=complaints,
        )
        os.sched_setaffinity(process.pid, cores or server_cores())
        try:
            yield Program(process, log)
        finally:
            await _stop(process)


async def _stop(process: Process) -> None:
    with suppress(ProcessLookupError):
        cast("asyncio.StreamWriter", process.stdin).close()
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()
