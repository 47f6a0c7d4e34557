"""How long a desk takes to come up, and how much memory it then has: the command itself, in folders of its own."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

import aiohttp
import psutil

from bench.figures import Figure, Run, at_most, median, spread

LIMIT_S: Final = 120
LOOK_S: Final = 0.02
MEGABYTE: Final = 1024 * 1024
MOST_MB: Final = 120
ADDRESS: Final = re.compile(rb"http://127\.0\.0\.1:\d+")
IMPORT: Final = (
    "import time; began = time.perf_counter(); import supportdesk.cli, supportdesk.app; "
    "print(time.perf_counter() - began)"
)


async def measure(run: Run) -> Sequence[Figure]:
    """Seconds to readiness with an empty folder and with a used one, memory after, and the import alone."""
    cold: list[float] = []
    warm: list[float] = []
    memory: list[float] = []
    imports: list[float] = []
    for _ in range(1 if run.quick else run.rounds):
        with TemporaryDirectory(prefix="bench-start-") as folder:
            first, _ = await _started(Path(folder))
            cold.append(first)
            for _ in range(2 if run.quick else 1):
                again, resident = await _started(Path(folder))
                warm.append(again)
                memory.append(resident)
        imports.append(await _imported())
    return [
        Figure(figure="start.first", value=median(cold), unit="s to /readyz", note=f"with initdb; {spread(cold)}"),
        Figure(figure="start.again", value=median(warm), unit="s to /readyz", note=spread(warm)),
        Figure(figure="start.import", value=median(imports), unit="s", note=spread(imports)),
        at_most(
            "start.rss",
            median(memory),
            MOST_MB,
            "MB",
            note=f"of the server's process, no embedding model; {spread(memory)}",
        ),
    ]


async def _started(folder: Path) -> tuple[float, float]:
    """Seconds from the command to its readiness, and megabytes resident then; it is stopped again."""
    began = perf_counter()
    desk = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "supportdesk", "serve"),
        env=_environment(folder),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            await _ready(await _address(desk))
        took = perf_counter() - began
        return took, psutil.Process(desk.pid).memory_info().rss / MEGABYTE
    finally:
        if desk.returncode is None:
            desk.send_signal(signal.SIGTERM)
        await desk.communicate()


def _environment(folder: Path) -> dict[str, str]:
    """The caller's, without settings of theirs."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("SUPPORTDESK_")}  # noqa: TID251 - handed on to the command that is measured
    return {**own, "SUPPORTDESK_DATA_DIR": str(folder), "SUPPORTDESK_PORT": "0", "SUPPORTDESK_LOG_LEVEL": "error"}


async def _address(desk: asyncio.subprocess.Process) -> str:
    """Where it says it listens."""
    if desk.stdout is None:
        raise LookupError("The desk was started without its output.")
    async for line in desk.stdout:
        if (found := ADDRESS.search(line)) is not None:
            return found[0].decode()
    raise LookupError("The desk ended before it said where it listens.")


async def _ready(address: str) -> None:
    async with aiohttp.ClientSession() as http:
        while True:
            async with http.get(f"{address}/readyz") as answer:
                if answer.ok:
                    return
            await asyncio.sleep(LOOK_S)


async def _imported() -> float:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", IMPORT, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return float(out)
