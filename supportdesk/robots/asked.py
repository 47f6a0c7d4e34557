"""What a robot is asked: one turn, with the conversation so far. Part of the contract, which re-exports it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from pydantic import JsonValue


class Trigger(StrEnum):
    """What makes it a robot's turn."""

    MESSAGE = "message"
    ROOM_OPENED = "room_opened"
    SUGGESTION = "suggestion"
    """A guest has written; what a robot says goes to the staff alone. Staff-only robots are asked so, beside the
    leader, whoever has the room."""
    TOOL_DECIDED = "tool_decided"
    """A tool that this robot asked for has run, was denied or expired: `turn.tool_results` says so."""


class Role(StrEnum):
    """The leader answers the guest; a follower adds what the leader left out, or is silent."""

    LEAD = "lead"
    FOLLOW = "follow"


class Speaker(StrEnum):
    """Who said a line of the conversation so far."""

    GUEST = "guest"
    AGENT = "agent"
    ROBOT = "robot"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One earlier message of the room, as far as the guest may see it."""

    speaker: Speaker
    name: str
    text: str


class ToolStatus(StrEnum):
    """What has become of a call of a tool."""

    WAITING = "waiting"
    """A person has to approve it; the robot is asked again when they have decided."""
    COMPLETED = "completed"
    FAILED = "failed"
    DENIED = "denied"
    CANCELLED = "cancelled"
    """Nobody decided in time, or nobody needs it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What a call of a tool came to."""

    execution_id: UUID
    name: str
    status: ToolStatus
    result: JsonValue = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The robot is asked once: `text` is what the guest wrote, `history` what came before it, oldest first."""

    text: str
    trigger: Trigger = Trigger.MESSAGE
    role: Role = Role.LEAD
    lead_text: str = ""
    history: tuple[Line, ...] = ()
    guest_name: str = ""
    locale: str = ""
    tool_results: tuple[ToolResult, ...] = ()
    conversation: str = ""
    """The same for all turns of a conversation with this robot, and no id of the desk."""
