"""Deciding about tools over Socket.IO."""

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Tx
from supportdesk.core.sockets import DESK, SocketRoutes
from supportdesk.tools import actions
from supportdesk.tools.actions import Endings
from supportdesk.tools.wire import DecidedOut, DecideToolCommand

routes = SocketRoutes()


@routes.on("tool.decide", DecideToolCommand, namespaces=(DESK,), needs=Permission.TOOL_DECIDE)
async def decide(tx: Tx, actor: Actor, want: DecideToolCommand, endings: Endings) -> DecidedOut:
    """Approve or deny a call of a tool that waits in a room."""
    decided = await actions.decide_execution(
        tx,
        actor,
        want.tool_execution_id,
        want.decision,
        args_sha256=want.args_sha256,
        why=want.note,
        endings=endings,
    )
    return DecidedOut(status=decided.status)
