"""What the peers in Python share: their event, and the orders on their standard input.

A peer prints {"port": …} when it listens. Then it takes lines of JSON: {"do": "cpu"} is answered with the CPU time of
its process in µs; {"do": "emit", "rooms": […], "each": n, "event": {…}} emits the event n times to each room, one per
turn of its loop, and is answered with {"emitted": true}. It ends when its input does.

Clients connect to /desk with auth {"rooms": […]} and hear these rooms. `message.send` is acknowledged, and its room
hears `room.event`.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

Send = Callable[[str, dict[str, Any]], Awaitable[None]]
ROW = {"id": "01980000-0000-7000-8000-000000000001", "seq": 1, "created_at": "2026-01-02T03:04:05Z"}
"""What stands for a row where none is written."""


def event_of(message: dict[str, Any], sender: str, row: dict[str, Any]) -> dict[str, Any]:
    """What the room hears of a message: as much as the desk says."""
    at = row["created_at"]
    return {
        "room_id": message["room_id"],
        "seq": row["seq"],
        "kind": "message.created",
        "at": at,
        "actor": {"id": sender, "kind": "agent", "name": "Somebody"},
        "data": {
            "message": {
                "id": row["id"],
                "room_id": message["room_id"],
                "seq": row["seq"],
                "client_msg_id": message["client_msg_id"],
                "sender": {"id": sender, "kind": "agent", "name": "Somebody", "avatar_url": None},
                "message_type": "chat",
                "content": message["content"],
                "content_html": f"<p>{message['content']}</p>",
                "attachments": [],
                "citations": [],
                "quick_replies": [],
                "reactions": [],
                "status": "sent",
                "status_timestamps": {"sent": at},
                "created_at": at,
            }
        },
    }


def ack_of(row: dict[str, Any]) -> dict[str, Any]:
    """What the sender of a message gets back."""
    return {"ok": True, **row, "duplicate": False}


async def run(app: web.Application, send: Send) -> None:
    """Serve the application on a free port and obey until the input ends."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
    _answer(port=runner.addresses[0][1])
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        order = json.loads(line)
        if order["do"] == "cpu":
            _answer(cpu_us=time.process_time() * 1e6)
            continue
        for _ in range(order["each"]):
            for room in order["rooms"]:
                await send(room, order["event"])
                await asyncio.sleep(0)
        _answer(emitted=True)
    await runner.cleanup()


def _answer(**what: object) -> None:
    print(json.dumps(what), flush=True)
