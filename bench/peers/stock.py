"""python-socketio as it comes, on asyncio: each message inserted by itself through asyncpg, or kept nowhere."""

import asyncio
import sys
from contextlib import nullcontext
from typing import Any

import asyncpg
import socketio
from aiohttp import web

from bench.peers.common import ROW, ack_of, event_of, run
from supportdesk.core.db import Pool

INSERT = """
    INSERT INTO messages (room_id, client_msg_id, sender_id, content) VALUES ($1, $2, $3, $4)
      RETURNING id, seq, created_at
"""


async def insert(pool: Pool, sid: str, message: dict[str, Any]) -> dict[str, Any]:
    """Write a message by itself; what the acknowledgement says of it."""
    said = message["room_id"], message["client_msg_id"], sid, message["content"]
    found = await pool.fetchrow(INSERT, *said)
    if found is None:
        raise LookupError("An inserted message came back as no row")
    return {"id": str(found["id"]), "seq": found["seq"], "created_at": found["created_at"].isoformat()}


async def main(dsn: str) -> None:
    """Serve until the input ends; without a DSN nothing is stored."""
    server = socketio.AsyncServer(async_mode="aiohttp", transports=["websocket"])
    async with asyncpg.create_pool(dsn, min_size=10, max_size=10) if dsn else nullcontext() as pool:

        async def connect(sid: str, _environ: dict[str, Any], auth: dict[str, Any] | None = None) -> None:
            for room in (auth or {}).get("rooms", []):
                await server.enter_room(sid, room, namespace="/desk")

        async def say(sid: str, message: dict[str, Any]) -> dict[str, Any]:
            row = ROW if pool is None else await insert(pool, sid, message)
            await send(message["room_id"], event_of(message, sid, row))
            return ack_of(row)

        async def send(room: str, event: dict[str, Any]) -> None:
            await server.emit("room.event", event, room=room, namespace="/desk")

        server.on("connect", connect, namespace="/desk")
        server.on("message.send", say, namespace="/desk")
        app = web.Application()
        server.attach(app)
        await run(app, send)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:] or [""]))
