"""Words, pairs of words and pieces of words as numbers: what a model of meaning passes over, such as exact names."""

import re
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from supportdesk.knowledge.intents.regression import Floats

WIDTH: Final = 4096
MOST_CELLS: Final = 100_000_000
"""400 MB; with more examples than fill them at full width, more features share a column."""
PIECES: Final = (3, 4, 5)

_WORD: Final = re.compile(r"\w+")


class Words:
    """Hashed features, the rarer among the examples the heavier."""

    def __init__(self, examples: Sequence[str]) -> None:
        self._width = WIDTH
        while self._width * len(examples) > MOST_CELLS:
            self._width //= 2
        self.examples = self._counted(examples)
        held = (self.examples > 0).sum(axis=0)
        self._weights: Floats = (np.log((1 + len(examples)) / (1 + held)) + 1).astype(np.float32)
        self._weigh(self.examples)

    def forget(self) -> None:
        """Let go of the examples' rows: 16 kB each, which only learning needs."""
        self.examples = self.examples[:0]

    def of(self, texts: Sequence[str]) -> Floats:
        """Rows of length 1, shape (texts, width)."""
        return self._weigh(self._counted(texts))

    def _counted(self, texts: Sequence[str]) -> Floats:
        counts = np.zeros((len(texts), self._width), dtype=np.float32)
        for row, text in zip(counts, texts, strict=True):
            found = [zlib.crc32(part.encode()) % self._width for part in _parts(text)]
            np.add.at(row, found, 1)
        return np.log1p(counts, out=counts)

    def _weigh(self, counts: Floats) -> Floats:
        counts *= self._weights
        counts /= np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9)
        return counts


def _parts(text: str) -> Iterator[str]:
    words = _WORD.findall(text.lower())
    yield from (f"w{word}" for word in words)
    yield from (f"b{one}_{two}" for one, two in pairwise(words))
    for word in words:
        closed = f"<{word}>"
        for size in PIECES:
            yield from (f"c{closed[at : at + size]}" for at in range(len(closed) - size + 1))
