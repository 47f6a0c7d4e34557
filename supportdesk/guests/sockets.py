"""What staff may do about guests over Socket.IO."""

from supportdesk.actor import Actor, Permission
from supportdesk.core.clock import Clock
from supportdesk.core.db import Tx
from supportdesk.core.sockets import DESK, SocketRoutes
from supportdesk.errors import Invalid
from supportdesk.guests import actions
from supportdesk.guests.wire import BlockGuest, UnblockGuest, is_past

routes = SocketRoutes()


@routes.on("guest.block", BlockGuest, namespaces=(DESK,), needs=Permission.GUEST_BLOCK)
async def block(tx: Tx, actor: Actor, want: BlockGuest, clock: Clock) -> None:
    """Keep a guest out."""
    if is_past(want.until, clock.now()):
        raise Invalid("The end of a block lies in the future.")
    await actions.block_guest(tx, actor, want.guest_id, reason=want.reason, until=want.until, spam=want.spam)


@routes.on("guest.unblock", UnblockGuest, namespaces=(DESK,), needs=Permission.GUEST_BLOCK)
async def unblock(tx: Tx, actor: Actor, want: UnblockGuest) -> None:
    """Let a guest in again."""
    await actions.unblock_guest(tx, actor, want.guest_id)
