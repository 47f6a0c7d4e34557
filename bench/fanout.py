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
from pathlib import Path
from typing import Any

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
        transport = request.transport
        assert transport is not None
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
        message = frame(b"42/desk," .decode() + orjson.dumps(["room.event", EVENT]).decode())
        for transport in rooms[room]:
            transport.write(message)

    app = web.Application()
    app.router.add_get("/socket.io/", serve)
    async with listening(app) as port:
        yield Contender("bare", port, send)


async def clients() -> None:
    """The other process: connect where told, count what comes, ask for acknowledgements; one JSON line per order."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    got, want, reached = 0, 0, asyncio.Event()
    sockets: dict[int, list[aiohttp.ClientWebSocketResponse]] = {}
    tasks = Tasks()

    async def listen(ws: aiohttp.ClientWebSocketResponse) -> None:
        nonlocal got
        left = 0
        async for message in ws:
            if message.data == "2":
                await ws.send_str("3")
                continue
            got += 1
            if message.data.startswith("43"):
                left = asks[ws] = asks[ws] - 1
                if left > 0:
                    await ws.send_str(f'42/desk,{left}["echo",{{"text":"where is my order"}}]')
            if got >= want:
                reached.set()

    asks: dict[aiohttp.ClientWebSocketResponse, int] = {}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        while line := await reader.readline():
            order = json.loads(line)
            port = order["port"]
            if order["do"] == "connect":
                for n in range(order["sockets"]):
                    url = f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"
                    ws = await session.ws_connect(url, compress=0)
                    await ws.receive_str()
                    await ws.send_str(f'40/desk,{{"n":{n}}}')
                    await ws.receive_str()
                    sockets.setdefault(port, []).append(ws)
                    tasks.spawn(listen(ws), name="listen")
            else:
                got, want = 0, order["want"]
                reached.clear()
                if order["do"] == "ask":
                    for ws in sockets[port]:
                        asks[ws] = order["want"] // len(sockets[port])
                        await ws.send_str('42/desk,0["echo",{"text":"where is my order"}]')
                else:
                    print("ready", flush=True)
                await reached.wait()
            print("done", flush=True)
        for ws in [ws for some in sockets.values() for ws in some]:
            await ws.close()


class Crowd:
    """The clients as the server's process sees them."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def told(self, do: str, port: int, **more: int) -> None:
        """Give an order."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, "port": port, **more}).encode() + b"\n")
        await self._process.stdin.drain()

    async def answers(self) -> None:
        """Wait for the next line."""
        assert self._process.stdout is not None
        if not await asyncio.wait_for(self._process.stdout.readline(), 60):
            raise RuntimeError("The clients have died; their error is above.")

    async def left(self) -> None:
        """Send them home."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()


async def fan_out(contender: Contender, crowd: Crowd, size: int) -> float:
    """CPU µs per delivery to rooms of a size; one event per turn of the loop, so that nothing is joined."""
    await crowd.told("count", contender.port, want=SOCKETS * PER_ROUND)
    await crowd.answers()
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
    await crowd.told("ask", contender.port, want=SOCKETS * PER_ROUND)
    await crowd.answers()
    return (time.process_time() - began) / (SOCKETS * PER_ROUND) * 1e6


async def measure(rounds: int) -> None:
    """Run the rounds and print the table."""
    here = str(Path(__file__).resolve())
    process = await asyncio.create_subprocess_exec(
        sys.executable, here, "--clients", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    crowd = Crowd(process)
    async with bare() as limit, desk("fast", fast=True) as fast, desk("stock", fast=False) as stock:
        contenders = (limit, fast, stock)
        for contender in contenders:
            await crowd.told("connect", contender.port, sockets=SOCKETS)
            await crowd.answers()
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
        uvloop.run(clients())
    elif args.loop == "uvloop":
        uvloop.run(measure(args.rounds))
    else:
        asyncio.run(measure(args.rounds))


if __name__ == "__main__":
    main()
