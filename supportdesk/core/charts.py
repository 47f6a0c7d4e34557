"""Charts without a script: data becomes an SVG that says what it shows, a table, and CSV.

Colours are classes (`t-ok`, `t-danger` …) that the style sheets fill, so a chart follows the theme and needs no inline
style. Whoever cannot see it has its summary and the table; see `templates/_chart.html`.
"""

import csv as writing
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, floor, log10
from typing import Final

from markupsafe import Markup

WIDTH: Final = 480
HEIGHT: Final = 220
LEFT: Final = 52
RIGHT: Final = 8
TOP: Final = 10
BOTTOM: Final = 26
STEPS: Final = 4
"""Lines across the chart, above the base line."""
PER_CENT: Final = 100.0
"""Where the chart of a share ends."""
MOST_LABELS: Final = 7
WIDEST_BAR: Final = 40
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet would run."""


class Mark(StrEnum):
    """How values are drawn: bars stand on each other, lines beside each other."""

    BAR = "bar"
    LINE = "line"


class Tone(StrEnum):
    """What a colour says."""

    ACCENT = "accent"
    ROBOT = "robot"
    OK = "ok"
    WARN = "warn"
    DANGER = "danger"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One value for each label; None where nothing was measured."""

    name: str
    values: Sequence[float | None]
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What is drawn. `unit` follows each number, `summary` says in one sentence what is to be seen."""

    title: str
    summary: str
    labels: Sequence[str]
    series: Sequence[Series]
    mark: Mark = Mark.BAR
    unit: str = ""

    @property
    def is_counted(self) -> bool:
        """Whether the values are numbers of things, of which there is no half."""
        return all(isinstance(value, int) for one in self.series for value in one.values if value is not None)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be seen."""
        return not any(value for one in self.series for value in one.values)

    @property
    def rows(self) -> list[list[str]]:
        """The table beneath: the label, then what each series has there."""
        return [
            [label, *(_number(one.values[at], self.unit) for one in self.series)]
            for at, label in enumerate(self.labels)
        ]


def svg(chart: Chart, name: str) -> Markup:
    """The chart as an SVG element; `name` sets its ids apart from those of other charts of the page."""
    top = PER_CENT if chart.unit == "%" else ceiling(max(_highest(chart), STEPS if chart.is_counted else 0.0))
    parts = [*_grid(chart, top), *(_bars(chart, top) if chart.mark is Mark.BAR else _lines(chart, top))]
    return Markup(
        '<svg class="chart" viewBox="0 0 {width} {height}" role="img" direction="ltr" '
        'aria-labelledby="{name}-title {name}-desc"><title id="{name}-title">{title}</title>'
        '<desc id="{name}-desc">{summary}</desc>{parts}</svg>'
    ).format(
        width=WIDTH, height=HEIGHT, name=name, title=chart.title, summary=chart.summary, parts=Markup("").join(parts)
    )


def csv(chart: Chart) -> str:
    """The chart's data for a spreadsheet, which is given no formulas."""
    text = io.StringIO()
    lines = writing.writer(text, lineterminator="\r\n")
    lines.writerow([_cell(head) for head in ("", *(one.name for one in chart.series))])
    for at, label in enumerate(chart.labels):
        values = [one.values[at] for one in chart.series]
        lines.writerow([_cell(label), *("" if value is None else f"{value:g}" for value in values)])
    return text.getvalue()


def ceiling(highest: float) -> float:
    """A number at or above the highest value that parts into STEPS round ones: 1.2, 2, 4 or 8 of a power of ten."""
    if highest <= 0:
        return float(STEPS)
    size = 10.0 ** floor(log10(highest))
    return next((step * size for step in (1.2, 2, 4, 8) if step * size >= highest), 12 * size)


def _highest(chart: Chart) -> float:
    if chart.mark is Mark.LINE:
        return max((value or 0.0 for one in chart.series for value in one.values), default=0.0)
    return max((sum(one.values[at] or 0.0 for one in chart.series) for at in range(len(chart.labels))), default=0.0)


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _number(value: float | None, unit: str = "") -> str:
    if value is None:
        return "–"
    text = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"  # noqa: PLR2004 - digits enough
    return f"{text} {unit}".rstrip()


def _x(chart: Chart, at: int) -> float:
    """The middle of a label's place."""
    return LEFT + (at + 0.5) * (WIDTH - LEFT - RIGHT) / max(1, len(chart.labels))


def _y(value: float, top: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top)


def _grid(chart: Chart, top: float) -> Iterator[Markup]:
    for step in range(STEPS + 1):
        value = top * step / STEPS
        yield Markup(
            '<line class="grid" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
            '<text class="tick" x="{at}" y="{under:.1f}" text-anchor="end">{text}</text>'
        ).format(
            left=LEFT, right=WIDTH - RIGHT, y=_y(value, top), at=LEFT - 6, under=_y(value, top) + 4, text=_number(value)
        )
    every = max(1, ceil(len(chart.labels) / MOST_LABELS))
    for at in range(0, len(chart.labels), every):
        yield Markup('<text class="tick" x="{x:.1f}" y="{y}" text-anchor="middle">{text}</text>').format(
            x=_x(chart, at), y=HEIGHT - 8, text=chart.labels[at]
        )


def _bars(chart: Chart, top: float) -> Iterator[Markup]:
    width = min(WIDEST_BAR, 0.72 * (WIDTH - LEFT - RIGHT) / max(1, len(chart.labels)))
    for at, label in enumerate(chart.labels):
        below = 0.0
        for one in chart.series:
            value = one.values[at] or 0.0
            if value > 0:
                yield Markup(
                    '<rect class="bar t-{tone}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}">'
                    "<title>{says}</title></rect>"
                ).format(
                    tone=one.tone,
                    x=_x(chart, at) - width / 2,
                    y=_y(below + value, top),
                    width=width,
                    height=_y(below, top) - _y(below + value, top),
                    says=_says(chart, one, label, value),
                )
            below += value


def _lines(chart: Chart, top: float) -> Iterator[Markup]:
    for one in chart.series:
        for run in _runs(one.values):
            points = " ".join(f"{_x(chart, at):.1f},{_y(value, top):.1f}" for at, value in run)
            yield Markup('<polyline class="line t-{tone}" points="{points}"/>').format(tone=one.tone, points=points)
            for at, value in run:
                yield Markup(
                    '<circle class="dot t-{tone}" cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{says}</title></circle>'
                ).format(
                    tone=one.tone,
                    x=_x(chart, at),
                    y=_y(value, top),
                    says=_says(chart, one, chart.labels[at], value),
                )


def _says(chart: Chart, one: Series, label: str, value: float) -> str:
    return f"{label}: {one.name} {_number(value, chart.unit)}"


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """The stretches of a line between its gaps."""
    run: list[tuple[int, float]] = []
    for at, value in enumerate(values):
        if value is None:
            if run:
                yield run
            run = []
        else:
            run.append((at, value))
    if run:
        yield run
