"""A library of a few texts in memory: cut, embedded and ranked as the desk's documents are, without a database.

Words count as in `robots.testing`, by their beginnings, where the desk has PostgreSQL's lexemes; so a score can differ
in the second digit from the one that a guest's question gets.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID, uuid5

from supportdesk.actor import Actor
from supportdesk.knowledge.cutting import cut
from supportdesk.knowledge.model import Hit, Reach
from supportdesk.knowledge.pool import Embeddings
from supportdesk.knowledge.ranking import Place, rank
from supportdesk.knowledge.reading import Reader
from supportdesk.robots.contract import Passage
from supportdesk.robots.testing import NAMESPACE, PracticeKit, telling_words, words_held

NEAREST: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A document in Markdown. Its id follows from its title."""

    title: str
    text: str
    url: str | None = None

    @property
    def id(self) -> UUID:
        """The same in every run."""
        return uuid5(NAMESPACE, self.title)


class Shelf(Reader):
    """The texts, ready to be searched with the desk's own model."""

    def __init__(self, embeddings: Embeddings, texts: Sequence[Text]) -> None:
        super().__init__(embeddings)
        self._places = [
            (place, chunk.passage, chunk.question)
            for text in texts
            for chunk in cut(text.title, text.text)
            for place in [
                Place(
                    document_id=text.id,
                    chunk_id=uuid5(text.id, str(chunk.index)),
                    title=text.title,
                    heading=chunk.heading,
                    text=chunk.content,
                    url=text.url,
                    position=chunk.start,
                    likeness=None,
                    question_likeness=None,
                    words=frozenset(),
                )
            ]
        ]

    async def search(self, actor: Actor | None, text: str, limit: int = 3, *, reach: Reach | None = None) -> list[Hit]:
        """The places that fit best, best first, whoever asks. Raises StartError for a wrong model file."""
        del actor, reach
        asked = telling_words(text)
        if not text.strip() or not self._places:
            return []
        passages = [passage for _, passage, _ in self._places]
        headings = [heading for _, _, heading in self._places]
        vectors = await self._embeddings.of_questions([text, *passages, *headings])
        near = (vectors[1:] @ vectors[0]).tolist()
        found = [
            replace(
                place,
                likeness=near[at],
                question_likeness=near[len(passages) + at],
                words=words_held(asked, f"{place.heading} {place.text}"),
            )
            for at, (place, _, _) in enumerate(self._places)
        ]
        nearest = sorted(found, key=lambda place: -(place.likeness or 0))[:NEAREST]
        return rank(asked, nearest, limit)


class ShelfKit(PracticeKit):
    """A practice kit that searches and quotes as the desk does."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self._shelf = shelf
        self._found: dict[UUID, Hit] = {}

    async def search(self, text: str, *, limit: int = 5) -> Sequence[Passage]:
        """The places that fit, best first."""
        self.searched.append(text)
        hits = await self._shelf.search(None, text, limit)
        self._found |= {hit.chunk_id: hit for hit in hits}
        return [
            Passage(
                id=hit.chunk_id,
                document_id=hit.document_id,
                title=hit.title,
                text=hit.text,
                score=hit.score,
                url=hit.url,
            )
            for hit in hits
        ]

    async def quote(self, text: str, passage: Passage) -> str:
        """The sentences of the passage that answer best, word for word."""
        hit = self._found[passage.id]
        return (await self._shelf.answer_from([hit], text)).text or hit.text
