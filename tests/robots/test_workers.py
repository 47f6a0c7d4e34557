"""Robots' workers as processes of their own: what one leaves that is killed, another plays to its end."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from time import monotonic
from typing import Any, TypeAlias

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from robots.webhook.robot import WebhookRobot
from supportdesk.core.places import PACKAGE
from tests.robots.conftest import Staging

TAKEN_OVER_S = 10.0
START_S = 60.0
Starting: TypeAlias = Callable[[int], Awaitable[Process]]


class SlowBot:
    """A bot of somebody else's: the first who asks waits for ever, the next has an answer at once."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_asked = asyncio.Event()
        app = web.Application()
        app.router.add_post("/", self._answer)
        self.server = TestServer(app, host="127.0.0.1")

    async def _answer(self, _request: web.Request) -> web.Response:
        self.asked += 1
        if self.asked == 1:
            self.is_asked.set()
            await asyncio.Event().wait()
        return web.json_response({"text": "Within five days."})


@pytest.fixture
async def bot() -> AsyncIterator[SlowBot]:
    """The bot on a port of its own; whoever still waits for it is let go."""
    slow = SlowBot()
    await slow.server.start_server(shutdown_timeout=0.1)
    yield slow
    await slow.server.close()


@pytest.fixture
async def start_worker(database_dsn: str, tmp_path: Path) -> AsyncIterator[Starting]:
    """Run `supportdesk worker` on the tests' database, allowed to ask this port of this machine."""
    started: list[Process] = []

    async def start(port: int) -> Process:
        chosen = {
            "DATABASE_URL": database_dsn,
            "DATA_DIR": str(tmp_path / f"worker{len(started)}"),
            "SECRET_KEY": "a secret of the tests, long enough",
            "PRIVATE_HOSTS": f"127.0.0.1:{port}",
            "ROBOT_WORKERS": "4",
            "LOG_LEVEL": "warning",
        }
        environment = os.environ | {f"SUPPORTDESK_{name}": value for name, value in chosen.items()}  # noqa: TID251 - of a child
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "supportdesk", "worker"), cwd=PACKAGE.parent, env=environment, stdout=PIPE
        )
        started.append(process)
        assert process.stdout is not None
        async with asyncio.timeout(START_S):
            assert (await process.stdout.readline()).startswith(b"Playing up to")
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_a_turn_of_a_killed_worker_is_answered_once_by_another_within_ten_seconds(
    staged: Staging, start_worker: Starting, bot: SlowBot
) -> None:
    desk = await staged(WebhookRobot, seats=0, install=False)
    await desk.installs("webhook", url=str(bot.server.make_url("/")))
    guest = await desk.guest()
    room = await desk.opens(guest)
    port = bot.server.port
    assert port is not None
    workers = [await start_worker(port) for _ in range(2)]
    await desk.says(guest, room, "How long do refunds take?")
    async with asyncio.timeout(START_S):
        await bot.is_asked.wait()
    (before,) = await desk.turns(room)
    (doomed,) = [worker for worker in workers if f":{worker.pid}/" in before["claimed_by"]]
    doomed.kill()
    await doomed.wait()
    took_s = await _until_over(desk, room)
    assert took_s <= TAKEN_OVER_S
    assert await desk.texts(room) == ["How long do refunds take?", "Within five days."]
    (turn,) = await desk.turns(room)
    assert (turn["status"], turn["attempt"], turn["response_data"]["fate"]) == ("completed", 2, "posted")
    assert turn["claimed_by"] != before["claimed_by"]
    assert bot.asked == 2


async def _until_over(desk: Any, room: Any) -> float:
    """How many seconds pass until no turn of the room is under way."""
    began = monotonic()
    async with asyncio.timeout(START_S):
        while (await desk.turns(room))[0]["status"] == "processing":  # noqa: ASYNC110 - another process raises no event here
            await asyncio.sleep(0.05)
    return monotonic() - began
