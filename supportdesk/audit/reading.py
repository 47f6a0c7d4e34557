"""Who looked at what is not theirs: one row per person, thing and hour, written before the thing is shown."""

from uuid import UUID

from supportdesk.actor import Actor
from supportdesk.audit import queries
from supportdesk.audit.hourly import Hourly
from supportdesk.audit.model import Looked
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database


class AccessLog:
    """Writes looks down. What this process wrote within the hour it does not send again; the table's key decides."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._written = Hourly(clock)

    async def note(self, actor: Actor, looked: Looked, thing_id: UUID) -> None:
        """Write down that the actor is about to see the thing; raises ServerBusy when that cannot be done."""
        look = (actor.id, looked, thing_id)
        if look in self._written:
            return
        async with self._db.transaction(actor) as tx:
            await queries.insert_look(tx.conn, actor, looked, thing_id)
        self._written.add(look)  # not before: who looks meanwhile is written down too
