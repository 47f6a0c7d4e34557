"""The server of the streaming measurement: a whole desk with the chattering robot, told what to do line by line.

Started by bench/streaming.py. Says `{url, guests, agent}` when it is ready; `begin` starts a window, `end` reports.
"""

import asyncio
import json
import resource
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import asyncpg
import uvloop

from bench.data import Connection, settings
from supportdesk import app as wiring
from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core import logging, migrations
from supportdesk.core.clock import Clock
from supportdesk.core.collector import collect_rarely
from supportdesk.core.db import Database
from supportdesk.core.tasks import Tasks
from supportdesk.robots.actions import install_robot
from supportdesk.robots.discovery import discover
from supportdesk.robots.host import Host
from tests.factories import make_workspace
from tests.people import Desk

ROBOTS: Final = Path(__file__).parent / "robots"
LOOK_S: Final = 0.01


async def main(dsn: str, rooms: int, pieces: int, rate: float) -> None:
    """Serve until standard input ends."""
    logging.configure("error", as_json=False)
    vars(wiring)["discover"] = partial(discover, ROBOTS)  # as the application finds its own, in our folder
    owner: Connection = await asyncpg.connect(dsn)
    await migrations.migrate(owner)
    with TemporaryDirectory(prefix="bench-stage-") as folder:
        chosen = settings(Path(folder)).model_copy(update={"robot_workers": 200})
        desk = Desk(chosen, dsn, owner, await make_workspace(owner))
        await desk.start()
        try:
            async with desk.resources.get(Database).transaction(Actor.system(WorkspaceId(desk.workspace.id))) as tx:
                what = {"pieces": pieces, "rate": rate}
                await install_robot(tx, tx.actor, desk.resources.get(Host), "chatter", settings=what)
            collect_rarely()
            await _listen(desk, rooms)
        finally:
            await desk.stop()
            await owner.close()


async def _listen(desk: Desk, rooms: int) -> None:
    admin = await desk.signed_in("admin")
    _, made = await admin.fetches("POST", "/api/v1/tokens", {"name": "bench"})
    guests = [await _token(desk) for _ in range(rooms)]
    _say({"url": desk.url, "guests": guests, "agent": made["token"]})
    lags: list[float] = []
    tasks = Tasks()
    tasks.spawn(_watch(lags), name="lag", lasting=True)
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    cpu = 0.0
    async for line in commands:
        match line.strip():
            case b"begin":
                lags.clear()
                cpu = _cpu()
            case b"end":
                used = _cpu() - cpu
                ordered = sorted(lags)
                _say({"cpu_s": used, "p50_ms": _at(ordered, 0.5), "p99_ms": _at(ordered, 0.99), "looks": len(lags)})
    await tasks.drain()


async def _token(desk: Desk) -> str:
    async with desk.http.post(
        f"{desk.url}/api/v1/guest/sessions", json={"site_key": desk.workspace.site_key}
    ) as response:
        answer = await response.json()
        return str(answer["token"])


async def _watch(lags: list[float]) -> None:
    """How late the loop comes back, in milliseconds."""
    clock = Clock()
    while True:
        asked = clock.monotonic()
        await asyncio.sleep(LOOK_S)
        lags.append(1000 * max(0.0, clock.monotonic() - asked - LOOK_S))


def _at(ordered: list[float], share: float) -> float:
    return ordered[int(len(ordered) * share)] if ordered else 0.0


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _say(what: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
