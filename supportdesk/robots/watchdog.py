"""Notices when the event loop stands still, names the robot whose code it stands in, and ends it when it goes on."""

import asyncio
import ctypes
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
    """A robot has kept the loop from everybody else for so long, at this place of its code."""

    robot: str
    where: str
    for_s: float


class KeptTheLoop(BaseException):
    """Is raised inside a robot that keeps the loop and would keep it for ever; no `except Exception` swallows it."""

    def __str__(self) -> str:
        return "it kept the desk from everything else and was stopped"


class Watchdog:
    """A thread that knocks at the loop; when nobody answers in time, it looks who is standing in the door.

    It logs the culprit while the loop still stands, raises KeptTheLoop in it after `stops_after_s`, and tells `blame`
    on the loop once that goes on. A call into C, such as time.sleep, ends by itself before the exception is raised.
    """

    def __init__(
        self,
        clock: Clock,
        blame: Callable[[Blocked], None],
        *,
        patience_s: float = 0.25,
        every_s: float = 0.1,
        stops_after_s: float = 5.0,
    ) -> None:
        self._clock = clock
        self._blame = blame
        self._patience_s = patience_s
        self._every_s = every_s
        self._stops_after_s = stops_after_s
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
                if answered.wait(self._patience_s):
                    continue
                culprit = _culprit(loop_thread)
                if culprit is not None:
                    log.error("robot.blocks_the_loop", robot=culprit[0], where=culprit[1])
                while not answered.wait(self._patience_s):
                    if self._quit.is_set():
                        return
                    if self._clock.monotonic() - knocked >= self._stops_after_s and _culprit(loop_thread) is not None:
                        _raise_in(loop_thread, KeptTheLoop)
                _raise_in(loop_thread, None)  # what has not been raised by now would hit somebody else
                if culprit is not None:
                    blocked = Blocked(*culprit, self._clock.monotonic() - knocked)
                    loop.call_soon_threadsafe(self._blame, blocked)
            except RuntimeError:  # the loop is closed
                return


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Have a thread raise this at its next step of Python, or no longer raise what it was to."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error) if error else None)


def _culprit(loop_thread: int) -> tuple[str, str] | None:
    """The robot whose code the loop is in, and the line it stands on."""
    frame: FrameType | None = sys._current_frames().get(loop_thread)  # noqa: SLF001 - documented, for this very use
    inner: FrameType | None = None
    while frame is not None:
        performance = frame.f_locals.get("self") if frame.f_code is Performance.pump.__code__ else None
        if isinstance(performance, Performance):
            return performance.robot_name, f"{inner.f_code.co_filename}:{inner.f_lineno}" if inner else ""
        inner, frame = frame, frame.f_back
    return None
