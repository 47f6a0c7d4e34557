"""What a run found: a block per fault for the terminal, JSON for programs, Markdown for people."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.faults.checker import Violation
from tests.faults.history import History

SHOWN = 20
"""Violations that are printed of a fault; the JSON has them all."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value beside its target; `met` is None where none was promised."""

    name: str
    value: float
    unit: str
    target: str = ""
    met: bool | None = None


@dataclass(slots=True)
class Outcome:
    """One fault of one run."""

    fault: str
    seed: str
    acked: int = 0
    failed: int = 0
    retried: int = 0
    duplicates: int = 0
    reconnects: int = 0
    received: int = 0
    converged_s: float | None = None  # the longest of its disturbances
    took_s: float = 0.0
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    broke: str = ""  # the harness could not finish it
    lacks: str = ""  # what this machine would have to have for it to be played

    def count(self, history: History) -> None:
        """Take over the numbers of a history."""
        self.acked += history.acked
        self.failed += history.failed
        self.retried += history.retried
        self.duplicates += history.duplicates
        self.reconnects += history.reconnects
        self.received += sum(len(listening.received) for listening in history.listening)

    @property
    def missed(self) -> list[Figure]:
        """Figures that were not reached."""
        return [figure for figure in self.figures if figure.met is False]


def block(outcome: Outcome) -> str:
    """One fault, for the terminal."""
    converged = "–" if outcome.converged_s is None else f"{outcome.converged_s:.1f} s"
    summary = (
        f"{outcome.fault} (seed {outcome.seed}, {outcome.took_s:.0f} s): acked {outcome.acked}, "
        f"failed {outcome.failed}, retried sends {outcome.retried}, duplicates answered {outcome.duplicates}, "
        f"reconnects {outcome.reconnects}, events received {outcome.received}, converged in {converged}, "
        f"violations {len(outcome.violations)}"
    )
    lines = [summary, *(f"  {_figure(figure)}" for figure in outcome.figures)]
    lines += [f"  {note}" for note in outcome.notes]
    lines += [f"  VIOLATION {v.rule}: {v.about}" for v in outcome.violations[:SHOWN]]
    if len(outcome.violations) > SHOWN:
        lines.append(f"  … and {len(outcome.violations) - SHOWN} more, all in the JSON report")
    if outcome.broke:
        lines.append(f"  NOT FINISHED: {outcome.broke}")
    if outcome.lacks:
        lines.append(f"  NOT PLAYED HERE: {outcome.lacks}")
    return "\n".join(lines)


def _figure(figure: Figure) -> str:
    verdict = {True: "met", False: "MISSED", None: ""}[figure.met]
    target = f" (to reach: {figure.target})" if figure.target else ""
    return f"{figure.name}: {figure.value:,.4g} {figure.unit}{target} {verdict}".rstrip()


def totals(outcomes: Sequence[Outcome]) -> str:
    """All faults in one line."""
    return (
        f"{len(outcomes)} faults: acked {sum(o.acked for o in outcomes):,}, "
        f"retried sends {sum(o.retried for o in outcomes):,}, "
        f"duplicates answered {sum(o.duplicates for o in outcomes):,}, "
        f"reconnects {sum(o.reconnects for o in outcomes):,}, "
        f"events received {sum(o.received for o in outcomes):,}, "
        f"violations {sum(len(o.violations) for o in outcomes)}, "
        f"figures missed {sum(len(o.missed) for o in outcomes)}, "
        f"not finished {sum(bool(o.broke) for o in outcomes)}, "
        f"not played {sum(bool(o.lacks) for o in outcomes)}"
    )


def write_report(outcomes: Sequence[Outcome], path: Path) -> None:
    """Write `path` as JSON and, beside it, the same as Markdown."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(one) for one in outcomes], indent=1, ensure_ascii=False) + "\n")
    rows = [
        "# Faults",
        "",
        f"{totals(outcomes)}.",
        "",
        "| fault | acked | retried | duplicates | reconnects | converged | violations | took |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in outcomes:
        converged = "" if one.converged_s is None else f"{one.converged_s:.1f} s"
        rows.append(
            f"| {one.fault} | {one.acked:,} | {one.retried:,} | {one.duplicates:,} | {one.reconnects:,} "
            f"| {converged} | {len(one.violations)} | {one.took_s:.0f} s |"
        )
    for one in outcomes:
        rows += ["", f"## {one.fault}", "", f"Seed `{one.seed}`.", ""]
        rows += [f"- {_figure(figure)}" for figure in one.figures]
        rows += [f"- {note}" for note in one.notes]
        rows += [f"- **{v.rule}**: {v.about}" for v in one.violations]
        rows += [f"- **not finished**: {one.broke}"] if one.broke else []
        rows += [f"- **not played here**: {one.lacks}"] if one.lacks else []
    path.with_suffix(".md").write_text("\n".join(rows) + "\n")
