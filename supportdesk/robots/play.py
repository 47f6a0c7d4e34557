"""Plays one robot's turn: passes its events on as they come and holds it to its limits."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias, cast, get_args

import structlog
from pydantic import ValidationError

from supportdesk.core.clock import Clock
from supportdesk.core.masking import Mask
from supportdesk.core.tasks import Tasks
from supportdesk.robots import contract
from supportdesk.robots.contract import (
    LONGEST_TEXT,
    Cite,
    Classify,
    Event,
    Graph,
    HandOff,
    QuickReplies,
    Robot,
    Role,
    Say,
    Silent,
    ToolCall,
    Turn,
    Whisper,
)

log = structlog.get_logger(__name__)

Hear: TypeAlias = Callable[[Event], Awaitable[None]]
"""Is told each event as it comes; may raise Stopped to end the turn."""

EVENTS: Final[tuple[type[Event], ...]] = get_args(Event)

AT_MOST: Final[dict[type[Event], int]] = {Whisper: 5, Graph: 5, QuickReplies: 5, Cite: 20, ToolCall: 10}
"""Events of one kind in one turn; what a robot says is counted in characters."""


class Ending(StrEnum):
    """How a turn came out."""

    ANSWERED = "answered"
    HANDED_OFF = "handed_off"
    SILENT = "silent"
    FAILED = "failed"
    STOPPED = "stopped"


class Stopped(Exception):
    """Nobody needs the rest of this turn; the message says why."""


class RobotBroke(Exception):
    """The robot raised, or broke the contract; the message says how, the cause is what it raised."""


class WithoutEnd(RobotBroke):
    """The robot says more than anybody could hear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the host grants beyond the robot's own settings, in seconds and events."""

    first_event_s: float = 10.0
    cancel_s: float = 1.0
    most_events: int = 10_000
    most_chars: int = LONGEST_TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of a turn: every event the host took, in order, and how it ended."""

    ending: Ending
    reason: str
    events: tuple[Event, ...]
    first_event_ms: float | None
    total_ms: float
    error: BaseException | None = None

    @property
    def text(self) -> str:
        """Everything said, as one message."""
        return "".join(event.delta for event in self.events if isinstance(event, Say)).strip()

    @property
    def citations(self) -> tuple[Cite, ...]:
        """The sources of the answer, each once, in the order in which they were given."""
        return tuple(dict.fromkeys(event for event in self.events if isinstance(event, Cite)))

    @property
    def quick_replies(self) -> tuple[str, ...]:
        """The answers offered last."""
        return next((event.options for event in reversed(self.events) if isinstance(event, QuickReplies)), ())

    @property
    def graphs(self) -> tuple[Graph, ...]:
        """The charts, in order."""
        return tuple(event for event in self.events if isinstance(event, Graph))

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The tools that are asked for when the turn is over, in order."""
        return tuple(event for event in self.events if isinstance(event, ToolCall))

    @property
    def classified(self) -> Classify | None:
        """What the conversation is about, as it was said last."""
        return next((event for event in reversed(self.events) if isinstance(event, Classify)), None)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is for the staff only."""
        return tuple(event.text for event in self.events if isinstance(event, Whisper))


@dataclass(frozen=True, slots=True)
class _Over:
    """The last thing in the channel: the robot has nothing more to say, or broke down."""

    error: BaseException | None = None


class Performance:
    """One robot in one turn. Run it once; stop it from anywhere."""

    def __init__(
        self,
        robot: Robot,
        turn: Turn,
        *,
        tasks: Tasks,
        clock: Clock,
        limits: Limits | None = None,
        mask: Mask | None = None,
    ) -> None:
        self._robot = robot
        self._turn = turn
        self._tasks = tasks
        self._clock = clock
        self._limits = limits or Limits()
        self._mask = mask or Mask.of(robot.settings)
        self._veil = self._mask.veil()
        self._channel: asyncio.Queue[Event | _Over] = asyncio.Queue(maxsize=8)
        self._deadline: asyncio.Timeout | None = None
        self._stop_reason: str | None = None
        self._farewell: asyncio.Task[bool] | None = None
        self._events: list[Event] = []
        self._chars_left = min(robot.settings.max_chars or LONGEST_TEXT, self._limits.most_chars)
        self._has_measure = robot.settings.max_chars is not None or self._limits.most_chars < LONGEST_TEXT
        self._first_event_ms: float | None = None
        self._ends_at = 0.0
        self._unhurried_s = 0.0

    @property
    def robot_name(self) -> str:
        """Whose turn it is."""
        return self._robot.name

    def stop(self, reason: str) -> None:
        """End the turn now, whatever the robot is doing; `run` then returns STOPPED with this reason."""
        self._stop_reason = self._stop_reason or reason
        if self._deadline is not None and not self._deadline.expired():
            self._deadline.reschedule(asyncio.get_running_loop().time())

    @asynccontextmanager
    async def unhurried(self) -> AsyncGenerator[None, None]:
        """Time that no limit of the turn counts, as the desk itself gets ready; Stop ends the turn all the same."""
        deadline, loop = self._deadline, asyncio.get_running_loop()
        ends_at = None if deadline is None else deadline.when()
        if deadline is None or ends_at is None or deadline.expired() or self._stop_reason is not None:
            yield
            return
        began = loop.time()
        deadline.reschedule(None)
        try:
            yield
        finally:
            self._unhurried_s += loop.time() - began
            if self._deadline is deadline and not deadline.expired() and self._stop_reason is None:
                heard = self._first_event_ms is not None
                deadline.reschedule(self._ends_at + self._unhurried_s if heard else ends_at + loop.time() - began)

    async def run(self, hear: Hear) -> Played:
        """Play the turn to its end and say how it went; raises only what `hear` raises."""
        started = self._clock.monotonic()
        # The robot has a task of its own: should it swallow its cancelling, it is left behind.
        robot = self._tasks.spawn(self.pump(), name=f"robot {self._robot.name}")
        error: BaseException | None = None
        try:
            ending, reason = await self._listen(hear, started)
        except Stopped as stopped:
            ending, reason = Ending.STOPPED, str(stopped)
        except RobotBroke as broke:
            ending, reason, error = Ending.FAILED, str(broke), broke.__cause__ or broke
        finally:
            self._farewell = self._tasks.spawn(self._leave(robot), name=f"leave robot {self._robot.name}")
        return Played(
            ending=ending,
            reason=reason,
            events=tuple(self._events),
            first_event_ms=self._first_event_ms,
            total_ms=(self._clock.monotonic() - started) * 1000,
            error=error,
        )

    async def gone(self) -> bool:
        """Wait until the robot has ended after `run`; False when it ignores its cancelling and is left behind."""
        return self._farewell is None or await self._farewell

    async def _listen(self, hear: Hear, started: float) -> tuple[Ending, str]:
        first_s = min(self._limits.first_event_s, self._robot.settings.timeout_s)
        try:
            async with asyncio.timeout(first_s) as self._deadline:
                return await self._pass_on(hear, started, self._deadline)
        except TimeoutError as late:
            if self._deadline is None or not self._deadline.expired():
                raise  # not our time limit: hear raised it
            if self._stop_reason is not None:
                raise Stopped(self._stop_reason) from None
            raise RobotBroke(self._what_was_late()) from late
        finally:
            self._deadline = None

    async def _pass_on(self, hear: Hear, started: float, deadline: asyncio.Timeout) -> tuple[Ending, str]:
        self._ends_at = asyncio.get_running_loop().time() + self._robot.settings.timeout_s
        while True:
            self._go_on()
            taken = self._take(await self._channel.get())
            self._go_on()
            if taken is None:
                continue
            if self._first_event_ms is None and not isinstance(taken, _Over):
                self._first_event_ms = (self._clock.monotonic() - started) * 1000
                deadline.reschedule(self._ends_at + self._unhurried_s)
            for event in self._unveiled(taken):
                self._go_on()
                self._events.append(event)
                await hear(event)
            if isinstance(taken, HandOff):
                return Ending.HANDED_OFF, taken.reason
            if isinstance(taken, Silent | _Over) or (self._chars_left == 0 and self._has_measure):
                return self._settled()

    def _go_on(self) -> None:
        if self._stop_reason is not None:
            raise Stopped(self._stop_reason)

    async def pump(self) -> None:
        """Draw the robot's events into the channel, in a task of its own; a robot's code runs below this frame."""
        try:
            async with aclosing(cast("AsyncGenerator[Event, None]", self._robot.answer(self._turn))) as answer:
                async for event in answer:
                    if self._farewell is not None:
                        return
                    await self._channel.put(event)
        except asyncio.CancelledError as error:  # ours, or a robot that raised it out of nothing
            with suppress(asyncio.QueueFull):
                self._channel.put_nowait(_Over(error))
            raise
        except BaseException as error:  # a robot's KeyboardInterrupt is its own, and ends nothing but its turn
            if self._farewell is None:
                await self._channel.put(_Over(error))
        else:
            await self._channel.put(_Over())

    def _take(self, event: Event | _Over) -> Event | _Over | None:
        """Hold one event to the contract and the limits; None when there is nothing in it."""
        if isinstance(event, _Over):
            if event.error is not None:
                raise RobotBroke(_told_of(event.error)) from event.error
            return event
        if not isinstance(event, EVENTS):
            raise RobotBroke(f"It yielded {type(event).__name__}, which is no event of the contract.")
        if len(self._events) >= self._limits.most_events:
            raise WithoutEnd(f"It yielded more than {self._limits.most_events} events in one turn.")
        if isinstance(event, ToolCall) and self._turn.role is Role.FOLLOW:
            raise RobotBroke(f"It asked for the tool {event.name}; a robot that follows calls none.")
        if isinstance(event, Say):
            return event if event.delta else None
        kind = type(event)
        if kind in AT_MOST and sum(type(earlier) is kind for earlier in self._events) >= AT_MOST[kind]:
            raise RobotBroke(f"It yielded more than {AT_MOST[kind]} {kind.__name__} events in one turn.")
        return event

    def _unveiled(self, taken: Event | _Over) -> Iterator[Event]:
        """What may be heard of it. What is held back waits for the next words, whatever comes between, or the end."""
        if isinstance(taken, Say):
            if words := self._veil.feed(taken.delta):
                yield self._clipped(taken if words == taken.delta else Say(delta=words))
            return
        if isinstance(taken, HandOff | Silent | _Over) and (words := self._veil.end()):
            yield self._clipped(Say(delta=words))
        if not isinstance(taken, _Over):
            yield self._masked(taken)

    def _masked(self, event: Event) -> Event:
        if not self._mask or isinstance(event, ToolCall):  # a call with a secret is refused, not made with another
            return event
        fields = event.model_dump(exclude={"kind"})
        if not self._mask.hides(fields):
            return event
        try:
            return type(event).model_validate({name: self._mask.value(field) for name, field in fields.items()})
        except ValidationError as broken:
            raise RobotBroke(f"It put a secret of its settings into a {type(event).__name__}.") from broken

    def _clipped(self, say: Say) -> Say:
        if len(say.delta) > self._chars_left:
            if not self._has_measure:
                raise WithoutEnd(f"It did not end: it said more than the {LONGEST_TEXT:,} characters of a message.")
            say = Say(delta=say.delta[: self._chars_left - 1] + "…")
        self._chars_left -= len(say.delta)
        return say

    def _settled(self) -> tuple[Ending, str]:
        if any(isinstance(event, Graph) or (isinstance(event, Say) and event.delta.strip()) for event in self._events):
            return Ending.ANSWERED, ""
        if any(isinstance(event, Cite | QuickReplies) for event in self._events):
            raise RobotBroke("It gave sources or quick replies without saying anything.")
        return Ending.SILENT, next((event.reason for event in self._events if isinstance(event, Silent)), "")

    def _what_was_late(self) -> str:
        if self._first_event_ms is None and self._limits.first_event_s < self._robot.settings.timeout_s:
            return f"It said nothing within {self._limits.first_event_s:g} s."
        return f"It was not done within {self._robot.settings.timeout_s:g} s."

    async def _leave(self, robot: "asyncio.Task[None]") -> bool:
        if not robot.done():
            robot.cancel()
            await asyncio.wait({robot}, timeout=self._limits.cancel_s)
        if not robot.done():
            log.error("robot.ignores_cancelling", robot=self._robot.name, after_s=self._limits.cancel_s)
        return robot.done()


def _told_of(error: BaseException) -> str:
    """What went wrong, in a line; of an event or another model that cannot be, without what was put into it."""
    if isinstance(error, ValidationError):
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:5])
        return f"It made a {error.title} that cannot be: {wrong}."
    missing = error.name if isinstance(error, NameError) else None
    hint = f"; import {missing} from supportdesk.robots.contract" if missing in contract.__all__ else ""
    return f"{type(error).__name__}: {error}{hint}"
