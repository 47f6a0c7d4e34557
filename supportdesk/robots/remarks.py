"""What a second robot may add to an answer: a remark that has not been made yet."""

import re
from collections.abc import Sequence
from typing import Final

import structlog

from supportdesk.errors import DeskError, StartError
from supportdesk.robots.kit import Library

log = structlog.get_logger(__name__)

TOO_NEAR: Final = 0.8
"""The cosine from which on two texts say the same."""
WORD: Final = re.compile(r"\w+")


async def is_said(library: Library, text: str, said: Sequence[str]) -> bool:
    """Whether one of these says what the text says; about 5 ms for each. Where the model fails, the words decide."""
    if not said:
        return False
    try:
        return await library.likeness(text, said) >= TOO_NEAR
    except (DeskError, StartError) as error:
        log.warning("robot.remarks_not_compared", error=type(error).__name__)
        return in_same_words(text, said)


def in_same_words(text: str, said: Sequence[str]) -> bool:
    """Whether nearly all words of the text stand in one of these: for what cannot wait for the model."""
    words = set(WORD.findall(text.casefold()))
    return any(len(words & set(WORD.findall(other.casefold()))) >= TOO_NEAR * len(words) for other in said)
