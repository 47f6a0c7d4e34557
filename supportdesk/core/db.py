"""The pools, and the one way to change anything."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

import asyncpg
import structlog
from asyncpg.pool import PoolConnectionProxy

from supportdesk.actor import Actor
from supportdesk.config import Settings
from supportdesk.core.events import Bus, Event
from supportdesk.errors import ServerBusy, StartError

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Lent: TypeAlias = PoolConnectionProxy[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
else:  # asyncpg's classes are generic in their stubs only
    Connection = asyncpg.Connection
    Lent = PoolConnectionProxy
    Pool = asyncpg.Pool

log = structlog.get_logger(__name__)

GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InternalClientError,
    asyncpg.DiskFullError,
    asyncpg.OutOfMemoryError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
    OSError,
    TimeoutError,
)
"""What PostgreSQL's absence, fullness or overload looks like from here: nobody's fault, worth a retry."""


class Lane(StrEnum):
    """Separate small pools, so that one kind of work cannot starve another."""

    WEB = "web"
    REALTIME = "realtime"
    BACKGROUND = "background"
    JOBS = "jobs"
    LEASES = "leases"


SHARES = {Lane.REALTIME: 0.36, Lane.BACKGROUND: 0.2, Lane.JOBS: 0.08}
"""Of what one connection for the leases leaves; the web has the rest, so that all lanes make up the whole."""
ROLES = {
    Lane.WEB: "desk_app",
    Lane.REALTIME: "desk_app",
    Lane.BACKGROUND: "desk_app",
    Lane.JOBS: "desk_jobs",
    Lane.LEASES: "desk_jobs",  # which run is whose: a lane that no job fills, however busy they are
}
ARRAYS = {"_int8": (1016, "int8", 20), "_timestamptz": (1185, "timestamptz", 1184), "_uuid": (2951, "uuid", 2950)}
"""The arrays our queries take that asyncpg does not know: the numbers of built-in types are PostgreSQL's for ever."""
MAX_AGE_S = 1800
"""Connections are replaced after this: a plan prepared on an empty table would stay sequential for ever."""


def lane_sizes(total: int) -> dict[Lane, int]:
    """How many of a process's connections each lane may have; at least one, so `total` is six or more."""
    sizes = {lane: max(1, round((total - 1) * share)) for lane, share in SHARES.items()} | {Lane.LEASES: 1}
    return {Lane.WEB: total - sum(sizes.values())} | sizes


@dataclass(slots=True)
class Tx:
    """One open transaction of one actor, and the facts to announce if it commits."""

    conn: Connection
    actor: Actor
    _facts: list[Event] = field(default_factory=list)

    def announce(self, event: Event) -> None:
        """Publish the event after the commit, never before, and never when it fails."""
        self._facts.append(event)

    @asynccontextmanager
    async def part(self) -> AsyncIterator[None]:
        """Do something that may fail by itself: what it changed and announced is undone, and the rest can go on."""
        so_far = len(self._facts)
        await self.conn.execute("SAVEPOINT part")
        try:
            yield
        except Exception:
            del self._facts[so_far:]
            await self.conn.execute("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part")
            raise
        await self.conn.execute("RELEASE SAVEPOINT part")


@dataclass(slots=True)
class _Lane:
    pool: Pool
    turns: asyncio.Semaphore  # asyncpg's pool is unfair; this queue is first come, first served
    waiting: int = 0


class Database:
    """The application's connections, by lane."""

    def __init__(self, settings: Settings, dsn: str, bus: Bus) -> None:
        self._settings = settings
        self._dsn = dsn
        self._bus = bus
        self._lanes: dict[Lane, _Lane] = {}

    async def open(self) -> None:
        """Connect; raises StartError when PostgreSQL cannot be reached or the role may not be taken."""
        most = self._settings.db_pool_max
        for lane, largest in lane_sizes(most).items():
            least = round(self._settings.db_pool_min * largest / most)
            try:
                pool = await asyncpg.create_pool(
                    self._dsn,
                    min_size=min(least, largest),
                    max_size=largest,
                    max_inactive_connection_lifetime=self._settings.db_pool_idle_s,
                    timeout=self._settings.db_pool_acquire_s,
                    init=_know_arrays,
                    reset=_leave_clean,
                    server_settings={
                        "role": ROLES[lane],
                        "application_name": f"supportdesk {lane}",
                        "timezone": "UTC",
                        "jit": "off",
                        "lock_timeout": "10s",
                        "statement_timeout": "120s" if lane is Lane.JOBS else "30s",
                        "idle_in_transaction_session_timeout": "60s",
                    },
                )
            except (*GONE, asyncpg.PostgresError) as error:
                raise StartError(f"PostgreSQL refuses the connection: {_first_line(error)}.") from error
            self._lanes[lane] = _Lane(pool, asyncio.Semaphore(largest))

    async def close(self) -> None:
        """Give the connections back, waiting a little for those in use."""
        for lane in self._lanes.values():
            try:
                await asyncio.wait_for(lane.pool.close(), timeout=5)
            except TimeoutError:
                lane.pool.terminate()
        self._lanes.clear()

    async def renew(self) -> None:
        """Let every connection be replaced after its present use."""
        for lane in self._lanes.values():
            await lane.pool.expire_connections()

    def load(self) -> Iterator[tuple[Lane, int, int, int, int]]:
        """Per lane: connections open, idle, allowed, and callers waiting. For metrics."""
        for name, lane in self._lanes.items():
            yield name, lane.pool.get_size(), lane.pool.get_idle_size(), lane.pool.get_max_size(), lane.waiting

    @asynccontextmanager
    async def bare(self, *, lane: Lane = Lane.WEB) -> AsyncIterator[Connection]:
        """Lend a connection that belongs to no workspace: row-level security shows it nothing.

        For the SECURITY DEFINER look-ups alone (sign-in by e-mail, tokens, sites, the sweepers' lists), and for the
        one statement that says itself whose workspace it is in (`post_flight`).
        """
        chosen = self._lanes[lane]
        conn = await self._lend(chosen)
        try:
            with busy_when_gone():
                yield conn
        finally:
            await _give_back(chosen, conn)

    async def _lend(self, lane: _Lane) -> Lent:
        if lane.turns.locked():
            await self._queue_for(lane)
        else:
            await lane.turns.acquire()  # at once; a timer would cost more than the turn
        try:
            with busy_when_gone():
                return await lane.pool.acquire()
        except BaseException:
            lane.turns.release()
            raise

    async def _queue_for(self, lane: _Lane) -> None:
        lane.waiting += 1
        try:
            async with asyncio.timeout(self._settings.db_pool_acquire_s):
                await lane.turns.acquire()
        except TimeoutError:
            raise ServerBusy("All database connections are in use; try again.", retry_after=1) from None
        finally:
            lane.waiting -= 1

    @asynccontextmanager
    async def transaction(self, actor: Actor, *, lane: Lane = Lane.WEB) -> AsyncIterator[Tx]:
        """Open a transaction as this actor in their workspace; commit at the end, then publish what was announced.

        Raises ServerBusy when PostgreSQL is gone: whether a commit under way took hold is then unknown.
        """
        async with self.bare(lane=lane) as conn:
            tx = Tx(conn, actor)
            async with _begun(conn, actor):
                yield tx
        for fact in tx._facts:  # noqa: SLF001 - the transaction's own list
            self._bus.publish(fact)

    @asynccontextmanager
    async def read(self, actor: Actor, *, lane: Lane = Lane.WEB) -> AsyncIterator[Connection]:
        """Open a read-only transaction as this actor in their workspace: one snapshot for all its queries.

        Its end is nobody's to wait for: the connection is tidied and given back beside whatever comes next.
        """
        chosen = self._lanes[lane]
        conn = await self._lend(chosen)
        try:
            with busy_when_gone():
                await _begin(conn, actor, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield conn
        finally:
            self._bus.tasks.spawn(_end_read(chosen, conn), name="end a read")


async def _end_read(lane: _Lane, conn: Lent) -> None:
    try:
        await _roll_back(conn)  # there is nothing to commit
    finally:
        await _give_back(lane, conn)


async def _give_back(lane: _Lane, conn: Lent) -> None:
    try:
        await lane.pool.release(conn, timeout=5)
    finally:
        lane.turns.release()


async def _begin(conn: Connection, actor: Actor, begin: str) -> None:
    # One round trip by the simple protocol, which takes no parameters: str(UUID(…)) can hold nothing else.
    workspace = UUID(str(actor.workspace_id))
    who = UUID(str(actor.id)) if actor.id else ""
    await conn.execute(f"{begin}; SET LOCAL app.workspace_id = '{workspace}'; SET LOCAL app.actor_id = '{who}'")


@asynccontextmanager
async def _begun(conn: Connection, actor: Actor) -> AsyncIterator[None]:
    await _begin(conn, actor, "BEGIN")
    try:
        yield
    except BaseException:
        await _roll_back(conn)
        raise
    if await conn.execute("COMMIT") != "COMMIT":
        # A statement had failed and the caller went on: PostgreSQL then rolls back, and says so in this word only.
        raise LookupError("The transaction was rolled back, because one of its statements had failed")


async def _roll_back(conn: Connection) -> None:
    try:
        if conn.is_closed():
            return
    except asyncpg.InterfaceError:
        return  # PostgreSQL cut it, and the pool has taken it away already
    try:
        async with asyncio.timeout(2):
            await conn.execute("ROLLBACK")
    except (*GONE, asyncpg.PostgresError):
        conn.terminate()
    except asyncio.CancelledError:
        conn.terminate()
        raise  # whoever was told to stop while giving up must not go on


async def _know_arrays(conn: Connection) -> None:
    """Spare every new connection asyncpg's look into the catalogue: 10 ms, twice or thrice in its life."""
    none = ("basetype", "basetype_name", "range_subtype", "range_subtype_name", "attrtypoids", "attrnames")
    conn._protocol.get_settings().register_data_types(  # type: ignore[union-attr]  # noqa: SLF001 - it has no door for arrays
        [
            dict.fromkeys(none)
            | {"oid": number, "ns": "pg_catalog", "name": name, "kind": b"b", "depth": 0}
            | {"elemtype": element, "elemtype_name": of, "elemdelim": ","}
            for name, (number, of, element) in ARRAYS.items()
        ]
    )


async def _leave_clean(conn: Connection) -> None:
    """Spare the round trip of asyncpg's RESET ALL: every setting we make is LOCAL to its transaction."""
    if conn.is_in_transaction():
        conn.terminate()


@contextmanager
def busy_when_gone() -> Iterator[None]:
    """Turn PostgreSQL's absence into the error that tells clients to try again."""
    try:
        yield
    except GONE as error:
        log.warning("database.unavailable", error=type(error).__name__, reason=_first_line(error))
        raise ServerBusy("The database cannot be reached just now; try again.", retry_after=1) from error


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
