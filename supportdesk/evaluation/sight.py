"""What the model sees in the texts of a set: each text once, by processes beside this one."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Protocol

from supportdesk.knowledge.pool import Embeddings

if TYPE_CHECKING:
    from supportdesk.knowledge.intents.regression import Floats

BATCH: Final = 64
PROCESSES: Final = 2


class Progress(Protocol):
    """Hears how far an evaluation is."""

    def __call__(self, what: str, done: int, of: int) -> None:
        """So many of so many are done; `of` is 0 where nobody can tell."""


class Sight:
    """Traits of texts, kept for as long as an evaluation runs."""

    def __init__(self, embeddings: Embeddings, progress: Progress) -> None:
        self.embeddings = embeddings
        self.progress = progress
        self._seen: dict[str, Floats] = {}

    async def see(self, texts: Sequence[str]) -> None:
        """Look at those that were not seen yet. Raises WorkerLost."""
        # Sorted, those of a batch take about as long as those of the next, and no process waits for the other.
        new = sorted(set(texts) - self._seen.keys(), key=lambda text: (len(text), text))
        batches = [new[at : at + BATCH] for at in range(0, len(new), BATCH)]
        done = 0
        self.progress("reading", done, len(new))
        for seen in asyncio.as_completed([self._see(batch) for batch in batches]):
            done += await seen
            self.progress("reading", done, len(new))

    def of(self, texts: Sequence[str]) -> "Floats":
        """The traits of texts that were seen, shape (texts, TRAITS)."""
        import numpy as np

        return np.stack([self._seen[text] for text in texts])

    def says(self, what: str) -> None:
        """Something has begun of which nobody knows how far it is."""
        self.progress(what, 0, 0)

    async def _see(self, batch: list[str]) -> int:
        traits = await self.embeddings.traits_of(batch)
        self._seen |= dict(zip(batch, traits, strict=True))
        return len(batch)


@asynccontextmanager
async def sight(progress: Progress) -> AsyncIterator[Sight]:
    """A pair of eyes; their processes end with the block."""
    embeddings = Embeddings(workers=PROCESSES)
    try:
        yield Sight(embeddings, progress)
    finally:
        await embeddings.close()
