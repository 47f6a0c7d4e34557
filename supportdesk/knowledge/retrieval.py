"""Questions and answers ranked without a database, by the fusion that the desk's search has: for `supportdesk eval`.

The desk's words are PostgreSQL's English lexemes; here a few endings are cut off instead, which tells the same words
apart. Everything else (the two cosines of an entry, the weights of words, the score) is ranking.py's own.
"""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from supportdesk.knowledge.cutting import plain
from supportdesk.knowledge.ranking import Place, rank

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

NAMESPACE: Final = UUID("0c1f6d0e-53c5-4f39-93a1-6d1d2c1d3b57")
_WORD: Final = re.compile(r"\w+")
_ENDINGS: Final = ("ations", "ation", "ingly", "edly", "ings", "ing", "ies", "ed", "es", "ly", "s")
_SHORTEST: Final = 3
_COMMON: Final = frozenset(
    _WORD.findall(
        "a about am an and any are as at be been but by can could did do does for from get had has have how i if in"
        " into is it its me my no not of on or our should so that the their them then there these they this to us was"
        " we were what when where which who why will with would you your"
    )
)


class EntryIndex:
    """Entries (id, question, answer), embedded once. `embed` turns texts into unit vectors, shape (n, 384)."""

    def __init__(self, entries: Sequence[tuple[str, str, str]], embed: Callable[[Sequence[str]], "Vectors"]) -> None:
        self._embed = embed
        self._ids = [entry_id for entry_id, _, _ in entries]
        self._questions = embed([question for _, question, _ in entries])
        self._wholes = embed([f"{question}\n{plain(answer)}" for _, question, answer in entries])
        self._words = [lexemes(f"{question} {plain(answer)}") for _, question, answer in entries]

    def rank(self, question: str, limit: int = 10) -> list[tuple[str, float]]:
        """The entries that fit best, best first: (id, the chance 0..1 that it answers)."""
        vector = self._embed([question])[0]
        alone, whole = self._questions @ vector, self._wholes @ vector
        asked = lexemes(question)
        names = [uuid5(NAMESPACE, f"{number} {entry_id}") for number, entry_id in enumerate(self._ids)]
        places = [
            Place(
                document_id=name,
                chunk_id=name,
                entry_id=name,
                title="",
                heading="",
                text="",
                url=None,
                position=0,
                likeness=float(whole[number]),
                question_likeness=float(alone[number]),
                words=asked & self._words[number],
            )
            for number, name in enumerate(names)
        ]
        by_name = dict(zip(names, self._ids, strict=True))
        return [(by_name[hit.document_id], hit.score) for hit in rank(asked, places, limit)]


def lexemes(text: str) -> frozenset[str]:
    """The text's telling words without their endings."""
    return frozenset(_stem(word) for word in _WORD.findall(text.casefold()) if word not in _COMMON)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word
