"""Measure: `python -m bench [--quick] [--only SECTION …]`.

Ends with 1 when fewer than 95 % of the query targets are met, with 2 when a section could not be measured.
"""

import argparse
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import uvloop

from bench import (
    cost,
    fanout,
    growth,
    ingest,
    path,
    queries,
    retrieval,
    robot_turns,
    sockets,
    start,
    statements,
    streaming,
)
from bench.figures import RESULTS, SHARE_TO_MEET, SOME_RESULTS, Figure, Run, Section, keep, lines, share_met
from bench.machine import CannotMeasure
from supportdesk.core.collector import collect_rarely
from supportdesk.core.logging import configure

INTERRUPTED: Final = 130
SECTIONS: dict[str, Section] = {
    "path": path.saturation,
    "open": path.open_loop,
    "cost": cost.measure,
    "fanout": fanout.measure,
    "sockets": sockets.measure,
    "streaming": streaming.measure,
    "robots": robot_turns.measure,
    "queries": queries.measure,
    "retrieval": retrieval.measure,
    "ingest": ingest.measure,
    "statements": statements.measure,
    "growth": growth.measure,
    "start": start.measure,
}
"""In the order of the table; a section measures and gives its lines."""


async def measured(names: list[str], run: Run) -> tuple[list[Figure], list[str]]:
    """The figures of these sections, and the sections that failed."""
    figures: list[Figure] = []
    failed: list[str] = []
    for name in names:
        print(f"-- {name}", flush=True)
        try:
            some = await SECTIONS[name](run)
        except CannotMeasure as lack:
            print(lack, flush=True)
            failed.append(name)
            continue
        except Exception:  # one section's failure must not cost the others' figures
            traceback.print_exc()
            failed.append(name)
            continue
        print(lines(some), flush=True)
        figures += some
    return figures, failed


def main() -> int:
    """Read the arguments, measure, print and keep the table."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds, smaller data: five minutes")
    parser.add_argument("--only", nargs="+", choices=list(SECTIONS), default=list(SECTIONS), metavar="SECTION")
    parser.add_argument("--rounds", type=_count, help="interleaved rounds of each contender")
    args = parser.parse_args()
    run = Run(quick=args.quick, rounds=args.rounds or (3 if args.quick else 5))
    configure("warning", as_json=False)
    collect_rarely()  # as the desk does: some sections run its code in this process
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is killed politely stops its servers, too
    try:
        figures, failed = uvloop.run(measured(args.only, run))
    except KeyboardInterrupt:
        return INTERRUPTED
    kept = RESULTS if args.only == list(SECTIONS) else SOME_RESULTS
    keep(figures, kept)
    return verdict(figures, failed, kept)


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least one")
    return count


def verdict(figures: Sequence[Figure], failed: Sequence[str], kept: Path = RESULTS) -> int:
    """Print the whole table and what was missed; the status to end with."""
    share = share_met(figures)
    print(f"\n{lines(figures)}\n")
    if missed := [one.figure for one in figures if one.met is False]:
        print(f"Missed: {', '.join(missed)}.")
    if share is not None:
        print(f"Query targets met: {share:.0%} (at least {SHARE_TO_MEET:.0%}).")
    print(f"Kept in {kept}.")
    if failed:
        print(f"Not measured, the error is above: {', '.join(failed)}.")
        return 2
    return 0 if share is None or share >= SHARE_TO_MEET else 1


if __name__ == "__main__":
    sys.exit(main())
