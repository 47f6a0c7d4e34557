"""Measure: `python -m bench [--quick] [--only SECTION …]`.

Ends with 1 when fewer than 95 % of the query targets are met, with 2 when a section could not be measured.
"""

import argparse
import asyncio
import sys
import traceback

from bench import growth, queries, start, statements, streaming
from bench.figures import RESULTS, SHARE_TO_MEET, Figure, Run, Section, keep, lines, share_met

SECTIONS: dict[str, Section] = {
    "queries": queries.measure,
    "statements": statements.measure,
    "growth": growth.measure,
    "start": start.measure,
    "streaming": streaming.measure,
}
"""In the order of the table; a section is a module with `measure`."""


async def measured(names: list[str], run: Run) -> tuple[list[Figure], list[str]]:
    """The figures of these sections, and the sections that failed."""
    figures: list[Figure] = []
    failed: list[str] = []
    for name in names:
        print(f"-- {name}", flush=True)
        try:
            some = await SECTIONS[name](run)
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
    parser.add_argument("--rounds", type=int, help="interleaved rounds of each contender")
    args = parser.parse_args()
    run = Run(quick=args.quick, rounds=args.rounds or (3 if args.quick else 5))
    figures, failed = asyncio.run(measured(args.only, run))
    keep(figures)
    share = share_met(figures)
    print(f"\n{lines(figures)}\n\nQuery targets met: {share:.0%} (at least {SHARE_TO_MEET:.0%}). Kept in {RESULTS}.")
    if failed:
        print(f"Not measured, the error is above: {', '.join(failed)}.")
        return 2
    return 0 if share >= SHARE_TO_MEET else 1


if __name__ == "__main__":
    sys.exit(main())
