"""Which robots this process can play just now."""

from dataclasses import dataclass
from typing import Final

from supportdesk.core.breaker import Breaker
from supportdesk.robots.contract import Robot, Trigger
from supportdesk.robots.discovery import Catalogue
from supportdesk.robots.watchdog import Blocked

WORST_BLOCK_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Host:
    """The robots found at the start, and the breaker that lets failing ones rest."""

    catalogue: Catalogue
    breaker: Breaker

    def deaf(self, trigger: Trigger) -> list[str]:
        """Modules that take no turns of this kind. Those not loaded here may: another worker may know them."""
        return [name for name, robot in self.catalogue.usable.items() if trigger not in robot.hears]

    def ready(self, trigger: Trigger) -> list[str]:
        """Modules that take turns of this kind and do not rest."""
        return [name for name in self.catalogue.hearing(trigger) if not self.breaker.is_open(name)]

    def robot(self, module: str) -> type[Robot] | None:
        """The robot of this name, where it could be loaded."""
        return self.catalogue.usable.get(module)

    def why_not(self, module: str) -> str:
        """Why a module cannot be played here; empty when it can."""
        if module in self.catalogue.usable:
            return ""
        problems = [listing.problem for listing in self.catalogue.listings if listing.name == module]
        return next((problem for problem in problems if problem), "it is not installed on this server")

    def blame(self, blocked: Blocked) -> None:
        """Let a robot rest that has kept everybody waiting; shorter blocks are in the log."""
        if blocked.for_s >= WORST_BLOCK_S:
            self.breaker.trip(blocked.robot)
