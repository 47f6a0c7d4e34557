"""Python's collector of cycles, as a server wants it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

COLLECT_AFTER: Final = (20_000, 20, 20)
"""More containers made than dropped before the youngest are looked through, and how often for the older ones."""


def collect_rarely() -> None:
    """Leave what a start has made out of every later collection, and look for cycles less often.

    A message makes hundreds of containers and hardly a cycle: by Python's own thresholds a fifth of its CPU went into
    looking for some (bench/path.py).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


@contextmanager
def uncollected() -> Iterator[None]:
    """Make many things that stay, as a big import in a thread does, without looking for cycles among them.

    Looking through all of them at once stops the loop beside it for a tenth of a second.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
