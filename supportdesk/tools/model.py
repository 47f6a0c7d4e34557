"""What a call of a tool is from the request to its end, and the settings that decide who must agree."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, NewType, TypeAlias
from uuid import UUID

from pydantic import JsonValue

from supportdesk.actor import Actor, ActorKind, Level, Permission, UserId, WorkspaceId
from supportdesk.errors import Forbidden, Invalid, TooLarge
from supportdesk.rooms.model import RoomId

ExecutionId = NewType("ExecutionId", UUID)
Args: TypeAlias = Mapping[str, JsonValue]

MOST_ARGUMENT_BYTES: Final = 32 * 1024
MOST_RESULT_BYTES: Final = 64 * 1024
LONGEST_ERROR: Final = 500
DEEPEST: Final = 32
LEVEL_S: Final = 300
"""So long a request is shown to one level before it is shown to the next; after the managers' turn it lapses."""
MOST_ATTEMPTS: Final = 3
"""Runs of an idempotent tool that crashes its process each time."""
EXACT: Final = 2**53
"""Whole numbers beyond this do not survive every JSON reader."""


class Risk(StrEnum):
    """What a tool can do: look things up, change little that can be undone, or anything else."""

    READ = "read"
    LOW = "low"
    HIGH = "high"


def level_for(risk: Risk) -> Level:
    """Who decides about a call of a tool of which nobody has said it: what can do harm is not for the first level."""
    return Level.T2 if risk is Risk.HIGH else Level.T1


class Status(StrEnum):
    """pending → approved → executing → completed or failed; denied and cancelled on the way."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    EXECUTING = "executing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Verdict(StrEnum):
    """What a workspace's rule says of one tool."""

    RUN = "run"
    ASK = "ask"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for one tool. `at_most` limits numbers among the arguments: above them a person is asked."""

    verdict: Verdict
    at_most: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalSettings:
    """What runs by itself: in a workspace, or in one room in place of that. Costs are those of any one hour."""

    read_only: bool = False
    low_risk: bool = False
    rules: Mapping[str, Rule] = field(default_factory=dict)
    max_cost_per_tool: Decimal = Decimal("1.00")
    max_cost_per_hour: Decimal = Decimal("10.00")
    asks_for_new: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the policy must know besides the settings: money spent within the hour, and whether the tool is known."""

    spent_on_tool: Decimal = Decimal(0)
    spent_in_all: Decimal = Decimal(0)
    is_known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One call of a tool, as its row stands."""

    id: ExecutionId
    workspace_id: WorkspaceId
    room_id: RoomId
    interaction_id: UUID | None
    robot_id: UUID
    robot_name: str
    tool_name: str
    parameters: Args
    args_sha256: str
    status: Status
    risk: Risk
    required_level: Level
    routed_level: Level
    why: str
    cost: Decimal | None
    idempotent: bool
    fingerprint: str
    attempt: int
    requested_by: UserId | None
    decided_by: UserId | None
    decided_by_name: str | None
    decision_note: str | None
    result: JsonValue
    error: str | None
    approval_requested_at: datetime | None
    rises_at: datetime | None
    expires_at: datetime | None
    approved_at: datetime | None
    executed_at: datetime | None
    completed_at: datetime | None
    execution_time_ms: int | None
    created_at: datetime

    @property
    def is_intact(self) -> bool:
        """Whether the arguments are those that the approval is for."""
        return sealed(self.tool_name, self.parameters) == self.args_sha256


def canonical(value: JsonValue) -> str:
    """The one spelling of a JSON value: sorted keys, no blanks, whole numbers without a point.

    Raises Invalid for what JSON or PostgreSQL cannot hold.
    """
    try:
        text = json.dumps(_plain(value, 0), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, TypeError):  # NaN, half a surrogate pair, and what is no JSON at all
        raise Invalid("The arguments are no JSON that can be stored.", code="bad_arguments") from None
    return text


def _plain(value: object, depth: int) -> JsonValue:
    if depth > DEEPEST:
        raise Invalid(f"The arguments are nested more than {DEEPEST} deep.", code="bad_arguments")
    match value:
        case None | bool():
            return value
        case str():
            if "\x00" in value:
                raise ValueError(value)
            return str(value)
        case int() | float() if abs(value) > EXACT:
            raise Invalid("A number among the arguments is too large to be exact.", code="bad_arguments")
        case int():
            return int(value)
        case float():
            return int(value) if value.is_integer() else value
        case Mapping():
            return {_key(name): _plain(each, depth + 1) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each, depth + 1) for each in value]
        case _:
            raise TypeError(value)


def _key(name: object) -> str:
    if not isinstance(name, str) or "\x00" in name:
        raise TypeError(name)
    return str(name)


def checked(args: Args) -> dict[str, JsonValue]:
    """The arguments as they are stored; raises Invalid for what is no JSON and TooLarge for what is too much."""
    if not isinstance(args, Mapping):
        raise Invalid("The arguments must be a JSON object.", code="bad_arguments")
    if _weight(args, 0) > MOST_ARGUMENT_BYTES or len(text := canonical(dict(args)).encode()) > MOST_ARGUMENT_BYTES:
        raise TooLarge(
            f"The arguments are longer than {MOST_ARGUMENT_BYTES // 1024} KiB; a tool takes references, not contents."
        )
    plain: dict[str, JsonValue] = json.loads(text)
    return plain


def _weight(value: object, depth: int) -> int:
    """The characters in a value, counted no further than needed: what is refused is not spelled out first."""
    if isinstance(value, str):
        return len(value)
    if depth > DEEPEST or not isinstance(value, Mapping | list | tuple):
        return 1
    parts = [*value.keys(), *value.values()] if isinstance(value, Mapping) else value
    total = 0
    for part in parts:
        total += _weight(part, depth + 1) + 1
        if total > MOST_ARGUMENT_BYTES:
            break
    return total


def sealed(tool: str, args: Args) -> str:
    """The sha256 that an approval is bound to, in hex: of the tool's name and its arguments in their one spelling."""
    return hashlib.sha256(f"{tool}\n{canonical(dict(args))}".encode()).hexdigest()


def lapses_after(required: Level) -> timedelta:
    """How long a request stands: one turn for each level from the required one up to the managers."""
    return timedelta(seconds=LEVEL_S * (Level.MANAGER.number - required.number + 1))


def levels_decided_by(actor: Actor) -> list[Level]:
    """The levels whose requests the actor may decide about: the own one and those below; none without the right."""
    if actor.kind is not ActorKind.AGENT or actor.level is None or not actor.may(Permission.TOOL_DECIDE):
        return []
    return [level for level in Level if level.number <= actor.level.number]


def check_decider(actor: Actor, execution: Execution) -> UserId:
    """The actor's id, if they may decide about this; raises Forbidden. Pure."""
    if actor.kind is not ActorKind.AGENT or actor.id is None:
        raise Forbidden("Only staff can decide about tools.")
    actor.must(Permission.TOOL_DECIDE)
    if actor.id == execution.requested_by:
        raise Forbidden("Nobody decides about what they have asked for themselves; a colleague must.")
    if actor.level is None or actor.level.number < execution.required_level.number:
        raise Forbidden(
            f"This needs somebody of {execution.required_level} or above.", required_level=str(execution.required_level)
        )
    return actor.id


class Choice(StrEnum):
    """What a person says about a call that waits."""

    APPROVE = "approve"
    DENY = "deny"
