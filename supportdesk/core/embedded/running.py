"""A running server: how to come by one, what to do with it, and how to end it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final, ParamSpec, TypeVar
from urllib.parse import quote, urlencode

import asyncpg

from supportdesk.core.embedded import queries
from supportdesk.core.embedded.cluster import Cluster
from supportdesk.core.embedded.conf import PORT
from supportdesk.core.embedded.credentials import (
    OWNER,
    SUPERUSER,
    Credentials,
    find_credentials,
    make_credentials,
    verifier,
)
from supportdesk.core.embedded.errors import EmbeddedError, disk_full
from supportdesk.core.embedded.locks import PATIENCE_S, seized
from supportdesk.core.embedded.processes import (
    AT_ONCE,
    FAST,
    POLL_S,
    PidFile,
    Steps,
    end,
    is_alive,
    read_pid_file,
)

P = ParamSpec("P")
T = TypeVar("T")

DATABASE: Final = "supportdesk"
# citext, pg_trgm and unaccent are trusted: the owner's migrations make them.
EXTENSIONS: Final = ("vector", "pg_stat_statements")
TEMPLATE: Final = "template1"

START_LIMIT_S: Final = 300.0  # recovery after a crash reads up to max_wal_size
JOIN_LIMIT_S: Final = 30.0  # PostgreSQL itself recovers when one of its processes has crashed
ANSWER_LIMIT_S: Final = 5.0
COMMAND_LIMIT_S: Final = 120.0

NO_ANSWER: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a connection that is cut in the middle may come to
)


class Arrival(StrEnum):
    """How we came by the running server."""

    CREATED = "created"
    STARTED = "started"
    ADOPTED = "adopted"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """The running server: its postmaster, its socket, its data directory and the folder of its programs."""

    pid: int
    version: str
    socket_dir: Path
    cluster: Path
    programs: Path
    arrival: Arrival


@dataclass(frozen=True, slots=True)
class Running:
    """A running server and what it takes to use it."""

    cluster: Cluster
    credentials: Credentials
    info: ServerInfo

    def dsn(self, database: str) -> str:
        """How the desk's owner connects."""
        where = urlencode({"host": str(self.info.socket_dir), "port": PORT})
        return f"postgresql://{OWNER}:{self.credentials.owner}@/{quote(database, safe='')}?{where}"

    def is_alive(self) -> bool:
        """Whether the postmaster still runs."""
        return is_alive(self.info.pid, self.cluster.home.name, self.cluster.account)

    async def add_database(self, name: str, template: str) -> None:
        """Make a database of the desk's owner with the extensions that need a superuser."""
        async with self._superuser() as conn:
            await queries.add_database(conn, name, owner=OWNER, template=template)
        async with self._superuser(name) as conn:
            await queries.ensure_extensions(conn, EXTENSIONS)

    async def furnish(self) -> None:
        """Make what is missing of the desk's role, database and extensions."""
        async with self._superuser() as conn:
            await queries.ensure_owner(conn, OWNER, verifier(self.credentials.owner))
            if not await queries.has_database(conn, DATABASE):
                await queries.add_database(conn, DATABASE, owner=OWNER, template=TEMPLATE)
        async with self._superuser(DATABASE) as conn:
            await queries.ensure_extensions(conn, EXTENSIONS)

    async def answer(self) -> None:
        """Return when the server takes sessions; one of NO_ANSWER when it does not."""
        async with self._superuser():
            return

    @asynccontextmanager
    async def _superuser(self, database: str = SUPERUSER) -> AsyncIterator[queries.Connection]:
        conn = await asyncpg.connect(
            host=str(self.info.socket_dir),
            port=PORT,
            user=SUPERUSER,
            password=self.credentials.superuser,
            database=database,
            timeout=ANSWER_LIMIT_S,
            command_timeout=COMMAND_LIMIT_S,
        )
        try:
            yield conn
        finally:
            await conn.close(timeout=ANSWER_LIMIT_S)


async def bring_up(cluster: Cluster, *, durable: bool, shared: bool) -> Running:
    """Make, start, adopt or join the server; the caller holds the gate. `shared` says that others use it."""
    if (shared or cluster.runs_unseen()) and (joined := await _join(cluster)) is not None:
        return joined
    await in_thread(cluster.sweep)
    created = not cluster.exists()
    credentials = await in_thread(_create, cluster, durable) if created else _kept_credentials(cluster)
    await in_thread(cluster.check)
    socket_dir = await in_thread(cluster.home.socket_dir, cluster.account)
    fingerprint = await in_thread(cluster.configure, socket_dir, durable=durable)

    orphan = await _settled(cluster)
    if orphan is not None and cluster.launched_with(fingerprint):
        adopted = _running(cluster, credentials, orphan, Arrival.ADOPTED)
        with suppress(*NO_ANSWER):
            await adopted.furnish()
            return adopted
    try:
        if orphan is not None:
            await _end(cluster, FAST)
        started = await _launch(cluster, fingerprint, socket_dir)
        running = _running(cluster, credentials, started, Arrival.CREATED if created else Arrival.STARTED)
        await running.furnish()
    except BaseException as error:
        await shut_down(cluster)
        if isinstance(error, NO_ANSWER):
            raise _unusable(cluster, error) from error
        raise
    return running


async def shut_down(cluster: Cluster) -> None:
    """Stop the server: fast, then at once, then by force, each within its time."""
    found = read_pid_file(cluster.home.cluster)
    await _end(cluster, FAST)
    if found is not None:
        # Ours alone, and made anew by every start.
        with suppress(OSError):
            found.socket_dir.rmdir()


async def _join(cluster: Cluster) -> Running | None:
    """The server that others use, or None when it is dead and may be started anew, though others wait for it."""
    credentials = _kept_credentials(cluster)
    with suppress(TimeoutError):
        async with asyncio.timeout(JOIN_LIMIT_S):
            while not cluster.home.life.is_free():
                if cluster.has_lost_its_postmaster():
                    await _end(cluster, AT_ONCE)
                elif (found := read_pid_file(cluster.home.cluster)) is not None:
                    running = _running(cluster, credentials, found, Arrival.JOINED)
                    with suppress(*NO_ANSWER):
                        await running.answer()
                        return running
                await asyncio.sleep(POLL_S)
            return None
    raise EmbeddedError(
        f"Other processes use the data directory {cluster.home.folder}, but its PostgreSQL does not answer: "
        "restart the desk that runs there."
    )


def _create(cluster: Cluster, durable: bool) -> Credentials:  # noqa: FBT001 - called in a thread, by position
    path = cluster.home.credentials
    credentials = find_credentials(path) or make_credentials(path)
    cluster.create(credentials.superuser, durable=durable)
    return credentials


def _kept_credentials(cluster: Cluster) -> Credentials:
    credentials = find_credentials(cluster.home.credentials)
    if credentials is None:
        raise EmbeddedError(
            f"The passwords of {cluster.home.cluster} are missing: put {cluster.home.credentials} back from a backup."
        )
    return credentials


async def _settled(cluster: Cluster) -> PidFile | None:
    """The postmaster that runs already, once it has finished starting, or None once it has finished stopping."""
    found = _postmaster(cluster)
    with suppress(TimeoutError):
        async with asyncio.timeout(START_LIMIT_S):
            while found is not None and found.status != "ready":
                await asyncio.sleep(POLL_S)
                found = _postmaster(cluster)
    return found


async def _launch(cluster: Cluster, fingerprint: str, socket_dir: Path) -> PidFile:
    """Launch the postmaster and wait until it is ready; what a killed one left is cleared away first."""
    await _end(cluster, AT_ONCE)
    await in_thread(cluster.clear_stale, socket_dir)
    life = cluster.home.life
    if not await seized(life, within_s=PATIENCE_S):
        raise EmbeddedError(
            f"A PostgreSQL that cannot be seen from here, as in another container, runs in {cluster.home.folder}: "
            "stop it there first."
        )
    try:
        why = await in_thread(cluster.launch, fingerprint)
    finally:
        # PostgreSQL has inherited it by now, if it runs.
        life.bequeath()
    started = await _settled(cluster)
    if started is None:
        raise why()
    if started.status != "ready":
        raise EmbeddedError(
            f"PostgreSQL in {cluster.home.folder} is not ready after {START_LIMIT_S:.0f} s: "
            f"see its log in {cluster.logs} and start again."
        )
    return started


async def _end(cluster: Cluster, steps: Steps) -> None:
    await end(cluster.home.name, cluster.account, cluster.home.cluster, steps=steps)


def _postmaster(cluster: Cluster) -> PidFile | None:
    found = read_pid_file(cluster.home.cluster)
    return found if found is not None and is_alive(found.pid, cluster.home.name, cluster.account) else None


def _running(cluster: Cluster, credentials: Credentials, found: PidFile, arrival: Arrival) -> Running:
    info = ServerInfo(
        pid=found.pid,
        version=cluster.programs.version,
        socket_dir=found.socket_dir,
        cluster=cluster.home.cluster,
        programs=cluster.programs.folder,
        arrival=arrival,
    )
    return Running(cluster, credentials, info)


def _unusable(cluster: Cluster, error: Exception) -> EmbeddedError:
    home = cluster.home
    if isinstance(error, asyncpg.DiskFullError):
        return EmbeddedError(disk_full(home.folder))
    if isinstance(error, asyncpg.InvalidPasswordError):
        return EmbeddedError(
            f"The passwords in {home.credentials} are not those of {home.cluster}: put the file back from a backup."
        )
    return EmbeddedError(
        f"PostgreSQL in {home.folder} started but is of no use ({error}): see its log in {cluster.logs}."
    )


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do blocking work in a thread; who is cancelled meanwhile leaves only when it is done, for it holds the gate."""
    done = asyncio.get_running_loop().run_in_executor(None, partial(work, *args, **kwargs))
    try:
        return await asyncio.shield(done)
    except asyncio.CancelledError:
        await asyncio.wait([done])
        done.exception()
        raise
