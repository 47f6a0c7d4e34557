"""Markdown → sections → chunks, by rule and without I/O."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from markdown_it import MarkdownIt

from supportdesk.knowledge.model import MAX_TITLE, Chunk

TARGET: Final = 600
"""Characters of a chunk: about 140 tokens, well inside the model's 256 with title and heading in front."""
CRUMB: Final = 150
"""A last chunk shorter than this joins the one before it."""

BREADCRUMB: Final = " › "

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a Markdown file may say about itself between two lines of `---`."""

    title: str | None = None
    url: str | None = None
    audience: str | None = None


@dataclass(slots=True)
class _Section:
    heading: str
    level: int
    under: tuple[str, ...]
    runs: list[list[Span]]
    """Blocks that stand together; a comment or a rule between two of them parts the runs."""


def cut(title: str, source: str) -> list[Chunk]:
    """Chunks of the document in reading order, none across a heading. A document without text has no chunks."""
    chunks: list[Chunk] = []
    for section in _sections(title, source):
        path = tuple(dict.fromkeys(line for line in (title, *section.under, section.heading) if line))
        question = _question(path)
        for start, end in _chunk_spans(source, section.runs):
            content = source[start:end]
            passage = "\n".join((*path, plain(content)))
            chunks.append(Chunk(len(chunks), BREADCRUMB.join(path), question, content, start, end, passage))
    return chunks


def cut_entry(question: str, phrasings: Sequence[str], answer: str) -> list[Chunk]:
    """A chunk for each way to ask: its question is embedded alone, and with the answer, which is never parted."""
    asked = dict.fromkeys((question, *phrasings))
    words = plain(answer)
    return [
        Chunk(number, question, phrasing, answer, 0, len(answer), f"{phrasing}\n{words}")
        for number, phrasing in enumerate(asked)
    ]


def front_matter(source: str) -> tuple[FrontMatter, str]:
    """What the file says about itself (`title`, `url`, `audience`; other keys are ignored), and the text below."""
    if not source.startswith("---\n"):
        return FrontMatter(), source
    end = source.find("\n---", 3)
    if end < 0 or source[end + 4 : end + 5] not in ("", "\n", " "):
        return FrontMatter(), source
    said: dict[str, str] = {}
    for line in source[4:end].splitlines():
        key, colon, value = line.partition(":")
        if colon:
            said[key.strip().lower()] = value.strip().strip("\"'")
    body = source[end + 4 :].lstrip(" ").removeprefix("\n")
    return FrontMatter(said.get("title") or None, said.get("url") or None, said.get("audience") or None), body


def first_heading(source: str) -> str | None:
    """The text of the first heading of level 1, if there is one."""
    return next(
        (words for kind, level, _, words in _blocks(source) if kind == "heading" and level == 1 and words), None
    )


_LINK: Final = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*\)")
_TAG: Final = re.compile(r"<(?:https?://|mailto:)([^<>\s]{1,500})>|</?[a-zA-Z][^<>\n]{0,500}>|<!--.*?-->", re.DOTALL)
_LINE_MARK: Final = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+|\d{1,9}[.)][ \t]+)+", re.MULTILINE)
_TABLE_RULE: Final = re.compile(r"^[ \t]*\|?[ \t:|-]*---[ \t:|-]*$", re.MULTILINE)
_EMPHASIS: Final = re.compile(r"(?<!\\)(?:\*+|`+|~~|(?<!\w)_+|_+(?!\w))")
_ESCAPE: Final = re.compile(r"\\([!-/:-@\[-`{-~])")


def plain(markdown: str) -> str:
    """The words without their markup; for chunks and lines, not for whole files."""
    text = _LINK.sub(r"\1", markdown)
    text = _TAG.sub(lambda found: found.group(1) or "", text)
    text = _TABLE_RULE.sub("", text)
    text = _LINE_MARK.sub("", text)
    text = _EMPHASIS.sub("", text).replace("|", " ")
    text = html.unescape(_ESCAPE.sub(r"\1", text))
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())


def _question(path: tuple[str, ...]) -> str:
    """A question stands for itself; "Exceptions" says nothing without its title."""
    return path[-1] if path and path[-1].endswith("?") else ": ".join(path)


def _sections(title: str, source: str) -> list[_Section]:
    opening = _Section(title, 1, (), [[]])
    sections, path = [opening], [opening]
    for kind, level, span, words in _blocks(source):
        here = sections[-1]
        if kind == "heading":
            if level == 1 and words == title and here is opening and not any(opening.runs):
                continue
            while path and path[-1].level >= level:
                path.pop()
            under = tuple(above.heading for above in path if above.heading and above.heading != title)
            sections.append(_Section(words, level, under, [[]]))
            path.append(sections[-1])
        elif kind == "gap":
            here.runs.append([])
        else:
            here.runs[-1].append(span)
    for section in sections:
        section.runs = [run for run in section.runs if run]
    return sections


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])  # blocks alone: inline markup stays as it was written
    return parser


def _blocks(source: str) -> Iterator[tuple[str, int, Span, str]]:
    """(kind, heading level, span, heading text) of each top-level block; list items are blocks of their own."""
    starts = [0]
    starts.extend(found.end() for found in re.finditer("\n", source))
    tokens = _parser().parse(source)
    for number, token in enumerate(tokens):
        at_top = token.level == 0 and token.nesting >= 0
        is_item = token.type == "list_item_open" and token.level == 1
        if token.map is None or not (at_top or is_item) or token.type in ("bullet_list_open", "ordered_list_open"):
            continue
        first, last = token.map
        start = starts[min(first, len(starts) - 1)]
        end = starts[last] if last < len(starts) else len(source)
        raw = source[start:end]
        span = (start + len(raw) - len(raw.lstrip("\n")), start + len(raw.rstrip()))
        if token.type == "heading_open":
            words = plain(tokens[number + 1].content).replace("\n", " ")[:MAX_TITLE]
            yield "heading", int(token.tag[1:]), span, words
        elif token.type == "hr" or raw.lstrip().startswith("<!--") or _is_signpost(raw):
            yield "gap", 0, span, ""
        elif span[0] < span[1]:
            yield "text", 0, span, ""


def _is_signpost(block: str) -> bool:
    """Whether the block is nothing but links: it names other documents' questions and answers none of them."""
    return len(block) <= TARGET and "](" in block and not plain(_LINK.sub("", block)).strip(" ,;.·–-")


def _chunk_spans(source: str, runs: list[list[Span]]) -> Iterator[Span]:
    for run in runs:
        packed: list[Span] = []
        for start, end in (piece for block in run for piece in _pieces(source, block)):
            if packed and end - packed[-1][0] <= TARGET:
                packed[-1] = (packed[-1][0], end)
            else:
                packed.append((start, end))
        if len(packed) > 1 and packed[-1][1] - packed[-1][0] < CRUMB:
            start, end = packed[-2][0], packed.pop()[1]
            packed[-1] = (start, end)
        yield from packed


_BREAKS: Final = (re.compile(r"\n"), re.compile(r"[.!?…][\"')\]*_»”’]*\s+|[。！？]"), re.compile(r"\s+"))


def _pieces(source: str, block: Span) -> Iterator[Span]:
    """The block, or parts of at most TARGET characters: parted at lines, else sentences, words, or anywhere."""
    start, end = block
    while end - start > TARGET:
        stop = start + TARGET
        for breaks in _BREAKS:
            ends = [found.end() for found in breaks.finditer(source, start, stop)]
            if ends and ends[-1] - start > TARGET // 3:
                stop = ends[-1]
                break
        yield start, stop - (len(source[start:stop]) - len(source[start:stop].rstrip()))
        start = stop + (len(source[stop:end]) - len(source[stop:end].lstrip()))
    if start < end:
        yield start, end
