"""Calls of tools, and what runs by itself, over HTTP."""

from uuid import UUID

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Database, Tx
from supportdesk.core.http import Routes
from supportdesk.rooms import access as rooms
from supportdesk.tools import actions
from supportdesk.tools.actions import Endings
from supportdesk.tools.model import Choice
from supportdesk.tools.queries import approval
from supportdesk.tools.queries import executions as queries
from supportdesk.tools.toolshed import Toolshed
from supportdesk.tools.wire import (
    ApprovalBody,
    ApprovalOut,
    DecideTool,
    ExecutionOut,
    ExecutionsOut,
    ExecutionsQuery,
    approval_of,
    approval_out,
    execution_out,
    executions_out,
)

routes = Routes()


@routes.get("/api/v1/tool-executions", needs=Permission.TOOL_READ)
async def list_calls(actor: Actor, query: ExecutionsQuery, db: Database, shed: Toolshed) -> ExecutionsOut:
    """Calls of tools, newest first; of private rooms only those that the actor may enter."""
    async with db.read(actor) as conn:
        if query.room_id is not None:
            await rooms.seat_for(conn, actor, query.room_id)
        found = await queries.list_executions(
            conn,
            actor,
            room_id=query.room_id,
            statuses=["pending"] if query.waits_for_me else [query.status] if query.status else None,
            tool=query.tool,
            before=query.cursor,
            routed_to=actor.level if query.waits_for_me else None,
            sees_private=actor.may(Permission.SUPERVISOR_OBSERVE),
            limit=query.limit,
        )
        tools = await shed.made_as(conn, actor.workspace_id, found)
    return executions_out(found, tools, query.limit)


@routes.post("/api/v1/tool-executions/{execution_id}/approval", needs=Permission.TOOL_DECIDE)
async def approve(
    tx: Tx, actor: Actor, execution_id: UUID, want: DecideTool, endings: Endings, shed: Toolshed
) -> ExecutionOut:
    """Let it run, once, with just these arguments."""
    decided = await actions.decide_execution(
        tx, actor, execution_id, Choice.APPROVE, args_sha256=want.args_sha256, why=want.note, endings=endings
    )
    return execution_out(decided, (await shed.made_as(tx.conn, actor.workspace_id, [decided])).get(decided.fingerprint))


@routes.post("/api/v1/tool-executions/{execution_id}/denial", needs=Permission.TOOL_DECIDE)
async def deny(
    tx: Tx, actor: Actor, execution_id: UUID, want: DecideTool, endings: Endings, shed: Toolshed
) -> ExecutionOut:
    """Let it not run; the robot learns of it, and of the note."""
    decided = await actions.decide_execution(
        tx, actor, execution_id, Choice.DENY, args_sha256=want.args_sha256, why=want.note, endings=endings
    )
    return execution_out(decided, (await shed.made_as(tx.conn, actor.workspace_id, [decided])).get(decided.fingerprint))


@routes.get("/api/v1/rooms/{room_id}/tool-approval", needs=Permission.TOOL_READ)
async def show_room_settings(tx: Tx, actor: Actor, room_id: UUID) -> ApprovalOut:
    """What runs by itself in a room."""
    await rooms.room_for(tx, actor, room_id)
    own = await approval.find_own_settings(tx.conn, actor.workspace_id, room_id)
    in_force = own or await approval.find_settings(tx.conn, actor.workspace_id, None)
    return approval_out(in_force, own=own is not None)


@routes.put("/api/v1/rooms/{room_id}/tool-approval", needs=Permission.TOOL_CONFIGURE)
async def save_room_settings(tx: Tx, actor: Actor, room_id: UUID, want: ApprovalBody) -> ApprovalOut:
    """Let other things run by themselves in a room than in its workspace."""
    await rooms.room_for(tx, actor, room_id)
    await actions.save_settings(tx, room_id, approval_of(want))
    return approval_out(approval_of(want), own=True)


@routes.delete("/api/v1/rooms/{room_id}/tool-approval", needs=Permission.TOOL_CONFIGURE)
async def drop_room_settings(tx: Tx, actor: Actor, room_id: UUID) -> None:
    """Let the workspace's settings hold in the room again."""
    await rooms.room_for(tx, actor, room_id)
    await actions.drop_room_settings(tx, room_id)


@routes.get("/api/v1/tool-approval", needs=Permission.TOOL_READ)
async def show_settings(tx: Tx, actor: Actor) -> ApprovalOut:
    """What runs by itself in the workspace."""
    return approval_out(await approval.find_settings(tx.conn, actor.workspace_id, None), own=False)


@routes.put("/api/v1/tool-approval", needs=Permission.TOOL_CONFIGURE)
async def save_settings(tx: Tx, want: ApprovalBody) -> ApprovalOut:
    """Say what runs by itself in the workspace."""
    await actions.save_settings(tx, None, approval_of(want))
    return approval_out(approval_of(want), own=False)
