"""A measured figure, and the table they make."""

import json
import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

RESULTS: Final = Path(__file__).parent / "results" / "latest.json"
SOME_RESULTS: Final = RESULTS.with_name("some.json")
"""What `--only` measured; the figures of a whole run stay."""
QUERIES: Final = "queries."
"""How figures begin that count towards the share of query targets."""
SHARE_TO_MEET: Final = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. `target` is in words; `met` is None where nothing was promised or nothing was measured."""

    figure: str  # stable id: section.name
    value: float | None
    unit: str
    target: str = ""
    met: bool | None = None
    peers: dict[str, float] = field(default_factory=dict)  # same unit, same run
    note: str = ""  # spread, batch size, why it was skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How much is measured: whole, or the short form that ends within five minutes."""

    quick: bool = False
    rounds: int = 5


Section = Callable[[Run], Awaitable[Sequence[Figure]]]


def at_most(figure: str, value: float, most: float, unit: str, **more: Any) -> Figure:
    """A figure that is met up to `most`."""
    return Figure(figure=figure, value=value, unit=unit, target=f"≤ {most:g}", met=value <= most, **more)


def median(values: Sequence[float]) -> float:
    """The middle of the rounds."""
    return statistics.median(values)


def spread(values: Sequence[float]) -> str:
    """Least and greatest, for the note."""
    return f"{min(values):.4g}–{max(values):.4g} in {len(values)} rounds"


def lines(figures: Sequence[Figure]) -> str:
    """The table as text, a figure a line with what stands beside it."""
    rows = [("figure", "value", "to reach", "", "beside it")]
    for one in figures:
        value = "not measured" if one.value is None else f"{one.value:,.4g} {one.unit}"
        beside = [f"{name} {peer:,.4g} ({_ratio(one.value, peer)})" for name, peer in one.peers.items()]
        verdict = {True: "met", False: "MISSED", None: ""}[one.met]
        rows.append((one.figure, value, one.target, verdict, "; ".join([*beside, *([one.note] if one.note else [])])))
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    return "\n".join(
        "  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[4]]).rstrip() for row in rows
    )


def _ratio(value: float | None, peer: float) -> str:
    return "–" if value is None or not peer else f"× {value / peer:.2f}"


def share_met(figures: Sequence[Figure]) -> float | None:
    """How many of the query targets were met, 0 to 1; None where none was measured."""
    judged = [one.met for one in figures if one.figure.startswith(QUERIES) and one.met is not None]
    return sum(judged) / len(judged) if judged else None


def keep(figures: Sequence[Figure], path: Path = RESULTS) -> None:
    """Write the figures for whoever reads them by program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(one) for one in figures], indent=1, ensure_ascii=False) + "\n")
