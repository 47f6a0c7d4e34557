"""Calls of tools: requested, decided, claimed, finished, told."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
from pydantic import JsonValue

from supportdesk.actor import Actor, Level, UserId, WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.rooms.model import RoomId
from supportdesk.tools.model import LEVEL_S, Execution, ExecutionId, Risk, Status

INSERT_EXECUTION: Final = """
    INSERT INTO tool_executions (
        workspace_id, room_id, interaction_id, robot_id, requested_by, tool_name, parameters, args_sha256, status, risk,
        required_level, routed_level, why, cost, idempotent, fingerprint, error_message,
        approval_requested_at, rises_at, expires_at, approved_at, completed_at, told_at
    )
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9::text, $10, $11, $11, $12, $13, $14, $15, $16,
                CASE WHEN $9 = 'pending' THEN now() END,
                CASE WHEN $9 = 'pending' AND $11 <> 'manager' THEN now() + make_interval(secs => $19) END,
                CASE WHEN $9 = 'pending' THEN now() + $17::interval END,
                CASE WHEN $9 = 'approved' THEN now() END,
                CASE WHEN $9 = 'denied' THEN now() END,
                CASE WHEN $18::boolean THEN now() END
      RETURNING id
"""

FIND_EXECUTION: Final = """
    SELECT e.id, e.workspace_id, e.room_id, e.interaction_id, e.robot_id, b.name AS robot_name, e.tool_name,
           e.parameters, e.args_sha256, e.status, e.risk, coalesce(e.required_level, 'T1') AS required_level,
           coalesce(e.routed_level, e.required_level, 'T1') AS routed_level, e.why, e.cost, e.idempotent, e.fingerprint,
           e.attempt, e.requested_by, e.decided_by, coalesce(d.display_name, d.username) AS decided_by_name,
           e.decision_note, e.result, e.error_message, e.approval_requested_at, e.rises_at, e.expires_at, e.approved_at,
           e.executed_at, e.completed_at, e.execution_time_ms, e.created_at
      FROM tool_executions e
      JOIN robots b ON b.id = e.robot_id
      LEFT JOIN users d ON d.id = e.decided_by
     WHERE e.id = $1
"""

LIST_EXECUTIONS: Final = """
    SELECT e.id, e.workspace_id, e.room_id, e.interaction_id, e.robot_id, b.name AS robot_name, e.tool_name,
           e.parameters, e.args_sha256, e.status, e.risk, coalesce(e.required_level, 'T1') AS required_level,
           coalesce(e.routed_level, e.required_level, 'T1') AS routed_level, e.why, e.cost, e.idempotent, e.fingerprint,
           e.attempt, e.requested_by, e.decided_by, coalesce(d.display_name, d.username) AS decided_by_name,
           e.decision_note, e.result, e.error_message, e.approval_requested_at, e.rises_at, e.expires_at, e.approved_at,
           e.executed_at, e.completed_at, e.execution_time_ms, e.created_at
      FROM tool_executions e
      JOIN robots b ON b.id = e.robot_id
      JOIN chat_rooms r ON r.id = e.room_id
      LEFT JOIN users d ON d.id = e.decided_by
     WHERE ($1::uuid IS NULL OR e.room_id = $1)
       AND ($2::text[] IS NULL OR e.status = ANY ($2))
       AND ($3::text IS NULL OR e.tool_name = $3)
       AND ($4::uuid IS NULL OR e.id < $4)
       AND ($5::text IS NULL OR e.routed_level = $5)
       AND ($6::boolean OR NOT r.is_private OR EXISTS (
           SELECT 1
             FROM room_participants p
            WHERE p.room_id = r.id AND p.user_id = $7 AND p.status IN ('active', 'muted')
       ))
     ORDER BY e.id DESC
     LIMIT $8
"""

LIST_OF_TURN: Final = """
    SELECT id
      FROM tool_executions
     WHERE interaction_id = $1 AND args_sha256 = $2
     ORDER BY id
"""

FIND_WAITING: Final = """
    SELECT id
      FROM tool_executions
     WHERE room_id = $1 AND robot_id = $2 AND args_sha256 = $3 AND status = 'pending' AND expires_at > now()
       AND interaction_id <> $4
     ORDER BY id
     LIMIT 1
"""

SPENT: Final = """
    SELECT coalesce(sum(cost) FILTER (WHERE tool_name = $2), 0) AS on_tool, coalesce(sum(cost), 0) AS in_all
      FROM tool_executions
     WHERE workspace_id = $1 AND cost > 0 AND approved_at > now() - interval '1 hour'
       AND status IN ('approved', 'executing', 'completed', 'failed')
"""

DECIDE: Final = """
    UPDATE tool_executions
       SET status = $2::text, decided_by = $3, decision_note = $5,
           approved_at = CASE WHEN $2 = 'approved' THEN now() END,
           completed_at = CASE WHEN $2 = 'denied' THEN clock_timestamp() END -- in the order of the room's lock
     WHERE id = $1 AND status = 'pending' AND args_sha256 = $4 AND expires_at > now()
 RETURNING id
"""

LIST_LAPSED: Final = """
    SELECT id
      FROM tool_executions
     WHERE workspace_id = $1 AND status = 'pending' AND expires_at <= now()
     ORDER BY id
     LIMIT 100
"""

CANCEL: Final = """
    UPDATE tool_executions
       SET status = 'cancelled', completed_at = clock_timestamp(), error_message = $2
     WHERE id = $1 AND status = 'pending'
 RETURNING id
"""

WITHDRAW: Final = """
    UPDATE tool_executions
       SET status = 'cancelled', completed_at = now(), told_at = now(), error_message = $3
     WHERE interaction_id = $1 AND status = 'pending' AND id <> ALL ($2::uuid[])
 RETURNING id
"""

CALL_OFF: Final = """
    UPDATE tool_executions
       SET status = 'cancelled', completed_at = now(), told_at = now(), error_message = $2
     WHERE room_id = $1 AND status = 'pending' AND ($3::uuid[] IS NULL OR interaction_id = ANY ($3))
 RETURNING id
"""

RAISE_LEVEL: Final = """
    UPDATE tool_executions
       SET routed_level = CASE routed_level WHEN 'T1' THEN 'T2' WHEN 'T2' THEN 'T3' ELSE 'manager' END,
           rises_at = CASE WHEN routed_level IN ('T1', 'T2') THEN rises_at + make_interval(secs => $2) END
     WHERE workspace_id = $1 AND status = 'pending' AND rises_at <= now() AND expires_at > now()
 RETURNING id, room_id, routed_level
"""

CLAIM: Final = """
    UPDATE tool_executions
       SET status = 'executing', executed_at = now(), attempt = attempt + 1,
           claimed_until = now() + make_interval(secs => $2)
     WHERE id = $1 AND status = 'approved'
 RETURNING id
"""

RECLAIM: Final = """
    UPDATE tool_executions
       SET executed_at = now(), attempt = attempt + 1, claimed_until = now() + make_interval(secs => $2)
     WHERE id = $1 AND status = 'executing' AND idempotent AND attempt < $3 AND claimed_until < now()
 RETURNING id
"""

FINISH: Final = """
    UPDATE tool_executions
       SET status = $3, result = $4, error_message = $5, execution_time_ms = $6,
           completed_at = clock_timestamp(), claimed_until = NULL
     WHERE id = $1 AND status = 'executing' AND attempt = $2
 RETURNING id
"""

LIST_UNRUN: Final = """
    SELECT id
      FROM tool_executions
     WHERE workspace_id = $1 AND status = 'approved' AND approved_at < now() - interval '2 seconds'
     ORDER BY id
     LIMIT 100
"""

LIST_ABANDONED: Final = """
    SELECT id, idempotent AND attempt < $2 AS may_run_again
      FROM tool_executions
     WHERE workspace_id = $1 AND status = 'executing' AND claimed_until < now()
     ORDER BY id
     LIMIT 100
"""

GIVE_UP: Final = """
    UPDATE tool_executions
       SET status = 'failed', error_message = $2, completed_at = clock_timestamp(), claimed_until = NULL
     WHERE id = $1 AND status = 'executing' AND claimed_until < now()
 RETURNING id
"""

COUNT_PENDING: Final = """
    SELECT count(*)
      FROM tool_executions
     WHERE room_id = $1 AND status = 'pending' AND interaction_id IS DISTINCT FROM $2
"""

TELL_LATER: Final = """
    UPDATE tool_executions
       SET told_at = NULL
     WHERE id = ANY ($1::uuid[])
"""

DUE_WORKSPACES: Final = """
    SELECT workspace_id
      FROM desk_due_tools() AS workspace_id
"""


async def insert_execution(
    conn: Connection,
    actor: Actor,
    *,
    room_id: RoomId,
    interaction_id: UUID | None,
    robot_id: UUID,
    tool_name: str,
    parameters: Mapping[str, JsonValue],
    args_sha256: str,
    status: Status,
    risk: Risk,
    level: Level,
    why: str,
    cost: Decimal,
    idempotent: bool,
    fingerprint: str,
    error: str | None,
    lapses_after: timedelta,
    told: bool,
) -> ExecutionId:
    """Write a call down: pending, approved by a rule, or failed at once."""
    row_id: UUID = await conn.fetchval(
        INSERT_EXECUTION,
        actor.workspace_id,
        room_id,
        interaction_id,
        robot_id,
        actor.id,
        tool_name,
        orjson.dumps(parameters).decode(),
        args_sha256,
        status,
        risk,
        level,
        why,
        cost,
        idempotent,
        fingerprint,
        error,
        lapses_after,
        told,
        LEVEL_S,
    )
    return ExecutionId(row_id)


async def find_execution(conn: Connection, execution_id: UUID) -> Execution | None:
    """One call of the workspace."""
    row = await conn.fetchrow(FIND_EXECUTION, execution_id)
    return None if row is None else _execution(row)


async def list_executions(
    conn: Connection,
    actor: Actor,
    *,
    room_id: UUID | None = None,
    statuses: Sequence[str] | None = None,
    tool: str | None = None,
    before: UUID | None = None,
    routed_to: Level | None = None,
    sees_private: bool,
    limit: int,
) -> list[Execution]:
    """Calls, newest first, without those of private rooms that the actor may not enter."""
    rows = await conn.fetch(LIST_EXECUTIONS, room_id, statuses, tool, before, routed_to, sees_private, actor.id, limit)
    return [_execution(row) for row in rows]


def _execution(row: asyncpg.Record) -> Execution:
    fields: dict[str, Any] = dict(row)
    fields["error"] = fields.pop("error_message")
    fields["parameters"] = orjson.loads(fields["parameters"])
    fields["result"] = orjson.loads(fields["result"]) if fields["result"] is not None else None
    for name, kind in (("status", Status), ("risk", Risk), ("required_level", Level), ("routed_level", Level)):
        fields[name] = kind(fields[name])
    return Execution(**fields)


async def list_of_turn(conn: Connection, interaction_id: UUID, args_sha256: str) -> list[ExecutionId]:
    """What a turn has asked for with just these arguments, in order."""
    return [ExecutionId(row["id"]) for row in await conn.fetch(LIST_OF_TURN, interaction_id, args_sha256)]


async def find_waiting(
    conn: Connection, room_id: RoomId, robot_id: UUID, args_sha256: str, *, but_of: UUID | None
) -> ExecutionId | None:
    """What a robot has asked for in another turn in the room, with just these arguments, and nobody has decided."""
    row_id: UUID | None = await conn.fetchval(FIND_WAITING, room_id, robot_id, args_sha256, but_of)
    return None if row_id is None else ExecutionId(row_id)


async def find_spent(conn: Connection, workspace_id: WorkspaceId, tool: str) -> tuple[Decimal, Decimal]:
    """What the last hour's calls of a tool, and of all tools, have cost."""
    row = await conn.fetchrow(SPENT, workspace_id, tool)
    if row is None:
        raise LookupError("A sum has always one row")
    return row["on_tool"], row["in_all"]


async def decide(
    conn: Connection, execution_id: ExecutionId, status: Status, by: UserId, args_sha256: str, note: str | None
) -> bool:
    """Approve or deny, if it still waits with these arguments and has not lapsed by PostgreSQL's clock."""
    return await conn.fetchval(DECIDE, execution_id, status, by, args_sha256, note) is not None


async def list_lapsed(conn: Connection, workspace_id: WorkspaceId) -> list[ExecutionId]:
    """What nobody has decided in time. At most 100."""
    return [ExecutionId(row["id"]) for row in await conn.fetch(LIST_LAPSED, workspace_id)]


async def cancel(conn: Connection, execution_id: ExecutionId, why: str) -> bool:
    """End what waits; False when somebody was quicker."""
    return await conn.fetchval(CANCEL, execution_id, why) is not None


async def withdraw(
    conn: Connection, interaction_id: UUID, kept: Collection[ExecutionId], why: str
) -> list[ExecutionId]:
    """End what waits for a turn but these, with nobody left to be told."""
    return [ExecutionId(row["id"]) for row in await conn.fetch(WITHDRAW, interaction_id, list(kept), why)]


async def call_off(
    conn: Connection, room_id: RoomId, why: str, *, asked_in: Collection[UUID] | None
) -> list[ExecutionId]:
    """End what waits in a room, or of it what these turns have asked for, with nobody left to be told."""
    turns = None if asked_in is None else list(asked_in)
    return [ExecutionId(row["id"]) for row in await conn.fetch(CALL_OFF, room_id, why, turns)]


async def raise_levels(conn: Connection, workspace_id: WorkspaceId) -> list[tuple[ExecutionId, RoomId, Level]]:
    """Show what a level has left undecided to the next one; returns each with its room and that level."""
    rows = await conn.fetch(RAISE_LEVEL, workspace_id, LEVEL_S)
    return [(ExecutionId(row["id"]), RoomId(row["room_id"]), Level(row["routed_level"])) for row in rows]


async def claim(conn: Connection, execution_id: ExecutionId, *, for_s: float) -> bool:
    """Take an approved call to run it; False for all but one of those who try."""
    return await conn.fetchval(CLAIM, execution_id, for_s) is not None


async def reclaim(conn: Connection, execution_id: ExecutionId, *, for_s: float, most_attempts: int) -> bool:
    """Take a call that another process has left executing and that may run again."""
    return await conn.fetchval(RECLAIM, execution_id, for_s, most_attempts) is not None


async def finish(
    conn: Connection,
    execution_id: ExecutionId,
    attempt: int,
    status: Status,
    *,
    result: JsonValue,
    error: str | None,
    took_ms: int,
) -> bool:
    """Write down what came of it; False when this attempt has been given up meanwhile."""
    dumped = None if status is not Status.COMPLETED else orjson.dumps(result).decode()
    return await conn.fetchval(FINISH, execution_id, attempt, status, dumped, error, took_ms) is not None


async def list_unrun(conn: Connection, workspace_id: WorkspaceId) -> list[ExecutionId]:
    """What was approved a while ago and nobody runs. At most 100."""
    return [ExecutionId(row["id"]) for row in await conn.fetch(LIST_UNRUN, workspace_id)]


async def list_abandoned(
    conn: Connection, workspace_id: WorkspaceId, *, most_attempts: int
) -> list[tuple[ExecutionId, bool]]:
    """What a process left executing, each with whether it may run again. At most 100."""
    rows = await conn.fetch(LIST_ABANDONED, workspace_id, most_attempts)
    return [(ExecutionId(row["id"]), row["may_run_again"]) for row in rows]


async def give_up(conn: Connection, execution_id: ExecutionId, why: str) -> bool:
    """Mark as failed what a process left executing."""
    return await conn.fetchval(GIVE_UP, execution_id, why) is not None


async def count_pending(conn: Connection, room_id: RoomId, *, but_of: UUID | None) -> int:
    """How many calls wait in a room, besides those of one turn."""
    count: int = await conn.fetchval(COUNT_PENDING, room_id, but_of)
    return count


async def tell_later(conn: Connection, execution_ids: Sequence[ExecutionId]) -> None:
    """Whoever asked cannot hear the outcomes now: they are told in another turn."""
    await conn.execute(TELL_LATER, list(execution_ids))


async def due_workspaces(conn: Connection) -> list[WorkspaceId]:
    """The workspaces in which a tool waits for the clock."""
    return [WorkspaceId(row["workspace_id"]) for row in await conn.fetch(DUE_WORKSPACES)]
