"""SQL of documents that came from the web."""

from dataclasses import dataclass
from typing import Final

from supportdesk.core.db import Connection
from supportdesk.knowledge.model import Audience, DocumentId, Fetched, Home, Scope


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document came from, and how the next version is to be taken in."""

    fetched: Fetched
    audience: Audience
    home: Home


FIND_SOURCE: Final = """
    SELECT fetched_from, etag, last_modified, audience, scope, team_id, room_id
    FROM documents WHERE id = $1 AND fetched_from IS NOT NULL AND deleted_at IS NULL
"""


async def find_source(conn: Connection, document_id: DocumentId) -> Source | None:
    """Where a living document came from; None for one that was sent."""
    row = await conn.fetchrow(FIND_SOURCE, document_id)
    if row is None:
        return None
    return Source(
        Fetched(row["fetched_from"], row["etag"], row["last_modified"]),
        Audience(row["audience"]),
        Home(Scope(row["scope"]), row["team_id"], row["room_id"]),
    )


NOTE_LOOK: Final = "UPDATE documents SET fetch_error = $2 WHERE id = $1 AND fetch_error IS DISTINCT FROM $2"


async def note_look(conn: Connection, document_id: DocumentId, problem: str | None) -> None:
    """Keep why the page could not be had again, or that it could."""
    await conn.execute(NOTE_LOOK, document_id, problem)


LIST_SOURCES: Final = """
    SELECT id FROM documents
    WHERE fetched_from IS NOT NULL AND deleted_at IS NULL AND processing_status <> 'processing'
    ORDER BY id
"""


async def list_sources(conn: Connection) -> list[DocumentId]:
    """The workspace's documents that came from the web."""
    return [DocumentId(row["id"]) for row in await conn.fetch(LIST_SOURCES)]
