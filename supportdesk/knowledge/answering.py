"""What of an article is quoted, word for word. Nothing is ever put into other words.

A guest asks about an article as a whole, or about one of its sections. Its parts (opening and sections) are held
against each other by meaning and by the question's words, and the best one is quoted; the opening goes in front of a
section that is hardly better, because it says what the section takes for granted. A long part is cut down to its best
blocks, and a long table to its head and the rows that the question names.
"""

import re
from collections.abc import Collection, Sequence
from typing import Final

from supportdesk.knowledge.blocks import Span, is_table, rows
from supportdesk.knowledge.model import Answer, Citation, Hit, Part

MOST: Final = 700
"""Characters of an answer: what a chat window shows without scrolling."""
LEAD_WITHIN: Final = 0.3
"""The opening goes in front of a section that fits better by less than this."""
SECTION_WITHIN: Final = 0.05
"""A section follows the opening when it fits worse by less than this."""
FEW_ROWS: Final = 3

_WORD: Final = re.compile(r"\w+")


def parts_to_quote(article: Sequence[Part]) -> list[Part]:
    """The part that answers best, and another where one alone says too little, in reading order."""
    by_fit = sorted(article, key=lambda part: (-part.fit, part.position))
    best, others = by_fit[0], by_fit[1:]
    if best.is_lead:
        also = next((part for part in others if part.fit >= best.fit - SECTION_WITHIN), None)
    else:
        also = next((part for part in others if part.is_lead and part.fit >= best.fit - LEAD_WITHIN), None)
    if also is None or len(also.text) + len(best.text) > MOST:
        return [best]
    return sorted((best, also), key=lambda part: part.position)


def choose(spans: Sequence[Span], scores: Sequence[float], *, keep: float, most: int) -> Span:
    """The best span, grown over its neighbours while they score `keep` of the best, up to `most` characters."""
    best = max(range(len(spans)), key=lambda at: scores[at])
    first = last = best
    while True:
        options = [
            at
            for at in (first - 1, last + 1)
            if 0 <= at < len(spans)
            and scores[at] >= keep * scores[best]
            and max(spans[at][1], spans[last][1]) - min(spans[at][0], spans[first][0]) <= most
        ]
        if not options:
            return spans[first][0], spans[last][1]
        take = max(options, key=lambda at: scores[at])
        first, last = min(first, take), max(last, take)


def rows_asked_for(text: str, span: Span, words: Collection[str]) -> list[Span]:
    """The block; of a table with many rows, its head and the rows that hold most of the question's words."""
    if not is_table(text[slice(*span)]):
        return [span]
    head, body = rows(text, span)
    told = [_held(text[slice(*row)], words) for row in body]
    # A word that every row holds, or none, picks none.
    telling = frozenset().union(*told) - frozenset.intersection(*told) if told else frozenset()
    counts = [len(held & telling) for held in told]
    kept = [row for row, count in zip(body, counts, strict=True) if count == max(counts, default=0)]
    if len(body) <= FEW_ROWS or not telling or len(kept) > FEW_ROWS:
        return [span]
    return [head, *kept] if head is not None else kept


def joined(spans: Sequence[Span], text: str) -> list[Span]:
    """The spans, those made one between which nothing was left out."""
    whole: list[Span] = []
    for start, end in spans:
        if whole and not text[whole[-1][1] : start].strip():
            whole[-1] = (whole[-1][0], end)
        else:
            whole.append((start, end))
    return whole


def answer_of(hit: Hit, quoted: Sequence[tuple[Part, Sequence[Span]]]) -> Answer:
    """Spans of the article's parts as an answer that says where each stands."""
    texts: list[str] = []
    citations: list[Citation] = []
    for part, spans in quoted:
        for start, end in spans:
            text = part.text[start:end]
            joint = "\n" if texts and is_table(text) and is_table(citations[-1].quote) else "\n\n"
            texts.append((joint if texts else "") + text)
            citations.append(Citation(hit.document_id, part.chunk_id, hit.title, hit.url, text, part.position + start))
    return Answer("".join(texts), tuple(citations))


def _held(row: str, words: Collection[str]) -> frozenset[str]:
    """The lexemes that begin a word of the row."""
    there = [word.casefold() for word in _WORD.findall(row)]
    return frozenset(lexeme for lexeme in words if any(word.startswith(lexeme) for word in there))
