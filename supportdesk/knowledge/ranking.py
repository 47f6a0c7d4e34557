"""Fusion of meaning and words, and the score that a robot's threshold is held against.

Of each chunk three things are known: the cosine of the question with its text, the cosine with its heading alone, and
which of the question's words its document holds, each weighing more the fewer of the chunks at hand hold it; a word
that none holds, such as the name of a place or a product, weighs most and is missed by all. A fourth is shared by the
chunks of an article: how near its title and opening are, because sections of two articles often read alike.

An entry, a question answered by hand, has two cosines as well, with its question alone and with question and answer
together. Guests ask in the words of either, so each counts, and the greater of the two once more. It is an opening of
its own. Where two or three entries are about as near, their words decide (closeness.py), and who fits comes first.
What `supportdesk eval retrieval` measures is this, through the same search as guests' questions.

Among the parts of the article that is chosen, the same cosines count, and the words that tell its parts apart.

The weights, and the slope and middle that make a chance of it, were fitted on the articles of the tuned half of
tests/knowledge/asked.jsonl alone: 93 of its questions, 111 of the demo's that ask the same articles, and 73 that none
answers. The chance is that of a right answer. `python -m tests.knowledge.answers` prints what came of both halves.
docs/evaluation.md says by what the shares of an entry's cosines were chosen.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from supportdesk.knowledge.model import ChunkId, DocumentId, EntryId, Hit, Part, Why

TEXT_WEIGHT: Final = 0.5
QUESTION_WEIGHT: Final = 0.5
WORDS_WEIGHT: Final = 0.2
OPENING_WEIGHT: Final = 0.2
ENTRY_QUESTION_WEIGHT: Final = 0.15
ENTRY_WHOLE_WEIGHT: Final = 0.45
ENTRY_GREATER_WEIGHT: Final = 0.4
PART_WORDS_WEIGHT: Final = 0.2
CLOSENESS_WEIGHT: Final = 0.5
CONTESTED: Final = 0.06
"""Entries that are no further than this behind the first are looked at again, word by word."""
MOST_CONTESTED: Final = 3
MIDDLE: Final = 0.571
"""Where the documents answer one question in two."""
SLOPE: Final = 9.7
MIDDLE_BY_WORDS: Final = 0.356
SLOPE_BY_WORDS: Final = 6.7


@dataclass(frozen=True, slots=True)
class Place:
    """A chunk that a search turned up, as it was measured."""

    document_id: UUID
    chunk_id: UUID
    title: str
    heading: str
    text: str
    url: str | None
    position: int
    likeness: float | None
    """Cosine of the question with the chunk; None where there are no vectors."""
    question_likeness: float | None
    """Cosine of the question with the chunk's heading."""
    words: frozenset[str]
    """The question's lexemes that stand in heading or text."""
    entry_id: UUID | None = None
    """Of a question answered by hand, whose heading is one way to ask it and whose text is the answer."""


def rank(words: Collection[str], places: Sequence[Place], limit: int) -> list[Hit]:
    """The best places first, each with the chance that it answers a question of these lexemes."""
    weights = _weights(words, places)
    total = sum(weights.values())
    articles: defaultdict[UUID, list[Place]] = defaultdict(list)
    for place in sorted(places, key=lambda place: place.position):
        articles[place.document_id].append(place)
    hits: list[Hit] = []
    for article in articles.values():
        held = frozenset[str]().union(*(place.words for place in article))
        coverage = sum(weights[word] for word in held) / total if total else 0.0
        if article[0].entry_id is not None:
            best = max(article, key=lambda place: (likeness(place) or 0.0, place.chunk_id))
            hits.append(_hit(best, coverage, likeness(best) or 0.0, _parts([best])))
            continue
        parts, opening = _parts(article), _opening(article)
        hits.extend(_hit(place, coverage, opening, parts) for place in article)
    return sorted(hits, key=lambda hit: (-hit.score, hit.position, hit.chunk_id))[:limit]


def contested(hits: Sequence[Hit]) -> list[Hit]:
    """The entries, two or three, of which it is open which fits best; empty where the first place is clear."""
    if not hits or hits[0].entry_id is None:
        return []
    best = nearness(hits[0].why)
    rivals = [hit for hit in hits if hit.entry_id is not None and best - nearness(hit.why) <= CONTESTED]
    return rivals[:MOST_CONTESTED] if len(rivals) > 1 else []


def settled(hits: Sequence[Hit], rivals: Sequence[Hit], near: Sequence[float]) -> list[Hit]:
    """The hits with these entries, whose closeness to the question is known now, in their order among themselves.

    The scores stay where they are: how likely the first is right was fitted on what comes first.
    """
    known = [
        (nearness(rival.why) + CLOSENESS_WEIGHT * close, replace(rival, why=replace(rival.why, closeness=close)))
        for rival, close in zip(rivals, near, strict=True)
    ]
    order = iter([rival for _, rival in sorted(known, key=lambda one: -one[0])])
    places = {rival.chunk_id for rival in rivals}
    return [replace(next(order), score=hit.score) if hit.chunk_id in places else hit for hit in hits]


def likeness(place: Place) -> float | None:
    """How near the place's meaning is to the question's, -1..1; None without vectors."""
    if place.likeness is None:
        return None
    if place.question_likeness is None:
        return place.likeness
    if place.entry_id is not None:
        return entry_likeness(place.question_likeness, place.likeness)
    return TEXT_WEIGHT * place.likeness + QUESTION_WEIGHT * place.question_likeness


def entry_likeness(to_question: float, to_whole: float) -> float:
    """How near an entry is, from the cosines with its question alone and with question and answer together; -1..1."""
    shares = ENTRY_QUESTION_WEIGHT * to_question + ENTRY_WHOLE_WEIGHT * to_whole
    return shares + ENTRY_GREATER_WEIGHT * max(to_question, to_whole)


def score(vector: float | None, coverage: float, opening: float = 0.0) -> float:
    """The chance, 0..1, that the documents answer the question here; rises with all three."""
    if vector is None:
        return _logistic(SLOPE_BY_WORDS * (coverage - MIDDLE_BY_WORDS))
    return _logistic(SLOPE * (_together(vector, coverage, opening) - MIDDLE))


def nearness(why: Why) -> float:
    """What a score was made of, as one figure on the scale of the cosines."""
    return _together(why.vector or 0.0, why.text, why.opening)


def _together(vector: float, coverage: float, opening: float) -> float:
    return vector + WORDS_WEIGHT * coverage + OPENING_WEIGHT * opening


def _weights(words: Collection[str], places: Sequence[Place]) -> dict[str, float]:
    """A word weighs more the fewer of the places hold it; one that none holds weighs most."""
    number = len(places)
    return {
        word: math.log(1 + number / (sum(word in place.words for place in places) + 0.5)) for word in sorted(set(words))
    }


def _parts(article: Sequence[Place]) -> tuple[Part, ...]:
    """The places of one article, compared with each other: words that all of them hold tell nothing."""
    weights = _weights(frozenset[str]().union(*(place.words for place in article)), article)
    total = sum(weights.values()) or 1.0
    return tuple(
        Part(
            chunk_id=ChunkId(place.chunk_id),
            text=place.text,
            position=place.position,
            is_lead=number == 0 and _is_opening(place),
            fit=(likeness(place) or 0.0) + PART_WORDS_WEIGHT * sum(weights[word] for word in place.words) / total,
            words=place.words,
        )
        for number, place in enumerate(article)
    )


def _opening(article: Sequence[Place]) -> float:
    """How near the article's title and opening are to the question, as one figure; 0 where neither was turned up."""
    first = article[0]
    return (likeness(first) or 0.0) if _is_opening(first) else 0.0


def _is_opening(place: Place) -> bool:
    return place.heading == place.title


def _hit(place: Place, coverage: float, opening: float, article: tuple[Part, ...]) -> Hit:
    vector = likeness(place)
    return Hit(
        document_id=DocumentId(place.document_id),
        chunk_id=ChunkId(place.chunk_id),
        title=place.title,
        heading=place.heading,
        text=place.text,
        url=place.url,
        score=score(vector, coverage, opening),
        position=place.position,
        why=Why(vector=vector, text=coverage, opening=opening),
        entry_id=EntryId(place.entry_id) if place.entry_id else None,
        article=article,
    )


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))
