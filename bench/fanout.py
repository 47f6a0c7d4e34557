# mypy: allow-untyped-calls
"""Server CPU per delivery and per acknowledgement: bare transports, our fast path and the library's, side by side.

    python bench/fanout.py [--rounds 5] [--loop asyncio]

Clients live in a process of their own; CPU is the server's process time. Figures are medians of interleaved rounds, and
the ratios are what to look at: machines differ. Every delivery is counted by the clients before a figure is taken.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import aiohttp
import orjson
import uvloop
from aiohttp import web

from supportdesk.core import fast_socket
from supportdesk.core.socket_packets import frame
from supportdesk.core.tasks import Tasks

SOCKETS = 300
ROOMS_OF = (3, 10, 50)
PER_ROUND = 60  # events each socket gets, and acknowledgements it asks for
EVENT = {
    "room_id": "01980000-0000-7000-8000-000000000001",
    "seq": 4711,
    "kind": "message.created",
    "at": "2026-01-02T03:04:05Z",
    "data": {"message": {"content": "Where is my order? I have waited for nine days now. " * 4, "client_msg_id": "x"}},
}


@dataclass(slots=True)
class Contender:
    """One server: how to send an event to a room of a size."""

    name: str
    port: int
    send: Callable[[str], Awaitable[None]]


def quiet_server(*, fast: bool) -> fast_socket.DeskServer:
    """A server without limits per address, with rooms of each size and an echo."""
    limits = fast_socket.SocketLimits(per_address=0, half_open_per_address=0)
    server = fast_socket.make_server(
        fast=fast,
        ping_interval=25,
        ping_timeout=20,
        max_frame=65536,
        allowed_origin=lambda _origin: True,
        limits=limits,
        on_cut=lambda sid, reason: print("cut", sid, reason),
        tasks=Tasks(),
    )

    async def connect(sid: str, _environ: dict[str, Any], auth: dict[str, int]) -> None:
        for size in ROOMS_OF:
            await server.enter_room(sid, f"{size}:{auth['n'] // size}", namespace="/desk")

    async def echo(_sid: str, data: Any) -> Any:
        return data

    server.on("connect", connect, namespace="/desk")
    server.on("echo", echo, namespace="/desk")
    return server


@asynccontextmanager
async def listening(app: web.Application) -> AsyncIterator[int]:
    """Serve the application on a free port."""
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def desk(name: str, *, fast: bool) -> AsyncIterator[Contender]:
    """One of our two paths."""
    server, app = quiet_server(fast=fast), web.Application()
    server.attach(app)

    async def send(room: str) -> None:
        await fast_socket.emit(server, "room.event", EVENT, room=room, namespace="/desk", ephemeral=False)

    async def stop(_app: web.Application) -> None:
        await server.shutdown()

    app.on_shutdown.append(stop)
    async with listening(app) as port:
        yield Contender(name, port, send)


@asynccontextmanager
async def bare() -> AsyncIterator[Contender]:
    """What Python allows: the same bytes from plain aiohttp, without sessions, limits or a library."""
    rooms: dict[str, list[asyncio.Transport]] = {}

    async def serve(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(compress=False)
        await ws.prepare(request)
        transport = cast("asyncio.Transport", request.transport)
        transport.write(frame('0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'))
        async for message in ws:
            if message.data.startswith("40"):
                n = orjson.loads(message.data.partition(",")[2])["n"]
                for size in ROOMS_OF:
                    rooms.setdefault(f"{size}:{n // size}", []).append(transport)
                transport.write(frame('40/desk,{"sid":"x"}'))
            else:
                head, _, body = message.data.partition("[")
                _name, data = orjson.loads("[" + body)
                transport.write(frame(f"43{head[2:]}" + orjson.dumps([data]).decode()))
        return ws

    async def send(room: str) -> None:
        message = frame(b"42/desk,".decode() + orjson.dumps(["room.event", EVENT]).decode())
        for transport in rooms[room]:
            transport.write(message)

    app = web.Application()
    app.router.add_get("/socket.io/", serve)
    async with listening(app) as port:
        yield Contender("bare", port, send)


class Client:
    """One socket of the other process."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse, crowd: "Clients") -> None:
        self.ws, self._crowd = ws, crowd
        self.asks = 0  # acknowledgements it still has to ask for

    async def ask(self) -> None:
        """Send an event; its acknowledgement sends the next."""
        await self.ws.send_str(f'42/desk,{self.asks}["echo",{{"text":"where is my order"}}]')

    async def listen(self) -> None:
        """Count what comes."""
        async for message in self.ws:
            if message.data == "2":
                await self.ws.send_str("3")
                continue
            if message.data.startswith("43"):
                self.asks -= 1
                if self.asks:
                    await self.ask()
            self._crowd.count()


class Clients:
    """The other process: does what the lines on its standard input say, and prints one for each when it is done."""

    def __init__(self) -> None:
        self._left = 0
        self._reached = asyncio.Event()
        self._of_port: dict[int, list[Client]] = {}
        self._tasks = Tasks()

    def count(self) -> None:
        """One more has come."""
        self._left -= 1
        if self._left <= 0:
            self._reached.set()

    async def obey(self) -> None:
        """Take orders until there are no more."""
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            while line := await reader.readline():
                order = json.loads(line)
                if order["do"] == "connect":
                    await self._connect(session, order["port"], order["sockets"])
                else:
                    await self._count(order["do"], self._of_port[order["port"]], order["each"])
                print("done", flush=True)
            for client in [client for some in self._of_port.values() for client in some]:
                await client.ws.close()

    async def _connect(self, session: aiohttp.ClientSession, port: int, sockets: int) -> None:
        for n in range(sockets):
            ws = await session.ws_connect(f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket", compress=0)
            await ws.receive_str()
            await ws.send_str(f'40/desk,{{"n":{n}}}')
            await ws.receive_str()
            client = Client(ws, self)
            self._of_port.setdefault(port, []).append(client)
            self._tasks.spawn(client.listen(), name="listen")

    async def _count(self, do: str, clients: list[Client], each: int) -> None:
        self._left = each * len(clients)
        self._reached.clear()
        print("ready", flush=True)
        if do == "ask":
            for client in clients:
                client.asks = each
                await client.ask()
        await self._reached.wait()


class Crowd:
    """The clients as the server's process sees them."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._orders, self._answers = (
            cast("asyncio.StreamWriter", process.stdin),
            cast("asyncio.StreamReader", process.stdout),
        )

    async def told(self, do: str, port: int, **more: int) -> None:
        """Give an order and wait for the first answer."""
        self._orders.write(json.dumps({"do": do, "port": port, **more}).encode() + b"\n")
        await self._orders.drain()
        await self.answers()

    async def answers(self) -> None:
        """Wait for the next line."""
        if not await asyncio.wait_for(self._answers.readline(), 120):
            raise RuntimeError("The clients have died; their error is above.")

    async def left(self) -> None:
        """Send them home."""
        self._orders.close()
        await self._process.wait()


async def fan_out(contender: Contender, crowd: Crowd, size: int) -> float:
    """CPU µs per delivery to rooms of a size; one event per turn of the loop, so that nothing is joined."""
    await crowd.told("count", contender.port, each=PER_ROUND)
    began = time.process_time()
    for _ in range(PER_ROUND):
        for room in range(SOCKETS // size):
            await contender.send(f"{size}:{room}")
            await asyncio.sleep(0)
    await crowd.answers()
    return (time.process_time() - began) / (SOCKETS * PER_ROUND) * 1e6


async def acknowledge(contender: Contender, crowd: Crowd) -> float:
    """CPU µs per event with its acknowledgement, one in flight per socket."""
    began = time.process_time()
    await crowd.told("ask", contender.port, each=PER_ROUND)
    await crowd.answers()
    return (time.process_time() - began) / (SOCKETS * PER_ROUND) * 1e6


async def measure(rounds: int) -> None:
    """Run the rounds and print the table."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--clients", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    crowd = Crowd(process)
    async with bare() as limit, desk("fast", fast=True) as fast, desk("stock", fast=False) as stock:
        contenders = (limit, fast, stock)
        for contender in contenders:
            await crowd.told("connect", contender.port, sockets=SOCKETS)
        figures: dict[tuple[str, str], list[float]] = {}
        for _ in range(rounds):
            for contender in contenders:
                for size in ROOMS_OF:
                    figures.setdefault((f"room of {size}", contender.name), []).append(
                        await fan_out(contender, crowd, size)
                    )
                figures.setdefault(("event + ack", contender.name), []).append(await acknowledge(contender, crowd))
        await crowd.left()
    print(f"{type(asyncio.get_running_loop()).__module__}, {SOCKETS} sockets, CPU µs per delivery, median of {rounds}")
    print(f"{'':14}{'bare':>8}{'fast':>8}{'stock':>8}{'fast/bare':>11}{'stock/fast':>11}")
    for row in [*(f"room of {size}" for size in ROOMS_OF), "event + ack"]:
        b, f, s = (statistics.median(figures[row, contender.name]) for contender in contenders)
        print(f"{row:14}{b:8.1f}{f:8.1f}{s:8.1f}{f / b:11.2f}{s / f:11.2f}")


def main() -> None:
    """Read the arguments and run either side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--loop", choices=["uvloop", "asyncio"], default="uvloop")
    parser.add_argument("--clients", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.clients:
        uvloop.run(Clients().obey())
    elif args.loop == "uvloop":
        uvloop.run(measure(args.rounds))
    else:
        asyncio.run(measure(args.rounds))


if __name__ == "__main__":
    main()
