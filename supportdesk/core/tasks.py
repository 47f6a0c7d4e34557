"""Tasks have an owner: each is named, its failure is logged, and shutdown waits for it or cancels it."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger(__name__)


class Tasks:
    """The background tasks of one application."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._lasting: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, Any], *, name: str, lasting: bool = False) -> asyncio.Task[Any]:
        """Run the coroutine beside everything else. A lasting one runs until shutdown: settle does not wait for it."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        (self._lasting if lasting else self._running).add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        self._lasting.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task.failed", task=task.get_name(), exc_info=error)

    def __len__(self) -> int:
        return len(self._running) + len(self._lasting)

    async def settle(self) -> None:
        """Wait until no passing task is left, those spawned meanwhile included."""
        while self._running:
            await asyncio.wait(set(self._running))

    async def drain(self, *, grace_s: float = 5.0) -> None:
        """Cancel the lasting tasks, give the others `grace_s` seconds to end by themselves, then cancel those too."""
        for task in set(self._lasting):
            task.cancel()
        if self._running:
            await asyncio.wait(set(self._running), timeout=grace_s)
        left = self._running | self._lasting
        for task in left:
            task.cancel()
        if left:
            await asyncio.gather(*left, return_exceptions=True)
