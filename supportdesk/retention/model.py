"""Policies, what falls under them, and what an archive consists of."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

BATCH: Final = 200
"""Rooms of one archive: small enough for one transaction, large enough to be worth a file."""

TABLES: Final = (
    "chat_rooms",
    "room_heads",
    "room_participants",
    "room_tags",
    "room_robots",
    "room_events",
    "messages",
    "message_reactions",
    "chat_file_attachments",
    "robot_interactions",
    "robot_suggestions",
    "tool_executions",
    "llm_pauses",
    "unanswered_questions",
    "context_optimizations",
    "escalations",
    "sla_clocks",
    "csat_ratings",
)
"""Everything that hangs off a room and leaves with it; a test compares this with the catalogue's foreign keys."""

STAYS: Final[Mapping[str, str]] = {
    "auto_approval_settings": "configuration, not conversation",
    "documents": "knowledge has its own life: a room's documents go with its row, or 30 days after it was deleted",
    "legal_holds": "a room under hold is never archived",
    "notifications": "told and done; they go with the room",
    "usage_logs": "costs outlive rooms",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How long the messages of a room type stay online after the room was closed, and then in the archive.

    `archived` None is for ever; room_type None is every type that has no policy of its own.
    """

    room_type: str | None
    online: timedelta
    archived: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A closed room whose time online is over."""

    room_id: UUID
    last_seq: int
    closed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a run would do in one workspace."""

    rooms: int
    rooms_for_ever: int
    messages: int
    oldest: datetime | None
    held: int
    archives_to_purge: int

    def as_facts(self) -> dict[str, Any]:
        """For the log, the jobs page and the command line."""
        return {
            "rooms_to_archive": self.rooms,
            "of_them_kept_for_ever": self.rooms_for_ever,
            "messages_to_archive": self.messages,
            "oldest_closed_at": self.oldest.isoformat() if self.oldest else None,
            "rooms_under_hold": self.held,
            "archives_to_purge": self.archives_to_purge,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of an archive."""

    table: str
    path: str
    rows: int
    sha256: str
    size: int


def manifest(
    archive_id: UUID, workspace_id: UUID, files: Sequence[File], rooms: Sequence[Due], made_at: datetime
) -> bytes:
    """What the archive holds, as JSON: file by file with rows, bytes and sha256."""
    body = {
        "format": 1,
        "archive_id": str(archive_id),
        "workspace_id": str(workspace_id),
        "made_at": made_at.isoformat(),
        "rooms": [{"room_id": str(due.room_id), "last_seq": due.last_seq} for due in rooms],
        "files": [
            {"table": f.table, "path": f.path, "rows": f.rows, "bytes": f.size, "sha256": f.sha256} for f in files
        ],
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def sha256(data: bytes) -> str:
    """In hex."""
    return hashlib.sha256(data).hexdigest()
