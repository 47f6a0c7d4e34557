"""Quoting from what a search has found, and comparing texts: what takes the model and no database."""

from collections.abc import Sequence
from typing import Final

from supportdesk.knowledge.answering import answer_of, choose, joined, parts_to_quote, rows_asked_for
from supportdesk.knowledge.blocks import Span, blocks
from supportdesk.knowledge.cutting import TARGET, plain
from supportdesk.knowledge.model import Answer, Hit, Part, clean
from supportdesk.knowledge.pool import Embeddings

MOST_ASKED: Final = 2_000
"""Characters of a question that are looked at: more than the model reads, few enough words for full text."""
MOST_BLOCKS: Final = 10
SHORT: Final = TARGET
"""A part of up to this many characters is quoted whole, as most are; of a longer one, the best blocks."""
KEEP: Final = 0.7


class Reader:
    """Reads what a search has found."""

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings

    async def answer_from(self, hits: Sequence[Hit], question: str) -> Answer:
        """What the best hit's article says to the question, word for word, and where it stands."""
        if not hits:
            return Answer("")
        best = hits[0]
        if best.entry_id is not None:  # somebody has written this answer as a whole
            return answer_of(best, [(best.article[0], [(0, len(best.text))])])
        quoted = parts_to_quote(best.article)
        return answer_of(best, [(part, await self._spans(part, question)) for part in quoted])

    async def likeness(self, text: str, others: Sequence[str]) -> float:
        """The greatest cosine of a text with one of the others, -1 to 1; raises StartError for a wrong model file."""
        vectors = await self._embeddings.of_questions([clean(one).strip()[:MOST_ASKED] for one in (text, *others)])
        return float((vectors[1:] @ vectors[0]).max())

    async def _spans(self, part: Part, question: str) -> list[Span]:
        """The whole part, or the best of its blocks when it is long."""
        spans = blocks(part.text)[:MOST_BLOCKS]
        if len(spans) > 1 and len(part.text) > SHORT:
            asked = clean(question).strip()[:MOST_ASKED]
            vectors = await self._embeddings.of_questions([asked, *(plain(part.text[a:b]) for a, b in spans)])
            # Compared without the heading, which makes all blocks alike.
            first, last = choose(spans, (vectors[1:] @ vectors[0]).tolist(), keep=KEEP, most=SHORT)
            spans = [span for span in spans if first <= span[0] and span[1] <= last]
        return joined([kept for span in spans for kept in rows_asked_for(part.text, span, part.words)], part.text)
