"""In which language a text is written, as far as it is long enough to tell."""

import re
from collections.abc import Callable
from functools import cache
from typing import Final

SURE: Final = 0.9
LETTERS: Final = 12
"""A shorter text is a word or two, which many languages share."""

_LETTER: Final = re.compile(r"[^\W\d_]")


def language_of(text: str) -> str | None:
    """The language as a two-letter code, None when that is not sure; blocking: the first call takes a second."""
    if len(_LETTER.findall(text)) < LETTERS:
        return None
    code, chance = _find()(text)
    return code if chance >= SURE else None


@cache
def _find() -> Callable[[str], tuple[str, float]]:
    """The language finder, loaded once in a process: the likeliest language of a text, and how likely it is."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    find: Callable[[str], tuple[str, float]] = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True).classify
    return find
