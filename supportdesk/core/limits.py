"""How often something may be done by one address, site or person, counted in this process."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from supportdesk.core.clock import Clock
from supportdesk.errors import RateLimited

REMEMBERED: Final = 20_000


class Limit:
    """So many at once, refilled at so many a minute, for each key; 0 a minute is no limit.

    It remembers as many keys as it must and no more: the one that was quiet for longest is forgotten, and is as full
    again as it would have become by itself, or nearly.
    """

    def __init__(self, per_minute: float, clock: Clock, *, remembered: int = REMEMBERED) -> None:
        self._rate = per_minute / 60
        self._burst = max(1.0, per_minute)
        self._clock = clock
        self._remembered = remembered
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, sentence: str) -> None:
        """Count one; raises RateLimited with this sentence when there is none left."""
        if not self._rate:
            return
        now = self._clock.monotonic()
        left, at = self._left.pop(key, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._rate)
        is_one_left = left >= 1
        self._left[key] = (left - 1 if is_one_left else left, now)
        if len(self._left) > self._remembered:
            self._left.popitem(last=False)
        if not is_one_left:
            raise RateLimited(sentence, retry_after=(1 - left) / self._rate)


@dataclass(slots=True)
class Bucket:
    """So many events a second, and so many at once."""

    rate: float
    burst: float
    left: float
    at: float

    def wait_s(self, now: float) -> float:
        """Take one; 0 when there was one, else the seconds until there is."""
        if self.rate <= 0:
            return 0.0
        self.left = min(self.burst, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left >= 1:
            self.left -= 1
            return 0.0
        return (1 - self.left) / self.rate
