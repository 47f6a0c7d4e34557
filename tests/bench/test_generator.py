"""The load generator against a small server of ours: what it counts is what happened."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from socketio.exceptions import ConnectionRefusedError as Refusal

from bench.generator import Caller, generator
from supportdesk.core import fast_socket
from supportdesk.core.tasks import Tasks

ROOM = 3


@dataclass
class Small:
    """Lets in whoever is somebody, acknowledges what is said and tells the room; each nth time it refuses."""

    port: int = 0
    heard: list[str] = field(default_factory=list)
    refuses_each: int = 0

    def callers(self, many: int, who: str = "somebody") -> list[Caller]:
        return [
            Caller(
                port=self.port,
                namespace="/desk",
                auth={"who": who},
                hello=["room.join", {"room_id": f"room-{n // ROOM}"}],
                room_id=f"room-{n // ROOM}",
            )
            for n in range(many)
        ]


@pytest.fixture
async def small() -> AsyncIterator[Small]:
    it, tasks = Small(), Tasks()
    server = fast_socket.make_server(
        fast=True,
        ping_interval=0.2,
        ping_timeout=0.2,
        max_frame=65536,
        allowed_origin=lambda _origin: True,
        limits=fast_socket.SocketLimits(per_address=0, half_open_per_address=0),
        on_cut=lambda _sid, _reason: None,
        tasks=tasks,
    )

    async def connect(_sid: str, _environ: dict[str, Any], auth: dict[str, str]) -> None:
        if auth["who"] == "nobody":
            raise Refusal("unauthenticated")

    async def join(sid: str, want: dict[str, str]) -> dict[str, Any]:
        await server.enter_room(sid, want["room_id"], namespace="/desk")
        return {"ok": True}

    async def say(_sid: str, want: dict[str, str]) -> dict[str, Any]:
        it.heard.append(want["client_msg_id"])
        if it.refuses_each and len(it.heard) % it.refuses_each == 0:
            return {"ok": False, "error": {"code": "muted"}}
        room = want["room_id"]
        event = {"room_id": room, "kind": "message.created", "data": {"message": want}}
        await fast_socket.emit(server, "room.event", event, room=room, namespace="/desk", ephemeral=False)
        return {"ok": True, "seq": 1}

    server.on("connect", connect, namespace="/desk")
    server.on("room.join", join, namespace="/desk")
    server.on("message.send", say, namespace="/desk")
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    it.port = runner.addresses[0][1]
    yield it
    await server.shutdown()
    await runner.cleanup()
    await tasks.settle()


async def test_every_message_is_sent_once_acknowledged_and_heard_by_its_room(small: Small) -> None:
    phases: list[str] = []
    async with generator() as crowd:
        came = await crowd.connect(small.callers(2 * ROOM))
        spoken = await crowd.closed(0.4, warm=0.1, fan=ROOM, phase=phases.append)
    assert (came.connected, came.failed) == (2 * ROOM, 0)
    assert phases == ["measuring", "measured"]
    assert spoken.sent == len(small.heard) == len(set(small.heard))
    assert 2 * ROOM < spoken.acked < spoken.sent
    assert spoken.deliveries == spoken.expected == ROOM * spoken.sent
    assert spoken.missing == 0
    assert 0 < spoken.p50 <= spoken.p95 <= spoken.p99


async def test_messages_come_by_the_clock(small: Small) -> None:
    async with generator() as crowd:
        await crowd.connect(small.callers(ROOM))
        spoken = await crowd.open(100, 0.5, warm=0.1, fan=ROOM)
    assert spoken.sent == 60
    assert spoken.acked == 50
    assert spoken.missing == 0


async def test_refusals_and_missing_deliveries_are_counted(small: Small) -> None:
    small.refuses_each = 10
    async with generator() as crowd:
        await crowd.connect(small.callers(ROOM))
        refused = await crowd.open(100, 0.4, warm=0, fan=ROOM)
    assert (refused.sent, refused.refused, refused.missing) == (40, 4, 4)
    assert "muted" in refused.why


async def test_those_who_are_not_let_in_are_counted(small: Small) -> None:
    async with generator() as crowd:
        came = await crowd.connect([*small.callers(2), *small.callers(2, "nobody")])
    assert (came.connected, came.failed) == (2, 2)
    assert "unauthenticated" in came.why


async def test_what_a_room_hears_unasked_is_counted_and_pings_are_answered(small: Small) -> None:
    async with generator() as crowd, generator() as others:
        await crowd.connect(small.callers(ROOM))
        await others.connect(small.callers(1))
        await others.open(20, 1, warm=0, fan=1)  # five pings long, which the first must answer meanwhile
        assert await crowd.listen(20 * ROOM, within_s=5) == 20 * ROOM
