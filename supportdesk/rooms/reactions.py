"""Whose rights have changed is looked at again in every room they hear."""

from supportdesk.core.db import Database, Lane
from supportdesk.core.events import Bus
from supportdesk.core.sockets import Sockets
from supportdesk.errors import NotFound
from supportdesk.permissions.events import AccessChanged
from supportdesk.rooms import access


def setup(bus: Bus, sockets: Sockets, db: Database) -> None:
    """Listen for changes of rights."""

    async def look_again(changed: AccessChanged) -> None:
        for socket in sockets.of_user(changed.user_id):
            for room_id in list(socket.rooms):
                try:
                    async with db.read(socket.actor, lane=Lane.REALTIME) as conn:
                        await access.seat_for(conn, socket.actor, room_id)
                except NotFound:
                    await socket.leave(room_id)

    bus.on(AccessChanged, look_again)
