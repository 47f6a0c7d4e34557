"""Finding the place in the documents that answers, and quoting it."""

from collections.abc import Sequence
from typing import Final

from supportdesk.actor import Actor
from supportdesk.core.db import Connection, Database, Lane
from supportdesk.knowledge import queries
from supportdesk.knowledge.access import reach_of
from supportdesk.knowledge.answering import MOST_SENTENCES, MOST_UNITS, Span, answer_of, choose, units
from supportdesk.knowledge.cutting import plain
from supportdesk.knowledge.model import Answer, Hit, Reach, clean
from supportdesk.knowledge.pool import Embeddings
from supportdesk.knowledge.ranking import rank

MOST_ASKED: Final = 2_000
"""Characters of a question that are looked at: more than the model reads, few enough words for full text."""
NEAREST: Final = 30
WORDED: Final = 20
SHORT_ANSWER: Final = 320
"""A chunk of up to this many characters and three sentences is an answer as it stands."""
KEEP: Final = 0.7


class Knowledge:
    """What the desk knows, to ask. One per application."""

    def __init__(self, db: Database, embeddings: Embeddings) -> None:
        self._db = db
        self._embeddings = embeddings
        self._vectors: bool | None = None

    async def search(
        self, actor: Actor, text: str, limit: int = 3, *, reach: Reach | None = None, lane: Lane = Lane.BACKGROUND
    ) -> list[Hit]:
        """The places that fit the question best, best first; empty for a question without words.

        Searches the actor's workspace and what `access.reach_of` lets the actor see, unless `reach` says otherwise.
        About 5 ms for the embedding, in which no connection is held, and 5 ms for the search.
        """
        question = clean(text).strip()[:MOST_ASKED]
        if not question:
            return []
        embedding = await self._embedding(actor, question, lane)
        async with self._db.read(actor, lane=lane) as conn:
            return await search(conn, question, embedding, limit, reach=reach or reach_of(actor))

    async def answer_from(self, hits: Sequence[Hit], question: str) -> Answer:
        """The best one to three sentences of the best hit, word for word, and where they stand."""
        if not hits:
            return Answer("")
        return answer_of(hits[0], await self._best_span(hits[0].text, question))

    async def _best_span(self, text: str, question: str) -> Span:
        spans = units(text)[:MOST_UNITS]
        if len(spans) <= 1 or (len(spans) <= MOST_SENTENCES and len(text) <= SHORT_ANSWER):
            return (spans[0][0], spans[-1][1]) if spans else (0, len(text))
        asked = clean(question).strip()[:MOST_ASKED]
        vectors = await self._embeddings.of_questions([asked, *(plain(text[start:end]) for start, end in spans)])
        # Compared without the heading, which makes all sentences alike.
        scores = (vectors[1:] @ vectors[0]).tolist()
        return choose(spans, scores, keep=KEEP)

    async def _embedding(self, actor: Actor, question: str, lane: Lane) -> list[float] | None:
        if self._vectors is None:
            async with self._db.read(actor, lane=lane) as conn:
                self._vectors = await queries.has_vectors(conn)
        if not self._vectors:
            return None
        embedding: list[float] = (await self._embeddings.of_questions([question]))[0].tolist()
        return embedding


async def search(
    conn: Connection, question: str, embedding: Sequence[float] | None, limit: int, *, reach: Reach
) -> list[Hit]:
    """The places that fit best, in a transaction that is open already; `embedding` None searches by words alone."""
    words, places = await queries.search_places(
        conn,
        question,
        embedding,
        audiences=reach.audiences,
        nearest=NEAREST,
        worded=WORDED,
        room_id=reach.room_id,
        team_ids=reach.team_ids,
    )
    return rank(words, places, limit)
