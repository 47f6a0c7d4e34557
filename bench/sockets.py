"""How fast sockets come in, and what an idle one holds.

The desk's are guests with tokens of their own, up to five sockets each, and each is let in as every guest is; the
peers ask nobody anything. Memory is that of the server's process after a first few have come and gone, so that what is
made once is not counted.
"""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.contenders import BARE, OURS, STOCK, node, node_is_here, port_of, python
from bench.desk import desk
from bench.figures import Figure, Run, at_most, median, spread
from bench.generator import Caller, Generator, generator
from bench.machine import CannotMeasure, allow_many_files, cpu_us, rss_bytes, until_idle
from bench.postgres import Postgres, postgres

SIZES: Final = (1_000, 5_000)
GUESTS: Final = 1_000
FIRST: Final = 50
CONNECTS: Final = 1_500
KIB_PER_SOCKET: Final = 25
MB_AT_1000: Final = 25
NODE: Final = "Node socket.io"

Callers = Callable[[int], Sequence[Caller]]


@dataclass(slots=True)
class _Server:
    name: str
    pid: int
    callers: Callers
    crowd: Generator


async def measure(run: Run) -> list[Figure]:
    """Connects per second, and memory with 1,000 and 5,000 sockets."""
    allow_many_files()
    rates: dict[str, list[float]] = {}
    prices: dict[str, list[float]] = {}
    asked: list[float] = []
    bytes_per: dict[str, dict[int, float]] = {}
    async with postgres() as (server, folder), AsyncExitStack() as stack:
        servers = await _servers(stack, server, folder, stock=not run.quick)
        for one in servers:
            bytes_per[one.name] = await _memory(one)
        for _ in range(run.rounds):
            for one in servers:
                before = server.cpu_us()
                rate, price = await _connects(one)
                if one.name == OURS:
                    asked.append((server.cpu_us() - before) / SIZES[0])
                rates.setdefault(one.name, []).append(rate)
                prices.setdefault(one.name, []).append(price)
    ours, others = rates.pop(OURS), {name: median(some) for name, some in rates.items()}
    prices_of_ours = prices.pop(OURS)
    figures = [
        Figure(
            figure="sockets.connects",
            value=median(ours),
            unit="/s",
            target=f"≥ {CONNECTS:,}",
            met=median(ours) >= CONNECTS,
            peers=others,
            note=f"each with a guest's token that is checked; {spread(ours)}",
        ),
        Figure(
            figure="sockets.connect_cpu",
            value=median(prices_of_ours),
            unit="µs/connect",
            peers={name: median(some) for name, some in prices.items()},
            note=f"{spread(prices_of_ours)}; PostgreSQL {median(asked):.0f} µs, leaving included",
        ),
    ]
    mine = bytes_per.pop(OURS)
    for size in SIZES:
        kib = mine[size] / 1024
        figures.append(
            at_most(
                f"sockets.rss_each_at_{size}",
                kib,
                KIB_PER_SOCKET,
                "KiB",
                peers={name: some[size] / 1024 for name, some in bytes_per.items()},
            )
        )
    more = mine[SIZES[0]] * SIZES[0] / 1e6
    figures.append(
        at_most(
            "sockets.rss_of_1000",
            more,
            MB_AT_1000,
            "MB",
            peers={name: some[SIZES[0]] * SIZES[0] / 1e6 for name, some in bytes_per.items()},
        )
    )
    return figures


async def _servers(stack: AsyncExitStack, server: Postgres, folder: Path, *, stock: bool) -> list[_Server]:
    ours = await stack.enter_async_context(desk(server, folder))
    tokens = await ours.guests(GUESTS)
    await server.analyse(ours.database)
    crowd = await stack.enter_async_context(generator())
    found = [
        _Server(
            OURS,
            ours.program.pid,
            lambda many: [ours.caller("/guest", tokens[n % GUESTS]) for n in range(many)],
            crowd,
        )
    ]
    peers = [(BARE, python("bare", folder))]
    if stock:
        peers.append((STOCK, python("stock", folder)))
    if await node_is_here():
        peers.append((NODE, node("none", folder)))
    for name, starting in peers:
        program = await stack.enter_async_context(starting)
        crowd = await stack.enter_async_context(generator())
        found.append(_Server(name, program.pid, _strangers(await port_of(program)), crowd))
    return found


def _strangers(port: int) -> Callers:
    return lambda many: [Caller(port=port, namespace="/desk", auth={}) for _ in range(many)]


async def _memory(server: _Server) -> dict[int, float]:
    """Bytes per idle socket, by how many there are."""
    await _connected(server, FIRST)
    await server.crowd.hang_up()
    await until_idle(server.pid)
    before = rss_bytes(server.pid)
    per: dict[int, float] = {}
    for size in SIZES:
        await _connected(server, size)
        await until_idle(server.pid)
        per[size] = (rss_bytes(server.pid) - before) / size
        await server.crowd.hang_up()
        await until_idle(server.pid)
    return per


async def _connects(server: _Server) -> tuple[float, float]:
    """Sockets let in per second, 64 at the door at a time, and the server's CPU µs for each."""
    before = cpu_us(server.pid)
    seconds = await _connected(server, SIZES[0])
    used = cpu_us(server.pid) - before
    await server.crowd.hang_up()
    await until_idle(server.pid)
    return SIZES[0] / seconds, used / SIZES[0]


async def _connected(server: _Server, many: int) -> float:
    came = await server.crowd.connect(server.callers(many))
    if came.failed:
        raise CannotMeasure(f"{came.failed} of {many} sockets of {server.name} did not connect: {came.why}")
    return came.seconds
