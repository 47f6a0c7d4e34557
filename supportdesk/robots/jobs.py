"""What is done for robots by the clock."""

from datetime import timedelta
from typing import Any, Final

from supportdesk.core.jobs import Jobs
from supportdesk.robots.rescue import Rescuer

jobs = Jobs()
WAITING_S: Final = 60.0


@jobs.every(timedelta(minutes=1))
async def rescue_unanswered_rooms(rescuer: Rescuer) -> dict[str, Any]:
    """Hand rooms to people in which a guest waits for a robot that nobody has asked."""
    return {"rooms": await rescuer.sweep(waiting_s=WAITING_S)}
