"""A desk that goes away acknowledges what it had taken. On the fast path: the stock one is there to compare with."""

import asyncio

from tests.core.socket_desk import DESK, open_desk


async def test_shutdown_acknowledges_what_is_queued_though_the_peer_goes_on_sending() -> None:
    async with open_desk(fast=True) as desk:
        started, gate = asyncio.Event(), asyncio.Event()

        async def slow(_sid: str, number: int) -> int:
            started.set()
            await gate.wait()
            return number

        desk.server.on("slow", slow, namespace=DESK)
        peer = await desk.peer()
        for number in range(3):
            await peer.sends(f'42/desk,{number}["slow",{number}]')
        await started.wait()
        await asyncio.sleep(0)
        stopping = desk.tasks.spawn(desk.server.shutdown(), name="stopping")
        await peer.sends('42/desk,9["slow",9]')
        await peer.sends('42/desk,10["slow",10]')
        await asyncio.sleep(0)
        gate.set()
        assert [await peer.reads() for _ in range(3)] == [f"43/desk,{number}[{number}]" for number in range(3)]
        assert await peer.is_closed_with() == 1001
        await stopping
