"""What was written down within the hour, so that it is not written again."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

from supportdesk.core.clock import Clock

REMEMBERED: Final = 20_000


class Hourly:
    """A set that forgets with the hour, and whatever is oldest when it grows too large."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: OrderedDict[Hashable, None] = OrderedDict()

    def __contains__(self, thing: Hashable) -> bool:
        return self._of_now(thing) in self._known

    def add(self, thing: Hashable) -> None:
        """Remember it until the hour is over."""
        self._known[self._of_now(thing)] = None
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def discard(self, thing: Hashable) -> None:
        """Forget it now."""
        self._known.pop(self._of_now(thing), None)

    def _of_now(self, thing: Hashable) -> Hashable:
        return (thing, self._clock.now().replace(minute=0, second=0, microsecond=0))
