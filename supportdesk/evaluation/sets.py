"""Evaluation sets as files: read whole, checked line by line, with an error that says where and what is expected."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError
from pydantic_core import ErrorDetails

from supportdesk.errors import Invalid

Shape = TypeVar("Shape", bound=BaseModel)
COLUMNS: Final = ["text", "category"]
OUT_OF_SCOPE: Final = "oos"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts and what each is about."""

    texts: tuple[str, ...]
    intents: tuple[str, ...]

    def thinned(self, most: int) -> "Labelled":
        """At most so many of each intent, the first ones."""
        seen: dict[str, int] = {}
        kept = []
        for number, intent in enumerate(self.intents):
            seen[intent] = seen.get(intent, 0) + 1
            if seen[intent] <= most:
                kept.append(number)
        return self.at(kept)

    def at(self, numbers: Sequence[int]) -> "Labelled":
        """Those at these places."""
        return Labelled(tuple(self.texts[at] for at in numbers), tuple(self.intents[at] for at in numbers))


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class Entry(_Row):
    """A question of a help page with its answer."""

    id: str
    question: str = Field(min_length=1)
    answer: str


class Query(_Row):
    """What somebody asks, and the entries that answer it."""

    text: str = Field(min_length=1)
    relevant: tuple[str, ...] = Field(min_length=1)


class _Clinc(RootModel[dict[str, list[tuple[str, str]]]]):
    pass


def read_csv(folder: Path, name: str) -> Labelled:
    """The texts of a file with the columns text and category; raises Invalid for a missing, wrong or empty one."""
    path = folder / name
    texts: list[str] = []
    intents: list[str] = []
    reader = csv.DictReader(read(path, f"a CSV file with the columns {', '.join(COLUMNS)}").splitlines(keepends=True))
    if not set(COLUMNS) <= set(reader.fieldnames or ()):
        found = ", ".join(reader.fieldnames or ()) or "nothing"
        raise Invalid(f"{path}, line 1: the columns {' and '.join(COLUMNS)} are expected, there is {found}.")
    for row in reader:
        text, intent = row["text"], row["category"]
        if not (text or "").strip() or not (intent or "").strip():
            raise Invalid(f"{path}, line {reader.line_num}: a text and a category are expected, one of them is empty.")
        texts.append(text)
        intents.append(intent.strip())
    if not texts:
        raise Invalid(f"{path} has no rows below its head; texts with their categories are expected.")
    return Labelled(tuple(texts), tuple(intents))


def read_clinc(folder: Path) -> dict[str, Labelled]:
    """The splits of CLINC150's data_full.json by name; raises Invalid when one is missing or has another shape."""
    path = folder / "data_full.json"
    shape = 'an object like {"train": [["text", "intent"], …], …}'
    try:
        splits = _Clinc.model_validate_json(read(path, shape)).root
    except ValidationError as error:
        at = error.errors(include_url=False)[0]
        place = ".".join(map(str, at["loc"])) or "its beginning"
        raise Invalid(f"{path}, at {place}: {_said(at)}; {shape} is expected.") from None
    for name in ("train", "val", "test", "oos_val", "oos_test"):
        if not splits.get(name):
            raise Invalid(f"{path} has no split {name}, or an empty one; {shape} is expected.")
    return {
        name: Labelled(tuple(text for text, _ in rows), tuple(intent for _, intent in rows))
        for name, rows in splits.items()
    }


def read_entries(folder: Path) -> list[Entry]:
    """The entries of entries.jsonl; raises Invalid for a wrong line, or an id that comes twice."""
    path = folder / "entries.jsonl"
    entries: list[Entry] = []
    lines: dict[str, int] = {}
    for number, line in _lines(path, '{"id", "question", "answer"}'):
        entry = _parsed(Entry, path, number, line, '{"id": "…", "question": "…", "answer": "…"}')
        if entry.id in lines:
            raise Invalid(f"{path}, line {number}: the id {entry.id} is that of line {lines[entry.id]}, too.")
        lines[entry.id] = number
        entries.append(entry)
    return entries


def read_queries(folder: Path, entries: Sequence[Entry]) -> list[Query]:
    """The queries of queries.jsonl; raises Invalid for a wrong line, or an id that no entry has."""
    path = folder / "queries.jsonl"
    known = {entry.id for entry in entries}
    queries: list[Query] = []
    for number, line in _lines(path, '{"text", "relevant"}'):
        query = _parsed(Query, path, number, line, '{"text": "…", "relevant": ["id", …]}')
        strange = [name for name in query.relevant if name not in known]
        if strange:
            raise Invalid(f"{path}, line {number}: entries.jsonl has no entry with the id {strange[0]}.")
        queries.append(query)
    return queries


def _said(wrong: ErrorDetails) -> str:
    """What is wrong, in the words of JSON, which has lists and no tuples."""
    return wrong["msg"].replace("tuple", "list").replace("Tuple", "List")


def read(path: Path, expected: str) -> str:
    """A file's text; raises Invalid when there is none, saying what it should be."""
    if not path.parent.is_dir():
        raise Invalid(f"There is no folder {path.parent}; one with {path.name} ({expected}) is expected.")
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise Invalid(f"The folder {path.parent} has no {path.name}; {expected} is expected.") from None
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise Invalid(f"{path} is not text in UTF-8: byte {error.start} cannot be read.") from None


def _lines(path: Path, shape: str) -> Iterator[tuple[int, str]]:
    expected = f"a file with an object {shape} on each line"
    found = False
    for number, line in enumerate(read(path, expected).split("\n"), 1):
        if line.strip():
            found = True
            yield number, line
    if not found:
        raise Invalid(f"{path} is empty; {expected} is expected.")


def _parsed(shape: type[Shape], path: Path, number: int, line: str, expected: str) -> Shape:
    try:
        return shape.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        raise Invalid(f"{path}, line {number}: not JSON ({error.msg}); {expected} is expected.") from None
    except ValidationError as error:
        at = error.errors(include_url=False)[0]
        where = ".".join(map(str, at["loc"])) or "the object"
        raise Invalid(f"{path}, line {number}: {where}: {_said(at)}; {expected} is expected.") from None
