"""What is done for robots by the clock."""

from datetime import timedelta
from typing import Any, Final

from supportdesk.core.db import Database
from supportdesk.core.jobs import Jobs
from supportdesk.robots import suggesting
from supportdesk.robots.decided import sweep_untold
from supportdesk.robots.host import Host
from supportdesk.robots.rescue import Rescuer

jobs = Jobs()
WAITING_S: Final = 60.0


@jobs.every(timedelta(minutes=1))
async def rescue_unanswered_rooms(rescuer: Rescuer) -> dict[str, Any]:
    """Hand rooms to people in which a guest waits for a robot that nobody has asked."""
    return {"rooms": await rescuer.sweep(waiting_s=WAITING_S)}


@jobs.every(timedelta(seconds=10))
async def tell_robots_of_tools(db: Database, host: Host) -> dict[str, Any]:
    """Ask robots again whose tools are over and who have not heard of it."""
    return {"rooms": await sweep_untold(db, host)}


@jobs.every(timedelta(minutes=1))
async def compare_suggestions(db: Database) -> dict[str, Any]:
    """Note whether agents sent suggestions as they were or changed them first."""
    return {"compared": await suggesting.compare_sent(db)}
