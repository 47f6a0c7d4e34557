"""The only module that tells the time."""

import time
from datetime import UTC, datetime


class Clock:
    """Wall time in UTC and a monotonic second counter; tests put their own in its place."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the one place

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()
