"""Who looked at what is not theirs: one row per person, thing and hour, written before the thing is shown."""

from collections import OrderedDict
from datetime import datetime
from typing import Final
from uuid import UUID

from supportdesk.actor import Actor
from supportdesk.audit import queries
from supportdesk.audit.model import Looked
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database

REMEMBERED: Final = 20_000
Look = tuple[UUID | None, Looked, UUID, datetime]


class AccessLog:
    """Writes looks down. What this process wrote within the hour it does not send again; the table's key decides."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._written: OrderedDict[Look, None] = OrderedDict()

    async def note(self, actor: Actor, looked: Looked, thing_id: UUID) -> None:
        """Write down that the actor is about to see the thing; raises ServerBusy when that cannot be done."""
        look = (actor.id, looked, thing_id, self._clock.now().replace(minute=0, second=0, microsecond=0))
        if look in self._written:
            return
        async with self._db.transaction(actor) as tx:
            await queries.insert_look(tx.conn, actor, looked, thing_id)
        self._written[look] = None
        if len(self._written) > REMEMBERED:
            self._written.popitem(last=False)
