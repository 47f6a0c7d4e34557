"""The desk's own way to the sockets with nothing behind it; the loop is the argument: asyncio or uvloop."""

import asyncio
import sys
from typing import Any

import uvloop
from aiohttp import web

from bench.peers.common import ROW, ack_of, event_of, run
from supportdesk.core import fast_socket
from supportdesk.core.tasks import Tasks


async def main() -> None:
    """Serve until the input ends."""
    tasks = Tasks()
    server = fast_socket.make_server(
        fast=True,
        ping_interval=25,
        ping_timeout=20,
        max_frame=65536,
        allowed_origin=lambda _origin: True,
        limits=fast_socket.SocketLimits(per_address=0, half_open_per_address=0),
        on_cut=lambda sid, reason: print("cut", sid, reason, file=sys.stderr),
        tasks=tasks,
    )

    async def connect(sid: str, _environ: dict[str, Any], auth: dict[str, Any]) -> None:
        for room in auth.get("rooms", []):
            await server.enter_room(sid, room, namespace="/desk")

    async def say(sid: str, message: dict[str, Any]) -> dict[str, Any]:
        await send(message["room_id"], event_of(message, sid, ROW))
        return ack_of(ROW)

    async def send(room: str, event: dict[str, Any]) -> None:
        await fast_socket.emit(server, "room.event", event, room=room, namespace="/desk", ephemeral=False)

    server.on("connect", connect, namespace="/desk")
    server.on("message.send", say, namespace="/desk")
    app = web.Application()
    server.attach(app)
    await run(app, send)
    await server.shutdown()


if __name__ == "__main__":
    (uvloop.run if sys.argv[1] == "uvloop" else asyncio.run)(main())
