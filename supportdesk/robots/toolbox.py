"""The workspace's tools as a robot gets them in one turn: through the executor, limited, and on record."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, Protocol, TypeVar

from pydantic import JsonValue

from supportdesk.core.masking import Mask
from supportdesk.errors import Invalid
from supportdesk.robots.contract import KitError, Risk, Role, ToolCall, ToolResult, ToolSpec, ToolStatus
from supportdesk.robots.model import Claim, denial
from supportdesk.robots.queries.turns import is_claimed
from supportdesk.tools.executor import Asker, Executor
from supportdesk.tools.model import Execution, Status, checked

T = TypeVar("T")
MOST_TOOL_CALLS: Final = 20
"""Calls of tools in one turn."""
LIMIT_S: Final = 40.0
"""Longer than any tool may run: the tool's own limit speaks first."""
LONGEST_NAME: Final = 80
NOT_FOR_TOOLS: Final = (
    "a secret of the robot's own settings stands in the call, and such a secret reaches no tool; keep it out of the"
    " arguments, and let the tool have a key of its own"
)

STATUSES: Final[Mapping[Status, ToolStatus]] = {
    Status.PENDING: ToolStatus.WAITING,
    Status.APPROVED: ToolStatus.WAITING,
    Status.EXECUTING: ToolStatus.WAITING,
    Status.COMPLETED: ToolStatus.COMPLETED,
    Status.FAILED: ToolStatus.FAILED,
    Status.DENIED: ToolStatus.DENIED,
    Status.CANCELLED: ToolStatus.CANCELLED,
}


class Meter(Protocol):
    """Does a piece of work within a turn's limits, on record."""

    async def metered(self, call: dict[str, JsonValue], work: Callable[[], Awaitable[T]], *, limit_s: float = ...) -> T:
        """What the work returns; raises KitError."""


class Toolbox:
    """Tools of one turn. `waits` once a person has to decide, `goes_on` once another turn will tell an outcome."""

    def __init__(self, meter: Meter, claim: Claim, executor: Executor, mask: Mask) -> None:
        self._meter = meter
        self._mask = mask
        self._executor = executor
        self._role = claim.role
        self._asker = Asker(
            actor=claim.voice,
            robot_id=claim.robot.id,
            room_id=claim.room_id,
            interaction_id=claim.id,
            holds=lambda conn: is_claimed(conn, claim),
        )
        self._made = 0
        self.waits = self.goes_on = False

    async def list(self) -> Sequence[ToolSpec]:
        """All tools of the room, by name; none for a robot that follows."""
        if self._role is Role.FOLLOW:
            return ()
        call: dict[str, JsonValue] = {"call": "tools.list"}
        tools = await self._meter.metered(
            call, lambda: self._executor.tools_in(self._asker.actor.workspace_id, self._asker.room_id)
        )
        call["found"] = len(tools)
        return [
            ToolSpec(
                name=tool.name, description=tool.description, parameters=tool.parameters, risk=Risk(tool.risk.value)
            )
            for tool in tools
        ]

    async def call(self, name: str, args: Mapping[str, JsonValue]) -> ToolResult:
        """Ask for a tool: it runs now when the policy lets it, else it waits for a person. Raises KitError."""
        return await self._call(name, args, told=True)

    async def call_later(self, calls: Sequence[ToolCall]) -> None:
        """Ask for what the robot has named in its events; it hears in another turn what came of it."""
        for call in calls:
            with suppress(KitError):  # it is on record, and nobody is left to be told
                await self._call(call.name, call.args, told=False)

    async def withdraw_the_rest(self) -> None:
        """End what an earlier attempt at this turn has left waiting, and this one did not ask for."""
        await self._executor.withdraw_the_rest(self._asker)

    async def _call(self, name: str, args: Mapping[str, JsonValue], *, told: bool) -> ToolResult:
        if self._role is Role.FOLLOW:
            raise KitError("A robot that follows calls no tools.")
        self._made += 1
        if self._made > MOST_TOOL_CALLS:
            raise KitError(f"A turn may call {MOST_TOOL_CALLS} tools; this robot wants more.")
        call: dict[str, JsonValue] = {"call": "tool", "tool": str(name)[:LONGEST_NAME]}

        async def ask() -> Execution:
            if self._mask.hides([str(name), checked(args)]):
                raise Invalid(NOT_FOR_TOOLS)
            return await self._executor.request(self._asker, str(name), args, told=told)

        execution = await self._meter.metered(call, ask, limit_s=LIMIT_S)
        call |= {"execution_id": str(execution.id), "status": str(execution.status), "why": execution.why}
        result = result_of(execution)
        self.waits = self.waits or result.status is ToolStatus.WAITING
        self.goes_on = self.goes_on or self.waits or not told
        return result


def result_of(execution: Execution) -> ToolResult:
    """A call as its robot learns of it; a denial carries what the person has noted."""
    error = execution.error or ""
    if execution.status is Status.DENIED and execution.decided_by is not None:
        error = denial(execution.decision_note)
    return ToolResult(
        execution_id=execution.id,
        name=execution.tool_name,
        status=STATUSES[execution.status],
        result=execution.result,
        error=error,
    )
