"""What the database holds at the end, read as the owner: the truth that the clients' histories are judged by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from tests.faults.postgres import Connection

MESSAGES = """
    SELECT id::text, room_id::text, sender_id::text, client_msg_id, content, seq, public_seq, is_note
      FROM messages
     WHERE room_id = ANY ($1)
"""
EVENTS = """
    SELECT room_id::text, seq, public_seq, kind, subject_id::text
      FROM room_events
     WHERE room_id = ANY ($1)
     ORDER BY room_id, seq
"""
HEADS = """
    SELECT room_id::text, last_seq, last_public_seq
      FROM room_heads
     WHERE room_id = ANY ($1)
"""


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A row of messages; `public_seq` is None for what only staff may see."""

    id: str
    room: str
    sender: str | None
    key: str | None
    content: str
    seq: int
    public_seq: int | None
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A row of the log."""

    seq: int
    public_seq: int | None
    kind: str
    subject: str | None


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a room's two streams."""

    staff: int
    public: int

    def of(self, *, staff: bool) -> int:
        """The end of one of them."""
        return self.staff if staff else self.public


@dataclass(slots=True)
class Stored:
    """The rows of some rooms."""

    messages: dict[str, StoredMessage] = field(default_factory=dict)
    events: dict[str, list[StoredEvent]] = field(default_factory=dict)  # by room, in the order of seq
    heads: dict[str, Head] = field(default_factory=dict)


async def read_stored(conn: Connection, rooms: Sequence[str]) -> Stored:
    """Everything of these rooms."""
    ids = [UUID(room) for room in rooms]
    stored = Stored(heads=dict(await read_heads(conn, rooms)), events={room: [] for room in rooms})
    for row in await conn.fetch(MESSAGES, ids):
        message = StoredMessage(*row)
        stored.messages[message.id] = message
    for room, seq, public_seq, kind, subject in await conn.fetch(EVENTS, ids):
        stored.events[room].append(StoredEvent(seq, public_seq, kind, subject))
    return stored


async def read_heads(conn: Connection, rooms: Sequence[str]) -> Mapping[str, Head]:
    """The ends of these rooms' streams."""
    rows = await conn.fetch(HEADS, [UUID(room) for room in rooms])
    return {room: Head(staff, public) for room, staff, public in rows}
