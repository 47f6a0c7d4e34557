# mypy: allow-untyped-calls
"""Slow, stalled and silent peers, on both paths: they are cut, and nobody else notices (delivery.md D10)."""

import asyncio
import tracemalloc
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import pytest

from supportdesk.core import fast_socket
from tests.core.socket_desk import DESK, Desk, Peer, open_desk

OpenDesk = Callable[..., AbstractAsyncContextManager[Desk]]
PAGE = "x" * 30_000


@pytest.fixture(params=[True, False], ids=["fast", "stock"])
def desk_with(request: pytest.FixtureRequest) -> OpenDesk:
    """Opens a desk on either path."""
    return partial(open_desk, fast=request.param)


async def fills(desk: Desk, healthy: Peer, *, unsent: int) -> int:
    """Emit pages, each read by the healthy peer, until so many bytes wait for the stalled one; how many it took."""
    pages = 0
    while fast_socket.stats(desk.server).unsent_bytes <= unsent:
        await desk.emits(PAGE)
        assert PAGE in await healthy.reads()
        pages += 1
    return pages


async def test_a_stalled_reader_is_cut_while_others_go_on(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        healthy, _stalled = await desk.peer(), await desk.stalled()
        tracemalloc.start()
        while desk.cuts.empty():
            await desk.emits(PAGE)
            assert PAGE in await healthy.reads()
            assert fast_socket.stats(desk.server).unsent_bytes <= 1024 * 1024 + len(PAGE) + 100
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        sid, reason = desk.cuts.get_nowait()
        assert reason == "slow_consumer"
        assert await asyncio.wait_for(desk.gone.get(), 10) == (sid, "slow_consumer")
        assert fast_socket.stats(desk.server).cuts == {"slow_consumer": 1}
        assert peak < 2.5 * 1024 * 1024, "two for the stalled peer, half a one for everything else in this process"
        assert await healthy.is_well()
        await desk.tasks.settle()
        assert fast_socket.stats(desk.server).unsent_bytes == 0


async def test_who_takes_nothing_for_too_long_is_cut(desk_with: OpenDesk) -> None:
    async with desk_with(stall_s=0.3) as desk:
        healthy, _stalled = await desk.peer(), await desk.stalled()
        await fills(desk, healthy, unsent=1)
        assert (await asyncio.wait_for(desk.cuts.get(), 10))[1] == "slow_consumer"
        assert await healthy.is_well()


async def test_who_reads_slowly_but_reads_is_kept(desk_with: OpenDesk) -> None:
    async with desk_with(stall_s=0.3) as desk:
        healthy, slow = await desk.peer(), await desk.stalled()
        pages = await fills(desk, healthy, unsent=200_000)
        loop = asyncio.get_running_loop()
        began = loop.time()
        slow.reads_on()
        for _ in range(pages):
            text = await asyncio.wait_for(slow.reads(), 10)
            assert PAGE in text
            done = asyncio.Event()
            loop.call_later(0.6 / pages, done.set)
            await done.wait()
        assert loop.time() - began > 0.5
        assert desk.cuts.empty()
        slow.sends('42/desk,1["echo","still here"]')
        assert await slow.reads() == '43/desk,1["still here"]'


async def test_ephemeral_events_are_dropped_first_and_only_for_who_reads_slowly(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        healthy, slow = await desk.peer(), await desk.stalled()
        pages = await fills(desk, healthy, unsent=65536)
        for n in range(5):
            await desk.emits({"n": n}, event="typing", ephemeral=True)
            assert await healthy.reads() == f'42/desk,["typing",{{"n":{n}}}]'
        await desk.emits("durable")
        assert await healthy.reads() == '42/desk,["news","durable"]'
        assert fast_socket.stats(desk.server).ephemeral_dropped == 5
        slow.reads_on()
        for _ in range(pages):
            assert PAGE in await asyncio.wait_for(slow.reads(), 10)
        assert await slow.reads() == '42/desk,["news","durable"]'
        await desk.emits({"n": 9}, event="typing", ephemeral=True)
        assert await asyncio.wait_for(slow.reads(), 10) == '42/desk,["typing",{"n":9}]', "it has caught up"
        assert desk.cuts.empty()


async def test_acknowledgements_count_against_a_stalled_reader_too(desk_with: OpenDesk) -> None:
    async with desk_with(unsent=300_000) as desk:

        async def page(_sid: str, _data: Any) -> str:
            return PAGE

        desk.server.on("page", page, namespace=DESK)
        stalled = await desk.stalled()
        for n in range(40):
            stalled.sends(f'42/desk,{n}["page",0]')
        assert (await asyncio.wait_for(desk.cuts.get(), 10))[1] == "slow_consumer"


async def test_a_silent_peer_is_cut_and_a_living_one_is_not(desk_with: OpenDesk) -> None:
    async with desk_with(ping_interval=0.2, ping_timeout=1.0) as desk:
        living, _silent = await desk.client(), await desk.stalled()
        sid, reason = await asyncio.wait_for(desk.cuts.get(), 10)
        assert reason == "ping timeout"
        assert await asyncio.wait_for(desk.gone.get(), 10) == (sid, "ping timeout")
        assert await living.call("echo", 1, namespace=DESK, timeout=5) == 1
        assert len(desk.sids()) == 1


async def test_a_handler_slower_than_the_ping_timeout_does_not_end_a_healthy_socket(desk_with: OpenDesk) -> None:
    async with desk_with(ping_interval=0.1, ping_timeout=0.5) as desk:
        gate = asyncio.Event()

        async def slow(_sid: str, _data: Any) -> str:
            await gate.wait()
            return "done"

        desk.server.on("slow", slow, namespace=DESK)
        peer = await desk.peer()
        await peer.sends('42/desk,1["slow",0]')
        loop = asyncio.get_running_loop()
        began = loop.time()
        while loop.time() < began + 1.0:
            message = await asyncio.wait_for(peer.ws.receive(), 10)
            assert message.data == "2", "pings flow while the handler runs"
            await peer.ws.send_str("3")
        gate.set()
        assert await peer.reads() == '43/desk,1["done"]'
        assert desk.cuts.empty()


async def test_frames_of_one_turn_leave_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_desk(fast=True) as desk:
        peer = await desk.peer()
        (link,) = desk.server.links.by_sid.values()
        assert link._transport is not None
        written: list[bytes] = []
        monkeypatch.setattr(link, "_transport", Recording(link._transport, written))
        for n in range(3):
            await desk.emits(n)
        assert [await peer.reads() for _ in range(3)] == [f'42/desk,["news",{n}]' for n in range(3)]
        assert len(written) == 1


class Recording:
    """A transport that notes what is written to it."""

    def __init__(self, transport: asyncio.Transport, written: list[bytes]) -> None:
        self._transport, self._written = transport, written

    def write(self, data: bytes) -> None:
        self._written.append(data)
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
