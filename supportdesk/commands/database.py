"""The database a command works on: the embedded one, or the one that SUPPORTDESK_DATABASE_URL names."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum, auto
from typing import Final
from urllib.parse import parse_qs, urlsplit

import asyncpg
import structlog

from supportdesk.config import LOOPBACK, Settings
from supportdesk.core import migrations, roles
from supportdesk.core.embedded import EmbeddedError, EmbeddedServer
from supportdesk.errors import StartError

log = structlog.get_logger(__name__)

OLDEST: Final = 150000
CONNECT_S: Final = 10
NOT_AN_ADDRESS: Final = (
    "SUPPORTDESK_DATABASE_URL must name a PostgreSQL server, like postgresql://user:password@host:5432/database."
)


class Schema(Enum):
    """What opening the database does about its schema."""

    MIGRATE = auto()
    LEAVE = auto()


@asynccontextmanager
async def open_database(
    settings: Settings, schema: Schema = Schema.MIGRATE, *, owning: bool = False
) -> AsyncIterator[str]:
    """Start or join PostgreSQL, bring the schema up to date, and lend the address to connect to.

    `owning` is for the server: it keeps the embedded PostgreSQL to itself and starts it again when it dies.
    Raises StartError with one sentence for whatever is in the way.
    """
    if settings.database_url is not None:
        check_address(settings)
        await _prepare(settings.database_url, schema)
        yield settings.database_url
        return
    embedded = EmbeddedServer(settings.data_dir.resolve() / "postgres")
    try:
        if owning:
            await embedded.start()
            keeper = asyncio.get_running_loop().create_task(embedded.keep_running(), name="keep postgres")
            try:
                dsn = embedded.dsn()
                await _prepare(dsn, schema)
                yield dsn
            finally:
                keeper.cancel()
                await embedded.stop()
        else:
            async with embedded.attach():
                dsn = embedded.dsn()
                await _prepare(dsn, schema)
                yield dsn
    except EmbeddedError as error:
        raise StartError(error.sentence) from error


def check_address(settings: Settings) -> None:
    """Refuse a database on another machine without verified TLS, unless forced (security.md)."""
    try:
        parts = urlsplit(settings.database_url or "")
        options = parse_qs(parts.query)
        named = parts.hostname
    except ValueError:
        raise StartError(NOT_AN_ADDRESS) from None
    if parts.scheme not in ("postgresql", "postgres"):
        raise StartError(NOT_AN_ADDRESS)
    # A host may stand in the options as well, and either place may name several.
    hosts = [host for text in [named or "", *options.get("host", [])] for host in text.split(",") if host]
    distant = next((host for host in hosts if host not in LOOPBACK and not host.startswith("/")), None)
    if distant is not None and options.get("sslmode") != ["verify-full"] and not settings.force:
        raise StartError(
            f"The database {distant} is on another machine: add ?sslmode=verify-full to SUPPORTDESK_DATABASE_URL, "
            "or set SUPPORTDESK_FORCE=1 if the network between is yours alone."
        )


async def _prepare(dsn: str, schema: Schema) -> None:
    conn = await connect(dsn)
    try:
        version = conn.get_server_version()
        if int(await conn.fetchval("SHOW server_version_num")) < OLDEST:
            raise StartError(f"PostgreSQL {version.major} is too old: Support Desk needs version 15 or newer.")
        if schema is Schema.MIGRATE:
            await migrations.migrate(conn)
        if await roles.is_superuser(conn) and schema is Schema.MIGRATE:
            log.warning(
                "database.superuser", says="the desk gives the rights up; a plain user that has the roles is safer"
            )
    finally:
        await conn.close()


async def connect(dsn: str) -> "asyncpg.Connection[asyncpg.Record]":
    """One connection of the owner; raises StartError when PostgreSQL cannot be reached."""
    try:
        return await asyncpg.connect(dsn, timeout=CONNECT_S)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError, ValueError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        raise StartError(f"PostgreSQL cannot be reached at the given address: {reason}.") from error
