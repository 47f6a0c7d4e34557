"""The smallest parts of a text that make sense alone: paragraphs, lists with what introduces them, tables."""

import re
from typing import Final

LONG: Final = 320
"""A paragraph of more characters than this is parted into its sentences."""

Span = tuple[int, int]

_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|cf|vs|approx|ca|no|nos|nr|st|mr|mrs|ms|dr|prof|inc|ltd|co|tel|fig|art|p|pp|min|max)|\b[A-Z])\.$",
    re.IGNORECASE,
)
_STOP: Final = re.compile(r"[.!?…]+[\"')\]*_»”’]*(?=\s)|[。！？]")
_ITEM: Final = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+")


def blocks(content: str) -> list[Span]:
    """Spans of the blocks: a paragraph, or its sentences when it is long; a table; a list with the line before it."""
    found: list[Span] = []
    for start, end in _paragraphs(content):
        text = content[start:end]
        is_list = _ITEM.match(text) is not None
        introduced = bool(found) and content[slice(*found[-1])].rstrip("*_ ").endswith(":")
        if introduced and (is_list or is_table(text)):
            found[-1] = (found[-1][0], end)
        elif is_list or is_table(text) or end - start <= LONG or text.lstrip().startswith(("```", "~~~")):
            found.append((start, end))
        else:
            found.extend((start + first, start + last) for first, last in sentences(text))
    return found


def is_table(text: str) -> bool:
    """Whether the block is a table, or some rows of one."""
    return text.lstrip().startswith("|")


def rows(content: str, table: Span) -> tuple[Span | None, list[Span]]:
    """The head of a table with the rule below it, and its rows; what goes on from an earlier chunk has no head."""
    lines: list[Span] = []
    at = table[0]
    for line in content[slice(*table)].splitlines(keepends=True):
        lines.append((at, at + len(line.rstrip())))
        at += len(line)
    if len(lines) > 1 and _is_rule(content[slice(*lines[1])]):
        return (lines[0][0], lines[1][1]), lines[2:]
    return None, lines


def _is_rule(line: str) -> bool:
    return "--" in line and not line.strip(" \t|:-")


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
