# mypy: allow-untyped-calls
"""What clients and handlers may rely on, on our path and on the library's."""

import asyncio
import gc
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import socketio
import structlog

from supportdesk.core import fast_socket, socket_packets
from supportdesk.core.fast_socket import Driver, FastSocket
from supportdesk.core.socket_link import Link
from tests.core.socket_desk import DESK, Desk, open_desk

OpenDesk = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture(params=[True, False], ids=["fast", "stock"])
def desk_with(request: pytest.FixtureRequest) -> OpenDesk:
    """Opens a desk on either path."""
    return partial(open_desk, fast=request.param)


async def ask(client: socketio.AsyncClient, event: str, data: Any = None) -> Any:
    return await client.call(event, data, namespace=DESK, timeout=10)


def hears(client: socketio.AsyncClient, event: str = "news") -> asyncio.Queue[Any]:
    heard: asyncio.Queue[Any] = asyncio.Queue()
    client.on(event, heard.put_nowait, namespace=DESK)
    return heard


async def next_of(queue: asyncio.Queue[Any]) -> Any:
    return await asyncio.wait_for(queue.get(), 10)


async def test_an_event_is_answered(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        client = await desk.client()
        assert await ask(client, "echo", {"text": "où est ma commande 📦"}) == {"text": "où est ma commande 📦"}
        assert (await ask(client, "nonsense"))["error"]["code"] == "unknown_event"


async def test_two_hundred_quick_sends_are_answered_in_their_order(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        handled: list[int] = []
        answered: list[int] = []
        done = asyncio.Event()

        async def send(_sid: str, n: int) -> int:
            for _ in range(n % 4):
                await asyncio.sleep(0)
            handled.append(n)
            return n

        def ack(n: int) -> None:
            answered.append(n)
            if len(answered) == 200:
                done.set()

        desk.server.on("send", send, namespace=DESK)
        client = await desk.client()
        for n in range(200):
            await client.emit("send", n, namespace=DESK, callback=ack)
        await asyncio.wait_for(done.wait(), 10)
        assert handled == answered == list(range(200))


async def test_an_event_reaches_the_room_and_nobody_else(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        clients = [await desk.client() for _ in range(4)]
        heard = [hears(client) for client in clients]
        sids = [client.get_sid(DESK) for client in clients]
        for sid in sids[:3]:
            await desk.server.enter_room(sid, "room:1", namespace=DESK)
        await desk.emits(1, room="room:1")
        await fast_socket.emit(desk.server, "news", 2, room="room:1", namespace=DESK, ephemeral=True, skip_sid=sids[0])
        await desk.server.leave_room(sids[1], "room:1", namespace=DESK)
        await desk.emits(3, room="room:1")
        await desk.emits(4, room=sids[3])
        await desk.emits(5, room="nobody")
        await desk.emits(6)
        expected = [[1, 3, 6], [1, 2, 6], [1, 2, 3, 6], [4, 6]]
        assert [
            [await next_of(queue) for _ in wanted] for queue, wanted in zip(heard, expected, strict=True)
        ] == expected


async def test_several_arguments_none_and_bytes_cross_both_ways(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        client = await desk.client()
        heard: asyncio.Queue[Any] = asyncio.Queue()
        client.on("news", lambda *args: heard.put_nowait(args), namespace=DESK)
        await desk.emits((1, "two"))
        await desk.emits(None)
        await desk.emits({"file": b"\x00\xff", "more": [b"x" * 70_000]})
        assert [await next_of(heard) for _ in range(3)] == [
            (1, "two"),
            (),
            ({"file": b"\x00\xff", "more": [b"x" * 70_000]},),
        ]
        assert await ask(client, "echo", {"parts": [b"a", {"b": b"\xfe"}]}) == {"parts": [b"a", {"b": b"\xfe"}]}


async def test_a_client_may_acknowledge_an_event_of_the_server(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        client = await desk.client()
        answers: asyncio.Queue[Any] = asyncio.Queue()
        client.on("question", lambda data: data + 1, namespace=DESK)
        await desk.server.emit("question", 41, to=client.get_sid(DESK), namespace=DESK, callback=answers.put_nowait)
        assert await next_of(answers) == 42


async def test_events_of_one_socket_wait_for_each_other_and_not_for_those_of_others(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        running, most, gate = 0, 0, asyncio.Event()

        async def slow(_sid: str, _data: Any) -> str:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await gate.wait()
            running -= 1
            return "done"

        desk.server.on("slow", slow, namespace=DESK)
        first, second = await desk.client(), await desk.client()
        answers: asyncio.Queue[Any] = asyncio.Queue()
        for _ in range(3):
            await first.emit("slow", 0, namespace=DESK, callback=answers.put_nowait)
        assert await ask(second, "echo", 1) == 1
        gate.set()
        assert [await next_of(answers) for _ in range(3)] == ["done"] * 3
        assert most == 1


async def test_a_mistake_in_a_handler_is_answered_and_harms_nothing(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        client = await desk.client()

        async def cancelled(_sid: str, _data: Any) -> None:
            raise asyncio.CancelledError

        desk.server.on("cancelled", cancelled, namespace=DESK)
        with structlog.testing.capture_logs() as logs:
            assert (await ask(client, "fail"))["error"]["code"] == "internal"
            assert (await ask(client, "cancelled", 0))["error"]["code"] == "internal"
        assert [line["event"] for line in logs] == ["socket.handler_failed", "socket.handler_cancelled"]
        assert await ask(client, "echo", 1) == 1


async def test_who_is_refused_hears_why_and_leaves_nothing(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        peer = await desk.peer(connected=False)
        await peer.sends('40/desk,{"token":"bad"}')
        assert await peer.reads() == '44/desk,{"message":"unauthenticated","data":{"code":"unauthenticated"}}'
        with structlog.testing.capture_logs():
            await peer.sends('40/desk,{"token":"broken"}')
            assert (await peer.reads()).startswith("44/desk,")
        assert desk.came.qsize() == 2, "the handler ran once for each"
        await peer.sends("40/other,")
        assert (await peer.reads()).startswith("44/other,")
        await peer.sends("40")
        assert (await peer.reads()).startswith("44")
        assert desk.sids() == []
        assert desk.gone.empty()
        await peer.connects()


async def leave_politely(desk: Desk) -> str:
    client = await desk.client()
    sid: str = client.get_sid(DESK)
    await client.disconnect()
    return sid


async def leave_abruptly(desk: Desk) -> str:
    peer = await desk.peer()
    transport = peer.ws.get_extra_info("socket")
    assert transport is not None
    peer.ws._response.connection.transport.abort()  # type: ignore[union-attr]
    return peer.sid


async def be_sent_away(desk: Desk) -> str:
    peer = await desk.peer()
    await desk.server.disconnect(peer.sid, namespace=DESK)
    assert await peer.reads() == "41/desk,"
    await peer.ws.close()
    return peer.sid


async def misbehave(desk: Desk) -> str:
    peer = await desk.peer()
    await peer.sends("junk")
    assert await peer.is_closed_with() == 1008
    return peer.sid


@pytest.mark.parametrize("leave", [leave_politely, leave_abruptly, be_sent_away, misbehave])
async def test_the_disconnect_handler_runs_once_however_a_socket_ends(desk_with: OpenDesk, leave: Any) -> None:
    async with desk_with() as desk:
        calls: list[str] = []
        left = asyncio.Event()

        async def disconnect(sid: str, _reason: str) -> None:
            calls.append(sid)
            left.set()
            raise TypeError("a mistake in the handler")

        desk.server.on("disconnect", disconnect, namespace=DESK)
        with structlog.testing.capture_logs():
            sid = await leave(desk)
            await asyncio.wait_for(left.wait(), 10)
            await desk.tasks.settle()
            await desk.server.shutdown()
        assert calls == [sid]
        assert desk.sids() == []


async def test_what_was_sent_before_leaving_is_handled_before_the_leaving(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        log: list[str] = []
        gate, left = asyncio.Event(), asyncio.Event()

        async def note(_sid: str, word: str) -> None:
            await gate.wait()
            log.append(word)

        async def disconnect(_sid: str, _reason: str) -> None:
            log.append("left")
            left.set()

        desk.server.on("note", note, namespace=DESK)
        desk.server.on("disconnect", disconnect, namespace=DESK)
        peer = await desk.peer()
        for word in ("one", "two"):
            await peer.sends(f'42/desk,["note","{word}"]')
        await peer.ws.close()
        gate.set()
        await asyncio.wait_for(left.wait(), 10)
        assert log == ["one", "two", "left"]


async def test_shutdown_finishes_what_runs_and_leaves_no_task(desk_with: OpenDesk) -> None:
    before = asyncio.all_tasks()
    async with desk_with() as desk:
        started, gate = asyncio.Event(), asyncio.Event()

        async def slow(_sid: str, _data: Any) -> str:
            started.set()
            await gate.wait()
            return "done"

        desk.server.on("slow", slow, namespace=DESK)
        busy, idle = await desk.peer(), await desk.peer()
        await busy.sends('42/desk,7["slow",0]')
        await started.wait()
        stopping = desk.tasks.spawn(desk.server.shutdown(), name="stopping")
        assert await idle.is_closed_with() == 1001
        assert (await desk.session.get(desk.url + "/socket.io/?EIO=4&transport=websocket")).status in {400, 503}
        gate.set()
        assert await busy.reads() == '43/desk,7["done"]'
        assert await busy.is_closed_with() == 1001
        await stopping
        assert {reason for _, reason in (desk.gone.get_nowait(), desk.gone.get_nowait())} == {"server disconnect"}
        assert fast_socket.stats(desk.server).sockets == 0
    assert asyncio.all_tasks() == before


async def test_the_application_takes_its_sockets_down_with_it(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        peer = await desk.peer()
        loop = asyncio.get_running_loop()
        began, stopping = loop.time(), desk.tasks.spawn(desk.runner.cleanup(), name="stopping")
        assert await peer.is_closed_with() == 1001
        await stopping
        assert loop.time() - began < 5
        assert desk.gone.get_nowait() == (peer.sid, "server disconnect")


async def test_who_is_told_of_cuts_may_fail(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:

        def fail(_sid: str, _reason: str) -> None:
            raise ValueError("a mistake in the handler")

        desk.server._on_cut = fail
        peer, healthy = await desk.peer(), await desk.peer()
        with structlog.testing.capture_logs():
            await peer.sends("junk")
            assert await peer.is_closed_with() == 1008
            assert await next_of(desk.gone) == (peer.sid, "protocol")
        assert await healthy.is_well()


async def test_shutdown_cancels_a_handler_that_takes_too_long(desk_with: OpenDesk) -> None:
    async with desk_with(drain_s=0.05) as desk:
        started = asyncio.Event()

        async def stuck(_sid: str, _data: Any) -> None:
            started.set()
            await asyncio.Event().wait()

        desk.server.on("stuck", stuck, namespace=DESK)
        peer = await desk.peer()
        await peer.sends('42/desk,["stuck",0]')
        await started.wait()
        await asyncio.wait_for(desk.server.shutdown(), 10)
        assert desk.gone.get_nowait() == (peer.sid, "server disconnect")
        assert not desk.tasks


async def test_two_hundred_visits_leave_nothing_behind(desk_with: OpenDesk) -> None:
    async with desk_with(ping_interval=0.2) as desk:
        await leave_politely(desk)
        await next_of(desk.gone)
        for _ in range(10):
            peers = [await desk.peer() for _ in range(20)]
            for peer in peers:
                await peer.ws.close()
            for _ in peers:
                await next_of(desk.gone)
        await desk.tasks.settle()
        engine = desk.server.eio
        assert not desk.server.links.by_sid
        assert not desk.server.links._open
        assert not desk.server.links._half_open
        assert not engine.sockets
        assert not desk.server.environ
        assert not desk.server.manager.rooms
        assert not desk.server.manager.pending_connect
        await desk.server.shutdown()
        assert not engine._tasks
        desk.came = asyncio.Queue()  # the test's own grip on the requests
        desk.peers.clear()
        peers.clear()
        del peer
        gc.collect()
        left = [it for it in gc.get_objects() if type(it) in {Link, Driver, FastSocket}]
        assert len(left) <= 2, "but for what a frame of the last request may hold"


async def test_an_event_is_encoded_once_for_a_room(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_desk(fast=True) as desk:
        peers = [await desk.peer() for _ in range(5)]
        encoded: list[str] = []

        def dumps(value: Any, **_options: Any) -> str:
            encoded.append(json.dumps(value))
            return encoded[-1]

        monkeypatch.setattr(socket_packets.Packet, "json", SimpleNamespace(dumps=dumps))
        await desk.emits({"n": 1})
        await desk.emits({"n": 2}, room="empty")
        assert [await peer.reads() for peer in peers] == ['42/desk,["news", {"n": 1}]'] * 5
        assert encoded == ['["news", {"n": 1}]']


@pytest.mark.parametrize("fast", [True, False], ids=["fast", "stock"])
def test_it_runs_on_the_loop_of_python_too(fast: bool) -> None:  # noqa: FBT001 - a parameter of the table
    async def visit() -> None:
        async with open_desk(fast=fast, ping_interval=0.05, ping_timeout=1.0) as desk:
            client, peer = await desk.client(), await desk.peer()
            heard = hears(client)
            assert await ask(client, "echo", [1]) == [1]
            await desk.emits({"n": 1})
            assert await next_of(heard) == {"n": 1}
            assert await peer.reads() == '42/desk,["news",{"n":1}]'
            await peer.sends("junk")
            assert await peer.is_closed_with() == 1008
            await desk.stalled()
            while desk.cuts.qsize() < 2:
                await desk.emits("x" * 60_000)
                await next_of(heard)
            assert [reason for _, reason in (desk.cuts.get_nowait(), desk.cuts.get_nowait())] == [
                "protocol",
                "slow_consumer",
            ]

    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(visit())
