"""eval banking77, clinc150, tau2-retail, intents, retrieval."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from supportdesk.config import Settings
from supportdesk.evaluation.figures import SETS, EvaluationSet, evaluate

BAR: Final = 30


def add_to(commands: Any) -> None:
    """Add the commands of this module."""
    measuring = commands.add_parser("eval", help="measure the desk's own parts on a set of texts")
    what = measuring.add_subparsers(dest="what", required=True, metavar=" | ".join(SETS))
    for name, known in SETS.items():
        one = what.add_parser(name, help=known.says)
        one.add_argument("folder", type=Path, metavar="FOLDER", help="where the set's files are")
        one.add_argument("--json", action="store_true", help="print the figures as one object, last")
        one.add_argument("--quick", action="store_true", help="look at a small part of the set only")
        one.set_defaults(run=run_eval)


async def run_eval(_settings: Settings, chosen: argparse.Namespace) -> int:
    """Measure with a bar on standard error where that is a terminal; print the table, or the object after it."""
    began = perf_counter()
    figures = await evaluate(chosen.what, chosen.folder, _show, quick=chosen.quick)
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    took = perf_counter() - began
    sys.stdout.write(_table(SETS[chosen.what], figures))
    part = " A small part of the set was looked at." if chosen.quick else ""
    sys.stdout.write(f"Measured in {took:.0f} s.{part}\n")
    if chosen.json:
        sys.stdout.write(f"{json.dumps(figures)}\n")
    return 0


def _table(known: EvaluationSet, figures: Mapping[str, float]) -> str:
    rows = [("measure", "result", "to reach", "known of others")]
    for name, value in figures.items():
        figure = known.figures[name]
        rows.append((figure.says, f"{value:g}", "" if figure.reach is None else f"{figure.reach:g}", figure.anchor))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "".join(f"{line}\n" for line in lines)


def _show(what: str, done: int, of: int) -> None:
    """One line that is written over; nothing where nobody watches."""
    if not sys.stderr.isatty():
        return
    filled = BAR * done // of if of else 0
    bar = f" [{'#' * filled}{'.' * (BAR - filled)}] {done}/{of}" if of else " …"
    sys.stderr.write(f"\r\x1b[K{what}{bar}")
    sys.stderr.flush()
