# mypy: allow-untyped-calls
"""What peers may send, on both paths: the rest is refused or ends that socket, quietly and alone (security.md A)."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import pytest

from tests.core.socket_desk import DESK, Desk, open_desk, quiet_and_quick

OpenDesk = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture(params=[True, False], ids=["fast", "stock"])
def desk_with(request: pytest.FixtureRequest) -> OpenDesk:
    """Opens a desk on either path."""
    return partial(open_desk, fast=request.param)


DEEP = "[" * 10_000 + "]" * 10_000


@pytest.mark.parametrize(
    "frames",
    [
        [""],
        ["x"],
        ["b!!!!"],
        ["bAAAA"],
        ["9"],
        ["²"],
        ["٣"],
        ["٤٢[]"],
        ["\x00"],
        ["0{}"],
        ["2"],
        ["2probe"],
        ["5"],
        ["6"],
        ["4"],
        ["4x"],
        ["47"],
        ["4[]"],
        ['4{"a":1}'],
        ["4" + DEEP],
        ["44/desk,{}"],
        ["40/desk,[1]"],
        ['40/desk,"token"'],
        ["40/desk,{"],
        ["40/desk," + DEEP],
        ['40/desk,{"a":' + "[" * 300 + "]" * 300 + "}"],
        ["43/desk,[1]"],
        ["43/desk,0[1]"],
        ["43/desk,5{}"],
        ["43/desk,5"],
        ["42/desk," + "1" * 101 + "[]"],
        ['421-/desk,1["echo",1]'],
        ['450-/desk,1["echo",1]'],
        ['459-/desk,1["echo",1]'],
        ['4599999999999-/desk,1["echo",1]'],
        [b"out of the blue"],
        ['451-/desk,1["echo",{"_placeholder":true,"num":0}]', "text"],
        ['451-/desk,1["echo",{"_placeholder":true,"num":7}]', b"x"],
        ['451-/desk,1["echo",{"_placeholder":true,"num":"x"}]', b"x"],
        ['451-/desk,1["echo",{"_placeholder":true,"num":null}]', b"x"],
        ['452-/desk,1["echo"]', b"x" * 40_000, b"x" * 40_000],
        ['451-/desk,1["echo",' + "[" * 900 + "]" * 900 + "]", b"x"],
    ],
    ids=lambda frames: repr(frames[0])[:40],
)
async def test_a_breach_of_the_protocol_ends_that_socket_alone(
    desk_with: OpenDesk, caplog: pytest.LogCaptureFixture, frames: list[str | bytes]
) -> None:
    async with desk_with() as desk:
        healthy, peer = await desk.peer(), await desk.peer()
        async with quiet_and_quick(caplog):
            for frame in frames:
                await (peer.ws.send_bytes(frame) if isinstance(frame, bytes) else peer.sends(frame))
            assert await peer.is_closed_with() == 1008
            assert await asyncio.wait_for(desk.cuts.get(), 10) == (peer.sid, "protocol")
            assert await asyncio.wait_for(desk.gone.get(), 10) == (peer.sid, "protocol")
            assert await healthy.is_well()


@pytest.mark.parametrize("frame", [b"\x81\x7f" + b"\xff" * 8, b"\xc1\x80\x00\x00\x00\x00", b"\x83\x80\x00\x00\x00\x00"])
async def test_bytes_that_are_no_websocket_end_that_socket_alone(
    desk_with: OpenDesk, caplog: pytest.LogCaptureFixture, frame: bytes
) -> None:
    async with desk_with() as desk:
        healthy, peer = await desk.peer(), await desk.stalled()
        async with quiet_and_quick(caplog):
            peer.writer.write(frame)
            assert (await asyncio.wait_for(desk.cuts.get(), 10))[1] in {"protocol", "frame_too_large"}
            await asyncio.wait_for(desk.gone.get(), 10)
            assert await healthy.is_well()


@pytest.mark.parametrize(
    ("packet", "code"),
    [
        ("1", "bad_request"),
        ("1null", "bad_request"),
        ("1{}", "bad_request"),
        ("1[]", "bad_request"),
        ("1[1]", "bad_request"),
        ('1[["echo"]]', "bad_request"),
        ('1"echo"', "bad_request"),
        ('1["connect",{}]', "bad_request"),
        ('1["disconnect"]', "bad_request"),
        ('1["connect_error"]', "bad_request"),
        ('1["*","echo"]', "bad_request"),
        (f'1["{"e" * 10_240}"]', "bad_request"),
        ('1["echo",NaN]', "bad_request"),
        ('1["echo",Infinity]', "bad_request"),
        ('1["echo","\\ud83d"]', "bad_request"),
        ('1["echo",' + DEEP + "]", "bad_request"),
        ('1["echo",' + "[" * 300 + "]" * 300 + "]", "bad_request"),
        ('1["echo"', "bad_request"),
        ('1["__init__"]', "unknown_event"),
        ('1["base",{}]', "unknown_event"),
        ('1["_trigger_event",{}]', "unknown_event"),
        ('1["echo ",{}]', "unknown_event"),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_an_unfit_event_is_refused_in_words(
    desk_with: OpenDesk, caplog: pytest.LogCaptureFixture, packet: str, code: str
) -> None:
    async with desk_with() as desk:
        peer = await desk.peer()
        async with quiet_and_quick(caplog):
            await peer.sends("42/desk," + packet)
            head, _, reply = (await peer.reads()).partition("[")
            assert head == "43/desk,1"
            assert json.loads("[" + reply)[0]["error"]["code"] == code
            assert await peer.is_well()
        assert desk.gone.empty()


@pytest.mark.parametrize(
    "frame",
    [
        '42/nowhere,1["echo",1]',
        '42["echo",1]',
        '42/desk?x=1,["echo",1]',
        '42-["echo",1]',
        '43/desk,5["no such question"]',
        "43/nowhere,5[]",
        "41/nowhere,",
        "41",
        "3",
        "3probe",
    ],
)
async def test_what_nobody_waits_for_is_ignored(
    desk_with: OpenDesk, caplog: pytest.LogCaptureFixture, frame: str
) -> None:
    async with desk_with() as desk:
        peer = await desk.peer()
        async with quiet_and_quick(caplog):
            await peer.sends(frame)
            assert await peer.is_well()


async def test_events_before_connecting_are_not_heard(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        peer = await desk.peer(connected=False)
        await peer.sends('42/desk,1["echo",1]')
        await peer.connects()
        assert await peer.is_well()


async def test_strange_but_valid_values_come_back_as_they_are(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        peer = await desk.peer()
        for value in ('{"__proto__":{"admin":true}}', '"\\u0000"', '{"_placeholder":true,"num":0}', "1e300"):
            await peer.sends(f'42/desk,1["echo",{value}]')
            assert json.loads((await peer.reads()).removeprefix("43/desk,1")) == [json.loads(value)]
        await peer.sends('42/desk,1["echo",{"a":1,"a":2}]')
        assert await peer.reads() == '43/desk,1[{"a":2}]'


async def test_an_id_used_twice_is_answered_twice(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        peer = await desk.peer()
        await peer.sends('42/desk,5["echo","a"]')
        await peer.sends('42/desk,5["echo","b"]')
        assert [await peer.reads(), await peer.reads()] == ['43/desk,5["a"]', '43/desk,5["b"]']


async def test_connecting_twice_is_refused_and_changes_nothing(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        peer = await desk.peer()
        await peer.sends('40/desk,{"token":"t"}')
        assert (await peer.reads()).startswith("44/desk,")
        assert await peer.is_well()
        assert desk.sids() == [peer.sid]


async def test_a_peer_that_goes_on_with_nonsense_is_cut(desk_with: OpenDesk) -> None:
    async with desk_with(queued_packets=8) as desk:
        healthy, peer = await desk.peer(), await desk.peer()
        for _ in range(10):
            await peer.sends('42/nowhere,["echo",1]')
        assert await peer.is_closed_with() == 1008
        assert desk.cuts.get_nowait() == (peer.sid, "flood")
        assert await healthy.is_well()


async def test_a_full_queue_answers_server_busy_and_then_cuts(desk_with: OpenDesk) -> None:
    async with desk_with(queued_packets=4, patience_s=0.05) as desk:
        gate, handled = asyncio.Event(), 0

        async def stuck(_sid: str, _data: Any) -> str:
            nonlocal handled
            await gate.wait()
            handled += 1
            return "done"

        desk.server.on("stuck", stuck, namespace=DESK)
        healthy, peer = await desk.peer(), await desk.peer()
        for n in range(7):
            await peer.sends(f'42/desk,{n}["stuck",0]')
        for n in (5, 6):
            head, _, reply = (await peer.reads()).partition("[")
            assert head == f"43/desk,{n}"
            error = json.loads("[" + reply)[0]["error"]
            assert (error["code"], error["details"]["retry_after"]) == ("server_busy", 1)
        assert await healthy.is_well()
        gate.set()
        assert [await peer.reads() for _ in range(5)] == [f'43/desk,{n}["done"]' for n in range(5)]
        gate.clear()
        for n in range(12):
            await peer.sends(f'42/desk,{n}["stuck",0]')
        assert await asyncio.wait_for(desk.cuts.get(), 10) == (peer.sid, "flood")
        assert await peer.is_closed_with() == 1008
        assert await healthy.is_well()
        gate.set()
        assert await asyncio.wait_for(desk.gone.get(), 10) == (peer.sid, "flood")
        assert handled == 5 + 1, "what the flood left in the queue was given up"


async def test_large_events_fill_the_queue_before_it_is_long(desk_with: OpenDesk) -> None:
    async with desk_with(queued_bytes=100_000, patience_s=0.05) as desk:
        gate = asyncio.Event()

        async def stuck(_sid: str, _data: Any) -> None:
            await gate.wait()

        desk.server.on("stuck", stuck, namespace=DESK)
        peer = await desk.peer()
        for n in range(5):
            await peer.sends(f'42/desk,{n}["stuck","{"x" * 60_000}"]')
        assert (await peer.reads()).startswith('43/desk,3[{"ok":false,"error":{"code":"server_busy"')
        gate.set()
