"""The best one to three sentences of a chunk, word for word. Nothing is ever put into other words."""

import re
from collections.abc import Sequence
from typing import Final

from supportdesk.knowledge.model import Answer, Citation, Hit

MOST_SENTENCES: Final = 3
MOST_UNITS: Final = 10
"""Sentences of a chunk that are looked at; a chunk of 600 characters rarely has more than eight."""

Span = tuple[int, int]

_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|cf|vs|approx|ca|no|nos|nr|st|mr|mrs|ms|dr|prof|inc|ltd|co|tel|fig|art|p|pp|min|max)|\b[A-Z])\.$",
    re.IGNORECASE,
)
_STOP: Final = re.compile(r"[.!?…]+[\"')\]*_»”’]*(?=\s)|[。！？]")
_ITEM: Final = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+")
_STEP: Final = re.compile(r"[ \t]*\d{1,9}[.)][ \t]+")


def units(content: str) -> list[Span]:
    """Spans of the smallest parts that make sense alone.

    A sentence; or a table; or a list of steps; or a list together with the line that introduces it ("You need:").
    """
    found: list[Span] = []
    for start, end in _paragraphs(content):
        text = content[start:end]
        lines = text.split("\n")
        is_list, is_steps = _ITEM.match(text) is not None, _STEP.match(text) is not None
        introduced = bool(found) and content[slice(*found[-1])].rstrip("*_ ").endswith(":")
        if is_list and introduced:
            found[-1] = (found[-1][0], end)
        elif is_steps or lines[0].lstrip().startswith(("|", "```", "~~~")):
            found.append((start, end))
        elif is_list:
            at = start
            for item in _items(text):
                found.append((at, at + len(item.rstrip())))
                at += len(item)
        else:
            found.extend((start + first, start + last) for first, last in sentences(text))
    return found


def sentences(text: str) -> list[Span]:
    """Spans of the sentences of one paragraph; abbreviations, numbers and open emphasis do not end one."""
    spans: list[Span] = []
    start = len(text) - len(text.lstrip())
    for stop in _STOP.finditer(text):
        sentence = text[start : stop.end()]
        following = text[stop.end() :].lstrip()
        if not sentence or not _is_whole(sentence) or (following and following[0].islower()):
            continue
        if _ABBREVIATION.search(sentence):
            continue
        spans.append((start, stop.end()))
        start = stop.end() + len(text[stop.end() :]) - len(following)
    if text[start:].strip():
        spans.append((start, len(text.rstrip())))
    return spans


def choose(spans: Sequence[Span], scores: Sequence[float], *, keep: float) -> Span:
    """The best span, grown over its neighbours while they score at least `keep` of the best, up to three."""
    best = max(range(len(spans)), key=lambda at: scores[at])
    first = last = best
    while last - first + 1 < MOST_SENTENCES:
        options = [at for at in (first - 1, last + 1) if 0 <= at < len(spans) and scores[at] >= keep * scores[best]]
        if not options:
            break
        take = max(options, key=lambda at: scores[at])
        first, last = min(first, take), max(last, take)
    return spans[first][0], spans[last][1]


def answer_of(hit: Hit, span: Span) -> Answer:
    """The span of the hit's text as an answer that says where it stands."""
    start, end = span
    text = hit.text[start:end]
    quote = Citation(hit.document_id, hit.chunk_id, hit.title, hit.url, text, hit.position + start)
    return Answer(text, (quote,))


def _is_whole(sentence: str) -> bool:
    return (
        sentence.count("**") % 2 == 0
        and sentence.count("`") % 2 == 0
        and sentence.count("[") <= sentence.count("]")
        and sentence.count("(") <= sentence.count(")")
    )


def _paragraphs(content: str) -> list[Span]:
    """Spans between blank lines; a list stays whole, and is parted from the paragraph above it."""
    spans: list[Span] = []
    at = 0
    in_list, ended = False, True
    for line in content.splitlines(keepends=True):
        is_item = _ITEM.match(line) is not None
        if not line.strip():
            ended = True
        elif ended and not (is_item and in_list):
            spans.append((at, at + len(line)))
            in_list, ended = is_item, False
        elif is_item and not in_list:
            spans.append((at, at + len(line)))
            in_list = True
        else:
            spans[-1] = (spans[-1][0], at + len(line))
            ended = False
        at += len(line)
    return [(first, first + len(content[first:last].rstrip())) for first, last in spans]


def _items(text: str) -> list[str]:
    items: list[str] = []
    for line in text.splitlines(keepends=True):
        if items and not _ITEM.match(line):
            items[-1] += line
        else:
            items.append(line)
    return items
