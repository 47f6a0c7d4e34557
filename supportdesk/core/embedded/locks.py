"""Lock files that the kernel gives back when their holder dies, however it dies."""

import asyncio
import fcntl
import os
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Final

from supportdesk.core.embedded.files import inherit_owner

POLL_S: Final = 0.03

# A program that is just being started holds the locks of a parent that was killed until it runs.
PATIENCE_S: Final = 1.0


class FileLock:
    """One flock on one file; the file also names the process that last held it alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None
        _all.add(self)

    def seize(self) -> bool:
        """Take it for this process alone; False when anyone else holds it."""
        if not self._take(fcntl.LOCK_EX):
            return False
        fd = self._opened()
        os.ftruncate(fd, 0)
        os.pwrite(fd, str(os.getpid()).encode(), 0)
        return True

    def share(self) -> bool:
        """Take it together with others; False while someone holds it alone."""
        return self._take(fcntl.LOCK_SH)

    def is_free(self) -> bool:
        """Whether nobody holds it; ask only while this object does not hold it either."""
        free = self._take(fcntl.LOCK_EX)
        self.release()
        return free

    def heirloom(self) -> int:
        """The open file, for programs to inherit: they hold the lock until the last of them ends."""
        return self._opened()

    def release(self) -> None:
        """Give it back, also on behalf of a program that is just being started; nothing happens when it is not held."""
        if self._fd is not None:
            fcntl.flock(self._fd, fcntl.LOCK_UN)
        self.bequeath()

    def bequeath(self) -> None:
        """Leave it to those who have inherited the open file; without an heir it is free."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def holder(self) -> int | None:
        """The process that last held it alone, when it is known."""
        try:
            return int(self.path.read_text("ascii"))
        except (OSError, ValueError):
            return None

    def _take(self, how: int) -> bool:
        fd = self._opened()
        try:
            fcntl.flock(fd, how | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            return False
        return True

    def _opened(self) -> int:
        if self._fd is None:
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            inherit_owner(self._fd, self.path.parent)
        return self._fd


async def seized(lock: FileLock, *, within_s: float) -> bool:
    """Take the lock for this process alone as soon as others give it back; False when they do not in time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while not lock.seize():  # noqa: ASYNC110 - another process's lock raises no event
                await asyncio.sleep(POLL_S)
            return True
    return False


_all: weakref.WeakSet[FileLock] = weakref.WeakSet()


def _forget_in_child() -> None:
    # A flock belongs to the open file, which a forked worker shares: it must not keep the lock alive after its parent.
    for lock in list(_all):
        lock.bequeath()


os.register_at_fork(after_in_child=_forget_in_child)
