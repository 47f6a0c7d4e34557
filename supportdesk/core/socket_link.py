"""The connections of this process, whatever library carries them: what a peer may take, and when it is cut."""

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from aiohttp import WSCloseCode

from supportdesk.core.address import Address, Network, network_of
from supportdesk.core.tasks import Tasks
from supportdesk.errors import RateLimited

PING_FRAME: Final = b"\x81\x012"  # one text frame: the ping of engine.io
CLOSING_S: Final = 2.0  # what a peer gets to answer a close frame, and a cancelled handler to give in


class Cut(StrEnum):
    """Why the server ended a connection; the disconnect handlers hear it as their reason."""

    SLOW_CONSUMER = "slow_consumer"
    FLOOD = "flood"
    PROTOCOL = "protocol"
    FRAME_TOO_LARGE = "frame_too_large"
    NOT_CONNECTED = "not_connected"
    PING_TIMEOUT = "ping timeout"  # the library's own word


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketLimits:
    """What one peer may take, in bytes and seconds (design: delivery.md, D10 and Limits)."""

    per_address: int = 50  # 0: no limit
    half_open_per_address: int = 20  # 0: no limit
    loopback_exempt: bool = False
    connect_s: float = 10.0
    queued_packets: int = 64
    queued_bytes: int = 256 * 1024
    patience_s: float = 1.0  # how long a burst may hold its reader until there is room; then it is told server_busy
    ephemeral_unsent: int = 64 * 1024
    unsent: int = 1024 * 1024
    stall_s: float = 8.0
    kernel_send_buffer: int = 64 * 1024
    drain_s: float = 10.0


class Link:
    """One connection, from its handshake to the end of its last handler."""

    def __init__(self, links: "Links", address: Address) -> None:
        self.address = address
        self.sid = ""  # the engine's id; empty until the handshake is accepted
        self.carrier: Any = None  # the library's side of it
        self.parts: Any = None  # a packet that still waits for binary parts
        self.parts_left = 0  # how many bytes of them there may be
        self.attached = False  # has ever connected to a namespace
        self.heard = True  # something came since the last ping
        self.ended = ""  # the reason, once no more packets are taken
        self.close_code: int = WSCloseCode.OK
        self._links = links
        self._transport: asyncio.Transport | None = None
        self._corked: list[bytes] = []
        self._held = 0  # bytes accepted but not yet given to the transport
        self._backlog = 0  # bytes the transport still had after the last flush
        self._accepted = 0
        self._gone = 0  # of the accepted bytes, those that had left the process when last asked
        self._watched = False
        self._moved_at = 0.0
        self._queue: list[tuple[Any, int]] = []
        self._queued_bytes = 0
        self._room: asyncio.Future[None] | None = None
        self._patient_until = 0.0
        self._strikes = 0
        self._worker: asyncio.Task[None] | None = None
        self._leaving = asyncio.Event()
        self._pinged = False
        self._ping_at = self._connect_by = math.inf

    def open(self, carrier: Any, transport: asyncio.Transport) -> None:
        """The handshake is done: frames may flow, and the watch begins."""
        now = asyncio.get_running_loop().time()
        self.carrier, self._transport = carrier, transport
        self._connect_by = now + self._links.limits.connect_s
        self._ping_at = now + self._links.ping_interval if self._links.pings else math.inf

    # What goes out

    @property
    def unsent(self) -> int:
        """Bytes accepted for the peer that the kernel has not taken."""
        return self._held + (self._transport.get_write_buffer_size() if self._transport is not None else 0)

    @property
    def still_s(self) -> float:
        """How long nothing has left for a peer that something waits for."""
        return asyncio.get_running_loop().time() - self._moved_at if self._watched else 0.0

    def write(self, frame: bytes, *, ephemeral: bool = False) -> None:
        """Send a frame at the end of this turn of the loop, in one piece with the turn's other frames."""
        suspect = self._held + self._backlog > self._links.limits.ephemeral_unsent
        if suspect and not self.may_send(ephemeral=ephemeral):
            return
        if not self._corked:
            self._links.cork(self)
        self._corked.append(frame)
        self._held += len(frame)
        self._accepted += len(frame)

    def flush(self) -> None:
        """Give the frames of this turn to the transport."""
        corked, self._corked = self._corked, []
        self._held = 0
        transport = self._transport
        if not corked or transport is None or transport.is_closing():
            return
        transport.write(corked[0] if len(corked) == 1 else b"".join(corked))
        self._backlog = transport.get_write_buffer_size()
        if self._backlog:
            self._watch()

    def may_send(self, *, ephemeral: bool = False) -> bool:
        """Whether the peer reads fast enough; cuts it when too much waits for even a durable packet."""
        unsent, limits = self.unsent, self._links.limits
        if ephemeral and unsent > limits.ephemeral_unsent:
            self._links.dropped += 1
            return False
        if unsent > limits.unsent:
            self.cut(Cut.SLOW_CONSUMER)
            return False
        return True

    def hold(self, size: int) -> None:
        """Count what a queue of the library holds for the peer."""
        self._held += size
        self._accepted += size
        self._watch()

    def let_go(self, size: int) -> None:
        """Count what that queue gave to the transport."""
        self._held -= size

    def _watch(self) -> None:
        if not self._watched:
            self._watched, self._moved_at = True, asyncio.get_running_loop().time()

    def _stalls(self, now: float) -> bool:
        unsent = self.unsent
        gone = self._accepted - unsent
        if not unsent:
            self._watched = False
        elif gone != self._gone:
            self._gone, self._moved_at = gone, now
        return self._watched and now - self._moved_at >= self._links.limits.stall_s

    # What comes in

    @property
    def crowded(self) -> bool:
        """The queue of packets is full."""
        limits = self._links.limits
        return len(self._queue) >= limits.queued_packets or self._queued_bytes >= limits.queued_bytes

    async def room(self) -> bool:
        """Wait for room in the queue as long as this burst's patience lasts; False when there is none."""
        loop = asyncio.get_running_loop()
        self._patient_until = self._patient_until or loop.time() + self._links.limits.patience_s
        while self.crowded and not self.ended and loop.time() < self._patient_until:
            self._room = loop.create_future()
            timer = loop.call_at(self._patient_until, self._wake)
            await self._room
            timer.cancel()
        return not self.crowded

    def put(self, packet: Any, size: int) -> None:
        """Queue a packet for the handlers."""
        self._queue.append((packet, size))
        self._queued_bytes += size
        self._start()

    def strike(self) -> None:
        """Count a packet that was refused; a peer that goes on is cut."""
        self._strikes += 1
        if self._strikes > self._links.limits.queued_packets:
            self.cut(Cut.FLOOD, code=WSCloseCode.POLICY_VIOLATION)

    def _wake(self) -> None:
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    def _start(self) -> None:
        # A task for as long as there is work: an idle connection has none, and pings never wait behind a handler.
        if self._worker is None:
            self._worker = self._links.tasks.spawn(self._work(), name="socket")

    async def _work(self) -> None:
        try:
            while self._queue:
                packet, size = self._queue.pop(0)
                self._queued_bytes -= size
                if self._room is not None and len(self._queue) <= self._links.limits.queued_packets // 2:
                    self._wake()
                await self._links.perform(self, packet)
            self._patient_until = 0.0
        except asyncio.CancelledError:
            self._queue.clear()  # the time for draining is over; whoever sent these got no ack and sends them again
        if self.ended:
            try:
                await self._links.leave(self)
            finally:
                self._links.release(self)
        self._worker = None

    # How it ends

    def end(self, reason: str, *, code: int = WSCloseCode.OK) -> None:
        """Take no more packets; the disconnect handlers run, once, behind those already queued."""
        if not self.ended:
            self.ended, self.close_code = reason, code
            self._wake()
            self._start()

    def cut(self, reason: Cut, *, code: int | None = None) -> None:
        """End it against the peer's will and give up what it queued; without a close code drop the line at once."""
        if not self.ended:
            self._queue.clear()
            self._queued_bytes = 0
            self._links.cuts[reason] += 1
            self.end(reason, code=code or WSCloseCode.ABNORMAL_CLOSURE)
            self._links.on_cut(self, reason)
        if code is None and self._transport is not None:
            self._transport.abort()

    async def hang_up(self) -> None:
        """Close the line behind what was sent; a peer that does not let go is dropped."""
        self._leaving.set()
        transport = self._transport
        if transport is not None and not transport.is_closing() and not await self.carrier.hang_up():
            transport.abort()

    async def answered(self) -> None:
        """When the desk goes away: wait until what the peer had sent before is acknowledged, or given up."""
        if self.close_code == WSCloseCode.GOING_AWAY and self._transport is not None:
            await self._leaving.wait()

    async def drained(self, within_s: float) -> None:
        """Wait for the last handler of an ended connection; past the time, drop the line and cancel what runs."""
        if self._worker is None:
            return
        _, running = await asyncio.wait({self._worker}, timeout=within_s)
        for worker in running:
            if self._transport is not None:
                self._transport.abort()
            worker.cancel()
            await asyncio.wait({worker}, timeout=CLOSING_S)

    def visit(self, now: float) -> None:
        """Look after the connection, once a tick."""
        if self._watched and self._stalls(now):
            self.cut(Cut.SLOW_CONSUMER)
        if self.ended:
            return
        if now >= self._connect_by:
            self._connect_by, self._strikes = now + self._links.limits.connect_s, 0
            if not self._links.is_attached(self):
                self.cut(Cut.NOT_CONNECTED, code=WSCloseCode.POLICY_VIOLATION)
        elif now >= self._ping_at:
            self._ping(now)

    def _ping(self, now: float) -> None:
        if not self._pinged:
            self._pinged, self.heard = True, False
            self._ping_at = now + self._links.ping_timeout
            self.write(PING_FRAME)
        elif self.heard or (self._watched and self._moved_at > self._ping_at - self._links.ping_timeout):
            # Bytes that move are a sign of life too: over a slow line the ping waits behind them.
            self._pinged = False
            self._ping_at = now + max(0.0, self._links.ping_interval - self._links.ping_timeout)
        else:
            self.cut(Cut.PING_TIMEOUT)


class Links:
    """All connections of this process, counted per address and watched by one timer."""

    def __init__(
        self,
        *,
        limits: SocketLimits,
        tasks: Tasks,
        ping_interval: float,
        ping_timeout: float,
        perform: Callable[[Link, Any], Awaitable[None]],
        leave: Callable[[Link], Awaitable[None]],
        is_attached: Callable[[Link], bool],
        on_cut: Callable[[Link, Cut], None],
    ) -> None:
        self.limits, self.tasks = limits, tasks
        self.ping_interval, self.ping_timeout = ping_interval, ping_timeout
        self.perform, self.leave, self.is_attached, self.on_cut = perform, leave, is_attached, on_cut
        self.pings = False  # whether we ping, or the library does
        self.by_sid: dict[str, Link] = {}
        self.cuts: Counter[str] = Counter()
        self.dropped = 0
        self._open: Counter[Network] = Counter()
        self._half_open: Counter[Network] = Counter()
        self._corked: list[Link] = []
        self._timer: asyncio.TimerHandle | None = None
        shortest = min(ping_interval, ping_timeout, limits.stall_s, limits.connect_s)
        self._tick = min(1.0, max(0.01, shortest / 8))

    def admit(self, address: Address) -> Link:
        """Count a handshake; raises RateLimited when its address has too many."""
        limits, network = self.limits, network_of(address)
        if not (limits.loopback_exempt and address.is_loopback) and (
            0 < limits.per_address <= self._open[network]
            or 0 < limits.half_open_per_address <= self._half_open[network]
        ):
            raise RateLimited("Too many connections from your address; close some.", retry_after=limits.connect_s)
        self._open[network] += 1
        self._half_open[network] += 1
        return Link(self, address)

    def register(self, link: Link, sid: str) -> None:
        """The engine accepted it; the watch begins with the first."""
        link.sid = sid
        self.by_sid[sid] = link
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._tick, self._visit_all)

    def attach(self, link: Link) -> None:
        """It connected to a namespace and is half open no more."""
        if not link.attached:
            link.attached = True
            _take_one(self._half_open, network_of(link.address))

    def release(self, link: Link) -> None:
        """Forget it; its address has room for another."""
        self.attach(link)
        _take_one(self._open, network_of(link.address))
        self.by_sid.pop(link.sid, None)

    def cork(self, link: Link) -> None:
        """Flush the link at the end of this turn of the loop."""
        if not self._corked:
            asyncio.get_running_loop().call_soon(self._flush_all)
        self._corked.append(link)

    def _flush_all(self) -> None:
        corked, self._corked = self._corked, []
        for link in corked:
            link.flush()

    def _visit_all(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for link in list(self.by_sid.values()):
            link.visit(now)
        self._timer = loop.call_later(self._tick, self._visit_all) if self.by_sid else None

    async def end_all(self, reason: str, code: int) -> None:
        """End every connection, give their handlers the time to finish, then cancel what is left."""
        links = list(self.by_sid.values())
        for link in links:
            link.end(reason, code=code)
        await asyncio.gather(*(link.drained(self.limits.drain_s) for link in links))
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _take_one(counter: Counter[Network], network: Network) -> None:
    counter[network] -= 1
    if counter[network] <= 0:
        del counter[network]
