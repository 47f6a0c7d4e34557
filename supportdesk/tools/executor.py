"""Asks the policy, waits for people, and runs what was approved: once, with no transaction open."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final
from uuid import UUID

import structlog
from pydantic import JsonValue

from supportdesk.actor import Actor, ActorKind, WorkspaceId
from supportdesk.audit.actions import note
from supportdesk.audit.model import Subject
from supportdesk.core.clock import Clock
from supportdesk.core.db import Connection, Database, Lane, Tx
from supportdesk.core.keepable import keepable
from supportdesk.core.tasks import Tasks
from supportdesk.errors import Conflict, DeskError
from supportdesk.permissions.grants import Grants
from supportdesk.rooms.model import RoomId, RoomStatus
from supportdesk.tools import actions
from supportdesk.tools.actions import Endings
from supportdesk.tools.declaration import LONGEST_RUN_S, Asking, Tool
from supportdesk.tools.model import (
    LONGEST_ERROR,
    MOST_ATTEMPTS,
    MOST_RESULT_BYTES,
    ApprovalSettings,
    Args,
    Execution,
    ExecutionId,
    Facts,
    Status,
    Verdict,
    checked,
    lapses_after,
    sealed,
)
from supportdesk.tools.policy import Ask, Decision, Refuse, Run, decide
from supportdesk.tools.queries import approval
from supportdesk.tools.queries import executions as queries
from supportdesk.tools.toolshed import Toolshed

log = structlog.get_logger(__name__)

LEASE_S: Final = 2 * LONGEST_RUN_S
"""What is executing for longer has lost its process: no tool runs for more than half of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, in which turn. `seen` are the calls of this attempt: a repeated attempt finds those of the first."""

    actor: Actor
    robot_id: UUID
    room_id: RoomId
    interaction_id: UUID | None = None
    seen: set[ExecutionId] = field(default_factory=set)
    holds: Callable[[Connection], Awaitable[bool]] | None = None
    """Whether the turn is still this attempt's; one that is over asks for nothing."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    status: Status
    result: JsonValue = None
    error: str | None = None


class Executor:
    """The only way to a tool."""

    def __init__(
        self, db: Database, tasks: Tasks, clock: Clock, shed: Toolshed, endings: Endings, grants: Grants
    ) -> None:
        self._db, self._tasks, self._clock = db, tasks, clock
        self._shed, self._endings, self._grants = shed, endings, grants

    async def tools_in(self, workspace_id: WorkspaceId, room_id: RoomId) -> Sequence[Tool]:
        """The tools that may be asked for in a room: all but those that its settings deny."""
        async with self._db.read(Actor.system(workspace_id), lane=Lane.BACKGROUND) as conn:
            tools = await self._shed.tools_of(conn, workspace_id)
            settings = await approval.find_settings(conn, workspace_id, room_id)
        denied = {name for name, rule in settings.rules.items() if rule.verdict is Verdict.DENY}
        return [tool for name, tool in tools.items() if name not in denied]

    async def request(self, asker: Asker, name: str, args: Args, *, told: bool = True) -> Execution:
        """Ask for a tool. It has run, waits for a person, or was refused when this comes back.

        `told`: the caller hands on what comes back now; without it, the outcome is told in another turn. Raises
        NotFound for an unknown tool, Invalid and TooLarge for arguments that no tool can take, Conflict for a turn
        that was stopped or taken over.
        """
        plain = checked(args)
        workspace_id = asker.actor.workspace_id
        async with self._db.transaction(asker.actor, lane=Lane.BACKGROUND) as tx:
            if asker.holds is not None and not await asker.holds(tx.conn):
                raise Conflict("The turn is no longer this worker's: it was stopped or taken over.")
            tool = await self._shed.tool_for(tx.conn, workspace_id, name)
            tool.check(plain)
            execution = (
                await self._earlier(tx, asker, name, plain)
                or await self._waiting(tx, asker, name, plain)
                or await self._decided(tx, asker, tool, plain, told=told)
            )
        asker.seen.add(execution.id)
        if execution.status is Status.APPROVED:
            # In a task of its own: it goes on and is written down when whoever asked is stopped.
            task = self._tasks.spawn(self.run(workspace_id, execution.id), name=f"tool {name}")
            return await asyncio.shield(task) or execution
        return execution

    async def _earlier(self, tx: Tx, asker: Asker, name: str, args: Args) -> Execution | None:
        """The same call of an attempt at this turn that broke off: it is not made twice."""
        if asker.interaction_id is None:
            return None
        made = await queries.list_of_turn(tx.conn, asker.interaction_id, sealed(name, args))
        earlier = next((each for each in made if each not in asker.seen), None)
        if earlier is None:
            return None
        asker.seen.add(earlier)  # before anything else is awaited: two equal calls are two rows
        found = await queries.find_execution(tx.conn, earlier)
        if found is not None and found.status is Status.EXECUTING:
            await queries.tell_later(tx.conn, [earlier])  # another process runs it, or has died of it: the sweep knows
        return found

    async def _waiting(self, tx: Tx, asker: Asker, name: str, args: Args) -> Execution | None:
        """The very same call of an earlier turn that waits still: a guest who writes on does not ask for it twice."""
        waits = await queries.find_waiting(
            tx.conn, asker.room_id, asker.robot_id, sealed(name, args), but_of=asker.interaction_id
        )
        return None if waits is None or waits in asker.seen else await queries.find_execution(tx.conn, waits)

    async def _decided(self, tx: Tx, asker: Asker, tool: Tool, args: Args, *, told: bool) -> Execution:
        """Let the policy speak, and write down what it says."""
        workspace_id = asker.actor.workspace_id
        settings = await approval.find_settings(tx.conn, workspace_id, asker.room_id)
        decision = decide(tool, args, settings, await self._facts(tx, tool, settings))
        status = _status(decision)
        if status is Status.PENDING:
            await self._check_open(tx, asker.room_id)
        execution_id = await queries.insert_execution(
            tx.conn,
            asker.actor,
            room_id=asker.room_id,
            interaction_id=asker.interaction_id,
            robot_id=asker.robot_id,
            tool_name=tool.name,
            parameters=args,
            args_sha256=sealed(tool.name, args),
            status=status,
            risk=tool.risk,
            level=tool.level,
            why=decision.why,
            cost=tool.cost,
            idempotent=tool.idempotent,
            fingerprint=tool.fingerprint,
            error=decision.why if status is Status.DENIED else None,
            lapses_after=lapses_after(tool.level),
            told=told and status is not Status.PENDING,
        )
        words = {Status.PENDING: "requested", Status.APPROVED: "allowed", Status.DENIED: "refused"}
        subject = Subject("tool_execution", execution_id)
        await note(tx, f"tool.{words[status]}", subject, reason=decision.why, tool=tool.name, risk=str(tool.risk))
        if status is Status.PENDING:
            return await actions.request_decision(tx, asker.actor, execution_id)
        written = await queries.find_execution(tx.conn, execution_id)
        if written is None:
            raise LookupError(f"The call {execution_id} has vanished")
        return written

    async def _check_open(self, tx: Tx, room_id: RoomId) -> None:
        """Hold the room, before the row, whose reference to it holds it, too; raises Conflict when it is closed."""
        room = await actions.hold_room(tx, room_id)
        if room.status in (RoomStatus.CLOSED, RoomStatus.ARCHIVED):
            raise Conflict(f"{actions.CLOSED} Nobody is asked any more.", code="tool_lapsed")

    async def _facts(self, tx: Tx, tool: Tool, settings: ApprovalSettings) -> Facts:
        on_tool = in_all = Decimal(0)
        if tool.cost > 0 and settings.max_cost_per_hour > 0:
            await approval.hold_budget(tx.conn, tx.actor.workspace_id)
            on_tool, in_all = await queries.find_spent(tx.conn, tx.actor.workspace_id, tool.name)
        return Facts(spent_on_tool=on_tool, spent_in_all=in_all, is_known=tool.is_known)

    async def withdraw_the_rest(self, asker: Asker) -> None:
        """End what an attempt at this turn that broke off has left waiting and this one did not ask for again.

        Otherwise two people could approve the same wish twice, in arguments that differ a little.
        """
        if asker.interaction_id is None:
            return
        async with self._db.transaction(Actor.system(asker.actor.workspace_id), lane=Lane.BACKGROUND) as tx:
            await actions.withdraw(tx, asker.room_id, asker.interaction_id, asker.seen)

    async def run(
        self, workspace_id: WorkspaceId, execution_id: ExecutionId, *, again: bool = False
    ) -> Execution | None:
        """Run what was approved, if nobody else does; None when somebody does, or it is over.

        `again`: take what another process has left executing, where it may run twice.
        """
        system = Actor.system(workspace_id)
        async with self._db.transaction(system, lane=Lane.BACKGROUND) as tx:
            if again:
                taken = await queries.reclaim(tx.conn, execution_id, for_s=LEASE_S, most_attempts=MOST_ATTEMPTS)
            else:
                taken = await queries.claim(tx.conn, execution_id, for_s=LEASE_S)
            execution = await queries.find_execution(tx.conn, execution_id) if taken else None
            tool = await self._tool(tx, execution) if execution is not None else None
            is_denied = execution is not None and await self._is_denied(tx, execution)
        if execution is None:
            return None
        actor = await self._actor(execution)
        began = self._clock.monotonic()
        denied = _Outcome(Status.FAILED, error="The tool was switched off before it ran; nothing was done.")
        outcome = denied if is_denied else await self._perform(actor, execution, tool)
        took_ms = round((self._clock.monotonic() - began) * 1000)
        async with self._db.transaction(system, lane=Lane.BACKGROUND) as tx:
            finished = await actions.finish_execution(
                tx,
                actor,
                execution,
                outcome.status,
                result=outcome.result,
                error=outcome.error,
                took_ms=took_ms,
                endings=self._endings,
            )
        log.info("tool.run", tool=execution.tool_name, execution=str(execution_id), status=outcome.status, ms=took_ms)
        return finished

    async def _tool(self, tx: Tx, execution: Execution) -> Tool | None:
        tools = await self._shed.tools_of(tx.conn, execution.workspace_id)
        return tools.get(execution.tool_name)

    async def _is_denied(self, tx: Tx, execution: Execution) -> bool:
        """Whether the workspace or the room denies the tool by now, whoever has agreed to it before."""
        settings = await approval.find_settings(tx.conn, execution.workspace_id, execution.room_id)
        rule = settings.rules.get(execution.tool_name)
        return rule is not None and rule.verdict is Verdict.DENY

    async def _actor(self, execution: Execution) -> Actor:
        """The robot that asked, with what its role grants it now."""
        grants = await self._grants.of(execution.requested_by) if execution.requested_by is not None else []
        return Actor(
            kind=ActorKind.ROBOT,
            id=execution.requested_by,
            workspace_id=execution.workspace_id,
            name=execution.robot_name,
            grants=frozenset(grant.pattern for grant in grants),
        )

    async def _perform(self, actor: Actor, execution: Execution, tool: Tool | None) -> _Outcome:
        if not execution.is_intact:
            return _Outcome(Status.FAILED, error="The arguments are not those that were approved; nothing was done.")
        if tool is None or tool.fingerprint != execution.fingerprint:
            return _Outcome(Status.FAILED, error="The tool is gone or has changed since; nothing was done.")
        asking = Asking(actor=actor, robot_id=execution.robot_id, room_id=execution.room_id, execution_id=execution.id)
        limit_s = min(tool.timeout_s, LONGEST_RUN_S)
        try:
            async with asyncio.timeout(limit_s):
                return _Outcome(Status.COMPLETED, result=_fitting(await tool.run(asking, execution.parameters)))
        except TimeoutError:
            late = f"The tool had no answer within {limit_s:g} seconds"
            return _Outcome(Status.FAILED, error=f"{late}." if tool.idempotent else f"{late}; it may have run.")
        except DeskError as refusal:
            return _Outcome(Status.FAILED, error=refusal.sentence[:LONGEST_ERROR])
        except Exception as error:
            log.exception("tool.broke", tool=tool.name, execution=str(execution.id))
            return _Outcome(Status.FAILED, error=f"The tool broke: {type(error).__name__}.")

    async def sweep(self, workspace_id: WorkspaceId) -> dict[str, int]:
        """Do what is due by the clock: let lapse, show to the next level, run what nobody runs, end what is lost."""
        system = Actor.system(workspace_id)
        async with self._db.transaction(system, lane=Lane.BACKGROUND) as tx:
            lapsed = await queries.list_lapsed(tx.conn, workspace_id)
            raised = await actions.raise_levels(tx)
            unrun = await queries.list_unrun(tx.conn, workspace_id)
            left = await queries.list_abandoned(tx.conn, workspace_id, most_attempts=MOST_ATTEMPTS)
            # Whoever asked for these hears no more of it by itself.
            await queries.tell_later(tx.conn, [*unrun, *(each for each, _ in left)])
        for each in lapsed:
            async with self._db.transaction(system, lane=Lane.BACKGROUND) as tx:
                await actions.let_lapse(tx, each, self._endings)
        for each in unrun:
            await self.run(workspace_id, each)
        for each, may_run_again in left:
            if may_run_again:
                await self.run(workspace_id, each, again=True)
            else:
                async with self._db.transaction(system, lane=Lane.BACKGROUND) as tx:
                    await actions.give_up(tx, each, self._endings)
        return {"lapsed": len(lapsed), "raised": raised, "run": len(unrun), "left": len(left)}


def _status(decision: Decision) -> Status:
    match decision:
        case Run():
            return Status.APPROVED
        case Ask():
            return Status.PENDING
        case Refuse():
            return Status.DENIED


def _fitting(result: JsonValue) -> JsonValue:
    """What a tool has answered, as it can be kept: the tool has run, so nothing about its answer makes it fail."""
    kept = keepable(result)
    text = json.dumps(kept, ensure_ascii=False)
    return kept if len(text.encode()) <= MOST_RESULT_BYTES else {"shortened": text[: MOST_RESULT_BYTES // 4]}
