"""By what the shares of an entry's cosines were chosen: paraphrases of entries, made of public sets' training texts.

`python -m tests.evaluation.paraphrases FOLDER` takes the folder with `banking77` and `clinc150`, prints which share of
the queries has the right entry first for each way to rank, and takes a few minutes. Test splits are not used.

- pages: an entry for each intent, written by hand from its name (pages/), asked by texts of the training split;
- pages, 30 of them: the mean of 20 draws of 30 entries, which is about as hard as a help centre;
- pages, val: CLINC150's validation split, which no choice was made by;
- drawn: the question is one text of the intent, the answer its name and another text; other texts of it are asked;
- shop: the halves of tests/evaluation/shop.

Words count by their beginnings, where the desk has PostgreSQL's lexemes: the last digit may differ from the search's.
"""

import asyncio
import json
import math
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from supportdesk.evaluation.sets import Entry, Labelled, Query, read_clinc, read_csv, read_entries, read_queries
from supportdesk.evaluation.sight import Sight, sight
from supportdesk.knowledge.embedding import DIMENSIONS
from supportdesk.knowledge.ranking import (
    ENTRY_GREATER_WEIGHT,
    ENTRY_QUESTION_WEIGHT,
    ENTRY_WHOLE_WEIGHT,
    OPENING_WEIGHT,
    WORDS_WEIGHT,
)
from supportdesk.robots.testing import telling_words

HERE = Path(__file__).parent
MOST = 2_000
"""Queries of a set."""
DRAWS, DRAWN = 20, 30
SEEDS = (10, 11)
STEM = 5
WORDS = WORDS_WEIGHT / (1 + OPENING_WEIGHT)
"""What a word weighs beside the nearness, which counts as an entry's opening, too."""

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Proxy:
    """Entries and what is asked of them, with what the model makes of it: tables of shape (queries, entries)."""

    entries: Sequence[Entry]
    queries: Sequence[Query]
    to_question: Table
    to_whole: Table

    @cached_property
    def greater(self) -> Table:
        """The greater of the two cosines."""
        return np.maximum(self.to_question, self.to_whole)

    @cached_property
    def words(self) -> Table:
        """The weighted share of each query's telling words that each entry holds."""
        held = [stems(whole(entry)) for entry in self.entries]
        holders = Counter(stem for one in held for stem in one)
        table = np.zeros_like(self.to_whole)
        for row, query in enumerate(self.queries):
            weights = {stem: math.log(1 + len(held) / (holders[stem] + 0.5)) for stem in stems(query.text)}
            total = sum(weights.values()) or 1.0
            table[row] = [sum(weights[stem] for stem in one & weights.keys()) / total for one in held]
        return table

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """Which entries answer which query."""
        return np.array([[entry.id in query.relevant for entry in self.entries] for query in self.queries])

    def first(self, scores: Table, among: NDArray[np.int64] | None = None) -> float:
        """The share, in per cent, of queries with a right entry first; among some entries, of those that have one."""
        columns = np.arange(len(self.entries)) if among is None else among
        right = self.right[:, columns]
        asked = right.any(axis=1)
        best = scores[np.ix_(asked, columns)].argmax(axis=1)
        return float(100 * right[asked][np.arange(len(best)), best].mean())

    def first_among_few(self, scores: Table) -> float:
        """The mean of that over draws of a few entries."""
        random_ = np.random.default_rng(0)
        draws = [np.sort(random_.choice(len(self.entries), DRAWN, replace=False)) for _ in range(DRAWS)]
        return float(np.mean([self.first(scores, draw) for draw in draws]))


def shares(proxy: Proxy) -> Table:
    """The nearness by which the desk ranks."""
    shared = ENTRY_QUESTION_WEIGHT * proxy.to_question + ENTRY_WHOLE_WEIGHT * proxy.to_whole
    return shared + ENTRY_GREATER_WEIGHT * proxy.greater


WAYS: Mapping[str, Callable[[Proxy], Table]] = {
    "question alone": lambda proxy: proxy.to_question,
    "question and answer": lambda proxy: proxy.to_whole,
    "greater of the two": lambda proxy: proxy.greater,
    "mean of the two": lambda proxy: (proxy.to_question + proxy.to_whole) / 2,
    "greater, and words": lambda proxy: proxy.greater + WORDS * proxy.words,
    "shares": shares,
    "shares, words 0.1": lambda proxy: shares(proxy) + 0.1 * proxy.words,
    "shares, words 0.3": lambda proxy: shares(proxy) + 0.3 * proxy.words,
    "as it is": lambda proxy: shares(proxy) + WORDS * proxy.words,
}


def stems(text: str) -> set[str]:
    """The beginnings of the words that tell something."""
    return {word[:STEM] for part in telling_words(text) for word in re.findall(r"\w+", part)}


def whole(entry: Entry) -> str:
    """What an entry's second vector is the vector of."""
    return f"{entry.question}\n{entry.answer}"


def sets(folder: Path) -> Iterator[tuple[str, Sequence[Entry], Sequence[Query]]]:
    """Each proxy by name."""
    clinc = read_clinc(folder / "clinc150")
    for name, texts in (("banking77", read_csv(folder / "banking77", "train.csv")), ("clinc150", clinc["train"])):
        entries = read_entries(HERE / "pages" / name)
        yield f"{name} pages", entries, asked_of(entries, texts)
        for seed in SEEDS:
            yield f"{name} drawn {seed}", *drawn(texts, seed)
    entries = read_entries(HERE / "pages" / "clinc150")
    yield "clinc150 pages, val", entries, asked_of(entries, clinc["val"])
    entries = read_entries(HERE / "shop")
    halves = [json.loads(line)["half"] for line in (HERE / "shop" / "queries.jsonl").read_text("utf-8").splitlines()]
    for half in ("tuned", "held out"):
        queries = read_queries(HERE / "shop", entries)
        yield f"shop, {half}", entries, [one for one, of in zip(queries, halves, strict=True) if of == half]


def asked_of(entries: Sequence[Entry], texts: Labelled) -> list[Query]:
    """Some of the texts whose intent has an entry."""
    known = {entry.id for entry in entries}
    queries = [Query(text=text, relevant=(of,)) for text, of in zip(texts.texts, texts.intents, strict=True)]
    queries = [query for query in queries if query.relevant[0] in known]
    return random.Random(0).sample(queries, min(MOST, len(queries)))  # noqa: S311 - a sample, no secret


def drawn(texts: Labelled, seed: int) -> tuple[list[Entry], list[Query]]:
    """Two texts of each intent as its entry, and some of the others."""
    random_ = random.Random(seed)  # noqa: S311 - a draw, no secret
    entries, rest = [], list[Query]()
    for intent in sorted(set(texts.intents)):
        question, answer, *others = random_.sample(
            of := [text for text, name in zip(texts.texts, texts.intents, strict=True) if name == intent], len(of)
        )
        told = f"This is about {intent.replace('_', ' ').lower()}. {answer}"
        entries.append(Entry(id=intent, question=question, answer=told))
        rest += [Query(text=text, relevant=(intent,)) for text in others]
    return entries, random_.sample(rest, min(MOST, len(rest)))


async def seen(eyes: Sight, entries: Sequence[Entry], queries: Sequence[Query]) -> Proxy:
    """The proxy with its cosines."""
    texts = [[one.text for one in queries], [one.question for one in entries], [whole(one) for one in entries]]
    await eyes.see([text for some in texts for text in some])
    asked, questions, wholes = (eyes.of(some)[:, :DIMENSIONS].astype(np.float64) for some in texts)
    return Proxy(entries, queries, asked @ questions.T, asked @ wholes.T)


async def main(folder: Path) -> None:
    """Print the table as Markdown."""
    columns: dict[str, list[float]] = {}
    async with sight(lambda _what, _done, _of: None) as eyes:
        for name, entries, queries in sets(folder):
            proxy = await seen(eyes, entries, queries)
            scores = [way(proxy) for way in WAYS.values()]
            columns[name] = [proxy.first(one) for one in scores]
            if name.endswith("pages"):
                columns[f"{name}, 30 of them"] = [proxy.first_among_few(one) for one in scores]
    sys.stdout.write(f"| right entry first, % | {' | '.join(WAYS)} |\n|---{'|---' * len(WAYS)}|\n")
    for name, values in columns.items():
        sys.stdout.write(f"| {name} | {' | '.join(f'{value:.1f}' for value in values)} |\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
