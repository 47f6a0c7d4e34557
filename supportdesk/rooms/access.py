"""The only door to a room. Outside this slice a Room comes from here or not at all."""

from dataclasses import dataclass
from uuid import UUID

from supportdesk.actor import Actor
from supportdesk.core.db import Connection, Tx
from supportdesk.errors import NotFound
from supportdesk.rooms import queries
from supportdesk.rooms.model import Participant, Room, admits


@dataclass(frozen=True, slots=True)
class Seat:
    """A room, and the actor's own place in it where they have one."""

    room: Room
    mine: Participant | None

    @property
    def is_outside(self) -> bool:
        """Whether the actor takes no part in the room: they see it by a permission, and that is noted."""
        return self.mine is None or not self.mine.is_present


async def seat_for(conn: Connection, actor: Actor, room_id: UUID) -> Seat:
    """The room and the actor's place in it; raises NotFound alike for a stranger's room and for a missing one."""
    room = await queries.find_room(conn, room_id)
    if room is None:
        raise NotFound("There is no such room.")
    mine = await queries.find_participant(conn, room_id, actor.id) if actor.id is not None else None
    if not admits(actor, room, mine):
        raise NotFound("There is no such room.")
    return Seat(room, mine)


async def room_for(tx: Tx, actor: Actor, room_id: UUID) -> Room:
    """The room, to read."""
    return (await seat_for(tx.conn, actor, room_id)).room


async def room_to_change(tx: Tx, actor: Actor, room_id: UUID) -> Room:
    """The room as it is now, locked until the transaction ends, so that changes of its state queue up."""
    return (await seat_to_change(tx, actor, room_id)).room


async def seat_to_change(tx: Tx, actor: Actor, room_id: UUID) -> Seat:
    """As `room_to_change`, with the actor's own place."""
    await queries.lock_room(tx.conn, room_id)
    return await seat_for(tx.conn, actor, room_id)
