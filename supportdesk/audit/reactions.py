"""Refusals for want of a permission are noted, once an hour for each person and operation."""

from collections import OrderedDict
from datetime import datetime
from typing import Final
from uuid import UUID

from supportdesk.audit.actions import note_denial
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.core.events import Bus
from supportdesk.core.refusals import Denied

REMEMBERED: Final = 20_000


def setup(bus: Bus, db: Database, clock: Clock) -> None:
    """Listen for refusals. Whoever tries a thing a thousand times fills no log."""
    noted: OrderedDict[tuple[UUID | None, str, datetime], None] = OrderedDict()

    async def note(denied: Denied) -> None:
        hour = clock.now().replace(minute=0, second=0, microsecond=0)
        tried = (denied.actor.id, denied.operation, hour)
        if tried in noted:
            return
        noted[tried] = None
        if len(noted) > REMEMBERED:
            noted.popitem(last=False)
        try:
            await note_denial(
                db,
                denied.actor,
                "permission.denied",
                reason=denied.sentence,
                operation=denied.operation,
                permission=denied.permission,
            )
        except BaseException:
            noted.pop(tried, None)  # the next attempt is written down instead
            raise

    bus.on(Denied, note)
