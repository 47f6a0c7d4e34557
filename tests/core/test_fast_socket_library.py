# mypy: allow-untyped-calls
"""What we rely on inside the libraries: an upgrade that breaks it fails here, by name, before anything else does."""

import asyncio
import inspect
from collections.abc import Callable
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

import aiohttp
import engineio
import orjson
import pytest
import socketio
from aiohttp import web
from engineio import async_socket
from engineio import packet as engine_packet
from engineio.async_drivers import aiohttp as aiohttp_driver
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version
from socketio import packet as socket_packet

from supportdesk.core import fast_socket, socket_packets
from supportdesk.core.socket_rooms import Rooms
from tests.core.socket_desk import DESK


@pytest.mark.parametrize(
    ("package", "floor", "why"),
    [
        ("python-socketio", "5.16.3", "the pub/sub listener could die silently"),
        ("python-engineio", "4.15", "a listed origin and the limits of payloads"),
        ("aiohttp", "3.14.4", "WebSocket parsing that stays within its limits"),
    ],
)
def test_the_libraries_are_new_enough(package: str, floor: str, why: str) -> None:
    assert Version(version(package)) >= Version(floor), why


def parameters(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        # python-socketio: what we call, and what we put something else in the place of
        (socketio.AsyncServer._handle_eio_connect, ["self", "eio_sid", "environ"]),
        (socketio.AsyncServer._handle_eio_message, ["self", "eio_sid", "data"]),
        (socketio.AsyncServer._handle_eio_disconnect, ["self", "eio_sid", "reason"]),
        (socketio.AsyncServer._handle_connect, ["self", "eio_sid", "namespace", "data"]),
        (socketio.AsyncServer._handle_disconnect, ["self", "eio_sid", "namespace", "reason"]),
        (socketio.AsyncServer._handle_event, ["self", "eio_sid", "namespace", "id", "data"]),
        (socketio.AsyncServer._handle_ack, ["self", "eio_sid", "namespace", "id", "data"]),
        (socketio.AsyncServer._trigger_event, ["self", "event", "namespace", "args"]),
        (socketio.AsyncServer._send_packet, ["self", "eio_sid", "pkt"]),
        (socketio.AsyncServer._get_event_handler, ["self", "event", "namespace", "args"]),
        (socketio.AsyncServer._engineio_server_class, ["self"]),
        (
            socketio.AsyncManager.emit,
            ["self", "event", "data", "namespace", "room", "skip_sid", "callback", "to", "kwargs"],
        ),
        (socketio.AsyncManager.get_participants, ["self", "namespace", "room"]),
        (socketio.AsyncManager.sid_from_eio_sid, ["self", "eio_sid", "namespace"]),
        (socketio.AsyncManager.get_namespaces, ["self"]),
        (socketio.AsyncManager.basic_enter_room, ["self", "sid", "namespace", "room", "eio_sid"]),
        (socketio.AsyncManager.basic_leave_room, ["self", "sid", "namespace", "room"]),
        (socketio.AsyncManager.basic_disconnect, ["self", "sid", "namespace", "kwargs"]),
        (socketio.AsyncManager.get_rooms, ["self", "sid", "namespace"]),
        (socket_packet.Packet.__init__, ["self", "packet_type", "data", "namespace", "id", "binary", "encoded_packet"]),
        (socket_packet.Packet.decode, ["self", "encoded_packet"]),
        (socket_packet.Packet.add_attachment, ["self", "attachment"]),
        # python-engineio
        (engineio.AsyncServer.handle_request, ["self", "args", "kwargs"]),
        (engineio.AsyncServer._handle_connect, ["self", "environ", "transport", "jsonp_index"]),
        (engineio.AsyncServer.send_packet, ["self", "sid", "pkt"]),
        (engineio.AsyncServer.start_background_task, ["self", "target", "args", "kwargs"]),
        (engineio.AsyncServer.create_queue, ["self", "args", "kwargs"]),
        (engineio.AsyncServer.generate_id, ["self"]),
        (async_socket.AsyncSocket.__init__, ["self", "server", "sid"]),
        (async_socket.AsyncSocket.send, ["self", "pkt"]),
        (async_socket.AsyncSocket.close, ["self", "wait", "abort", "reason"]),
        (async_socket.AsyncSocket._websocket_handler, ["self", "ws"]),
        (aiohttp_driver.WebSocket.__init__, ["self", "handler", "server"]),
        (aiohttp_driver.WebSocket.__call__, ["self", "environ"]),
        (aiohttp_driver.WebSocket.wait, ["self"]),
        (aiohttp_driver.WebSocket.send, ["self", "message"]),
        (aiohttp_driver.WebSocket.close, ["self"]),
        # aiohttp
        (web.WebSocketResponse._close_transport, ["self"]),
        (web.WebSocketResponse.exception, ["self"]),
        (web.WebSocketResponse.can_prepare, ["self", "request"]),
    ],
    ids=lambda value: value.__qualname__ if callable(value) else "",
)
def test_a_function_that_we_call_or_replace_takes_what_it_took(
    function: Callable[..., Any], expected: list[str]
) -> None:
    assert parameters(function) == expected


def test_the_engine_takes_its_driver_and_our_sockets_from_where_we_put_them() -> None:
    engine = engineio.AsyncServer(async_mode="aiohttp", cors_allowed_origins=[])
    assert isinstance(engine._async, dict)
    assert engine._async["websocket"] is aiohttp_driver.WebSocket
    assert engine.sockets == {}
    assert engine.handlers == {}
    assert "server._async['websocket'](" in inspect.getsource(async_socket.AsyncSocket._upgrade_websocket)
    assert "self.sockets[sid] = s" in inspect.getsource(engineio.AsyncServer._handle_connect)
    assert engineio.AsyncServer.reason.PING_TIMEOUT == "ping timeout"


def test_the_library_still_needs_what_we_do_in_its_place() -> None:
    # When one of these fails, the work-around it names can go.
    trigger = inspect.getsource(socketio.AsyncServer._trigger_event)
    assert trigger.count("except TypeError") == 2, "DeskServer._trigger_event: a handler was called again"
    assert "asyncio.create_task" in inspect.getsource(socketio.AsyncManager.emit), "Rooms.fan_out: a task per recipient"
    assert "wait_for" in inspect.getsource(async_socket.AsyncSocket._websocket_handler), "FastSocket: wait_for a frame"
    environ = inspect.getsource(aiohttp_driver.translate_request)
    assert "'REMOTE_ADDR': '127.0.0.1'" in environ, "Engine.greet: the address is a constant"
    base = inspect.getsource(socketio.base_server.BaseServer.__init__)
    assert "self.namespaces = namespaces or ['/']" in base, "DeskServer: an empty list admits everybody"
    catch_all = socketio.AsyncServer(async_mode="aiohttp")
    catch_all.on("*", print)
    assert catch_all._get_event_handler("*", "/", ("sid",)) == (print, ("sid",)), "is_fit: an event called *"


STEPS = ("connect", "pre_connect", "enter", "leave", "close", "ask", "pre_disconnect", "disconnect")


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3), st.sampled_from(["a", "b"])), max_size=40))
def test_our_rooms_remember_what_the_librarys_do(steps: list[tuple[str, int, str]]) -> None:
    managers = (socketio.AsyncManager(), Rooms())
    assert asyncio.run(outcomes_of(managers[0], steps)) == asyncio.run(outcomes_of(managers[1], steps))
    theirs, ours = managers
    assert ours.rooms == theirs.rooms
    assert ours.pending_connect == theirs.pending_connect
    assert ours.pending_disconnect == theirs.pending_disconnect
    assert ours.callbacks.keys() == theirs.callbacks.keys()
    for n in range(4):
        assert set(ours.get_rooms(f"sid{n}", DESK)) == set(theirs.get_rooms(f"sid{n}", DESK))
    for n in range(4):
        ours.basic_disconnect(f"sid{n}", DESK)
    assert not ours._of_sid


async def outcomes_of(manager: Any, steps: list[tuple[str, int, str]]) -> list[str]:
    return [await outcome_of(manager, *step) for step in steps]


async def outcome_of(manager: Any, step: str, n: int, room: str) -> str:
    """Do one thing to a manager; the name of what it raised, if it did."""
    sid, eio_sid = f"sid{n}", f"eio{n}"
    manager.server = SimpleNamespace(eio=SimpleNamespace(generate_id=lambda: sid))
    try:
        match step:
            case "connect":
                await manager.connect(sid, DESK)
            case "pre_connect" if not manager.rooms.get(DESK, {}).get(None, {}).get(sid):  # ids are given out once
                await manager.pre_connect(eio_sid, DESK)
            case "enter":
                manager.basic_enter_room(sid, DESK, room)
            case "leave":
                manager.basic_leave_room(sid, DESK, room)
            case "close":
                manager.basic_close_room(room, DESK)
            case "ask" if manager.is_connected(sid, DESK):
                manager._generate_ack_id(sid, print)
            case "pre_disconnect" if manager.is_connected(sid, DESK):
                manager.pre_disconnect(sid, DESK)
            case "disconnect":
                manager.basic_disconnect(sid, DESK)
    except (KeyError, ValueError) as error:
        return type(error).__name__
    return ""


def test_packets_are_numbered_as_our_frames_assume() -> None:
    kinds = (socket_packet.CONNECT, socket_packet.DISCONNECT, socket_packet.EVENT, socket_packet.ACK)
    assert (*kinds, socket_packet.BINARY_EVENT, socket_packet.BINARY_ACK) == (0, 1, 2, 3, 5, 6)
    assert (engine_packet.OPEN, engine_packet.CLOSE, engine_packet.PING, engine_packet.PONG) == (0, 1, 2, 3)
    assert engine_packet.MESSAGE == 4
    assert engine_packet.Packet(engine_packet.MESSAGE, "x").encode() == "4x"
    assert engine_packet.Packet(engine_packet.MESSAGE, b"x").encode() == b"x"


@pytest.mark.parametrize("data", [["e"], ["e", {"a": [1, "ü", None]}], ["e", b"\x00", {"deep": [b"\xff"]}]])
@pytest.mark.parametrize("kind", [socket_packet.EVENT, socket_packet.ACK])
def test_our_packets_are_the_librarys(kind: int, data: list[Any]) -> None:
    ours = socket_packets.Packet(kind, data, "/desk", 7).encode()
    theirs = socket_packet.Packet(kind, data, "/desk", 7).encode()
    assert decoded(ours) == decoded(theirs)


def decoded(encoded: Any) -> Any:
    head, *parts = encoded if isinstance(encoded, list) else [encoded]
    packet = socket_packet.Packet(encoded_packet=head)
    return packet.packet_type, packet.namespace, packet.id, packet.data, packet.attachment_count, parts


def test_orjson_refuses_by_the_exceptions_we_catch() -> None:
    assert issubclass(orjson.JSONDecodeError, ValueError)
    assert issubclass(orjson.JSONEncodeError, TypeError)
    for text in ("NaN", '"\\ud800"', "[" * 10_000):
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(text)
    deep = orjson.loads("[" * 300 + "]" * 300)
    with pytest.raises(orjson.JSONEncodeError):
        orjson.dumps(deep)
    level = orjson.loads("[" * socket_packets.DEEP + "]" * socket_packets.DEEP)
    assert orjson.dumps([{"ok": level}])


async def test_a_frame_of_our_own_making_wakes_the_reading_side() -> None:
    async def serve(request: web.Request) -> web.WebSocketResponse:
        ws = fast_socket._WebSocket()
        await ws.prepare(request)
        ws.wake()
        woken = await ws.receive()
        assert (woken.type, woken.data) == (aiohttp.WSMsgType.TEXT, "3")
        await ws.send_str("woken")
        return ws

    app = web.Application()
    app.router.add_get("/", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{runner.addresses[0][1]}/") as ws,
    ):
        assert await ws.receive_str(timeout=10) == "woken"
    await runner.cleanup()


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536, 70_000])
def test_a_frame_is_what_aiohttp_would_write(size: int) -> None:
    from aiohttp._websocket.writer import WebSocketWriter

    class Sink:
        data = b""

        def write(self, data: bytes) -> None:
            self.data += data

        def is_closing(self) -> bool:
            return False

    for payload, opcode in (("x" * size, 1), (b"x" * size, 2)):
        sink = Sink()
        writer = WebSocketWriter(None, sink)  # type: ignore[arg-type]
        writer._write_websocket_frame(payload.encode() if isinstance(payload, str) else payload, opcode, 0)
        assert socket_packets.frame(payload) == sink.data
