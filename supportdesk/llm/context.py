"""Makes a prompt fit the window of a room. Pure: what is left out is said, and who asks writes it down."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from supportdesk.llm.talk import Asked, Part, Returned, Said, tokens_of_part, tokens_of_parts

LONG_RESULT: Final = 600
"""Characters that are left of a tool's result when room is needed; at worst `SHORT_RESULT`."""
SHORT_RESULT: Final = 60
ELLIPSIS: Final = " […] "
LEAST: Final = 64
"""Tokens without which nothing can be asked."""


class Optimisation(StrEnum):
    """What was done to make room."""

    TRUNCATION = "truncation"
    SUMMARIZATION = "summarization"
    COMPRESSION = "compression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was done; `left_out` are the parts that are there no more, or no longer whole."""

    kind: Optimisation
    before: int
    after: int
    left_out: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A conversation that fits, and how it was made to."""

    parts: tuple[Part, ...]
    steps: tuple[Step, ...] = ()


def fit(parts: Sequence[Part], budget: int) -> Fitted:
    """The conversation in at most `budget` tokens, at least 64.

    Long results of tools are shortened first, then the oldest of the conversation goes, a call always with its
    results; then documents are shortened, then what was called for the newest message goes, and at last that message
    is shortened, but never dropped.
    """
    told = tuple(parts)
    steps: list[Step] = []
    for kind, make_room in (
        (Optimisation.COMPRESSION, _shorten_results),
        (Optimisation.TRUNCATION, _drop_oldest),
        (Optimisation.COMPRESSION, _shorten_documents),
        (Optimisation.TRUNCATION, _drop_calls),
        (Optimisation.COMPRESSION, _shorten_newest),
    ):
        before = tokens_of_parts(told)
        if before <= budget:
            break
        left = make_room(told, budget)
        after = tokens_of_parts(left)
        if after < before:
            kept = {id(part) for part in left}  # equal messages may stand in it twice
            gone = tuple(part for part in told if id(part) not in kept)
            steps.append(Step(kind=kind, before=before, after=after, left_out=gone))
            told = left
    return Fitted(parts=told, steps=tuple(steps))


def units_of(parts: Sequence[Part]) -> list[tuple[Part, ...]]:
    """The conversation in pieces that stay together: what was called and what came of it are one."""
    units: list[list[Part]] = []
    for part in parts:
        if isinstance(part, Returned) and units:
            units[-1].append(part)
        else:
            units.append([part])
    return [tuple(unit) for unit in units]


def newest_of(parts: Sequence[Part]) -> int:
    """Where the guest's newest message is."""
    return max((at for at, part in enumerate(parts) if isinstance(part, Asked) and not part.is_data), default=0)


def _shorten_results(parts: Sequence[Part], _budget: int) -> tuple[Part, ...]:
    return tuple(_shorter(part, LONG_RESULT) if isinstance(part, Returned) else part for part in parts)


def _drop_oldest(parts: Sequence[Part], budget: int) -> tuple[Part, ...]:
    """Drop whole units before the newest message, documents apart."""
    newest = newest_of(parts)
    kept = [part for part in parts[:newest] if isinstance(part, Asked) and part.is_data]
    past = units_of([part for part in parts[:newest] if not (isinstance(part, Asked) and part.is_data)])
    rest = tokens_of_parts([*kept, *parts[newest:]])
    while past and rest + sum(map(tokens_of_parts, past)) > budget:
        del past[0]
    while past and isinstance(past[0][0], Said):  # a conversation begins with a question
        del past[0]
    return (*(part for unit in past for part in unit), *kept, *parts[newest:])


def _shorten_documents(parts: Sequence[Part], budget: int) -> tuple[Part, ...]:
    over = tokens_of_parts(parts) - budget
    left: list[Part] = []
    for part in parts:
        if over > 0 and isinstance(part, Asked) and part.is_data:
            shorter = replace(part, text=_cut(part.text, over))
            over -= tokens_of_part(part) - tokens_of_part(shorter)
            left.append(shorter)
        else:
            left.append(part)
    return tuple(part for part in left if not (isinstance(part, Asked) and part.is_data and not part.text))


def _drop_calls(parts: Sequence[Part], budget: int) -> tuple[Part, ...]:
    """After the newest message: results are cut to a line, then the oldest calls go with them."""
    newest = newest_of(parts)
    before, message = parts[:newest], parts[newest : newest + 1]
    calls = [
        tuple(_shorter(part, SHORT_RESULT) if isinstance(part, Returned) else part for part in unit)
        for unit in units_of(parts[newest + 1 :])
    ]
    while calls and tokens_of_parts([*before, *message]) + sum(map(tokens_of_parts, calls)) > budget:
        del calls[0]
    return (*before, *message, *(part for unit in calls for part in unit))


def _shorten_newest(parts: Sequence[Part], budget: int) -> tuple[Part, ...]:
    newest = newest_of(parts)
    over = tokens_of_parts(parts) - budget
    return tuple(
        replace(part, text=_cut(part.text, over)) if at == newest and isinstance(part, Asked) else part
        for at, part in enumerate(parts)
    )


def _shorter(part: Returned, most: int) -> Returned:
    return part if len(part.text) <= most else replace(part, text=clipped(part.text, most))


def clipped(text: str, most: int) -> str:
    """The beginning and the end of a text that is too long."""
    if len(text) <= most:
        return text
    half = (most - len(ELLIPSIS)) // 2
    return f"{text[:half]}{ELLIPSIS}{text[-half:]}"


def _cut(text: str, tokens: int) -> str:
    """The text without so many tokens at its end."""
    kept = max(0, len(text.encode(errors="replace")) - 3 * tokens - 3)
    return text.encode(errors="replace")[:kept].decode(errors="ignore")
