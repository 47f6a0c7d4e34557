"""SQL of the search."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from supportdesk.core.db import Connection
from supportdesk.knowledge.model import Audience
from supportdesk.knowledge.ranking import Place

HAS_VECTORS: Final = "SELECT desk_has_vectors()"


async def has_vectors(conn: Connection) -> bool:
    """Whether chunks have embeddings in this database."""
    found: bool = await conn.fetchval(HAS_VECTORS)
    return found


SEARCH_PLACES: Final = """
    SELECT chunk_id, document_id, entry_id, title, heading, content, source_url, start_position, likeness,
           question_likeness, words, asked
    FROM desk_search_places($1, $2, $3, $4, $5, $6, $7)
"""


async def search_places(
    conn: Connection,
    question: str,
    embedding: Sequence[float] | None,
    *,
    audiences: Collection[Audience],
    nearest: int,
    worded: int,
    room_id: UUID | None,
    team_ids: Collection[UUID],
) -> tuple[frozenset[str], list[Place]]:
    """The question's lexemes, and the places of the caller's workspace that are near in meaning or words."""
    rows = await conn.fetch(
        SEARCH_PLACES, question, embedding, list(audiences), nearest, worded, room_id, list(team_ids)
    )
    places = [
        Place(
            document_id=row["document_id"],
            chunk_id=row["chunk_id"],
            entry_id=row["entry_id"],
            title=row["title"] or "",
            heading=row["heading"] or "",
            text=row["content"],
            url=row["source_url"],
            position=row["start_position"],
            likeness=row["likeness"],
            question_likeness=row["question_likeness"],
            words=frozenset(row["words"]),
        )
        for row in rows
    ]
    return frozenset(rows[0]["asked"]) if rows else frozenset(), places
