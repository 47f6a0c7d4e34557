"""The proxy does to connections what it says."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from random import Random

import pytest

from tests.faults.proxy import Proxy, Weather

PATIENCE_S = 10.0
BRIEFLY_S = 0.05
"""How long a test listens into a silence; longer would prove no more."""


class Echo:
    """A server that sends back what it gets, and counts its connections."""

    def __init__(self) -> None:
        self.open = 0
        self.taken = 0
        self.port = 0
        self._changed = asyncio.Condition()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._counts(opened=1)
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._counts(taken=len(data))
                writer.write(data)
                await writer.drain()
        await self._counts(opened=-1)
        writer.close()

    async def _counts(self, *, opened: int = 0, taken: int = 0) -> None:
        async with self._changed:
            self.open += opened
            self.taken += taken
            self._changed.notify_all()

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(is_so)


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    echo = Echo()
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    echo.port = server.sockets[0].getsockname()[1]
    yield echo
    server.close()


@pytest.fixture
async def proxy(echo: Echo) -> AsyncIterator[Proxy]:
    proxy = Proxy(echo.port, Random(1))
    await proxy.start()
    yield proxy
    await proxy.stop()


class Peer:
    """A client of the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def says(self, text: bytes) -> float:
        """Send and get it back; seconds."""
        began = asyncio.get_running_loop().time()
        self.writer.write(text)
        async with asyncio.timeout(PATIENCE_S):
            assert await self.reader.readexactly(len(text)) == text
        # The loop counts whole milliseconds: what is less than one is the error of a subtraction.
        return round(asyncio.get_running_loop().time() - began, 3)

    async def is_reset(self) -> None:
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(self.reader.read(-1), PATIENCE_S)
        self.writer.close()

    async def hears_nothing(self) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(self.reader.read(1), BRIEFLY_S)


@pytest.fixture
async def peer(proxy: Proxy) -> AsyncIterator[Peer]:
    peer = Peer(*await asyncio.open_connection("127.0.0.1", proxy.port))
    await peer.says(b"hello")
    yield peer
    peer.writer.close()
    with suppress(OSError):
        await peer.writer.wait_closed()


async def test_fine_weather_changes_nothing(peer: Peer, echo: Echo) -> None:
    before, said = echo.taken, bytes(range(256)) * 4096
    await peer.says(said)  # and gets it back byte for byte
    assert echo.taken - before == len(said)


async def test_latency_holds_back_each_way_and_keeps_the_order(proxy: Proxy, peer: Peer) -> None:
    proxy.weather = Weather(latency_s=0.05, jitter_s=0.04)
    assert await peer.says(b"once") >= 2 * 0.01
    numbers = b"".join(b"%03d," % n for n in range(200))
    for at in range(0, len(numbers), 40):
        peer.writer.write(numbers[at : at + 40])
        await peer.writer.drain()
    async with asyncio.timeout(PATIENCE_S):
        assert await peer.reader.readexactly(len(numbers)) == numbers


async def test_a_lost_chunk_comes_a_retransmission_later(proxy: Proxy, peer: Peer) -> None:
    proxy.weather = Weather(lost=1.0, retransmission_s=0.05)
    assert await peer.says(b"late") >= 2 * 0.05


async def test_a_narrow_line_takes_its_time(proxy: Proxy, peer: Peer) -> None:
    proxy.weather = Weather(bytes_per_s=20_000)
    assert await peer.says(bytes(1000)) >= 2 * 0.05


async def test_a_reset_reaches_both_sides(proxy: Proxy, peer: Peer, echo: Echo) -> None:
    assert proxy.reset() == 1
    await peer.is_reset()
    await echo.until(lambda: echo.open == 0)
    assert len(proxy) == 0


async def test_some_are_reset_and_the_others_are_not(proxy: Proxy, peer: Peer) -> None:
    assert proxy.reset(0.0) == 0
    await peer.says(b"still here")


async def test_a_connection_ends_after_so_many_bytes(proxy: Proxy, peer: Peer) -> None:
    proxy.weather = Weather(drop_after=1000)
    await peer.says(bytes(500))
    assert len(proxy) == 1
    peer.writer.write(bytes(2000))
    await peer.is_reset()
    assert len(proxy) == 0


async def test_a_silenced_connection_stays_open_and_says_nothing_while_new_ones_work(
    proxy: Proxy, peer: Peer, echo: Echo
) -> None:
    assert proxy.silence() == 1
    taken = echo.taken
    peer.writer.write(b"is anybody there?")
    await peer.hears_nothing()
    assert echo.taken == taken
    other = Peer(*await asyncio.open_connection("127.0.0.1", proxy.port))
    await other.says(b"hello")
    other.writer.close()
    peer.writer.close()  # the far side is not told of this either
    await other.writer.wait_closed()
    await echo.until(lambda: echo.open <= 1)
    assert echo.open == 1


async def test_a_stalled_reader_is_heard_and_hears_nothing(proxy: Proxy, peer: Peer, echo: Echo) -> None:
    assert proxy.stall() == 1
    taken = echo.taken
    peer.writer.write(b"I" * 10)  # what is being read at the moment still comes through
    await echo.until(lambda: echo.taken == taken + 10)
    await asyncio.wait_for(peer.reader.readexactly(10), PATIENCE_S)
    peer.writer.write(b"me too")
    await echo.until(lambda: echo.taken == taken + 16)
    await peer.hears_nothing()
