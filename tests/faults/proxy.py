"""A TCP proxy of our own that does to connections what networks do."""

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from supportdesk.core.tasks import Tasks

CHUNK = 16 * 1024
RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: close by RST, and forget what was not sent


@dataclass(slots=True)
class Weather:
    """What happens to the bytes; changed while connections are open, it holds from the next chunk on."""

    latency_s: float = 0.0
    jitter_s: float = 0.0  # either way
    bytes_per_s: float = 0.0  # in each direction of each connection; 0: no limit
    drop_after: int = 0  # the connection is reset after so many bytes from the server; 0: never
    lost: float = 0.0  # the share of chunks that come one retransmission later
    retransmission_s: float = 0.2
    kernel_buffer: int = 0  # of new connections towards the server, bytes; 0: as the system has it


class Proxy:
    """Listens on a port of its own and carries every connection to the target."""

    def __init__(self, target_port: int, random: Random) -> None:
        self.weather = Weather()
        self.port = 0
        self._target, self._random = target_port, random
        self._tasks = Tasks()
        self._pairs: set[_Pair] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0, backlog=2048)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """End every connection and listen no more."""
        if self._server is not None:
            self._server.close()
        self.reset()
        await self._tasks.drain(grace_s=0.5)

    def __len__(self) -> int:
        return len(self._pairs)

    def reset(self, share: float = 1.0) -> int:
        """End connections by RST to both sides, all of them or a share chosen at random; how many."""
        chosen = [pair for pair in self._pairs if share >= 1 or self._random.random() < share]
        for pair in chosen:
            pair.reset()
        return len(chosen)

    def silence(self) -> int:
        """Let the connections of this moment stay open and carry nothing any more, in neither direction; how many."""
        for pair in self._pairs:
            pair.carries.clear()
        return len(self._pairs)

    def stall(self) -> int:
        """Read nothing more from the server on the connections of this moment; clients are still heard. How many."""
        for pair in self._pairs:
            pair.reads_server.clear()
        return len(self._pairs)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = socket.socket()
        upstream.setblocking(False)
        if self.weather.kernel_buffer:
            upstream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.weather.kernel_buffer)
        try:
            await asyncio.get_running_loop().sock_connect(upstream, ("127.0.0.1", self._target))
            limit = self.weather.kernel_buffer or 64 * 1024
            server_reader, server_writer = await asyncio.open_connection(sock=upstream, limit=limit)
        except OSError:
            upstream.close()
            _reset(writer)
            return
        pair = _Pair(writer, server_writer)
        self._pairs.add(pair)
        # Each direction by itself: one that waits for the weather must not hold up the other.
        ways = [
            self._tasks.spawn(self._carry(pair, reader, server_writer, from_server=False), name="up"),
            self._tasks.spawn(self._carry(pair, server_reader, writer, from_server=True), name="down"),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._pairs.discard(pair)
            for way in ways:
                way.cancel()
            pair.close()

    async def _carry(
        self, pair: "_Pair", reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, from_server: bool
    ) -> None:
        carried = 0
        line = _Line(self._tasks, writer)
        try:
            while not writer.is_closing():
                if from_server:
                    await pair.reads_server.wait()
                chunk = await reader.read(CHUNK)
                if not chunk:
                    await pair.carries.wait()  # nor does the end of one half reach the other through silence
                    await line.drained()
                    return
                await pair.carries.wait()
                carried += len(chunk)
                if from_server and 0 < self.weather.drop_after < carried:
                    pair.reset()
                    return
                await self._pass_on(line, chunk)
        except OSError:
            await pair.carries.wait()
        finally:
            line.cut()

    async def _pass_on(self, line: "_Line", chunk: bytes) -> None:
        weather = self.weather
        if weather.bytes_per_s:
            await asyncio.sleep(len(chunk) / weather.bytes_per_s)
        delay = weather.latency_s + self._random.uniform(-1, 1) * weather.jitter_s
        if weather.lost and self._random.random() < weather.lost:
            delay += weather.retransmission_s
        await line.send(chunk, max(0.0, delay))


class _Line:
    """Chunks that are on their way: each arrives after its delay, and none overtakes, as TCP has it."""

    def __init__(self, tasks: Tasks, writer: asyncio.StreamWriter) -> None:
        self._tasks, self._writer = tasks, writer
        self._flying: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=256)
        self._lands: asyncio.Task[None] | None = None

    async def send(self, chunk: bytes, delay_s: float) -> None:
        """Let a chunk arrive after the delay; waits where the receiver does not take what came before."""
        if self._writer.is_closing():
            raise ConnectionResetError
        if not delay_s and self._lands is None:
            self._writer.write(chunk)
            await self._writer.drain()
            return
        if self._lands is None:
            self._lands = self._tasks.spawn(self._land(), name="line", lasting=True)
        await self._flying.put((asyncio.get_running_loop().time() + delay_s, chunk))

    async def drained(self) -> None:
        """Wait until everything has arrived."""
        if self._lands is not None:
            await self._flying.join()

    def cut(self) -> None:
        """What is on its way never arrives."""
        if self._lands is not None:
            self._lands.cancel()

    async def _land(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            at, chunk = await self._flying.get()
            await asyncio.sleep(max(0.0, at - loop.time()))
            try:
                if not self._writer.is_closing():
                    self._writer.write(chunk)
                    await self._writer.drain()
            except OSError:
                self._writer.close()
            finally:
                self._flying.task_done()


class _Pair:
    """The two halves of one connection."""

    def __init__(self, *writers: asyncio.StreamWriter) -> None:
        self._writers = writers
        self.carries, self.reads_server = asyncio.Event(), asyncio.Event()
        self.carries.set()
        self.reads_server.set()

    def reset(self) -> None:
        """End both halves by RST."""
        self._each(_reset)
        self.carries.set()
        self.reads_server.set()

    def close(self) -> None:
        """End both halves in good form."""
        self._each(asyncio.StreamWriter.close)

    def _each(self, end: Callable[[asyncio.StreamWriter], None]) -> None:
        for writer in self._writers:
            end(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
    writer.transport.abort()
