"""Measures how long a robot's own code keeps the event loop, stretch by stretch, whatever else the machine does."""

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import AsyncGeneratorType, CodeType
from typing import Any, Final, cast

from supportdesk.core.clock import Clock
from supportdesk.robots.contract import Event, Robot, Turn

QUEUED: Final = Path("/proc/thread-self/schedstat")
"""Linux counts here, in nanoseconds, how long this thread ran and how long it waited for a processor."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The robot's code from one await or event to the next; `queued_s` of that it waited for a processor."""

    wall_s: float
    queued_s: float
    where: str

    @property
    def own_s(self) -> float:
        """What the robot took itself, computing or asleep: not what other programs took from it."""
        return self.wall_s - self.queued_s


def queued_s() -> float:
    """Seconds for which this thread was ready and had no processor; 0 where the system does not say."""
    try:
        return int(QUEUED.read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def measured(robot: type[Robot], note: Callable[[Stretch], None]) -> type[Robot]:
    """The robot, whose stretches are noted as it plays."""

    async def answer(self: Robot, turn: Turn) -> AsyncIterator[Event]:
        events = cast("AsyncGeneratorType[Event, None]", robot.answer(self, turn))
        if not isinstance(events, AsyncGeneratorType):
            raise TypeError("answer() must be an async generator: `async def answer(self, turn)` with `yield` in it.")
        async with aclosing(events):
            while True:
                try:
                    event = await _Step(events, note)
                except StopAsyncIteration:
                    return
                yield event

    return cast("type[Robot]", type(robot.__name__, (robot,), {"answer": answer, "__module__": robot.__module__}))


class _Step(Generator[object, object, Event]):
    """Awaits the next event as `anext` does, and notes each stretch of it."""

    def __init__(self, events: AsyncGeneratorType[Event, None], note: Callable[[Stretch], None]) -> None:
        self._events = events
        self._step = events.asend(None).__await__()
        self._note = note
        self._clock = Clock()

    def __await__(self) -> "_Step":
        return self

    def send(self, value: object) -> object:
        """Let the robot go on, to its next await or event."""
        with self._noted():
            return self._step.send(value)

    def throw(self, *error: Any) -> object:
        """The same, with what it waits for failing: a cancelling, above all."""
        with self._noted():
            return self._step.throw(*error)

    @contextmanager
    def _noted(self) -> Iterator[None]:
        before, queued, started = self._line(), queued_s(), self._clock.monotonic()
        try:
            yield
        finally:
            wall_s = self._clock.monotonic() - started
            self._note(Stretch(wall_s, queued_s() - queued, self._where(before)))

    def _line(self) -> int | None:
        frame = self._events.ag_frame
        return None if frame is None else frame.f_lineno

    def _where(self, before: int | None) -> str:
        """The lines from where it went on to where it waits now; of one that has ended, only the first."""
        code: CodeType = self._events.ag_code
        lines = [line for line in (before, self._line()) if line is not None] or [code.co_firstlineno]
        return f"{code.co_filename}:{'-'.join(map(str, dict.fromkeys(lines)))}"
