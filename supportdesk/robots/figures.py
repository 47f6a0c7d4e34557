"""What robots' turns come to in a stretch of time: counts, times, money. Pure; queries/figures.py reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

RANGES: Final = (1, 7, 30, 90)
"""Days that can be looked at, today being the last; one day is shown by the hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time: from an instant, and the first and last place of its axis in the workspace's own time."""

    days: int
    since: datetime
    first: datetime
    last: datetime

    @property
    def step(self) -> timedelta:
        """From one place of the axis to the next."""
        return timedelta(hours=1) if self.days == 1 else timedelta(days=1)

    @property
    def places(self) -> list[datetime]:
        """The places of the axis, without a zone."""
        count = 24 if self.days == 1 else self.days
        return [self.first + at * self.step for at in range(count)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Turns counted and measured: of a robot, of a place of the axis, or, with neither, of all. Times in ms."""

    robot_id: UUID | None
    place: datetime | None
    turns: int
    answered: int
    handed_over: int
    failed: int
    silent: int
    promoted: int
    dropped: int
    first_p50: float | None
    first_p95: float | None
    total_p50: float | None
    total_p95: float | None
    tokens: int
    cost: float
    unpriced: int
    """Turns that used tokens whose price is not known: the cost is at least what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why turns were handed over, in the robot's words."""

    text: str
    turns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbs:
    """What guests thought of a robot's answers."""

    robot_id: UUID
    up: int
    down: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """What the staff made of a robot's suggestions; `changed` counts those whose words were others when sent."""

    robot_id: UUID | None
    made: int
    inserted: int
    edited: int
    dismissed: int
    changed: int

    @property
    def accepted(self) -> int:
        """Those that were put into a reply, as they were or edited."""
        return self.inserted + self.edited

    @property
    def undecided(self) -> int:
        """Those that nobody has touched."""
        return self.made - self.accepted - self.dismissed


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheUse:
    """Answers that a robot gave again instead of asking a model; what is not known to have been saved counts as 0."""

    robot_id: UUID | None
    hits: int
    saved: float
    unpriced: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFigures:
    """A tool's calls. `took_p95` in milliseconds, of those that ran."""

    name: str
    calls: int
    approved: int
    denied: int
    failed: int
    waiting: int
    took_p95: float | None
    cost: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheFigures:
    """What the workspace's answer cache has saved since it was filled."""

    entries: int
    hits: int
    saved: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """All of it for one span."""

    span: Span
    all: Figures
    robots: Sequence[Figures]
    places: Sequence[Figures | None]
    """One for each place of the axis; None where there was no turn."""
    reasons: Sequence[Reason]
    thumbs: Sequence[Thumbs]
    suggestions: Sequence[Suggestions]
    """Of each robot that made some, and, with no robot, of all."""
    kept: Sequence[CacheUse]
    """Of each robot that gave some again, and, with no robot, of all."""
    tools: Sequence[ToolFigures]
    cache: CacheFigures


NONE: Final = Figures(
    robot_id=None,
    place=None,
    turns=0,
    answered=0,
    handed_over=0,
    failed=0,
    silent=0,
    promoted=0,
    dropped=0,
    first_p50=None,
    first_p95=None,
    total_p50=None,
    total_p95=None,
    tokens=0,
    cost=0.0,
    unpriced=0,
)
"""No turns at all."""
