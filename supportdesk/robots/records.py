"""Turns as they are looked up afterwards: which are wanted, and what a list and a page show of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from pydantic import JsonValue

from supportdesk.robots.model import Fate, Interaction, InteractionId, Status


class TriggerKind(StrEnum):
    """What a turn was played for, as it is kept."""

    MESSAGE = "message"
    FOLLOW = "follow"
    ROOM_OPENED = "room_opened"
    SUGGESTION = "suggestion"
    TOOL_DECIDED = "tool_decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnsWanted:
    """Which turns: None and empty mean any. Days are the workspace's own, `until` is the last one of them."""

    text: str = ""
    robot_id: UUID | None = None
    room_id: UUID | None = None
    status: Status | None = None
    fate: Fate | None = None
    trigger: TriggerKind | None = None
    since: date | None = None
    until: date | None = None
    min_cost: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLine:
    """One turn in a list. Times are in milliseconds; what is not known is None."""

    id: InteractionId
    room_id: UUID
    room_name: str | None
    is_private: bool
    robot_name: str
    module: str
    trigger_kind: str
    status: Status
    attempt: int
    asked: str
    ending: str | None
    fate: str | None
    waited_ms: float | None
    first_event_ms: float | None
    total_ms: float | None
    tokens: int
    cost: float | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message that a turn put into its room, with the thumbs that guests gave it."""

    id: UUID
    seq: int
    content: str
    is_note: bool
    is_public: bool
    is_deleted: bool
    created_at: datetime
    thumbs_up: int
    thumbs_down: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """A tool that a turn asked for."""

    id: UUID
    tool_name: str
    status: str
    risk: str
    parameters: JsonValue
    result: JsonValue
    decided_by: str | None
    decision_note: str | None
    execution_time_ms: int | None
    cost: float | None
    error_message: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of a turn that is to be compared with another."""

    answered_by: str
    """Which robot it was; empty when it was the very one that is compared."""
    observation: Mapping[str, JsonValue]
    response: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One turn with all that is kept of it, in its room."""

    turn: Interaction
    room_name: str | None
    module: str
    said: Sequence[Said]
    executions: Sequence[Execution]

    @property
    def response(self) -> Mapping[str, JsonValue]:
        """What the robot answered; empty while the turn is not over."""
        return self.turn.response_data or {}

    @property
    def observation(self) -> Mapping[str, JsonValue]:
        """What the robot saw; empty when it was not played."""
        return self.turn.observation_data or {}
