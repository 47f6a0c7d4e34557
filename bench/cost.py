"""Where a message's CPU goes: the server sampled at saturation, its stacks sorted into the steps of a message.

A step's share of the samples, times what a message costs the server in the same rounds.
"""

import asyncio
import shutil
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.contenders import OURS, contenders
from bench.figures import Figure, Run, median
from bench.machine import CannotMeasure
from bench.postgres import postgres

SAMPLES_PER_S: Final = 400
SECONDS, QUICK_SECONDS = 15, 5
LOOP: Final = "the loop itself, and what belongs nowhere"
IDLE: Final = ("concurrent/futures/thread.py", "robots/watchdog.py", "multiprocessing/connection.py")
"""Threads that wait; py-spy leaves out most of them by itself."""
STEPS: Final = (
    ("a log line and a count", ("structlog/", "core/logging.py", "prometheus_client/")),
    ("frames for the room", ("messages/broadcasts.py", "messages/shape.py", "rooms/frames.py", "core/events.py")),
    (
        "frames to the sockets",
        ("(supportdesk/core/socket_rooms.py", "Link.flush", "Link.write", "Links._flush_all", "Emitter."),
    ),
    ("words to HTML", ("messages/markdown.py",)),
    ("to PostgreSQL and back", ("asyncpg/", "core/db.py")),
    ("flights: boarding, rows, verdicts", ("messages/flights.py", "messages/queries.py", "messages/model.py")),
    ("validation", ("core/wire.py", "pydantic/")),
    ("reading the socket", ("aiohttp/", "core/fast_socket.py")),
    ("packets", ("core/socket_packets.py", "socketio/packet.py")),
    (
        "dispatch, permission, acknowledgement",
        ("core/sockets.py", "core/socket_server.py", "core/socket_link.py", "socketio/", "messages/", "actor.py"),
    ),
)
"""Innermost first: a stack belongs to the step of the first frame, from its end, that any of these knows."""


def step_of(stack: str) -> str:
    """The step that a stack of py-spy's raw form (outermost first, parted by `;`) belongs to."""
    for frame in reversed(stack.split(";")):
        for step, marks in STEPS:
            if any(mark in frame for mark in marks):
                return step
    return LOOP


def shares(raw: str) -> dict[str, float]:
    """Of lines `stack samples`, the share of each step, 0 to 1; empty without samples."""
    counts: Counter[str] = Counter()
    for line in raw.splitlines():
        stack, _, samples = line.rpartition(" ")
        if not any(waits in stack for waits in IDLE):
            counts[step_of(stack)] += int(samples)
    return {step: count / counts.total() for step, count in counts.most_common()}


async def measure(run: Run) -> Sequence[Figure]:
    """µs of server CPU per message, step by step."""
    py_spy = shutil.which("py-spy") or shutil.which("py-spy", path=str(Path(sys.executable).parent))
    if py_spy is None:
        raise CannotMeasure("py-spy is missing: install the project's development dependencies (make .venv/.dev).")
    seconds = QUICK_SECONDS if run.quick else SECONDS
    async with postgres() as (server, folder), contenders(server, folder, [OURS]) as (desk,):
        with tempfile.TemporaryDirectory() as kept:
            raw = Path(kept) / "stacks"
            watching = await asyncio.create_subprocess_exec(
                *(py_spy, "record", "--pid", str(desk.pid), "--duration", str(seconds), "--rate", str(SAMPLES_PER_S)),
                *("--format", "raw", "--gil", "--output", raw),
                stdout=DEVNULL,
                stderr=PIPE,
            )
            watched = await desk.closed(seconds + 1, warm=0.5)
            _, said = await watching.communicate()
            if watching.returncode:
                raise CannotMeasure(f"py-spy may not look at the server: {said.decode(errors='replace').strip()}")
            of = shares(await asyncio.to_thread(raw.read_text))
        # What is watched is slowed down: the price of a message is taken from rounds that nobody watches.
        price = median([(await desk.closed(seconds / 3, warm=0.5)).server_us for _ in range(run.rounds)])
    note = f"{desk.name} at {watched.per_flight:.0f} messages per flight"
    return [
        Figure(figure="cost.message", value=price, unit="µs/msg", note=note),
        *(
            Figure(figure=f"cost.{step}", value=price * part, unit="µs/msg", note=f"{part:.0%}")
            for step, part in of.items()
        ),
    ]
