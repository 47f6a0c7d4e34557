"""Robots in a workspace, their turns, and what is kept of a turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType, cast
from uuid import UUID, uuid5

from pydantic import JsonValue

from supportdesk.actor import Actor, ActorKind, UserId, WorkspaceId
from supportdesk.core.keepable import keepable
from supportdesk.robots.contract import Event, Line, Role, Say, StoredSettings, ToolResult, Trigger
from supportdesk.rooms.model import RoomId

RobotId = NewType("RobotId", UUID)
InteractionId = NewType("InteractionId", UUID)

LEASE_S: Final = 8.0
"""A claim lasts so long without a sign of life: with a sweep each second, a dead worker's turn is played in 10 s."""
BEAT_S: Final = 2.0
MOST_ATTEMPTS: Final = 3
HISTORY_LINES: Final = 20
FOLLOWER_CHARS: Final = 280
"""A second opinion is a remark, not another answer."""
ANSWERING: Final = frozenset({Trigger.MESSAGE, Trigger.TOOL_DECIDED})
"""Turns in which a guest waits for an answer: without one a person is asked for."""
MOST_IN_A_ROW: Final = 8
"""Turns about tools with no word of a guest between them: more is a robot that asks in a circle."""
MOST_A_MINUTE: Final = 20
"""Messages of robots in one room: more is a robot that has run away."""


class Status(StrEnum):
    """Where a turn stands; `failed` means that the robot did, and that somebody else took over."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class Fate(StrEnum):
    """What became of a played turn in the room."""

    POSTED = "posted"
    HANDED_OVER = "handed_over"
    PROMOTED = "promoted"
    WAITING = "waiting"
    DROPPED = "dropped"
    CUT_SHORT = "cut_short"
    """Somebody pressed Stop: what had been said by then stays in the room, and is said to be cut short."""
    REFUSED = "refused"
    SUGGESTED = "suggested"
    NOTHING = "nothing"


class Decision(StrEnum):
    """What an agent did with a suggestion: into the composer as it is, to be worked on, or away and back again."""

    INSERTED = "inserted"
    EDITED = "edited"
    DISMISSED = "dismissed"
    RESTORED = "restored"
    """One's own dismissal is taken back: the suggestion is as if nobody had decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledRobot:
    """A robot of a workspace: a module under a name, with settings and a voice."""

    id: RobotId
    user_id: UserId
    module: str
    version: str
    name: str
    avatar: str | None
    active: bool
    sort_order: int
    staff_only: bool = False
    """Guests never hear it: it leads nowhere, and what it says is a suggestion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredRobot:
    """A robot with what an admin has set, its secrets sealed."""

    robot: InstalledRobot
    layer: StoredSettings
    sealed: bytes | None
    updated_at: datetime
    is_removed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotInRoom:
    """A robot of the workspace as it stands in one room."""

    id: RobotId
    user_id: UserId
    module: str
    name: str
    avatar: str | None
    active: bool
    active_in_workspace: bool
    own_order: int | None
    sort_order: int
    staff_only: bool
    settings: StoredSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The newest guest message of a room; the leader is asked about it where a robot owns the room."""

    room_id: RoomId
    message_id: UUID
    turn_no: int
    text: str
    is_led: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A turn that this worker has claimed, with everything needed to play it."""

    id: InteractionId
    workspace_id: WorkspaceId
    room_id: RoomId
    robot: InstalledRobot
    worker: str
    attempt: int
    trigger: Trigger
    role: Role
    message_id: UUID | None
    turn_no: int
    room_turn_no: int
    room_status: str
    owner_kind: str
    text: str
    said: tuple[str, ...]
    """What robots have said to this message so far, the leader first."""
    cited: frozenset[UUID]
    """The documents that they have given as their sources."""
    history: tuple[Line, ...]
    guest_name: str
    locale: str
    settings: tuple[StoredSettings, StoredSettings]
    sealed: bytes | None
    """The robot's secret settings, encrypted."""
    is_overtaken: bool
    """Of a suggestion: somebody has written since. Who has the room is all the same to it."""
    waited_ms: float
    tool_results: tuple[ToolResult, ...] = ()
    """What has become of the calls that this turn is about."""

    @property
    def draft_id(self) -> UUID:
        """The name of what is streamed; another attempt is another draft."""
        return self.draft_of(self.attempt)

    def draft_of(self, attempt: int) -> UUID:
        """The draft of this or an earlier attempt."""
        return uuid5(self.id, str(attempt))

    @property
    def voice(self) -> Actor:
        """The robot as somebody who speaks in the room."""
        return Actor(
            kind=ActorKind.ROBOT,
            id=self.robot.user_id,
            workspace_id=self.workspace_id,
            name=self.robot.name,
            avatar_url=self.robot.avatar,
        )

    @property
    def outdated(self) -> str:
        """Why nobody needs this turn any more; empty when somebody does."""
        if self.room_status in ("closed", "archived"):
            return "the room is closed"
        if self.trigger is Trigger.SUGGESTION:
            return "somebody has spoken since" if self.is_overtaken else ""
        if self.room_turn_no != self.turn_no:
            return "somebody has spoken or taken over since"
        if self.owner_kind == "human" or (self.trigger in ANSWERING and self.owner_kind != "robot"):
            return "the room is no longer a robot's"
        if self.trigger is Trigger.TOOL_DECIDED and not self.tool_results:
            return "it has heard of the outcome already"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """One line of the ledger."""

    id: InteractionId
    room_id: RoomId
    message_id: UUID | None
    robot_id: RobotId
    robot_name: str
    robot_module: str
    trigger_kind: str
    status: Status
    attempt: int
    request_data: Mapping[str, JsonValue]
    observation_data: Mapping[str, JsonValue] | None
    response_data: Mapping[str, JsonValue] | None
    error_message: str | None
    tokens: int
    cost: float | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


def denial(note: str | None) -> str:
    """What a robot is told when a person said no."""
    return f"A colleague has denied it: {note}" if note else "A colleague has denied it."


MOST_ROWS_KEPT: Final = 2_000
LONGEST_KEPT: Final = 100_000
"""Characters of one text in the record."""


def for_the_record(events: Sequence[Event]) -> list[dict[str, JsonValue]]:
    """The events as they are kept: what was said in one go is one entry, and nothing in it cannot be stored."""
    kept: list[dict[str, JsonValue]] = []
    for event in events:
        last = kept[-1] if kept else None
        if isinstance(event, Say) and last is not None and last["kind"] == "say":
            last["delta"] = f"{last['delta']}{event.delta}"
        else:
            said = keepable(event.model_dump(), longest=LONGEST_KEPT, most=MOST_ROWS_KEPT)
            kept.append(cast("dict[str, JsonValue]", said))
    return kept
