"""What the clients did and what came of it: invoke, ok, fail or info for every send, and all that was received."""

from dataclasses import dataclass, field
from enum import StrEnum


class Fate(StrEnum):
    """How one try of a send ended."""

    OK = "ok"  # acknowledged
    FAIL = "fail"  # refused for good
    INFO = "info"  # unknown: no answer, or one that says try again


@dataclass(frozen=True, slots=True)
class Ack:
    """An acknowledgement of a message; `seq` is of the sender's own stream, `at` in monotonic seconds."""

    id: str
    seq: int
    created_at: str
    duplicate: bool
    at: float


@dataclass(slots=True, eq=False)
class Send:
    """One message as its sender knows it, over all its tries."""

    sender: str
    staff: bool  # whose numbers its acknowledgement carries
    room: str
    key: str
    content: str
    hidden: bool  # a note or a whisper
    invoked_at: float
    tries: int = 0
    unknown: int = 0  # tries that ended as info
    acks: list[Ack] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def fate(self) -> Fate:
        """Ok once any try was acknowledged; fail when all were refused for good; otherwise unknown."""
        if self.acks:
            return Fate.OK
        return Fate.FAIL if self.refusals and not self.unknown else Fate.INFO


@dataclass(frozen=True, slots=True)
class Heard:
    """One durable event as a client received it; the message parts are empty for other kinds."""

    seq: int
    kind: str
    message_id: str = ""
    content: str = ""
    hidden: bool = False


@dataclass(slots=True, eq=False)
class Listening:
    """All that one socket's owner received of one room, through every reconnection."""

    client: str
    user: str
    room: str
    staff: bool  # which stream
    member: bool = True  # false: whoever may hear nothing of this room
    applied: list[Heard] = field(default_factory=list)
    received: dict[int, Heard] = field(default_factory=dict)  # the first of each number, applied or not
    changed: list[tuple[Heard, Heard]] = field(default_factory=list)  # a number that came again and was another
    pages: list[str] = field(default_factory=list)  # pages of the log that were not what was asked for
    resets: list[str] = field(default_factory=list)
    refused: list[tuple[float, str]] = field(default_factory=list)  # the room could not be joined or read
    removed: bool = False  # they are being taken out of the room: they say nothing more there
    last_frame_at: float = 0.0  # monotonic, of anything that named the room

    @property
    def last(self) -> int:
        """The number that was applied last."""
        return self.applied[-1].seq if self.applied else 0


@dataclass(frozen=True, slots=True)
class Read:
    """What a sender found when it read its own message right after the acknowledgement."""

    client: str
    room: str
    message_id: str
    seq: int
    found: bool


@dataclass(frozen=True, slots=True)
class Removal:
    """When somebody had lost a room: the moment of the acknowledgement, monotonic."""

    user: str
    room: str
    at: float


@dataclass(slots=True)
class History:
    """Everything that the checker judges."""

    sends: list[Send] = field(default_factory=list)
    listening: list[Listening] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    strays: list[tuple[str, str, str]] = field(default_factory=list)  # client, event, room it has nothing to do with
    odd: list[str] = field(default_factory=list)  # answers that no client should ever get
    reconnects: int = 0
    pieces: int = 0  # of what robots say, as it is said

    @property
    def acked(self) -> int:
        """Messages that were acknowledged at least once."""
        return sum(1 for send in self.sends if send.acks)

    @property
    def retried(self) -> int:
        """Tries beyond the first of each message."""
        return sum(max(0, send.tries - 1) for send in self.sends)

    @property
    def duplicates(self) -> int:
        """Tries that were answered as duplicates."""
        return sum(ack.duplicate for send in self.sends for ack in send.acks)

    @property
    def failed(self) -> int:
        """Sends that were refused for good."""
        return sum(1 for send in self.sends if send.fate is Fate.FAIL)
