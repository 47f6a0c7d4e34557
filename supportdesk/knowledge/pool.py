"""Where embedding happens: questions in a thread of this process, documents in processes of their own.

A question takes 1 ms and somebody waits for it; a document takes seconds and nobody does. The model releases the
interpreter lock while it runs, so that neither holds up the event loop.
"""

import asyncio
import multiprocessing
import os
import signal
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import structlog

from supportdesk.errors import Invalid, StartError
from supportdesk.knowledge.closeness import Wording, closeness
from supportdesk.knowledge.cutting import cut
from supportdesk.knowledge.embedding import Embedder, as_pgvector
from supportdesk.knowledge.extraction import extract
from supportdesk.knowledge.model import Chunk, Extracted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

log = structlog.get_logger(__name__)

REMEMBERED: Final = 512
"""Vectors of short texts that are kept, 1.5 kB each."""
LOOKED_AT: Final = 128
"""Wordings that are kept, 100 kB each: answers that lie near to others come up again and again."""
MOST_WORDED: Final = 600
"""Characters of a text that are compared word by word."""
BATCH: Final = 4
"""Passages per errand to a worker and per transaction: a fifth of a second, so that nobody waits long for either."""
MOST_WORKERS: Final = 2
ERRAND_S: Final = 150.0
"""A worker that needs longer for one errand is taken for lost; cutting 10 MB takes 25 s on an idle machine."""


EXTRACT_S: Final = 120.0
"""A file whose text is not out by then is not read: 1,000 pages of PDF take 60 s."""
EXTRACT_MEMORY: Final = 1536 * 1024 * 1024
"""Address space of a process that reads a file; a DOCX of 25 MB takes a third of it."""


class WorkerLost(Exception):
    """A worker died twice over the same errand, or did not answer in time."""


class WorkerLate(WorkerLost):
    """A worker did not answer in time: another would not either."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """Of some passages: their vectors as pgvector writes them (384 numbers each), and how many tokens they have."""

    vectors: tuple[str, ...]
    tokens: tuple[int, ...]


@cache
def _model() -> Embedder:
    """The model of this process, 140 MB with its libraries, loaded once however many applications it has held."""
    return Embedder.load()


class Embeddings:
    """The model as the application holds it: nothing is loaded before the first use, `close` ends what it started."""

    def __init__(self, *, workers: int | None = None) -> None:
        self._size = _half_the_cores() if workers is None else workers
        self._turns = asyncio.Semaphore(self._size)
        self._readers = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embed")
        self._embedder: Embedder | None = None
        self._remembered: OrderedDict[str, Vectors] = OrderedDict()
        self._wordings: OrderedDict[str, Wording] = OrderedDict()
        self._errands = ThreadPoolExecutor(self._size, thread_name_prefix="embed-errand")
        self._workers: SimpleQueue[_Worker] = SimpleQueue()
        self._outside: list[_Worker] = []
        self._all = [_Worker() for _ in range(self._size)]
        for worker in self._all:
            self._workers.put(worker)

    async def of_questions(self, texts: Sequence[str]) -> "Vectors":
        """Vectors of short texts that somebody waits for, shape (n, 384); raises StartError for a wrong model file."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._embed, list(texts))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """A turn at the workers, to be taken before a document is claimed: no claim runs out while it waits for one."""
        self._readers += 1
        try:
            async with self._turns:
                yield
        finally:
            self._readers -= 1

    async def cut(self, title: str, source: str) -> list[Chunk]:
        """The chunks of a document, cut by a worker: a 10 MB file takes seconds. Raises WorkerLost."""
        return cast("list[Chunk]", await self._send("cut", (title, source)))

    async def extract(self, content: bytes) -> Extracted:
        """The text of a file, read by a process of its own that ends with it, within limits of time and memory.

        Raises Invalid with the sentence for its owner, and WorkerLost when a limit was met.
        """
        loop = asyncio.get_running_loop()
        return cast("Extracted", await loop.run_in_executor(self._errands, self._extract, content))

    async def of_passages(self, texts: Sequence[str]) -> Embedded:
        """Vectors and token counts of passages of a document, about BATCH of them, by a worker. Raises WorkerLost."""
        return cast("Embedded", await self._send("embed", list(texts)))

    async def traits_of(self, texts: Sequence[str]) -> "Vectors":
        """What `Embedder.traits` sees in a few dozen texts, shape (n, TRAITS), by a worker. Raises WorkerLost."""
        return cast("Vectors", await self._send("traits", list(texts)))

    async def traits_of_question(self, text: str) -> "Vectors":
        """The same of one short text that somebody waits for, shape (1, TRAITS); raises StartError as above."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: _model().traits([text]))

    async def closeness(self, text: str, others: Sequence[str]) -> list[float]:
        """How near each of the others is to the text word by word (closeness.py), while somebody waits.

        About 1 ms, and up to 10 for each of the others that was not looked at of late; raises StartError as above.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._close, text, list(others))

    async def rest(self) -> None:
        """Unless a document is being read, let the workers go: 160 MB each. The next errand starts them again."""
        if self._readers:
            return
        await asyncio.get_running_loop().run_in_executor(None, self._stop_idle)

    async def close(self) -> None:
        """Stop for good: what is under way may finish its errand, nothing new begins."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, lambda: self._errands.shutdown(wait=True, cancel_futures=True))
        await loop.run_in_executor(None, self._stop_idle)
        await loop.run_in_executor(None, lambda: self._thread.shutdown(wait=True, cancel_futures=True))

    @property
    def pids(self) -> list[int]:
        """The processes that are running now."""
        return [worker.process.pid or 0 for worker in (*self._all, *self._outside) if worker.process is not None]

    def _embed(self, texts: list[str]) -> "Vectors":
        import numpy as np

        return np.stack([self._remember(text) for text in texts])

    def _remember(self, text: str) -> "Vectors":
        """The vector of one text. A question is searched, quoted for and asked again: it is run once."""
        if text not in self._remembered:
            if self._embedder is None:
                self._embedder = _model()
            self._remembered[text] = self._embedder.embed([text])[0]
            if len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        self._remembered.move_to_end(text)
        return self._remembered[text]

    def _close(self, text: str, others: list[str]) -> list[float]:
        asked = _model().wording(text[:MOST_WORDED])
        return [closeness(asked, self._wording(other[:MOST_WORDED])) for other in others]

    def _wording(self, text: str) -> Wording:
        """What the words of one text mean, from the last time if it was of late."""
        if text not in self._wordings:
            self._wordings[text] = _model().wording(text)
            if len(self._wordings) > LOOKED_AT:
                self._wordings.popitem(last=False)
        self._wordings.move_to_end(text)
        return self._wordings[text]

    async def _send(self, verb: "Verb", load: object) -> object:
        return await asyncio.get_running_loop().run_in_executor(self._errands, self._run, verb, load)

    def _extract(self, content: bytes) -> object:
        worker = _Worker(errand_s=EXTRACT_S, memory=EXTRACT_MEMORY)
        self._outside.append(worker)
        try:
            return worker.do("extract", content)
        finally:
            worker.stop(at_once=True)  # what a strange file has left in its memory goes with it
            self._outside.remove(worker)

    def _run(self, verb: "Verb", load: object) -> object:
        worker = self._workers.get()
        try:
            try:
                return worker.do(verb, load)
            except WorkerLate:
                raise
            except WorkerLost:
                log.warning("knowledge.worker_lost", verb=verb)
                return worker.do(verb, load)
        finally:
            self._workers.put(worker)

    def _stop_idle(self) -> None:
        idle = []
        while not self._workers.empty():
            idle.append(self._workers.get())
        for worker in idle:
            worker.stop()
            self._workers.put(worker)


Verb = Literal["cut", "embed", "extract", "traits"]


@dataclass(slots=True)
class _Worker:
    """One process and the pipe to it. The process ends when the pipe does, so it never outlives a killed desk."""

    errand_s: float | None = None
    memory: int | None = None
    """Bytes of address space the process may have; None for one that does as it is told."""
    process: SpawnProcess | None = None
    pipe: Connection | None = None

    def do(self, verb: Verb, load: object) -> object:
        """Send the errand and wait; raises WorkerLost, and whatever the errand itself raised."""
        pipe = self._started()
        try:
            pipe.send((verb, load))
            limit_s = ERRAND_S if self.errand_s is None else self.errand_s
            if not pipe.poll(limit_s):
                self.stop(at_once=True)
                raise WorkerLate(f"The embedding process did not answer within {limit_s:.0f} seconds.")
            ok, result = pipe.recv()
        except (OSError, EOFError) as error:
            self.stop(at_once=True)
            raise WorkerLost("The embedding process ended.") from error
        if not ok:
            raise cast("Exception", result)
        return result

    def stop(self, *, at_once: bool = False) -> None:
        """End the process: politely, or for one that is lost, by force."""
        process, pipe = self.process, self.pipe
        self.process = self.pipe = None
        if pipe is not None:
            pipe.close()
        if process is None:
            return
        if not at_once:
            process.join(timeout=5)
        if process.is_alive():
            process.kill()
        process.join()
        process.close()

    def _started(self) -> Connection:
        if self.pipe is not None:
            return self.pipe
        context = multiprocessing.get_context("spawn")  # a fork would copy the event loop's locks and sockets
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self.memory), name="supportdesk-embedding", daemon=True)
        process.start()
        theirs.close()
        self.process, self.pipe = process, ours
        return ours


def _half_the_cores() -> int:
    """Of two cores one is left to the talk: with both taken, its slowest acknowledgements took three times as long."""
    return max(1, min(MOST_WORKERS, len(os.sched_getaffinity(0)) // 2))


def _give_way() -> None:
    """Run when nobody else wants to: whoever talks takes the core at once, and not at the end of a slice."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def _serve(pipe: Connection, memory: int | None) -> None:
    """Do errands until the other end of the pipe is gone."""
    if memory is not None:
        _limit(memory)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the desk, which then closes the pipe
    _give_way()
    embedder: Embedder | None = None
    with suppress(EOFError, OSError):
        while True:
            verb, load = pipe.recv()
            try:
                if verb in ("embed", "traits"):
                    embedder = embedder or Embedder.load()
                result = do(verb, load, embedder)
            except (StartError, Invalid, ValueError, RuntimeError) as error:  # the desk decides what a failure means
                pipe.send((False, error))
            except Exception:  # a file can make its reader raise anything
                log.warning("knowledge.errand_failed", verb=verb, exc_info=True)
                pipe.send((False, Invalid("The file is broken and cannot be read; save it again.")))
            else:
                pipe.send((True, result))


def _limit(memory: int) -> None:
    import resource

    with suppress(OSError, ValueError):  # where the system knows no such limit, the one of time is left
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def do(verb: "Verb", load: Any, embedder: Embedder | None) -> "list[Chunk] | Embedded | Extracted | Vectors":
    """One errand: cut (title, source), embed passages, see the traits of texts, or read the text out of a file."""
    if verb == "extract":
        return extract(load)
    if verb == "cut" or embedder is None:
        return cut(*load)
    if verb == "traits":
        return embedder.traits(load)
    # The vectors are written here, because writing a thousand of them would hold up the event loop.
    vectors = tuple(as_pgvector(vector) for vector in embedder.embed(load))
    return Embedded(vectors, tuple(embedder.count_tokens(text) for text in load))
