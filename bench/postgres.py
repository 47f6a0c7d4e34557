"""The PostgreSQL of a measurement: the embedded one, durable as an operator's, with a database for each contender."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

import asyncpg

from bench.figures import RESULTS
from bench.machine import CannotMeasure, cpu_us
from supportdesk.core.embedded import EmbeddedServer
from supportdesk.core.embedded.credentials import SUPERUSER, find_credentials
from supportdesk.core.embedded.home import Home


class Postgres:
    """A server that all contenders share."""

    def __init__(self, server: EmbeddedServer, folder: Path) -> None:
        self._server, self._folder = server, folder
        self.databases: list[str] = []

    async def database(self, name: str) -> str:
        """A new, empty database; how to connect to it."""
        await self._server.create_database(name)
        self.databases.append(name)
        return self._server.dsn(name)

    def cpu_us(self) -> float:
        """CPU time of the server and all its processes, in µs."""
        return cpu_us(self._server.info.pid)

    async def superuser(self, database: str = "postgres") -> "asyncpg.Connection[asyncpg.Record]":
        """A connection that may see and do everything."""
        kept = find_credentials(Home(self._folder).credentials)
        if kept is None:
            raise CannotMeasure("The embedded PostgreSQL has no credentials.")
        parts = urlsplit(self._server.dsn(database))
        return await asyncpg.connect(urlunsplit(parts._replace(netloc=f"{SUPERUSER}:{kept.superuser}@")))

    async def analyse(self, database: str) -> None:
        """Forget the plans of empty tables, as every server does within its first minutes by itself."""
        conn = await self.superuser(database)
        await conn.execute("VACUUM ANALYZE")
        await conn.close()

    async def checkpoint(self) -> None:
        """Write out what the one before has left to write, so that it is not the next one's to do."""
        conn = await self.superuser()
        await conn.execute("CHECKPOINT")
        await conn.close()


def as_parts(dsn: str) -> dict[str, str | int]:
    """How programs connect that want the parts of an address."""
    parts, options = urlsplit(dsn), parse_qs(urlsplit(dsn).query)
    return {
        "host": options["host"][0],
        "port": int(options["port"][0]),
        "user": parts.username or "",
        "password": parts.password or "",
        "database": parts.path.removeprefix("/"),
    }


@asynccontextmanager
async def postgres() -> AsyncIterator[tuple[Postgres, Path]]:
    """A server for the while, and the folder for whatever else there is to keep, on the disk of the checkout."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=RESULTS.parent, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = EmbeddedServer(folder / "postgres")
        await server.start()
        try:
            yield Postgres(server, folder / "postgres"), folder
        finally:
            await server.stop()
