"""Facts that are committed, and those who listen for them."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import structlog

from supportdesk.core.tasks import Tasks

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that has happened and is committed. A nudge only: the row is the truth."""


E = TypeVar("E", bound=Event)


class Bus:
    """Hands each event to those who asked for its type, in the order in which they asked."""

    def __init__(self, tasks: Tasks) -> None:
        self.tasks = tasks
        self._listeners: dict[type[Event], list[Callable[[Any], Awaitable[None]]]] = defaultdict(list)
        self._instant: dict[type[Event], list[Callable[[Any], None]]] = defaultdict(list)

    def on(self, kind: type[E], listener: Callable[[E], Awaitable[None]]) -> None:
        """Call the listener after commit, in a task of its own; its failure is logged and harms nobody else."""
        self._listeners[kind].append(listener)

    def at_once(self, kind: type[E], listener: Callable[[E], None]) -> None:
        """Call the plain function in the committing task itself: for fan-out, where a task per event would cost."""
        self._instant[kind].append(listener)

    def publish(self, event: Event) -> None:
        """Tell everybody who listens for exactly this type."""
        for tell in self._instant[type(event)]:
            try:
                tell(event)
            except Exception:
                log.exception("event.listener_failed", event_type=type(event).__name__)
        for listener in self._listeners[type(event)]:
            self.tasks.spawn(self._hear(listener, event), name=f"hear {type(event).__name__}")

    @staticmethod
    async def _hear(listener: Callable[[Any], Awaitable[None]], event: Event) -> None:
        try:
            await listener(cast("Any", event))
        except Exception:
            log.exception("event.listener_failed", event_type=type(event).__name__)
