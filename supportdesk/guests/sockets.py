"""Blocking guests over Socket.IO."""

from supportdesk.actor import Actor, Permission
from supportdesk.core.clock import Clock
from supportdesk.core.db import Tx
from supportdesk.core.sockets import DESK, SocketRoutes
from supportdesk.guests import actions
from supportdesk.guests.wire import BlockGuest, UnblockGuest

routes = SocketRoutes()


@routes.on("guest.block", BlockGuest, namespaces=(DESK,), needs=Permission.GUEST_BLOCK)
async def block(tx: Tx, actor: Actor, want: BlockGuest, clock: Clock) -> None:
    """Keep a guest out; their connections end at once."""
    await actions.block(
        tx, actor, want.guest_id, reason=want.reason, until=want.until, is_spam=want.spam, now=clock.now()
    )


@routes.on("guest.unblock", UnblockGuest, namespaces=(DESK,), needs=Permission.GUEST_BLOCK)
async def unblock(tx: Tx, actor: Actor, want: UnblockGuest) -> None:
    """Let a guest in again."""
    await actions.unblock(tx, actor, want.guest_id)
