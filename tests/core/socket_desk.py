# mypy: allow-untyped-calls
"""A server with a few events on a free port, and the peers that talk to it: polite, raw and stalled."""

import asyncio
import base64
import logging
import os
import socket
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, cast

import aiohttp
import pytest
import socketio
import structlog
from aiohttp import web

from supportdesk.core import fast_socket
from supportdesk.core.fast_socket import DeskServer, SocketLimits
from supportdesk.core.tasks import Tasks

DESK = "/desk"
HANDSHAKE = "/socket.io/?EIO=4&transport=websocket"


@dataclass(slots=True)
class Desk:
    """The server under test; what it reports is kept in queues, so that tests wait instead of sleeping."""

    server: DeskServer
    tasks: Tasks
    runner: web.AppRunner
    session: aiohttp.ClientSession
    cuts: asyncio.Queue[tuple[str, str]] = field(default_factory=asyncio.Queue)
    came: asyncio.Queue[tuple[str, dict[str, Any]]] = field(default_factory=asyncio.Queue)
    gone: asyncio.Queue[tuple[str, str]] = field(default_factory=asyncio.Queue)
    peers: list["Peer"] = field(default_factory=list)
    stalled_peers: list["StalledPeer"] = field(default_factory=list)
    clients: list[socketio.AsyncClient] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.runner.addresses[0][1])

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"http://127.0.0.1:{self.port}"

    async def client(self) -> socketio.AsyncClient:
        """The library's own client, connected."""
        client = socketio.AsyncClient(reconnection=False)
        self.clients.append(client)
        await client.connect(self.url, namespaces=[DESK], auth={"token": "t"}, transports=["websocket"])
        return client

    async def peer(self, *, connected: bool = True, **headers: str) -> "Peer":
        """A raw WebSocket that has read its welcome, and unless told otherwise connected to the namespace."""
        peer = Peer(await self.session.ws_connect(self.url + HANDSHAKE, headers=headers, compress=15, max_msg_size=0))
        self.peers.append(peer)
        assert (await peer.reads()).startswith("0{")
        if connected:
            await peer.connects()
        return peer

    async def stalled(self) -> "StalledPeer":
        """A connected peer that stops reading."""
        stalled = await StalledPeer.connect(self.port)
        self.stalled_peers.append(stalled)
        return stalled

    async def emits(self, data: Any, *, event: str = "news", room: str = "all", ephemeral: bool = False) -> None:
        """Send to a room."""
        await fast_socket.emit(self.server, event, data, room=room, namespace=DESK, ephemeral=ephemeral)

    def sids(self) -> list[str]:
        """The Socket.IO ids of those connected."""
        return [sid for sid, _ in self.server.manager.get_participants(DESK, None)]


@dataclass(slots=True)
class Peer:
    """A client that sends what it likes."""

    ws: aiohttp.ClientWebSocketResponse
    sid: str = ""

    async def connects(self) -> None:
        """Connect to the namespace."""
        await self.sends('40/desk,{"token":"t"}')
        answer = await self.reads()
        assert answer.startswith('40/desk,{"sid":"'), answer
        self.sid = answer.split('"')[3]

    async def sends(self, text: str) -> None:
        """Send one text frame."""
        await self.ws.send_str(text)

    async def reads(self) -> str:
        """The next text frame; pings are answered and passed over."""
        while True:
            message = await asyncio.wait_for(self.ws.receive(), 10)
            assert message.type is aiohttp.WSMsgType.TEXT, message
            if message.data != "2":
                return str(message.data)
            await self.ws.send_str("3")

    async def is_well(self) -> bool:
        """Whether it is still served."""
        await self.sends('42/desk,1["echo","still here"]')
        return await self.reads() == '43/desk,1["still here"]'

    async def is_closed_with(self) -> int | None:
        """Read until the server closes; its code."""
        while (await asyncio.wait_for(self.ws.receive(), 10)).type not in (
            aiohttp.WSMsgType.CLOSE,
            aiohttp.WSMsgType.CLOSED,
            aiohttp.WSMsgType.ERROR,
        ):
            continue
        return self.ws.close_code


@dataclass(slots=True)
class StalledPeer:
    """A client of a few kilobytes that reads only when told."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def connect(cls, port: int) -> "StalledPeer":
        """Shake hands, connect to the namespace, then stop reading."""
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=sock, limit=4096)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET {HANDSHAKE} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        await reader.readuntil(b"\r\n\r\n")
        peer = cls(reader, writer)
        assert (await peer.reads()).startswith("0{")
        peer.sends('40/desk,{"token":"t"}')
        assert (await peer.reads()).startswith("40/desk,")
        peer.reads_on(going=False)
        return peer

    def reads_on(self, *, going: bool = True) -> None:
        """Stop reading, or go on."""
        transport = cast("asyncio.Transport", self.writer.transport)
        if going:
            transport.resume_reading()
        else:
            transport.pause_reading()

    def sends(self, text: str) -> None:
        """Send one masked text frame of at most 125 bytes."""
        self.writer.write(bytes((0x81, 0x80 | len(text))) + bytes(4) + text.encode())

    async def reads(self) -> str:
        """The next frame."""
        size = (await self.reader.readexactly(2))[1]
        if size == 126:
            size = struct.unpack("!H", await self.reader.readexactly(2))[0]
        elif size == 127:
            size = struct.unpack("!Q", await self.reader.readexactly(8))[0]
        return (await self.reader.readexactly(size)).decode()

    async def closes(self) -> None:
        """Leave."""
        self.writer.transport.abort()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


@asynccontextmanager
async def open_desk(
    *,
    fast: bool,
    ping_interval: float = 25.0,
    ping_timeout: float = 20.0,
    origins: frozenset[str] = frozenset({"", "https://desk.test"}),
    address: str | None = None,
    **limits: float,
) -> AsyncIterator[Desk]:
    """Serve until the end of the block, then leave nothing behind; `limits` are those of SocketLimits."""
    tasks = Tasks()
    cuts: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    server = fast_socket.make_server(
        fast=fast,
        ping_interval=ping_interval,
        ping_timeout=ping_timeout,
        max_frame=65536,
        allowed_origin=origins.__contains__,
        limits=SocketLimits(**limits),  # type: ignore[arg-type]  # a wrong one is told apart at once
        on_cut=lambda sid, reason: cuts.put_nowait((sid, reason)),
        tasks=tasks,
        **({"client_address": lambda _request: ip_address(address)} if address is not None else {}),
    )
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app)
    async with aiohttp.ClientSession() as session:
        desk = Desk(server, tasks, runner, session, cuts)
        _listen(desk)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield desk
        finally:
            for peer in desk.peers:
                await peer.ws.close()
            for stalled in desk.stalled_peers:
                await stalled.closes()
            for client in desk.clients:
                await client.shutdown()
            await server.shutdown()
            await runner.cleanup()
            await tasks.settle()


def _listen(desk: Desk) -> None:
    server = desk.server

    async def connect(sid: str, environ: dict[str, Any], auth: object) -> None:
        await server.enter_room(sid, "all", namespace=DESK)
        desk.came.put_nowait((sid, environ))
        if auth == {"token": "bad"}:
            raise socketio.exceptions.ConnectionRefusedError("unauthenticated", {"code": "unauthenticated"})
        if auth == {"token": "broken"}:
            raise TypeError("a mistake in the handler")

    async def disconnect(sid: str, reason: str) -> None:
        desk.gone.put_nowait((sid, reason))

    async def echo(_sid: str, *data: Any) -> Any:
        return data[0] if len(data) == 1 else list(data)

    async def fail(_sid: str, *_data: Any) -> None:
        raise ValueError("a mistake in the handler")

    server.on("connect", connect, namespace=DESK)
    server.on("disconnect", disconnect, namespace=DESK)
    server.on("echo", echo, namespace=DESK)
    server.on("fail", fail, namespace=DESK)


@asynccontextmanager
async def quiet_and_quick(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Nothing is logged as an error, no traceback is printed, and the loop is never held for 100 ms."""
    loop = asyncio.get_running_loop()
    held: list[float] = []
    timers: list[asyncio.TimerHandle] = []

    def tick(since: float) -> None:
        now = time.process_time()  # wall time would measure the neighbours on this machine as well
        held.append(now - since)
        timers[:] = [loop.call_later(0.005, tick, now)]

    tick(time.process_time())
    with structlog.testing.capture_logs() as logs:
        yield
    timers[0].cancel()
    assert [line for line in logs if line["log_level"] in {"error", "critical"}] == []
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert max(held) < 0.1
