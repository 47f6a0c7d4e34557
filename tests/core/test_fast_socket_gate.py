# mypy: allow-untyped-calls
"""Who gets in, how many, and how large a frame may be, on both paths (security.md A)."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from ipaddress import ip_address
from typing import Any

import pytest
import structlog

from tests.core.socket_desk import DESK, HANDSHAKE, Desk, open_desk

OpenDesk = Callable[..., AbstractAsyncContextManager[Desk]]
POLLING = "/socket.io/?EIO=4&transport=polling"
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
}


@pytest.fixture(params=[True, False], ids=["fast", "stock"])
def desk_with(request: pytest.FixtureRequest) -> OpenDesk:
    """Opens a desk on either path."""
    return partial(open_desk, fast=request.param)


async def answer(desk: Desk, path: str, method: str = "GET", headers: Any = None) -> tuple[int, str]:
    """Status and error code of a plain request."""
    async with desk.session.request(method, desk.url + path, headers=headers or {}) as response:
        body = await response.text()
        return response.status, json.loads(body)["error"]["code"] if response.status >= 400 else body


@pytest.mark.parametrize(
    ("path", "method", "headers", "status", "code"),
    [
        (POLLING, "GET", {}, 400, "websocket_only"),
        (POLLING, "POST", {}, 400, "websocket_only"),
        (POLLING, "OPTIONS", {}, 400, "websocket_only"),
        (POLLING + "&j=0", "GET", {}, 400, "websocket_only"),
        (HANDSHAKE + "&j=0", "GET", UPGRADE, 400, "websocket_only"),
        (HANDSHAKE + "&sid=abc", "GET", UPGRADE, 400, "websocket_only"),
        (HANDSHAKE + "&transport=polling", "GET", UPGRADE, 400, "websocket_only"),
        (HANDSHAKE, "GET", {}, 400, "websocket_only"),
        (HANDSHAKE, "POST", {}, 400, "websocket_only"),
        (HANDSHAKE, "GET", UPGRADE | {"Sec-WebSocket-Key": "short"}, 400, "websocket_only"),
        (HANDSHAKE, "GET", UPGRADE | {"Sec-WebSocket-Version": "1"}, 400, "websocket_only"),
        ("/socket.io/?EIO=3&transport=websocket", "GET", UPGRADE, 400, "unsupported_protocol"),
        ("/socket.io/?transport=websocket", "GET", UPGRADE, 400, "unsupported_protocol"),
        ("/socket.io/", "GET", {}, 400, "websocket_only"),
    ],
)
async def test_only_a_websocket_of_engine_io_4_gets_in(
    desk_with: OpenDesk, path: str, method: str, headers: dict[str, str], status: int, code: str
) -> None:
    async with desk_with() as desk:
        assert await answer(desk, path, method, headers) == (status, code)
        assert not desk.server.eio.sockets
        assert not desk.server.links._open


@pytest.mark.parametrize(
    "origins",
    [
        ["https://evil.test"],
        ["null"],
        ["https://desk.test.evil.test"],
        ["https://desk.test/"],
        ["https://desk.test", "https://desk.test"],
        ["https://desk.test, https://evil.test"],
    ],
)
async def test_a_foreign_origin_is_refused(desk_with: OpenDesk, origins: list[str]) -> None:
    async with desk_with() as desk:
        headers = [*UPGRADE.items(), *(("Origin", origin) for origin in origins)]
        assert await answer(desk, HANDSHAKE, headers=headers) == (403, "origin_not_allowed")


async def test_a_missing_origin_is_for_the_desk_to_judge(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        await desk.peer()
        await desk.peer(Origin="https://desk.test")
    async with desk_with(origins=frozenset({"https://desk.test"})) as desk:
        assert await answer(desk, HANDSHAKE, headers=UPGRADE) == (403, "origin_not_allowed")
        await desk.peer(Origin="https://desk.test")


async def test_no_compression_is_negotiated(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        peer = await desk.peer()
        assert "Sec-WebSocket-Extensions" not in peer.ws._response.headers
        assert not peer.ws.compress


async def test_an_address_has_so_many_sockets(desk_with: OpenDesk) -> None:
    async with desk_with(per_address=3, half_open_per_address=2) as desk:
        peers = [await desk.peer() for _ in range(3)]
        assert await answer(desk, HANDSHAKE, headers=UPGRADE) == (429, "rate_limited")
        await peers[0].ws.close()
        await asyncio.wait_for(desk.gone.get(), 10)
        await desk.tasks.settle()
        await desk.peer()
    async with desk_with(per_address=3, loopback_exempt=True) as desk:
        for _ in range(5):
            await desk.peer()


async def test_an_address_has_so_many_half_open_handshakes(desk_with: OpenDesk) -> None:
    async with desk_with(half_open_per_address=2) as desk:
        first, _second = await desk.peer(connected=False), await desk.peer(connected=False)
        assert await answer(desk, HANDSHAKE, headers=UPGRADE) == (429, "rate_limited")
        await first.connects()
        await desk.peer(connected=False)


async def test_the_address_is_what_the_desk_says(desk_with: OpenDesk) -> None:
    async with desk_with(address="203.0.113.9", per_address=1, loopback_exempt=True) as desk:
        await desk.peer()
        _sid, environ = desk.came.get_nowait()
        assert environ["REMOTE_ADDR"] == "203.0.113.9"
        assert await answer(desk, HANDSHAKE, headers=UPGRADE) == (429, "rate_limited")


async def test_the_networks_of_one_customer_count_as_one_address(desk_with: OpenDesk) -> None:
    addresses = iter(["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:3::1"])
    async with desk_with(per_address=1) as desk:
        desk.server.eio._client_address = lambda _request: ip_address(next(addresses))
        await desk.peer()
        assert await answer(desk, HANDSHAKE, headers=UPGRADE) == (429, "rate_limited")
        await desk.peer()


async def test_who_does_not_connect_in_time_is_cut(desk_with: OpenDesk) -> None:
    async with desk_with(connect_s=0.2) as desk:
        connected, idle = await desk.peer(), await desk.peer(connected=False)
        assert await idle.is_closed_with() == 1008
        assert (await asyncio.wait_for(desk.cuts.get(), 10))[1] == "not_connected"
        await desk.server.disconnect(connected.sid, namespace=DESK)
        assert await connected.reads() == "41/desk,"
        assert await connected.is_closed_with() == 1008, "nor may a socket stay that was sent away"


@pytest.mark.parametrize("binary", [False, True])
async def test_a_frame_of_64_kib_passes_and_a_larger_one_closes_with_1009(desk_with: OpenDesk, binary: bool) -> None:  # noqa: FBT001
    async with desk_with() as desk:
        healthy, peer = await desk.peer(), await desk.peer()
        head, tail = '42/desk,1["echo","', '"]'
        await peer.sends(head + "x" * (65536 - len(head) - len(tail)) + tail)
        assert len(await peer.reads()) == 65536 - len('"echo",')
        for size in (65537, 1 << 20, 16 << 20):
            peer = await desk.peer()
            with structlog.testing.capture_logs():
                if binary:
                    await peer.ws.send_bytes(b"x" * size)
                else:
                    await peer.ws.send_str("42" + "x" * (size - 2))
                assert await peer.is_closed_with() == 1009
                assert await asyncio.wait_for(desk.cuts.get(), 10) == (peer.sid, "frame_too_large")
        assert await healthy.is_well()
