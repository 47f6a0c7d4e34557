"""What is done for robots by the clock."""

from datetime import timedelta
from typing import Any, Final

from supportdesk.core.db import Database
from supportdesk.core.jobs import Jobs
from supportdesk.robots import suggesting
from supportdesk.robots.rescue import Rescuer

jobs = Jobs()
WAITING_S: Final = 60.0


@jobs.every(timedelta(minutes=1))
async def rescue_unanswered_rooms(rescuer: Rescuer) -> dict[str, Any]:
    """Hand rooms to people in which a guest waits for a robot that nobody has asked."""
    return {"rooms": await rescuer.sweep(waiting_s=WAITING_S)}


@jobs.every(timedelta(minutes=1))
async def compare_suggestions(db: Database) -> dict[str, Any]:
    """Note whether agents sent suggestions as they were or changed them first."""
    return {"compared": await suggesting.compare_sent(db)}
