"""The database a command works on: the embedded one, or the one that SUPPORTDESK_DATABASE_URL names."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg
import structlog

from supportdesk.config import LOOPBACK, Settings
from supportdesk.core import migrations, roles
from supportdesk.core.embedded import EmbeddedError, EmbeddedServer
from supportdesk.errors import StartError

log = structlog.get_logger(__name__)

OLDEST = 150000
CONNECT_S = 10


@asynccontextmanager
async def open_database(settings: Settings, *, owning: bool = False, migrating: bool = True) -> AsyncIterator[str]:
    """Start or join PostgreSQL, bring the schema up to date, and lend the address to connect to.

    `owning` is for the server: it keeps the embedded PostgreSQL to itself and starts it again when it dies.
    Raises StartError with one sentence for whatever is in the way.
    """
    if settings.database_url is not None:
        check_address(settings)
        await _prepare(settings.database_url, migrating=migrating)
        yield settings.database_url
        return
    embedded = EmbeddedServer(settings.data_dir.resolve() / "postgres")
    try:
        if owning:
            await embedded.start()
            keeper = asyncio.get_running_loop().create_task(embedded.keep_running(), name="keep postgres")
            try:
                dsn = embedded.dsn()
                await _prepare(dsn, migrating=migrating)
                yield dsn
            finally:
                keeper.cancel()
                await embedded.stop()
        else:
            async with embedded.attach():
                dsn = embedded.dsn()
                await _prepare(dsn, migrating=migrating)
                yield dsn
    except EmbeddedError as error:
        raise StartError(error.sentence) from error


def check_address(settings: Settings) -> None:
    """Refuse a database on another machine without verified TLS, unless forced (security.md)."""
    parts = urlsplit(settings.database_url or "")
    if parts.scheme not in ("postgresql", "postgres"):
        raise StartError("SUPPORTDESK_DATABASE_URL must begin with postgresql:// and name a PostgreSQL server.")
    host = parts.hostname
    is_local = host is None or host in LOOPBACK or host.startswith("/") or "host=/" in parts.query
    if not is_local and "sslmode=verify-full" not in parts.query and not settings.force:
        raise StartError(
            f"The database {host} is on another machine: add ?sslmode=verify-full to SUPPORTDESK_DATABASE_URL, "
            "or set SUPPORTDESK_FORCE=1 if the network between is yours alone."
        )


async def _prepare(dsn: str, *, migrating: bool) -> None:
    conn = await connect(dsn)
    try:
        version = conn.get_server_version()
        if int(await conn.fetchval("SHOW server_version_num")) < OLDEST:
            raise StartError(f"PostgreSQL {version.major} is too old: Support Desk needs version 15 or newer.")
        if migrating:
            for applied in await migrations.migrate(conn):
                log.info("migration.applied", version=applied.version, name=applied.name)
        else:
            await migrations.check(conn)
    except roles.RolesMissing as error:
        raise StartError(str(error)) from error
    finally:
        await conn.close()


async def connect(dsn: str) -> "asyncpg.Connection[asyncpg.Record]":
    """One connection of the owner; raises StartError when PostgreSQL cannot be reached."""
    try:
        return await asyncpg.connect(dsn, timeout=CONNECT_S)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError, ValueError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        raise StartError(f"PostgreSQL cannot be reached at the given address: {reason}.") from error
