# mypy: allow-untyped-calls
"""Socket.IO on python-socketio: each frame encoded once and written straight to the transports of its room.

The only module that knows the insides of python-engineio and aiohttp. Both paths share the gate (origin, transport,
sockets per address), the queue of packets per connection (socket_server.py) and the watch over slow, flooding and
silent peers (socket_link.py). The stock path leaves encoding, fan-out, write queues and pings to the library; the fast
path replaces those four. tests/core/test_fast_socket_library.py fails when an upgrade breaks what this relies on.
"""

import asyncio
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qs

import engineio
import structlog
from aiohttp import WebSocketError, WSCloseCode, WSMessage, WSMsgType, web
from engineio import async_socket
from engineio import packet as engine_packet
from engineio.async_drivers import aiohttp as aiohttp_driver

from supportdesk.core.address import Address, address_of
from supportdesk.core.socket_link import CLOSING_S, Cut, Link, Links, SocketLimits
from supportdesk.core.socket_packets import KNOWN_FRAMES, Packet, frame, packet_frames
from supportdesk.core.socket_rooms import Rooms
from supportdesk.core.socket_server import DeskServer
from supportdesk.core.tasks import Tasks
from supportdesk.errors import BadRequest, DeskError, Forbidden, ServerBusy

__all__ = ["DeskServer", "SocketLimits", "SocketStats", "emit", "make_server", "stats"]

log = structlog.get_logger(__name__)

LINK: Final = web.RequestKey("socket_link", Link)
LONGEST_LOGGED: Final = 100  # characters of what a stranger sent


@dataclass(frozen=True, slots=True)
class SocketStats:
    """What the metrics show; cuts and drops are counted from the start."""

    sockets: int
    unsent_bytes: int
    ephemeral_dropped: int
    cuts: dict[str, int]


def make_server(
    *,
    fast: bool,
    ping_interval: float,
    ping_timeout: float,
    max_frame: int,
    allowed_origin: Callable[[str], bool],
    limits: SocketLimits,
    on_cut: Callable[[str, str], None],
    tasks: Tasks,
    client_address: Callable[[web.Request], Address] = lambda request: address_of(request.remote, (), ()),
) -> DeskServer:
    """A server to `attach` to the application; it shuts down with it.

    `allowed_origin` gets the Origin header, "" when there is none. `on_cut` gets a Socket.IO id and the reason.
    """
    return (FastServer if fast else StockServer)(
        limits=limits,
        tasks=tasks,
        on_cut=on_cut,
        ping_interval=ping_interval,
        ping_timeout=ping_timeout,
        max_http_buffer_size=max_frame,
        allowed_origin=allowed_origin,
        client_address=client_address,
    )


async def emit(
    server: DeskServer,
    event: str,
    data: Any,
    *,
    room: str,
    namespace: str,
    ephemeral: bool,
    skip_sid: str | None = None,
) -> None:
    """Send an event to a room; sockets that read slowly do not get ephemeral ones. Never suspends on the fast path."""
    await server.deliver(event, data, room=room, namespace=namespace, ephemeral=ephemeral, skip_sid=skip_sid)


def stats(server: DeskServer) -> SocketStats:
    """The figures of this moment."""
    links = server.links
    unsent = sum(link.unsent for link in links.by_sid.values())
    return SocketStats(len(links.by_sid), unsent, links.dropped, dict(links.cuts))


@lru_cache(maxsize=64)
def _asked(query: str) -> Mapping[str, list[str]]:
    """The query of a handshake: clients send the same two words, in one order or the other."""
    return parse_qs(query)


class StockServer(DeskServer):
    """The library's own manager, queues and pings."""

    def _engineio_server_class(self) -> type["Engine"]:
        return Engine


class FastServer(DeskServer):
    """Our rooms and our sockets in the place of the library's."""

    def __init__(self, **options: Any) -> None:
        super().__init__(client_manager=Rooms(), monitor_clients=False, **options)
        self.links.pings = True

    def _engineio_server_class(self) -> type["Engine"]:
        return FastEngine

    async def deliver(
        self, event: str, data: Any, *, room: str, namespace: str, ephemeral: bool, skip_sid: str | None
    ) -> None:
        """Send an event to a room of a namespace, without a task or a queue per recipient."""
        self.manager.fan_out(event, data, namespace, room, (skip_sid,), ephemeral=ephemeral)

    async def _send_packet(self, eio_sid: str, pkt: Packet) -> None:
        link = self.links.by_sid.get(eio_sid)
        if link is not None:
            link.write(packet_frames(pkt))


class Engine(engineio.AsyncServer):
    """The library's engine behind the gate: WebSocket only, uncompressed, so many per address."""

    def __init__(
        self,
        *,
        links: Links,
        allowed_origin: Callable[[str], bool],
        client_address: Callable[[web.Request], Address],
        **options: Any,
    ) -> None:
        super().__init__(
            transports=["websocket"],
            allow_upgrades=False,
            http_compression=False,
            cors_allowed_origins=lambda origin, _environ: allowed_origin(origin or ""),
            **options,
        )
        self.links, self._allowed_origin, self._client_address = links, allowed_origin, client_address
        self.closing = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._async = {**(self._async or {}), "websocket": Driver}

    async def handle_request(self, request: web.Request) -> web.StreamResponse:
        """Let a WebSocket handshake of engine.io 4 through and serve it; everything else is refused in words."""
        try:
            self._judge(request)
            link = self.links.admit(self._client_address(request))
        except DeskError as error:
            origin = request.headers.get("Origin", "")[:LONGEST_LOGGED]
            log.info("socket.handshake_refused", error=error.specific_code, origin=origin)
            return web.json_response({"error": error.as_wire()}, status=error.status)
        request[LINK] = link
        try:
            response: web.StreamResponse = await super().handle_request(request)
        except ConnectionError:
            return web.Response(status=400)  # the peer left during the handshake and will not read it
        else:
            return response
        finally:
            if link.sid:
                self.sockets.pop(link.sid, None)
                link.end(self.reason.TRANSPORT_CLOSE)
            else:
                self.links.release(link)

    def _judge(self, request: web.Request) -> None:
        query = _asked(request.query_string)
        if query.get("transport") != ["websocket"] or "sid" in query or "j" in query:
            raise BadRequest("Connect with transport=websocket; polling is not offered.", code="websocket_only")
        if query.get("EIO") != ["4"]:
            raise BadRequest("Connect with a client of Engine.IO 4 (EIO=4).", code="unsupported_protocol")
        origins = request.headers.getall("Origin", [""])
        if len(origins) > 1 or not self._allowed_origin(origins[0]):
            raise Forbidden("Connections from this origin are not allowed.", code="origin_not_allowed")
        if request.method != "GET" or not web.WebSocketResponse().can_prepare(request).ok:
            raise BadRequest("Send a WebSocket handshake.", code="websocket_only")
        if self.closing:
            raise ServerBusy("The server is restarting; connect again.", retry_after=1)

    def greet(self, sid: str, environ: dict[str, Any]) -> None:
        """Take up the link of a handshake that the library accepted."""
        link = environ["aiohttp.request"][LINK]
        environ["REMOTE_ADDR"] = str(link.address)  # the library's own value is a constant
        self.links.register(link, sid)

    async def send_packet(self, sid: str, pkt: engine_packet.Packet) -> None:
        """Queue a packet for the peer, unless it reads too slowly."""
        link = self.links.by_sid.get(sid)
        if link is not None and link.may_send():
            link.hold(len(pkt.encode()))
            await super().send_packet(sid, pkt)

    def start_background_task(self, target: Callable[..., Any], *args: Any, **kwargs: Any) -> asyncio.Task[Any]:
        """The library's own tasks, kept so that none outlives the server."""
        task: asyncio.Task[Any] = super().start_background_task(target, *args, **kwargs)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop_tasks(self) -> None:
        """Cancel the library's tasks that still run."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class FastEngine(Engine):
    """The library's engine with sockets that write to their transports themselves and are pinged by one timer."""

    def create_queue(self, *_args: Any, **_options: Any) -> None:
        """Nothing: our sockets have no write queue, and an empty one takes 3 KiB."""

    async def _handle_connect(
        self, environ: dict[str, Any], _transport: str, _jsonp_index: int | None = None
    ) -> web.StreamResponse:
        sid = self.generate_id()
        session = self.sockets[sid] = FastSocket(self, sid, environ["aiohttp.request"][LINK])
        await self.handlers["connect"](sid, environ)
        return await Driver(session.serve, self)(environ)

    async def send_packet(self, sid: str, pkt: engine_packet.Packet) -> None:
        """Write a packet at the end of this turn of the loop."""
        link = self.links.by_sid.get(sid)
        if link is not None:
            link.write(frame(pkt.encode()))


class FastSocket(async_socket.AsyncSocket):
    """One engine.io session on a WebSocket."""

    def __init__(self, engine: FastEngine, sid: str, link: Link) -> None:
        super().__init__(engine, sid)
        self.link = link

    async def serve(self, ws: "Driver") -> None:
        """Greet the peer, then hand on its messages until it leaves."""
        self.connected = self.upgraded = True
        engine, reason = self.server, self.server.reason.TRANSPORT_CLOSE
        welcome = {
            "sid": self.sid,
            "upgrades": [],
            "pingTimeout": int(engine.ping_timeout * 1000),
            "pingInterval": int(engine.ping_interval * 1000),
            "maxPayload": engine.max_http_buffer_size,
        }
        await self.send(engine_packet.Packet(engine_packet.OPEN, welcome))
        on_message = engine.handlers["message"]
        try:
            while True:
                data = await ws.wait()
                if isinstance(data, bytes):
                    await on_message(self.sid, data)
                elif data[0] == "4":
                    await on_message(self.sid, data[1:])
                elif data[0] == "1":
                    reason = engine.reason.CLIENT_DISCONNECT
                    break
        except OSError:
            return  # how the driver says that there is no more
        finally:
            await self.close(reason=reason)

    async def send(self, pkt: engine_packet.Packet) -> None:
        """Write a packet at the end of this turn of the loop."""
        self.link.write(frame(pkt.encode()))

    async def close(self, *_args: Any, reason: str | None = None, **_options: Any) -> None:
        """End the session; its link hangs up behind the last handler."""
        self.closing = self.closed = True
        self.link.end(reason or self.server.reason.SERVER_DISCONNECT)


class Driver(aiohttp_driver.WebSocket):
    """The library's view of one WebSocket: hands on frames that peers may send, and closes with our code."""

    _sock: Any

    async def __call__(self, environ: dict[str, Any]) -> web.StreamResponse:
        """Answer the handshake and serve the connection to its end."""
        request: web.Request = environ["aiohttp.request"]
        self.link, limits = request[LINK], self.server.links.limits
        # aiohttp counts a frame of exactly its limit as too large.
        ws = _WebSocket(compress=False, max_msg_size=self.server.max_http_buffer_size + 1, timeout=CLOSING_S)
        self.environ, self._sock = environ, ws
        self._over = asyncio.get_running_loop().create_future()
        await ws.prepare(request)
        transport = request.transport
        if transport is not None:
            if (sock := transport.get_extra_info("socket")) is not None:
                # The kernel's own megabytes would hide a stalled reader from us.
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.kernel_send_buffer)
            self.link.open(self, transport)
            try:
                await self.handler(self)
            finally:
                await self.close()
                await ws.linger(request)
                self._over.set_result(None)
        return ws

    async def wait(self) -> Any:
        """The next frame of the peer, str or bytes; raises OSError when there will be none."""
        link = self.link
        if not link.ended:
            message = await self._sock.receive()
            kind, data = message.type, message.data
            if kind is WSMsgType.BINARY or (kind is WSMsgType.TEXT and data.startswith(KNOWN_FRAMES)):
                link.heard = True
                return data
            if kind is WSMsgType.TEXT:
                link.cut(Cut.PROTOCOL, code=WSCloseCode.POLICY_VIOLATION)
            elif isinstance(data, WebSocketError):
                too_large = data.code == WSCloseCode.MESSAGE_TOO_BIG
                link.cut(Cut.FRAME_TOO_LARGE if too_large else Cut.PROTOCOL, code=data.code)
        await link.answered()
        raise OSError("The connection has ended.")

    async def send(self, message: str | bytes) -> None:
        """Give a packet of the library's queue to the transport."""
        if isinstance(message, bytes) or message.startswith("4"):
            self.link.let_go(len(message))
        await super().send(message)

    async def close(self) -> None:
        """Send what waits and the close frame, and give the peer a moment to answer it; for the reading side only."""
        self.link.flush()
        await self._sock.close(code=self.link.close_code, message=self.link.ended.encode())

    async def hang_up(self) -> bool:
        """End a connection from elsewhere; False when the peer holds on.

        The reading side is woken, because only it can close in good form.
        """
        self._sock.wake()
        await asyncio.wait({self._over}, timeout=2 * CLOSING_S)
        return self._over.done()


class _WebSocket(web.WebSocketResponse):
    def wake(self) -> None:
        """Let `receive` return, with a frame of our own making."""
        if self._reader is not None:
            self._reader.feed_data(WSMessage(WSMsgType.TEXT, "3", ""), 1)

    def _close_transport(self) -> None:
        # After an unreadable frame aiohttp drops the line while the peer may still be sending; the reset that follows
        # can overtake the close code. `linger` reads on instead.
        if not isinstance(self.exception(), WebSocketError):
            super()._close_transport()

    async def linger(self, request: web.Request) -> None:
        """After an unreadable frame, let the peer read why the line is closed."""
        loop = asyncio.get_running_loop()
        until = loop.time() + CLOSING_S
        if isinstance(self.exception(), WebSocketError):
            while request.transport is not None and loop.time() < until:  # noqa: ASYNC110 - aiohttp tells nobody of it
                await asyncio.sleep(CLOSING_S / 40)
