"""The shapes of tools on the wire."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from supportdesk.core.wire import Command, In, Instant, Out, Text
from supportdesk.tools.declaration import Tool
from supportdesk.tools.model import ApprovalSettings, Choice, Execution, Risk, Rule, Status, Verdict

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Note = Annotated[Text, Field(max_length=1000)]
Money = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=14, decimal_places=6)]
ToolName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,80}$")]


class ExecutionsQuery(In):
    """Which calls: of a room, in a state, of a tool, or those shown to one's own level just now."""

    room_id: UUID | None = None
    status: Status | None = None
    tool: ToolName | None = None
    waits_for_me: bool = False
    cursor: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class PersonRef(Out):
    """Somebody by id and name."""

    id: UUID
    name: str | None


class GoesTo(Out):
    """Where a call leaves the desk for: the method and address of a request, or an MCP server's name and host."""

    method: str
    address: str
    server: str


class ExecutionOut(Out):
    """A call of a tool: what is asked, by whom, who may decide until when, and what came of it."""

    id: UUID
    room_id: UUID
    interaction_id: UUID | None
    robot: PersonRef
    tool: str
    description: str
    goes_to: GoesTo | None
    args: dict[str, Any]
    args_sha256: str
    status: Status
    risk: Risk
    why: str
    cost: str | None
    required_level: str
    routed_level: str
    requested_at: Instant
    expires_at: Instant | None
    decided_by: PersonRef | None
    decision_note: str | None
    approved_at: Instant | None
    executed_at: Instant | None
    completed_at: Instant | None
    took_ms: int | None
    result: Any
    error: str | None


class ExecutionsOut(Out):
    """A page of calls, newest first."""

    items: list[ExecutionOut]
    next_cursor: UUID | None


class DecideTool(In):
    """The body of an approval or a denial: with just these arguments, as they were shown."""

    args_sha256: Sha256
    note: Note | None = None


class DecideToolCommand(Command):
    """Approve or deny a call over the socket."""

    tool_execution_id: UUID
    decision: Choice
    args_sha256: Sha256
    note: Note | None = None


class DecidedOut(Out):
    """Where the call stands now."""

    status: Status


class RuleBody(In):
    """What holds for one tool. `at_most` limits numbers among its arguments: above them a person is asked."""

    rule: Verdict
    at_most: dict[str, Money] = Field(default_factory=dict, max_length=20)


class ApprovalBody(In):
    """What runs by itself; costs are those of any one hour."""

    read_only: bool = False
    low_risk: bool = False
    rules: dict[ToolName, RuleBody] = Field(default_factory=dict, max_length=200)
    max_cost_per_tool: Money = Decimal("1.00")
    max_cost_per_hour: Money = Decimal("10.00")
    asks_for_new: bool = True


class RuleOut(Out):
    """As RuleBody."""

    rule: Verdict
    at_most: dict[str, str]


class ApprovalOut(Out):
    """The settings in force; `own` when the room has its own in place of the workspace's."""

    own: bool
    read_only: bool
    low_risk: bool
    rules: dict[str, RuleOut]
    max_cost_per_tool: str
    max_cost_per_hour: str
    asks_for_new: bool


def approval_of(body: ApprovalBody) -> ApprovalSettings:
    """What was sent, as the policy reads it."""
    return ApprovalSettings(
        read_only=body.read_only,
        low_risk=body.low_risk,
        rules={name: Rule(rule.rule, rule.at_most) for name, rule in body.rules.items()},
        max_cost_per_tool=body.max_cost_per_tool,
        max_cost_per_hour=body.max_cost_per_hour,
        asks_for_new=body.asks_for_new,
    )


def approval_out(settings: ApprovalSettings, *, own: bool) -> ApprovalOut:
    """The settings on the wire."""
    rules = {
        name: RuleOut(rule=rule.verdict, at_most={arg: str(limit) for arg, limit in rule.at_most.items()})
        for name, rule in settings.rules.items()
    }
    return ApprovalOut(
        own=own,
        read_only=settings.read_only,
        low_risk=settings.low_risk,
        rules=rules,
        max_cost_per_tool=str(settings.max_cost_per_tool),
        max_cost_per_hour=str(settings.max_cost_per_hour),
        asks_for_new=settings.asks_for_new,
    )


def execution_out(one: Execution, tool: Tool | None) -> ExecutionOut:
    """A call as staff see it; `tool` is the one that it is a call of, if that is still as it was."""
    goes_to = tool.goes_to(one.parameters) if tool is not None and tool.goes_to is not None else None
    return ExecutionOut(
        id=one.id,
        room_id=one.room_id,
        interaction_id=one.interaction_id,
        robot=PersonRef(id=one.robot_id, name=one.robot_name),
        tool=one.tool_name,
        description=tool.description if tool is not None else "",
        goes_to=GoesTo(method=goes_to.method, address=goes_to.address, server=goes_to.server) if goes_to else None,
        args=dict(one.parameters),
        args_sha256=one.args_sha256,
        status=one.status,
        risk=one.risk,
        why=one.why,
        cost=f"{one.cost:f}" if one.cost is not None else None,
        required_level=one.required_level,
        routed_level=one.routed_level,
        requested_at=one.approval_requested_at or one.created_at,
        expires_at=one.expires_at,
        decided_by=PersonRef(id=one.decided_by, name=one.decided_by_name) if one.decided_by is not None else None,
        decision_note=one.decision_note,
        approved_at=one.approved_at,
        executed_at=one.executed_at,
        completed_at=one.completed_at,
        took_ms=one.execution_time_ms,
        result=one.result,
        error=one.error,
    )


def executions_out(found: list[Execution], tools: Mapping[str, Tool], limit: int) -> ExecutionsOut:
    """A page, with the tools by their fingerprints, and where the next one begins."""
    items = [execution_out(one, tools.get(one.fingerprint)) for one in found]
    return ExecutionsOut(items=items, next_cursor=items[-1].id if len(items) == limit else None)
