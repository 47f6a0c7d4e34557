"""Server CPU per delivery and per acknowledgement on the way to the sockets alone, with nothing behind it.

The desk's own transport on the loop that the desk runs on, the same frames from bare aiohttp on uvloop, and socket.io
on Node. A server emits one event per turn of its loop, so that nothing is joined; the clients count every delivery.
"""

import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.contenders import BARE, OURS, STOCK, node, node_is_here, port_of, python
from bench.figures import Figure, Run, median, spread
from bench.generator import WORDS, Caller, Generator, generator
from bench.machine import CannotMeasure, allow_many_files
from bench.peers.common import event_of
from bench.programs import Program

SOCKETS: Final = 1_000
SMALL: Final = {3: 300, 10: 300, 50: 300}
"""How many of the sockets sit in rooms of a size; in the room of 1,000 sit all."""
SIZES: Final = {**SMALL, SOCKETS: SOCKETS}
NOT_JUDGED: Final = 3  # rooms of three are in the table for what they cost; what was promised begins at ten
EACH: Final = 60
OVER_BARE: Final = 2
UVLOOP, NODE = "on uvloop", "Node socket.io"
ROW: Final = {"id": "01980000-0000-7000-8000-000000000002", "seq": 4711, "created_at": "2026-01-02T03:04:05Z"}


@dataclass(slots=True)
class _Server:
    name: str
    program: Program
    crowd: Generator

    async def cpu_us(self) -> float:
        await self.program.told(json.dumps({"do": "cpu"}))
        return float(json.loads(await self.program.says('"cpu_us"'))["cpu_us"])

    async def fan_out(self, size: int) -> float:
        """CPU µs per delivery to rooms of a size."""
        rooms = [f"{size}:{n}" for n in range(SIZES[size] // size)]
        expected = EACH * len(rooms) * size
        before = await self.cpu_us()
        order: Mapping[str, Any] = {"do": "emit", "rooms": rooms, "each": EACH, "event": _event()}
        await self.program.told(json.dumps(order))
        heard = await self.crowd.listen(expected)
        await self.program.says('"emitted"')
        if heard != expected:
            raise CannotMeasure(f"{self.name} delivered {heard} of {expected} events to rooms of {size}.")
        return (await self.cpu_us() - before) / expected

    async def acknowledge(self, seconds: float) -> float:
        """CPU µs per event with its acknowledgement, which nobody else hears."""
        before = await self.cpu_us()
        spoken = await self.crowd.closed(seconds, warm=0, fan=0)
        return (await self.cpu_us() - before) / spoken.sent


def _event() -> dict[str, Any]:
    said = {"room_id": "01980000-0000-7000-8000-000000000001", "client_msg_id": "x", "content": WORDS}
    return event_of(said, "01980000-0000-7000-8000-000000000003", ROW)


async def measure(run: Run) -> list[Figure]:
    """Rooms of each size, and acknowledgements."""
    allow_many_files()
    kept: dict[str, dict[str, list[float]]] = {}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="supportdesk-bench-")))
        servers = await _servers(stack, folder, stock=not run.quick)
        for one in servers:
            await one.fan_out(NOT_JUDGED)
        for _ in range(run.rounds):
            for one in servers:
                for size in SIZES:
                    kept.setdefault(str(size), {}).setdefault(one.name, []).append(await one.fan_out(size))
                taken = await one.acknowledge(0.3 if run.quick else 1.5)
                kept.setdefault("ack", {}).setdefault(one.name, []).append(taken)
    return [_figure(what, some) for what, some in kept.items()]


def _figure(what: str, rounds: dict[str, list[float]]) -> Figure:
    values = {name: median(some) for name, some in rounds.items()}
    ours = values.pop(OURS)
    judged = what not in ("ack", str(NOT_JUDGED))
    most = min(OVER_BARE * values[BARE], values[NODE]) if NODE in values else None
    return Figure(
        figure=f"fanout.{what}",
        value=ours,
        unit="µs/event" if what == "ack" else "µs/delivery",
        target=f"≤ Node and ≤ {OVER_BARE} × bare" if judged else "",
        met=ours <= most if judged and most is not None else None,
        peers=values,
        note=spread(rounds[OURS]) + ("; Node was not measured" if most is None else ""),
    )


async def _servers(stack: AsyncExitStack, folder: Path, *, stock: bool) -> list[_Server]:
    peers = [
        (OURS, python("fast", folder, "asyncio")),
        (UVLOOP, python("fast", folder, "uvloop")),
        (BARE, python("bare", folder)),
    ]
    if stock:
        peers.append((STOCK, python("stock", folder)))
    if await node_is_here():
        peers.append((NODE, node("none", folder)))
    found = []
    for name, starting in peers:
        program = await stack.enter_async_context(starting)
        crowd = await stack.enter_async_context(generator())
        port = await port_of(program)
        callers = [
            Caller(port=port, namespace="/desk", auth={"rooms": _rooms(n)}, room_id="nobody") for n in range(SOCKETS)
        ]
        came = await crowd.connect(callers)
        if came.failed:
            raise CannotMeasure(f"{came.failed} sockets of {name} did not connect: {came.why}")
        found.append(_Server(name, program, crowd))
    return found


def _rooms(n: int) -> list[str]:
    return [f"{size}:{n // size}" for size, sockets in SIZES.items() if n < sockets]
