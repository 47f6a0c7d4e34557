"""What is done with calls of tools: ask, decide, let lapse, finish; and the settings that approve them."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

from pydantic import JsonValue

from supportdesk.actor import Actor
from supportdesk.audit.actions import note
from supportdesk.audit.model import Subject
from supportdesk.core.db import Tx
from supportdesk.errors import Conflict
from supportdesk.rooms import access as rooms
from supportdesk.rooms import log as room_log
from supportdesk.rooms.model import EventKind, Room, RoomId
from supportdesk.tools import access
from supportdesk.tools.events import ToolsApproved, WaitingChanged
from supportdesk.tools.model import (
    ApprovalSettings,
    Choice,
    Execution,
    ExecutionId,
    Status,
    check_decider,
)
from supportdesk.tools.queries import added, approval
from supportdesk.tools.queries import executions as queries

LAPSED = "Nobody decided in time."
WITHDRAWN = "The robot was interrupted, and did not ask for it again."
CLOSED = "The conversation was closed."
MAY_HAVE_RUN = "It may have run; look before you repeat it: the server stopped while it was running."

Hook: TypeAlias = Callable[[Tx, Execution], Awaitable[None]]


@dataclass(slots=True)
class Endings:
    """What higher slices do in the transaction in which a call is over; app.py fills it."""

    hooks: list[Hook] = field(default_factory=list)


async def decide_execution(
    tx: Tx,
    actor: Actor,
    execution_id: UUID,
    choice: Choice,
    *,
    args_sha256: str,
    why: str | None,
    endings: Endings,
) -> Execution:
    """Approve or deny a call that waits, with just these arguments. What is approved runs after the commit.

    Raises NotFound, Forbidden for who may not, and Conflict when it was decided (naming by whom), has lapsed, or was
    asked with other arguments than those that were shown.
    """
    execution = await access.execution_to_change(tx, actor, execution_id)
    by = check_decider(actor, execution)
    if execution.status is not Status.PENDING:
        raise _decided(execution)
    if execution.args_sha256 != args_sha256 or not execution.is_intact:
        raise Conflict("The arguments are not those that were shown; look at them again.", code="args_changed")
    status = Status.APPROVED if choice is Choice.APPROVE else Status.DENIED
    if not await queries.decide(tx.conn, execution.id, status, by, args_sha256, why):
        raise Conflict("This request has lapsed: nobody decided in time.", code="tool_lapsed")
    await note(
        tx,
        f"tool.{status}",
        Subject("tool_execution", execution.id),
        tool=execution.tool_name,
        room_id=str(execution.room_id),
        args_sha256=args_sha256,
    )
    if status is Status.APPROVED:
        await added.know_tool(tx.conn, execution.tool_name, execution.fingerprint)
        tx.announce(ToolsApproved(workspace_id=actor.workspace_id, execution_ids=[execution.id]))
    decided = await _again(tx, execution.id)
    await _tell(tx, actor, decided, EventKind.TOOL_DECIDED, decision=str(choice))
    if status is Status.DENIED:
        await _end(tx, decided, endings)
    return decided


def _decided(execution: Execution) -> Conflict:
    if execution.status is Status.CANCELLED:
        return Conflict(f"This request is over. {execution.error or LAPSED}", code="tool_lapsed")
    who = execution.decided_by_name or "A rule of the workspace"
    word = "denied" if execution.status is Status.DENIED else "approved"
    winner = {"id": str(execution.decided_by), "name": execution.decided_by_name} if execution.decided_by else None
    return Conflict(
        f"{who} has {word} this already.", code="already_decided", status=str(execution.status), winner=winner
    )


async def request_decision(tx: Tx, actor: Actor, execution_id: ExecutionId) -> Execution:
    """Tell the staff of the room that something waits for one of them; the caller holds the room."""
    execution = await _again(tx, execution_id)
    await _tell(tx, actor, execution, EventKind.TOOL_REQUESTED)
    return execution


async def finish_execution(
    tx: Tx,
    actor: Actor,
    execution: Execution,
    status: Status,
    *,
    result: JsonValue,
    error: str | None,
    took_ms: int,
    endings: Endings,
) -> Execution:
    """Write down what came of a call that ran; one that was given up meanwhile stays as it is."""
    await hold_room(tx, execution.room_id)
    kept = await queries.finish(
        tx.conn, execution.id, execution.attempt, status, result=result, error=error, took_ms=took_ms
    )
    finished = await _again(tx, execution.id)
    if kept:
        await _tell(tx, actor, finished, EventKind.TOOL_COMPLETED)
        await _end(tx, finished, endings)
    return finished


async def let_lapse(tx: Tx, execution_id: ExecutionId, endings: Endings) -> bool:
    """Cancel what nobody has decided in time; False when somebody has meanwhile. One a transaction: it holds a room."""
    execution = await _again(tx, execution_id)
    await hold_room(tx, execution.room_id)
    if not await queries.cancel(tx.conn, execution_id, LAPSED):
        return False
    subject = Subject("tool_execution", execution_id)
    await note(tx, "tool.lapsed", subject, tool=execution.tool_name, room_id=str(execution.room_id))
    lapsed = await _again(tx, execution_id)
    await _tell(tx, tx.actor, lapsed, EventKind.TOOL_DECIDED, decision="lapse")
    await _end(tx, lapsed, endings)
    return True


async def withdraw(tx: Tx, room_id: RoomId, interaction_id: UUID, kept: Collection[ExecutionId]) -> None:
    """Cancel what a turn had asked for before it was played anew, and did not ask for again."""
    await hold_room(tx, room_id)
    for execution_id in await queries.withdraw(tx.conn, interaction_id, kept, WITHDRAWN):
        withdrawn = await _again(tx, execution_id)
        await note(tx, "tool.withdrawn", Subject("tool_execution", execution_id), tool=withdrawn.tool_name)
        await _tell(tx, tx.actor, withdrawn, EventKind.TOOL_DECIDED, decision="withdraw")


async def end_with_room(tx: Tx, room: Room) -> None:
    """Cancel what waits in a room that is being closed; what somebody has approved goes on."""
    await call_off(tx, room.id, CLOSED)


async def call_off(tx: Tx, room_id: RoomId, why: str, *, asked_in: Collection[UUID] | None = None) -> None:
    """Cancel what waits in a room, or of it what these turns have asked for; nobody is left to be told."""
    await hold_room(tx, room_id)
    for execution_id in await queries.call_off(tx.conn, room_id, why, asked_in=asked_in):
        called_off = await _again(tx, execution_id)
        subject = Subject("tool_execution", execution_id)
        await note(tx, "tool.called_off", subject, tool=called_off.tool_name, reason=why)
        await _tell(tx, tx.actor, called_off, EventKind.TOOL_DECIDED, decision="withdraw")


async def give_up(tx: Tx, execution_id: ExecutionId, endings: Endings) -> bool:
    """Mark as failed what a process left executing and what may not run again."""
    execution = await _again(tx, execution_id)
    await hold_room(tx, execution.room_id)
    if not await queries.give_up(tx.conn, execution_id, MAY_HAVE_RUN):
        return False
    await note(tx, "tool.given_up", Subject("tool_execution", execution_id), tool=execution.tool_name)
    failed = await _again(tx, execution_id)
    await _tell(tx, tx.actor, failed, EventKind.TOOL_COMPLETED)
    await _end(tx, failed, endings)
    return True


async def raise_levels(tx: Tx) -> int:
    """Show to the next level what one has left undecided; returns how many that were."""
    raised = await queries.raise_levels(tx.conn, tx.actor.workspace_id)
    for execution_id, room_id, level in raised:
        await note(tx, "tool.raised", Subject("tool_execution", execution_id), level=str(level))
        tx.announce(WaitingChanged(workspace_id=tx.actor.workspace_id, room_id=room_id))
    return len(raised)


async def save_settings(tx: Tx, room_id: UUID | None, settings: ApprovalSettings) -> None:
    """Say what runs by itself in the workspace, or in one room in its place."""
    await approval.put_settings(tx.conn, tx.actor.workspace_id, room_id, settings)
    await note(
        tx,
        "tool.approval_changed",
        Subject("room", room_id) if room_id is not None else Subject("workspace", tx.actor.workspace_id),
        read_only=settings.read_only,
        low_risk=settings.low_risk,
        rules={name: str(rule.verdict) for name, rule in settings.rules.items()},
    )


async def drop_room_settings(tx: Tx, room_id: UUID) -> None:
    """Let the workspace's settings hold in the room again."""
    if await approval.delete_settings(tx.conn, tx.actor.workspace_id, room_id):
        await note(tx, "tool.approval_changed", Subject("room", room_id), dropped=True)


async def _tell(tx: Tx, actor: Actor, execution: Execution, kind: EventKind, **more: str) -> None:
    """Write it into the room's log for the staff: states and references, never arguments or results."""
    room = await hold_room(tx, execution.room_id)
    data = {
        "execution_id": execution.id,
        "tool_name": execution.tool_name,
        "status": str(execution.status),
        "risk": str(execution.risk),
        **more,
    }
    await room_log.write_event(tx, actor, room, kind, data, subject_id=execution.id)
    tx.announce(WaitingChanged(workspace_id=execution.workspace_id, room_id=execution.room_id))


async def _end(tx: Tx, execution: Execution, endings: Endings) -> None:
    for hook in endings.hooks:
        await hook(tx, execution)


async def _again(tx: Tx, execution_id: ExecutionId) -> Execution:
    found = await queries.find_execution(tx.conn, execution_id)
    if found is None:
        raise LookupError(f"The call {execution_id} has vanished")
    return found


async def hold_room(tx: Tx, room_id: RoomId) -> Room:
    """The room first, then its log and the call, as everywhere: different orders would wait for each other."""
    return await rooms.room_to_change(tx, Actor.system(tx.actor.workspace_id), room_id)
