"""What a robot has said of itself, as the record can hold it: whatever it is, the turn is written down."""

import math
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

DEEPEST: Final = 20
UNREADABLE: Final = "\ufffd"


def keepable(value: object, depth: int = 0) -> JsonValue:
    """The value without what JSON or PostgreSQL cannot hold; marks it had are replaced, other things are named."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case str():
            return keepable_text(value)
        case _ if depth >= DEEPEST:
            return "…"
        case Mapping():
            return {keepable_text(str(name)): keepable(each, depth + 1) for name, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [keepable(each, depth + 1) for each in value]
        case _:
            return f"({type(value).__name__})"  # its own words might hold a secret, or raise


def keepable_text(text: str) -> str:
    """The text with a mark in the place of NUL and of half a surrogate pair."""
    return text.replace("\x00", UNREADABLE).encode(errors="replace").decode()
