"""Break everything that can break: `python -m tests.faults [--seed N] [--only FAULT …] [--points N] [--report PATH]`.

Ends with 1 when an invariant was violated, with 2 when a fault could not be played to its end, and with 3 when a full
run missed a figure.
"""

import argparse
import asyncio
import secrets
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from random import Random
from time import monotonic

import uvloop

from supportdesk.core.logging import configure
from tests.faults.nemesis import FAULTS
from tests.faults.postgres import Postgres
from tests.faults.report import Outcome, block, totals, write_report
from tests.faults.stage import Fault, Lacking, Stage

INTERRUPTED = 130
LIMIT_S = 900.0
"""No fault takes longer, whatever hangs."""


async def play(fault: Fault, postgres: Postgres, folder: Path, seed: int, points: int | None) -> Outcome:
    """One fault from its first node to the checker's verdict."""
    named = f"{seed}/{fault.name}"
    outcome, began = Outcome(fault.name, named), monotonic()
    stage = Stage(postgres, [], folder / fault.name, outcome, points, Random(named))
    try:
        async with asyncio.timeout(LIMIT_S):
            await fault.act(stage)
            await stage.end()
    except Lacking as lack:
        outcome.lacks = str(lack)
    except Exception as error:
        traceback.print_exc()
        outcome.broke = f"{type(error).__name__}: {error}"
        for node in stage.nodes:
            sys.stderr.write(node.last_words())
    finally:
        await stage.clear()
    outcome.took_s = monotonic() - began
    return outcome


async def run(names: Sequence[str], seed: int, points: int | None, report: Path | None) -> int:
    """Play the faults one after the other; the exit status."""
    outcomes: list[Outcome] = []
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    postgres = Postgres(folder / "postgres")
    try:
        await postgres.start()
        for name in names:
            outcome = await play(FAULTS[name], postgres, folder, seed, points)
            if outcome.broke and not outcome.violations and points is not None:
                # A short run may have met a busy machine. A violation stands.
                sys.stdout.write(f"{block(outcome)}\n  Once more:\n")
                outcome = await play(FAULTS[name], postgres, folder / "again", seed, points)
            sys.stdout.write(block(outcome) + "\n")
            sys.stdout.flush()
            outcomes.append(outcome)
            if report is not None:
                write_report(outcomes, report)
    finally:
        await postgres.stop()
        is_clean = all(not one.violations and not one.broke for one in outcomes)
        if is_clean:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            sys.stdout.write(f"The logs are kept in {folder}.\n")
    sys.stdout.write(f"\n{totals(outcomes)}\n")
    if any(one.violations for one in outcomes):
        return 1
    if any(one.broke or (one.lacks and points is None) for one in outcomes):
        return 2
    # A short run beside other work says nothing of speed; a full one is held to its figures.
    return 3 if points is None and any(one.missed for one in outcomes) else 0


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least one")
    return count


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, help="what is chosen at random; by default another each time")
    parser.add_argument("--only", nargs="+", choices=list(FAULTS), default=list(FAULTS), metavar="FAULT")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--full", action="store_true", help="the numbers of security.md; this is the default")
    size.add_argument(
        "--points", type=_count, metavar="N", help="a short form: N disturbances of each fault, fewer clients"
    )
    parser.add_argument("--report", type=Path, help="where the JSON goes; the Markdown lies beside it")
    parser.add_argument("--list", action="store_true", help="print the faults and what they must show")
    args = parser.parse_args()
    if args.list:
        sys.stdout.writelines(f"{fault.name:20} {fault.says}\n" for fault in FAULTS.values())
        return 0
    if args.report is not None:
        try:
            write_report([], args.report)  # half an hour later is too late to learn that it cannot be kept
        except OSError as error:
            parser.error(f"the report cannot be written to {args.report}: {error.strerror}")
    configure("error", as_json=False)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is killed politely stops its servers, too
    seed = secrets.randbelow(10**6) if args.seed is None else args.seed
    sys.stdout.write(f"Seed {seed}, {'in full' if args.points is None else f'{args.points} points of each fault'}.\n")
    sys.stdout.flush()
    try:
        return uvloop.run(run(args.only, seed, args.points, args.report))
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
