"""A desk that goes away acknowledges what it had taken, by either way out."""

import asyncio
from typing import Any

import pytest

from supportdesk.core.socket_link import Link
from tests.core.socket_desk import DESK, open_desk


@pytest.mark.parametrize("fast", [True, False], ids=["fast", "stock"])
async def test_shutdown_acknowledges_what_is_queued_though_the_peer_goes_on_sending(
    monkeypatch: pytest.MonkeyPatch,
    fast: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    held_back, answered = asyncio.Event(), Link.answered
    taken, put = asyncio.Semaphore(0), Link.put

    async def noted(link: Link) -> None:
        held_back.set()
        await answered(link)

    def counted(link: Link, packet: Any, size: int) -> None:
        put(link, packet, size)
        taken.release()

    async with open_desk(fast=fast) as desk:
        gate = asyncio.Event()

        async def slow(_sid: str, number: int) -> int:
            await gate.wait()
            return number

        desk.server.on("slow", slow, namespace=DESK)
        peer = await desk.peer()
        monkeypatch.setattr(Link, "answered", noted)
        monkeypatch.setattr(Link, "put", counted)
        for number in range(3):
            await peer.sends(f'42/desk,{number}["slow",{number}]')
        for _ in range(3):
            await asyncio.wait_for(taken.acquire(), 10)
        stopping = desk.tasks.spawn(desk.server.shutdown(), name="stopping")
        await peer.sends('42/desk,9["slow",9]')
        await peer.sends('42/desk,10["slow",10]')
        await asyncio.wait_for(held_back.wait(), 10)  # the reading side has come upon them
        gate.set()
        assert [await peer.reads() for _ in range(3)] == [f"43/desk,{number}[{number}]" for number in range(3)]
        assert await peer.is_closed_with() == 1001
        await stopping


@pytest.mark.parametrize("fast", [True, False], ids=["fast", "stock"])
async def test_what_was_sent_to_a_peer_before_shutdown_reaches_it_before_the_end(
    fast: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    async with open_desk(fast=fast) as desk:
        peer = await desk.peer()
        for number in range(50):
            await desk.emits(number)
        stopping = desk.tasks.spawn(desk.server.shutdown(), name="stopping")
        assert [await peer.reads() for _ in range(50)] == [f'42/desk,["news",{number}]' for number in range(50)]
        assert await peer.is_closed_with() == 1001
        await stopping
