"""The PostgreSQL of a run: outside the desk's process, so that each can be broken without the other."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeAlias

import asyncpg
import psutil

from supportdesk.core import migrations
from supportdesk.core.embedded import EmbeddedServer
from supportdesk.core.tasks import Tasks

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
START_LIMIT_S = 60.0
POLL_S = 0.05


class Postgres:
    """One cluster in a folder; `durable` as in earnest: fsync on, commits synchronous."""

    def __init__(self, folder: Path) -> None:
        self._server = EmbeddedServer(folder)
        self.dsn = ""

    async def start(self) -> None:
        """Make it or start it, with the schema in place."""
        await self._server.start()
        self.dsn = self._server.dsn()
        async with self.owner() as conn:
            await migrations.migrate(conn)

    async def stop(self) -> None:
        """Stop it in good order."""
        self.resume()
        await self._server.stop()

    @asynccontextmanager
    async def owner(self, *, within_s: float = 10.0) -> AsyncIterator[Connection]:
        """A connection of the tables' owner, who sees every workspace."""
        conn = await asyncpg.connect(self.dsn, timeout=within_s)
        try:
            yield conn
        finally:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
                await conn.close(timeout=2)

    def _processes(self) -> list[psutil.Process]:
        """The postmaster first, then its children."""
        try:
            postmaster = psutil.Process(self._server.info.pid)
            return [postmaster, *postmaster.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def signal(self, number: signal.Signals) -> None:
        """Tell all its processes at once."""
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def kill(self) -> None:
        """End the postmaster and every backend by kill -9: what was not on disk is lost."""
        self.signal(signal.SIGKILL)

    def freeze(self) -> None:
        """Nothing moves, and every connection stays open."""
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after a freeze."""
        self.signal(signal.SIGCONT)

    async def revive(self) -> None:
        """Start it again after a kill, as the desk itself would, and wait until it takes connections."""
        dead = self._server.info.pid
        async with self.kept():
            async with asyncio.timeout(START_LIMIT_S):
                # To the end of the start: a keeper that is cancelled before stops what it was starting.
                while self._server.info.pid == dead:  # noqa: ASYNC110 - another process's birth raises no event
                    await asyncio.sleep(POLL_S)
            await self.answers()

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Start it again whenever it dies, as the desk does with its own."""
        tasks = Tasks()
        tasks.spawn(self._server.keep_running(), name="keep postgres", lasting=True)
        try:
            yield
        finally:
            await tasks.drain()

    async def answers(self) -> None:
        """Come back when it takes connections."""
        async with asyncio.timeout(START_LIMIT_S):
            while True:
                try:
                    async with self.owner(within_s=2) as conn:
                        await conn.fetchval("SELECT 1")
                        return
                except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    await asyncio.sleep(POLL_S)
