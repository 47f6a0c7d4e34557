"""What a line of the audit log says."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Outcome(StrEnum):
    """How it went."""

    DONE = "done"
    DENIED = "denied"
    FAILED = "failed"


class Looked(StrEnum):
    """Which kind of look at what is not one's own."""

    ROOM = "room"
    SEARCH = "search"
    LEDGER = "ledger"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Subject:
    """What it was done to, such as `user` or `room`, by id."""

    kind: str
    id: UUID
