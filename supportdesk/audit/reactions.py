"""Refusals for want of a permission are noted, once an hour for each person and operation."""

from supportdesk.audit.actions import note_denial
from supportdesk.audit.hourly import Hourly
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.core.events import Bus
from supportdesk.core.refusals import Denied


def setup(bus: Bus, db: Database, clock: Clock) -> None:
    """Listen for refusals. Whoever tries a thing a thousand times fills no log."""
    noted = Hourly(clock)

    async def note(denied: Denied) -> None:
        tried = (denied.actor.id, denied.operation)
        if tried in noted:
            return
        noted.add(tried)  # at once: a flood of the same is one line
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
            noted.discard(tried)  # the next attempt is written down instead
            raise

    bus.on(Denied, note)
