"""What makes a second start quick: the demo that is there is neither loaded nor read again."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from supportdesk.config import Settings
from supportdesk.core.breaker import Breaker
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.core.events import Bus
from supportdesk.core.tasks import Tasks
from supportdesk.demo import loader
from supportdesk.knowledge.pool import Embeddings
from supportdesk.knowledge.queries import places, reading
from supportdesk.robots.discovery import discover
from supportdesk.robots.host import Host

DEMO = """
    SELECT (SELECT array_agg((r.id, r.version, r.updated_at) ORDER BY r.id) FROM chat_rooms r)::text AS rooms,
           (SELECT array_agg((m.id, m.version) ORDER BY m.id) FROM messages m)::text AS messages,
           (SELECT array_agg((d.id, d.version, d.updated_at) ORDER BY d.id) FROM documents d)::text AS documents,
           (SELECT array_agg(c.id ORDER BY c.id) FROM document_chunks c)::text AS chunks
"""


async def rows(dsn: str) -> dict[str, Any]:
    """Everything that a start could do over."""
    conn = await asyncpg.connect(dsn)
    row = await conn.fetchrow(DEMO)
    await conn.close()
    assert row is not None
    return dict(row)


async def starts(settings: Settings, dsn: str) -> int:
    """What `supportdesk demo` does before and beside its serving; how many documents there are to answer from."""
    tasks = Tasks()
    db = Database(settings, dsn, Bus(tasks))
    await db.open()
    embeddings = Embeddings(workers=1)
    try:
        host = Host(discover(), Breaker(Clock()))
        workspace_id = await loader.load(settings, db, host)
        return await loader.read_help_centre(db, embeddings, workspace_id, asyncio.Event())
    finally:
        await tasks.settle()
        await embeddings.close()
        await db.close()


async def test_a_second_start_of_the_demo_loads_reads_and_embeds_nothing(
    settings: Settings, migrated_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def no(_: object) -> bool:
        return False

    async def never(*_: object) -> None:
        raise AssertionError("nothing is to be embedded or stored")

    # Without vectors, because the model takes its time over forty articles and is not what is tried here.
    monkeypatch.setattr(places, "has_vectors", no)
    settings = settings.model_copy(update={"demo": True, "data_dir": tmp_path})
    articles = await starts(settings, migrated_database)
    assert articles >= 40
    before = await rows(migrated_database)
    assert all(before.values())
    monkeypatch.setattr(reading, "store_chunks", never)
    monkeypatch.setattr(Embeddings, "_send", never)
    assert await starts(settings, migrated_database) == articles
    assert await rows(migrated_database) == before
