"""python-socketio as it comes, on asyncio: each message inserted by itself through asyncpg."""

import asyncio
import sys
from typing import Any

import asyncpg
import socketio
from aiohttp import web

from bench.peers.common import ack_of, event_of, run

INSERT = """
    INSERT INTO messages (room_id, client_msg_id, sender_id, content) VALUES ($1, $2, $3, $4)
      RETURNING id, seq, created_at
"""


async def main(dsn: str) -> None:
    """Serve until the input ends."""
    server = socketio.AsyncServer(async_mode="aiohttp", transports=["websocket"])
    async with asyncpg.create_pool(dsn, min_size=10, max_size=10) as pool:

        async def connect(sid: str, _environ: dict[str, Any], auth: dict[str, Any]) -> None:
            for room in auth.get("rooms", []):
                await server.enter_room(sid, room, namespace="/desk")

        async def say(sid: str, message: dict[str, Any]) -> dict[str, Any]:
            said = message["room_id"], message["client_msg_id"], sid, message["content"]
            found = await pool.fetchrow(INSERT, *said)
            if found is None:
                raise LookupError("An inserted message came back as no row")
            row = {"id": str(found["id"]), "seq": found["seq"], "created_at": found["created_at"].isoformat()}
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
    asyncio.run(main(sys.argv[1]))
