"""Notices when the event loop stands still, and names the robot whose code it stands in."""

import asyncio
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

import structlog

from supportdesk.core.clock import Clock
from supportdesk.robots.play import Performance

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Blocked:
    """A robot has kept the loop from everybody else for at least so long, at this place of its code."""

    robot: str
    where: str
    for_s: float


class Watchdog:
    """A thread that knocks at the loop; when nobody answers in time, it looks who is standing in the door.

    It names the culprit while the loop still stands, and tells `blame` on the loop as soon as that goes on.
    """

    def __init__(
        self, clock: Clock, blame: Callable[[Blocked], None], *, patience_s: float = 0.25, every_s: float = 0.1
    ) -> None:
        self._clock = clock
        self._blame = blame
        self._patience_s = patience_s
        self._every_s = every_s
        self._quit = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Watch the running loop; call it in the loop's own thread."""
        watched = (asyncio.get_running_loop(), threading.get_ident())
        self._thread = threading.Thread(target=self._watch, args=watched, name="robot watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Watch no more."""
        self._quit.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self, loop: asyncio.AbstractEventLoop, loop_thread: int) -> None:
        while not self._quit.wait(self._every_s):
            answered = threading.Event()
            knocked = self._clock.monotonic()
            try:
                loop.call_soon_threadsafe(answered.set)
                if not answered.wait(self._patience_s):
                    blocked = _culprit(loop_thread, self._clock.monotonic() - knocked)
                    if blocked is not None:
                        log.error("robot.blocks_the_loop", robot=blocked.robot, where=blocked.where)
                        loop.call_soon_threadsafe(self._blame, blocked)
                    while not answered.wait(self._patience_s):
                        if self._quit.is_set():
                            return
            except RuntimeError:  # the loop is closed
                return


def _culprit(loop_thread: int, for_s: float) -> Blocked | None:
    frame: FrameType | None = sys._current_frames().get(loop_thread)  # noqa: SLF001 - documented, for this very use
    inner: FrameType | None = None
    while frame is not None:
        performance = frame.f_locals.get("self") if frame.f_code is Performance.pump.__code__ else None
        if isinstance(performance, Performance):
            where = f"{inner.f_code.co_filename}:{inner.f_lineno}" if inner else ""
            return Blocked(performance.robot_name, where, for_s)
        inner, frame = frame, frame.f_back
    return None
