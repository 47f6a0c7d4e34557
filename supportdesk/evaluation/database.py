"""A PostgreSQL of an evaluation's own, for what is measured through the product's actions and searches."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from supportdesk.config import Settings
from supportdesk.core import migrations
from supportdesk.core.db import Database
from supportdesk.core.embedded import EmbeddedServer
from supportdesk.core.events import Bus
from supportdesk.core.tasks import Tasks


@asynccontextmanager
async def own_database(tasks: Tasks) -> AsyncIterator[Database]:
    """An empty, migrated database in a temporary folder; it is gone after the block, and the tasks are done."""
    with tempfile.TemporaryDirectory(prefix="supportdesk-eval-") as folder:
        server = EmbeddedServer(Path(folder) / "postgres", durable=False)
        await server.start()
        try:
            conn = await asyncpg.connect(server.dsn())
            await migrations.migrate(conn)
            await conn.close()
            settings = Settings.load(_env_file=None, data_dir=Path(folder), db_pool_min=0, db_pool_max=10)
            db = Database(settings, server.dsn(), Bus(tasks))
            await db.open()
            try:
                yield db
            finally:
                await tasks.drain()
                await db.close()
        finally:
            await server.stop()
