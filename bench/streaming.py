"""Robots that stream into many rooms at once: how late the loop runs, and what a delta costs the server.

The desk is a process of its own with a robot of ours, found, claimed, played and checked as all are. Each room has two
windows of its guest and one of an agent; every one of them counts every delta.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import aiohttp
import asyncpg
import orjson

from bench.data import Connection, server, superuser_of
from bench.figures import Figure, Run, at_most, median, spread
from supportdesk.core.clock import Clock
from supportdesk.core.tasks import Tasks

DATABASE: Final = "bench_streaming"
ROOMS: Final = 200
RATE: Final = 30.0
PIECES: Final = 450
QUICK_PIECES: Final = 240
WARM_S: Final = 2.0
MOST_LAG_MS: Final = 50
MOST_CPU_US: Final = 40
WINDOWS: Final = 3
LIMIT_S: Final = 120.0
DELTA: Final = '["message.delta"'


@dataclass(slots=True)
class Window:
    """A raw socket of one room."""

    socket: aiohttp.ClientWebSocketResponse
    namespace: str
    deltas: int = 0
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)
    is_over: asyncio.Event = field(default_factory=asyncio.Event)
    acks: dict[int, "asyncio.Future[Any]"] = field(default_factory=dict)

    async def connect(self, token: str) -> None:
        """Enter the namespace."""
        await self.socket.receive_str()
        await self.socket.send_str(f"40{self.namespace}," + orjson.dumps({"token": token}).decode())
        answer = await self.socket.receive_str()
        if not answer.startswith("40"):
            raise LookupError(f"A window was not let in: {answer}")

    async def read(self) -> None:
        """Count deltas until the socket closes."""
        head = f"42{self.namespace},"
        async for message in self.socket:
            text: str = message.data
            if text == "2":
                await self.socket.send_str("3")
            elif text.startswith(head):
                if text.startswith(DELTA, len(head)):
                    self.deltas += 1
                    self.has_begun.set()
                elif '"message.created"' in text and '"draft_id"' in text:
                    self.is_over.set()
            elif text.startswith("43"):
                number, _, rest = text.partition(",")[2].partition("[")
                self.acks.pop(int(number)).set_result(orjson.loads("[" + rest)[0])

    async def ask(self, event: str, **data: Any) -> Any:
        """Emit and wait for the acknowledgement."""
        number = len(self.acks) + 1
        answer = self.acks[number] = asyncio.get_running_loop().create_future()
        body = orjson.dumps([event, data]).decode()
        await self.socket.send_str(f"42{self.namespace},{number}{body}")
        async with asyncio.timeout(LIMIT_S):
            ack = await answer
        if not ack["ok"]:
            raise LookupError(f"{event} was refused: {ack}")
        return ack


@dataclass(frozen=True, slots=True)
class Heard:
    """One round."""

    lag_ms: float
    cpu_us: float
    rate: float
    lost: int


async def measure(run: Run) -> Sequence[Figure]:
    """Lag of the server's loop and its CPU per delta, while all rooms stream."""
    pieces = QUICK_PIECES if run.quick else PIECES
    async with server() as running:
        admin: Connection = await asyncpg.connect(superuser_of(running.dsn("postgres")))
        try:
            heard = []
            for _ in range(1 if run.quick else run.rounds):
                await admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
                await running.create_database(DATABASE)
                heard.append(await _round(running.dsn(DATABASE), pieces))
            await admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        finally:
            await admin.close()
    lags, costs = [one.lag_ms for one in heard], [one.cpu_us for one in heard]
    beside = f"{ROOMS} rooms of {WINDOWS} sockets, {median([one.rate for one in heard]):.0f} deltas/s"
    lost = sum(one.lost for one in heard)
    return [
        at_most("streaming.loop_lag", median(lags), MOST_LAG_MS, "ms p99", note=f"{beside}; {spread(lags)}"),
        at_most("streaming.cpu_per_delta", median(costs), MOST_CPU_US, "µs", note=f"{beside}; {spread(costs)}"),
        at_most(
            "streaming.deltas_lost",
            lost,
            0,
            "deltas",
            note=f"of {ROOMS * WINDOWS * pieces * len(heard):,} that the windows counted",
        ),
    ]


async def _round(dsn: str, pieces: int) -> Heard:
    desk = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.stage", dsn, str(ROOMS), str(pieces), str(RATE)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        ready = await _line(desk)
        async with _windows(ready) as rooms:
            return await _streamed(desk, rooms, pieces)
    finally:
        if desk.stdin is not None:
            desk.stdin.close()
        try:
            await asyncio.wait_for(desk.wait(), 30)
        except TimeoutError:
            desk.kill()


@asynccontextmanager
async def _windows(ready: dict[str, Any]) -> AsyncIterator[list[tuple[str, list[Window]]]]:
    """Every room with its windows, all listening."""
    tasks = Tasks()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:

        async def opened(namespace: str, token: str) -> Window:
            address = ready["url"].replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
            window = Window(await http.ws_connect(address, max_msg_size=0), namespace)
            await window.connect(token)
            tasks.spawn(window.read(), name="window", lasting=True)
            return window

        rooms = []
        for token in ready["guests"]:
            windows = [
                await opened("/guest", token),
                await opened("/guest", token),
                await opened("/desk", ready["agent"]),
            ]
            room = (await windows[0].ask("room.open", client_room_id=str(uuid4())))["room"]["id"]
            for window in windows:
                await window.ask("room.join", room_id=room)
            rooms.append((room, windows))
        yield rooms
        for _, windows in rooms:
            for window in windows:
                await window.socket.close()
    await tasks.drain()


async def _streamed(desk: asyncio.subprocess.Process, rooms: list[tuple[str, list[Window]]], pieces: int) -> Heard:
    everyone = [window for _, windows in rooms for window in windows]
    clock = Clock()
    await asyncio.gather(
        *(
            windows[0].ask("message.send", room_id=room, client_msg_id=str(uuid4()), content="Talk to me, please.")
            for room, windows in rooms
        )
    )
    async with asyncio.timeout(LIMIT_S):
        await asyncio.gather(*(window.has_begun.wait() for window in everyone))
    await asyncio.sleep(WARM_S)  # every room streams, and the turns' beginnings are over
    await _tell(desk, "begin")
    began, before = clock.monotonic(), sum(window.deltas for window in everyone)
    slowest = pieces - max(window.deltas for window in everyone)
    await asyncio.sleep(max(1.0, slowest / RATE - 1.0))  # and stop before the first of them ends
    await _tell(desk, "end")
    seconds, deltas = clock.monotonic() - began, (sum(window.deltas for window in everyone) - before) / WINDOWS
    report = await _line(desk)
    async with asyncio.timeout(LIMIT_S):
        await asyncio.gather(*(window.is_over.wait() for window in everyone))
    return Heard(
        lag_ms=report["p99_ms"],
        cpu_us=1e6 * report["cpu_s"] / deltas,
        rate=deltas / seconds,
        lost=sum(pieces - window.deltas for window in everyone),
    )


async def _tell(desk: asyncio.subprocess.Process, word: str) -> None:
    if desk.stdin is None:
        raise LookupError("The desk was started without its input.")
    desk.stdin.write(word.encode() + b"\n")
    await desk.stdin.drain()


async def _line(desk: asyncio.subprocess.Process) -> dict[str, Any]:
    if desk.stdout is None:
        raise LookupError("The desk was started without its output.")
    async with asyncio.timeout(LIMIT_S):
        line = await desk.stdout.readline()
    if not line:
        raise LookupError("The desk ended; what it said is above.")
    answer: dict[str, Any] = orjson.loads(line)
    return answer
