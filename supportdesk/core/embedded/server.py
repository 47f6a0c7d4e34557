"""Owning, sharing and leaving the embedded server."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import structlog

from supportdesk.core.embedded.account import account_for
from supportdesk.core.embedded.cluster import Cluster
from supportdesk.core.embedded.errors import EmbeddedError, explained
from supportdesk.core.embedded.home import Home
from supportdesk.core.embedded.locks import PATIENCE_S, FileLock, seized
from supportdesk.core.embedded.programs import SHELVES, programs_for
from supportdesk.core.embedded.running import (
    DATABASE,
    START_LIMIT_S,
    TEMPLATE,
    Running,
    ServerInfo,
    bring_up,
    in_thread,
    shut_down,
)

log = structlog.get_logger(__name__)

GATE_LIMIT_S: Final = START_LIMIT_S + 60.0
WATCH_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
LOOKS_PER_TRIM: Final = 1200  # every ten minutes


class EmbeddedServer:
    """The embedded PostgreSQL of one data directory, as one process uses it.

    `data_dir` is the server's own folder. `durable=False` is for tests alone: it loses data when the machine stops.
    `site` is the folder in which the wheel lies and `shelves` are where root may keep a copy of its programs; both
    have good defaults. Whatever keeps the server from being used is an EmbeddedError.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        durable: bool = True,
        site: Path | None = None,
        shelves: Sequence[Path] = SHELVES,
    ) -> None:
        self._home = Home(data_dir)
        self._durable = durable
        self._site = site
        self._shelves = shelves
        self._owner = FileLock(self._home.folder / "owner.lock")
        self._users = FileLock(self._home.folder / "users.lock")
        self._running: Running | None = None

    @property
    def info(self) -> ServerInfo:
        """The running server; RuntimeError before start and after stop."""
        return self._present().info

    def dsn(self, database: str = DATABASE) -> str:
        """How the desk's owner connects, for asyncpg and libpq alike; the password is in it."""
        return self._present().dsn(database)

    async def start(self) -> ServerInfo:
        """Own the server until stop: make it (about 5 s), start it (0.2 s), or adopt the one that already runs."""
        self._prepare()
        with explained(self._home.folder):
            if not await seized(self._owner, within_s=PATIENCE_S):
                raise EmbeddedError(
                    f"The data directory {self._home.folder} is in use by process {self._owner.holder()}: "
                    "stop it first, or choose another directory with SUPPORTDESK_DATA_DIR."
                )
        try:
            return await self._enter()
        except BaseException:
            self._owner.release()
            raise

    async def stop(self) -> None:
        """Stop the server for everyone: open transactions are rolled back, committed ones are on disk."""
        running, self._running = self._running, None
        if running is None:
            return
        try:
            async with self._alone():
                self._users.release()
                await shut_down(running.cluster)
                log.info("postgres.stopped", pid=running.info.pid)
        finally:
            self._owner.release()

    @asynccontextmanager
    async def attach(self) -> AsyncIterator[ServerInfo]:
        """Use the server that runs, or start it for the while; whoever is the last to leave stops it."""
        self._prepare()
        try:
            yield await self._enter()
        finally:
            running, self._running = self._running, None
            if running is not None:
                async with self._alone():
                    self._users.release()
                    if self._users.is_free():
                        await shut_down(running.cluster)

    async def keep_running(self) -> None:
        """Start PostgreSQL again whenever it dies, and bound its logs, until stop; the owner's task."""
        pause_s = WATCH_S
        looks = 0
        while (running := self._running) is not None:
            await asyncio.sleep(pause_s)
            looks += 1
            if looks % LOOKS_PER_TRIM == 0:
                running.cluster.trim_logs()
            try:
                if await self._revived():
                    pause_s = WATCH_S
            except EmbeddedError as error:
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                log.error("postgres.restart_failed", why=error.sentence, again_in_s=pause_s)  # noqa: TRY400 - the sentence says it

    async def create_database(self, name: str, *, template: str = TEMPLATE) -> None:
        """Make a further database of the desk's owner, with the extensions that need a superuser.

        Nobody may be connected to the template. asyncpg.DuplicateDatabaseError when the name is taken.
        """
        await self._present().add_database(name, template)

    def _prepare(self) -> None:
        if self._running is not None:
            raise RuntimeError("This object uses the embedded PostgreSQL already: make another one.")
        self._home.prepare()

    def _present(self) -> Running:
        if self._running is None:
            raise RuntimeError("The embedded PostgreSQL is not in use: start it or attach to it first.")
        return self._running

    async def _enter(self) -> ServerInfo:
        with explained(self._home.folder):
            async with self._alone():
                account = account_for(self._home.folder, self._home.cluster)
                programs = await in_thread(programs_for, account, site=self._site, shelves=self._shelves)
                cluster = Cluster(self._home, account, programs)
                shared = not self._users.is_free()
                self._running = running = await bring_up(cluster, durable=self._durable, shared=shared)
                self._users.share()
        info = running.info
        log.info("postgres.ready", arrival=info.arrival, pid=info.pid, version=info.version)
        return info

    async def _revived(self) -> bool:
        """Whether the server had died and runs again."""
        found = self._running
        if found is None or found.is_alive():
            return False
        with explained(self._home.folder):
            async with self._alone():
                # While we waited, stop may have had its turn.
                if self._running is not found:
                    return False
                log.error("postgres.lost", pid=found.info.pid)
                again = await bring_up(found.cluster, durable=self._durable, shared=True)
                log.warning("postgres.found", pid=again.info.pid, arrival=again.info.arrival)
                # A stop that came meanwhile waits for the gate, and will stop this one too.
                if self._running is found:
                    self._running = again
                return True

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Hold the gate: nobody else starts or stops this server meanwhile."""
        if not self._home.folder.exists():
            # Removed under a running server: nothing is left to guard, but the server must still be stopped.
            yield
            return
        # A new one each time: two tasks of this process exclude each other too.
        gate = FileLock(self._home.folder / "gate.lock")
        if not await seized(gate, within_s=GATE_LIMIT_S):
            raise EmbeddedError(
                f"Process {gate.holder()} has been starting or stopping PostgreSQL in {self._home.folder} for "
                f"{GATE_LIMIT_S:.0f} s: end it and start again."
            )
        try:
            yield
        finally:
            gate.release()
