"""How near two texts are word by word, for a second look where their vectors are about as near as others'.

A vector tells what a text is about as a whole; two answers about the same matter have vectors that are alike. Here each
token of one text, as the model understands it where it stands, is held against the one of the other text that means
most nearly the same (Khattab and Zaharia, "ColBERT", 2020; Zhang and others, "BERTScore", 2020). Rare tokens count for
more. docs/evaluation.md has what it brings.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

_FIRST_WORD: Final = 996
"""In the model's vocabulary the words come in the order of how often they are written, after a thousand signs."""


@dataclass(frozen=True, slots=True, eq=False)
class Wording:
    """A text's tokens: what each means, as vectors of length 1, shape (tokens, 384), and what each counts."""

    meanings: "Floats"
    weights: "Floats"


def wording(ids: "NDArray[np.int64]", states: "Floats") -> Wording:
    """Of a text's token numbers, shape (tokens,), and the last layer's states, shape (tokens, 384), ends included."""
    import numpy as np

    if len(ids) > 2:  # noqa: PLR2004 - the marks of beginning and end, which an empty text has alone
        ids, states = ids[1:-1], states[1:-1]
    lengths = np.maximum(np.linalg.norm(states, axis=1, keepdims=True), 1e-12)
    # Half the memory, and as good: what it loses is a hundredth of what the model's own rounding does.
    return Wording((states / lengths).astype(np.float16), np.log(2 + np.maximum(0, ids - _FIRST_WORD)))


def closeness(one: Wording, other: Wording) -> float:
    """How much of each text has its like in the other, the harmonic mean of both ways; -1 to 1, 0.5 is little."""
    import numpy as np

    alike = one.meanings.astype(np.float32) @ other.meanings.astype(np.float32).T
    there = float(np.average(alike.max(axis=1), weights=one.weights))
    back = float(np.average(alike.max(axis=0), weights=other.weights))
    return 2 * there * back / (there + back) if there + back > 0 else 0.0
