"""Finding the place in the documents that answers, and quoting it."""

from collections.abc import Sequence
from typing import Final

from supportdesk.actor import Actor
from supportdesk.core.db import Connection, Database, Lane
from supportdesk.knowledge.access import reach_of
from supportdesk.knowledge.model import Hit, Reach, clean
from supportdesk.knowledge.pool import Embeddings
from supportdesk.knowledge.queries import places
from supportdesk.knowledge.ranking import MOST_CONTESTED, contested, rank, settled
from supportdesk.knowledge.reading import MOST_ASKED, Reader
from supportdesk.knowledge.sorting import Phrases, Sorted, Sorter

NEAREST: Final = 30
WORDED: Final = 20


class Knowledge(Reader):
    """What the desk knows, to ask. One per application."""

    def __init__(self, db: Database, embeddings: Embeddings) -> None:
        super().__init__(embeddings)
        self._db = db
        self._sorter = Sorter(embeddings)
        self._vectors: bool | None = None

    async def search(
        self, actor: Actor, text: str, limit: int = 3, *, reach: Reach | None = None, lane: Lane = Lane.BACKGROUND
    ) -> list[Hit]:
        """The places that fit the question best, best first; empty for a question without words.

        Searches the actor's workspace and what `access.reach_of` lets the actor see, unless `reach` says otherwise.
        About 1 ms for the embedding, in which no connection is held, and 5 ms for the search.
        """
        question = clean(text[:MOST_ASKED]).strip()
        if not question:
            return []
        embedding = await self._embedding(actor, question, lane)
        async with self._db.read(actor, lane=lane) as conn:
            hits = await search(conn, question, embedding, max(limit, MOST_CONTESTED), reach=reach or reach_of(actor))
        rivals = contested(hits) if embedding else []
        if rivals:
            near = await self._embeddings.closeness(question, [f"{hit.heading}\n{hit.text}" for hit in rivals])
            hits = settled(hits, rivals, near)
        return hits[:limit]

    async def intent_of(self, text: str, phrases: Phrases) -> Sorted | None:
        """Which of the intents, each given by phrases, the text is about; None without phrases."""
        return await self._sorter.sort(text, phrases)

    async def _embedding(self, actor: Actor, question: str, lane: Lane) -> list[float] | None:
        if self._vectors is None:
            async with self._db.read(actor, lane=lane) as conn:
                self._vectors = await places.has_vectors(conn)
        if not self._vectors:
            return None
        embedding: list[float] = (await self._embeddings.of_questions([question]))[0].tolist()
        return embedding


async def search(
    conn: Connection, question: str, embedding: Sequence[float] | None, limit: int, *, reach: Reach
) -> list[Hit]:
    """The places that fit best, in a transaction that is open already; `embedding` None searches by words alone."""
    words, found = await places.search_places(
        conn,
        question,
        embedding,
        audiences=reach.audiences,
        nearest=NEAREST,
        worded=WORDED,
        room_id=reach.room_id,
        team_ids=reach.team_ids,
    )
    return rank(words, found, limit)
