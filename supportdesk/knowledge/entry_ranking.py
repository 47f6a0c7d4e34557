"""Which entry of questions and answers fits a question best: meaning and words in one score, without I/O.

Of each entry there are two vectors, of its question alone and of question and answer together: guests ask in the words
of either. The score takes a share of each cosine, a share of the greater of the two, and a little of the words that the
entry holds, each weighing more the fewer entries hold it. The shares were chosen on the tuned halves of
tests/evaluation/shop and of the demo's questions; docs/evaluation.md has what came of all halves.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # as in embedding.py: numpy is loaded with the first search
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

QUESTION_SHARE: Final = 0.25
WHOLE_SHARE: Final = 0.5
GREATER_SHARE: Final = 0.25
WORDS_SHARE: Final = 0.1
STEM: Final = 5
"""Letters by which a longer word is known: "deliver", "delivery" and "delivered" are one."""
PLURAL: Final = 3

_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry by its place in the list, with its score: at most 1.1, above 0.6 where it is likely to answer."""

    place: int
    score: float


class Entries:
    """Entries that are ready to be ranked: texts, and vectors of length 1, shape (entries, 384) each."""

    def __init__(
        self,
        questions: Sequence[str],
        answers: Sequence[str],
        *,
        question_vectors: "Vectors",
        whole_vectors: "Vectors",
    ) -> None:
        self.question_vectors, self.whole_vectors = question_vectors, whole_vectors
        told = [stems(whole_text(question, answer)) for question, answer in zip(questions, answers, strict=True)]
        self._count = len(told)
        self._holders = Counter(stem for stems_of_entry in told for stem in stems_of_entry)
        self._places: dict[str, list[int]] = {}
        for place, stems_of_entry in enumerate(told):
            for stem in stems_of_entry:
                self._places.setdefault(stem, []).append(place)

    def coverage(self, question: str) -> list[float]:
        """The weighted share, 0 to 1, of the question's words that each entry holds."""
        asked = {stem: math.log(1 + self._count / (self._holders[stem] + 0.5)) for stem in sorted(stems(question))}
        total = sum(asked.values()) or 1.0
        shares = [0.0] * self._count
        for stem, weight in asked.items():
            for place in self._places.get(stem, ()):
                shares[place] += weight / total
        return shares


def rank_entries(question: str, vector: "Vectors", entries: Entries) -> list[Ranked]:
    """All entries, best first, for a question and its vector of shape (384,); of equal ones the first comes first."""
    import numpy as np

    to_question, to_whole = entries.question_vectors @ vector, entries.whole_vectors @ vector
    scores = (
        QUESTION_SHARE * to_question
        + WHOLE_SHARE * to_whole
        + GREATER_SHARE * np.maximum(to_question, to_whole)
        + WORDS_SHARE * np.array(entries.coverage(question), dtype=np.float32)
    )
    return [Ranked(int(place), float(scores[place])) for place in np.argsort(-scores, kind="stable")]


def whole_text(question: str, answer: str) -> str:
    """What the second of an entry's vectors is the vector of."""
    return f"{question}\n{answer}"


def stems(text: str) -> set[str]:
    """The words of a text, without what most endings change."""
    return {_stem(word) for word in _WORD.findall(text.lower())}


def _stem(word: str) -> str:
    if len(word) > STEM:
        return word[:STEM]
    return word[:-1] if word.endswith("s") and len(word) > PLURAL else word
