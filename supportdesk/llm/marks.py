"""Marks by which a model names its sources, or says that a person should answer.

A mark is a code that only this installation can make, of the passage's id and words. Whoever writes a document, a
message or a tool's output cannot know one; what looks like one there is broken before a model sees it, and marks that
were not given are dropped from the answer. The same passage has the same mark, so that an answer can be kept.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from supportdesk.core.secrets import Keyring

LENGTH: Final = 8
MARK: Final = re.compile(r"\s{0,4}\[#([A-Za-z0-9_-]{8})\]")
TAIL: Final = re.compile(r"\s{0,4}(\[(#[A-Za-z0-9_-]{0,8})?)?\Z")
"""What may be the beginning of a mark, with the space before it; bounded, so that a page of blanks takes no time."""
PURPOSE: Final = "model mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Words of an answer as the guest may see them, and what the model has marked at their end."""

    text: str
    sources: tuple[UUID, ...] = ()
    hands_over: bool = False


@dataclass(slots=True)
class Marks:
    """The marks of one answer, and the filter that takes them out of it."""

    sources: Mapping[str, UUID]
    handover: str
    hands_over: bool = False
    _held: str = field(default="", init=False)

    def feed(self, text: str) -> Iterator[Piece]:
        """What can be shown now; the beginning of a mark waits for its end."""
        self._held += text
        yield from self._settle(len(self._held) - len(_tail(self._held)))

    def end(self) -> Iterator[Piece]:
        """What is left."""
        yield from self._settle(len(self._held))

    def _settle(self, upto: int) -> Iterator[Piece]:
        ready, self._held = self._held[:upto], self._held[upto:]
        at = 0
        for found in MARK.finditer(ready):
            if text := ready[at : found.start()]:
                yield Piece(text=text)
            at = found.end()
            if found[1] == self.handover:
                self.hands_over = True
                yield Piece(text="", hands_over=True)
            elif found[1] in self.sources:
                yield Piece(text="", sources=(self.sources[found[1]],))
        if text := ready[at:]:
            yield Piece(text=text)


def mark_of(keys: Keyring, passage_id: UUID, text: str) -> str:
    """The mark of a passage."""
    return keys.code(PURPOSE, passage_id.bytes + hashlib.sha256(text.encode(errors="replace")).digest())[:LENGTH]


def handover_mark(keys: Keyring, workspace_id: UUID) -> str:
    """By which a model says that a person should answer."""
    return keys.code(PURPOSE, b"a person" + workspace_id.bytes)[:LENGTH]


def unmarked(text: str) -> str:
    """A text of strangers, in which nothing is a mark or closes what the desk has opened."""
    return text.replace("[#", "[ #").replace("<", "‹")


def _tail(text: str) -> str:
    found = TAIL.search(text)
    return found[0] if found else ""
