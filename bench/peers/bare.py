"""What Python allows: the same frames from plain aiohttp on uvloop, without library, sessions, limits or database."""

import asyncio
from typing import Any, cast

import orjson
import uvloop
from aiohttp import web

from bench.peers.common import ROW, ack_of, event_of, run
from supportdesk.core.socket_packets import frame

rooms: dict[str, list[asyncio.Transport]] = {}


async def serve(request: web.Request) -> web.WebSocketResponse:
    """One socket to its end."""
    ws = web.WebSocketResponse(compress=False)
    await ws.prepare(request)
    transport = cast("asyncio.Transport", request.transport)
    transport.write(frame('0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":65536}'))
    mine: list[str] = []
    async for message in ws:
        text: str = message.data
        if text.startswith("40"):
            mine = orjson.loads(text.partition(",")[2]).get("rooms", [])
            for room in mine:
                rooms.setdefault(room, []).append(transport)
            transport.write(frame('40/desk,{"sid":"x"}'))
        elif text.startswith("42"):
            head, _, body = text.partition("[")
            _name, said = orjson.loads("[" + body)
            transport.write(frame(f"43{head[2:]}{orjson.dumps([ack_of(ROW)]).decode()}"))
            await send(said["room_id"], event_of(said, "x", ROW))
    for room in mine:
        rooms[room].remove(transport)
    return ws


async def send(room: str, event: dict[str, Any]) -> None:
    """Write an event to everybody in a room."""
    message = frame("42/desk," + orjson.dumps(["room.event", event]).decode())
    for transport in rooms.get(room, ()):
        transport.write(message)


if __name__ == "__main__":
    app = web.Application()
    app.router.add_get("/socket.io/", serve)
    uvloop.run(run(app, send))
