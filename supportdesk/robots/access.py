"""The only door to a turn on record."""

from uuid import UUID

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Connection
from supportdesk.errors import NotFound
from supportdesk.robots.model import Interaction
from supportdesk.robots.queries import records
from supportdesk.rooms.access import Seat, seat_for


async def turn_for(conn: Connection, actor: Actor, turn_id: UUID) -> tuple[Interaction, Seat]:
    """The turn with the actor's seat in its room, for those who may see it; raises NotFound alike for all others."""
    turn = await records.find_turn(conn, turn_id)
    if turn is None:
        raise NotFound("There is no such turn.")
    try:
        seat = await seat_for(conn, actor, turn.room_id)
    except NotFound:
        raise NotFound("There is no such turn.") from None
    return turn, seat


def must_read_rooms(actor: Actor) -> None:
    """Raise Forbidden for those who see robots but no conversations: a turn holds what its guest wrote."""
    actor.must(Permission.ROOM_READ)
