"""Puts the robots to work in one process. app.py calls it; nothing else does."""

from typing import Final

from supportdesk.config import Settings
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.core.events import Bus
from supportdesk.core.inject import Resources
from supportdesk.core.sockets import Emitter
from supportdesk.core.tasks import Tasks
from supportdesk.knowledge.search import Knowledge
from supportdesk.messages.flights import Hooks
from supportdesk.robots import reactions
from supportdesk.robots.breaker import Breaker
from supportdesk.robots.discovery import Catalogue, discover
from supportdesk.robots.finishing import Surroundings
from supportdesk.robots.host import Host
from supportdesk.robots.rescue import Rescuer
from supportdesk.robots.runner import Runner
from supportdesk.robots.turns import Stage
from supportdesk.robots.watchdog import Blocked, Watchdog
from supportdesk.rooms.actions import Openings

WORST_BLOCK_S: Final = 1.0
"""A robot that keeps everybody waiting for so long rests, like one that has failed three times."""


class Robots:
    """The robots' part of a running application: between `start` and `stop` it plays turns."""

    def __init__(self, runner: Runner, watchdog: Watchdog) -> None:
        self._runner = runner
        self._watchdog = watchdog

    def start(self) -> None:
        """Play turns, and watch those who play."""
        self._runner.start()
        self._watchdog.start()

    def stop(self) -> None:
        """Take no more turns; those under way are the tasks' to drain, before the database closes."""
        self._runner.stop()
        self._watchdog.stop()


def set_up(resources: Resources, *, node: str, catalogue: Catalogue | None = None) -> Robots:
    """Find the robots, hook them into rooms and messages, and offer Host and Rescuer to the edges."""
    clock, db = resources.get(Clock), resources.get(Database)
    host = Host(catalogue or discover(), Breaker(clock))
    stage = Stage(
        db=db,
        tasks=resources.get(Tasks),
        clock=clock,
        emitter=resources.get(Emitter),
        library=resources.get(Knowledge),
        around=Surroundings(host=host, hooks=resources.get(Hooks)),
    )
    runner = Runner(stage, node=node, seats=resources.get(Settings).robot_workers)
    rescuer = Rescuer(db)
    resources.add(host)
    resources.add(rescuer)
    reactions.setup(resources.get(Bus), resources.get(Hooks), resources.get(Openings), host, runner, rescuer)

    def blame(blocked: Blocked) -> None:
        if blocked.for_s >= WORST_BLOCK_S:
            host.breaker.trip(blocked.robot)

    return Robots(runner, Watchdog(clock, blame))
