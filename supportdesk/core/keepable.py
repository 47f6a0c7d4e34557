"""What strangers' code has said, as the record can hold it: whatever it is, it is written down."""

import math
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from pydantic import JsonValue

DEEPEST: Final = 20
UNREADABLE: Final = "\ufffd"
LONG: Final = 2**63
"""Numbers from here on are written down as text."""


def keepable(value: object, *, longest: int | None = None, most: int | None = None, depth: int = 0) -> JsonValue:
    """The value without what JSON or PostgreSQL cannot hold: marks it had are replaced, other things are named.

    Texts are cut at `longest` characters, lists at `most` entries.
    """
    match value:
        case None | bool():
            return value
        case int():
            return value if abs(value) < LONG else hex(value)[:longest]
        case float():
            return value if math.isfinite(value) else str(value)
        case str():
            return keepable_text(value[:longest])
        case UUID():
            return str(value)
        case _ if depth >= DEEPEST:
            return "…"
        case Mapping():
            return {
                keepable_text(str(name)): keepable(each, longest=longest, most=most, depth=depth + 1)
                for name, each in value.items()
            }
        case list() | tuple() | set() | frozenset():
            return [keepable(each, longest=longest, most=most, depth=depth + 1) for each in [*value][:most]]
        case _:
            return f"({type(value).__name__})"  # its own words might hold a secret, or raise


def keepable_text(text: str) -> str:
    """The text with a mark in the place of NUL and of half a surrogate pair."""
    return text.replace("\x00", UNREADABLE).encode(errors="replace").decode()
