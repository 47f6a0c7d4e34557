"""Charts without a script: data becomes an SVG that says what it shows, a table, and CSV.

Colours are variables of the theme (`var(--ok)` …) in attributes of their own: a chart follows light and dark wherever
it is shown, and needs neither an inline style nor a style sheet. Whoever cannot see it has its summary and the table;
see `templates/_chart.html`.
"""

import csv as writing
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import ceil, floor, log10
from typing import Final

from markupsafe import Markup

LEFT: Final = 52
RIGHT: Final = 8
TOP: Final = 10
BOTTOM: Final = 26
LETTER: Final = 6.4
"""About how wide a letter of a label is."""
FEWEST_LETTERS: Final = 3
MOST_DOTS: Final = 60
"""More values than these make one thick line of dots."""
STEPS: Final = 4
"""Lines across the chart, above the base line."""
PER_CENT: Final = 100.0
"""Where the chart of a share ends."""
MOST_LABELS: Final = 7
WIDEST_BAR: Final = 40
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet would run."""


class Mark(StrEnum):
    """How values are drawn: bars stand on each other, all others beside each other."""

    BAR = "bar"
    LINE = "line"
    AREA = "area"
    POINT = "point"


class Tone(StrEnum):
    """What a colour says."""

    ACCENT = "accent"
    ROBOT = "robot"
    OK = "ok"
    WARN = "warn"
    DANGER = "danger"
    QUIET = "quiet"

    @property
    def paint(self) -> str:
        """Its colour, as the theme has it."""
        return "var(--ctl)" if self is Tone.QUIET else f"var(--{self})"


@dataclass(frozen=True, slots=True)
class Size:
    """How large a chart is, in units of its text: what is drawn into less space has smaller words."""

    width: int = 480
    height: int = 220


PAGE: Final = Size()
CHAT: Final = Size(320, 200)
"""For a message, which is as wide as a phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One value for each label; None where nothing was measured."""

    name: str
    values: Sequence[float | None]
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What is drawn. `unit` follows each number, `summary` says in one sentence what is to be seen.

    `places` says where each label stands, from 0 to 1; without it they stand at equal distances.
    """

    title: str
    summary: str
    labels: Sequence[str]
    series: Sequence[Series]
    mark: Mark = Mark.BAR
    unit: str = ""
    size: Size = PAGE
    places: Sequence[float] = ()

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


@dataclass(frozen=True, slots=True)
class _Scale:
    """What the height of a chart stands for, from its lowest line to its highest."""

    low: float
    high: float
    step: float
    size: Size

    @property
    def lines(self) -> list[float]:
        return [self.low + self.step * at for at in range(round((self.high - self.low) / self.step) + 1)]

    def y(self, value: float) -> float:
        return TOP + (self.size.height - TOP - BOTTOM) * (self.high - value) / (self.high - self.low)

    @property
    def zero(self) -> float:
        return self.y(0.0)


def svg(chart: Chart, name: str) -> Markup:
    """The chart as an SVG element; `name` sets its ids apart from those of other charts of the page."""
    scale = _scale(chart)
    shapes = _bars(chart, scale) if chart.mark is Mark.BAR else _lines(chart, scale)
    parts = [*_grid(chart, scale), *shapes]
    return Markup(
        '<svg class="chart" viewBox="0 0 {width} {height}" role="img" direction="ltr" '
        'aria-labelledby="{name}-title {name}-desc"><title id="{name}-title">{title}</title>'
        '<desc id="{name}-desc">{summary}</desc>{parts}</svg>'
    ).format(
        width=chart.size.width,
        height=chart.size.height,
        name=name,
        title=chart.title,
        summary=chart.summary,
        parts=Markup("").join(parts),
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


def _scale(chart: Chart) -> _Scale:
    """From nothing to a round number above all values; or, where some are below it, in round steps that meet it."""
    lowest, highest = _span(chart)
    if chart.unit == "%" and lowest >= 0:
        return _Scale(0.0, PER_CENT, PER_CENT / STEPS, chart.size)
    if lowest < 0:
        step = ceiling(highest - lowest) / STEPS
        return _Scale(floor(lowest / step) * step, ceil(highest / step) * step, step, chart.size)
    high = ceiling(max(highest, STEPS if chart.is_counted else 0.0))
    return _Scale(0.0, high, high / STEPS, chart.size)


def _span(chart: Chart) -> tuple[float, float]:
    """The lowest and the highest place that something is drawn at; nothing is always in it."""
    if chart.mark is Mark.BAR:
        stacks = [[one.values[at] or 0.0 for one in chart.series] for at in range(len(chart.labels))]
        ends = [sum(value for value in stack if (value > 0) is up) for stack in stacks for up in (True, False)]
    else:
        ends = [value or 0.0 for one in chart.series for value in one.values]
    return min(ends, default=0.0), max(0.0, max(ends, default=0.0))


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _tick(value: float) -> str:
    """A number beside a line of the grid, short enough for its place."""
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if letter == 'k' else size):g}{letter}"
    return _number(value)


def _number(value: float | None, unit: str = "") -> str:
    if value is None:
        return "–"
    many = abs(value) >= 100 or value == int(value)  # noqa: PLR2004 - digits enough
    text = f"{value:,.0f}" if many else f"{value:.3g}"
    return f"{text} {unit}".rstrip()


def _x(chart: Chart, at: int) -> float:
    """The middle of a label's place."""
    wide = chart.size.width - LEFT - RIGHT
    if chart.places:
        return LEFT + wide * (0.03 + 0.94 * chart.places[at])
    return LEFT + (at + 0.5) * wide / max(1, len(chart.labels))


def _grid(chart: Chart, scale: _Scale) -> Iterator[Markup]:
    for value in scale.lines:
        yield _rule(chart, scale, value, "var(--border)") + Markup(
            '<text fill="var(--text-3)" font-size="11" x="{at}" y="{under:.1f}" text-anchor="end">{text}</text>'
        ).format(at=LEFT - 6, under=scale.y(value) + 4, text=_tick(value))
    if scale.low < 0:
        yield _rule(chart, scale, 0.0, "var(--ctl)")
    # The last row of a label that is written, and how far from it the next one may be.
    wide, longest = chart.size.width - LEFT - RIGHT, max(map(len, chart.labels), default=0)
    apart = max(wide / MOST_LABELS, min((longest + 1) * LETTER, wide / FEWEST_LETTERS)) - 0.1
    last = float("-inf")
    shown = []
    for at in range(len(chart.labels)):
        if _x(chart, at) - last >= apart:
            shown.append(at)
            last = _x(chart, at)
    letters = max(FEWEST_LETTERS, int(_room(chart, shown) / LETTER))
    for at in shown:
        text = _short(chart.labels[at], letters)
        yield Markup(
            '<text fill="var(--text-3)" font-size="11" x="{x:.1f}" y="{y}" text-anchor="middle">{text}</text>'
        ).format(x=min(_x(chart, at), chart.size.width - len(text) * LETTER / 2), y=chart.size.height - 8, text=text)


def _rule(chart: Chart, scale: _Scale, value: float, paint: str) -> Markup:
    return Markup('<line stroke="{paint}" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>').format(
        paint=paint, left=LEFT, right=chart.size.width - RIGHT, y=scale.y(value)
    )


def _room(chart: Chart, shown: Sequence[int]) -> float:
    """How wide a label may be before it touches its neighbour."""
    places = [_x(chart, at) for at in shown]
    return min((after - before for before, after in pairwise(places)), default=chart.size.width / 2)


def _short(label: str, letters: int) -> str:
    return label if len(label) <= letters else f"{label[: letters - 1].rstrip()}…"


def _bars(chart: Chart, scale: _Scale) -> Iterator[Markup]:
    width = min(WIDEST_BAR, 0.72 * (chart.size.width - LEFT - RIGHT) / max(1, len(chart.labels)))
    for at, label in enumerate(chart.labels):
        ends = {True: 0.0, False: 0.0}
        for one in chart.series:
            if not (value := one.values[at] or 0.0):
                continue
            before = ends[value > 0]
            ends[value > 0] = before + value
            low, high = sorted((before, before + value))
            yield Markup(
                '<rect fill="{paint}" stroke="var(--surface)" '
                'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}">'
                "<title>{says}</title></rect>"
            ).format(
                paint=one.tone.paint,
                x=_x(chart, at) - width / 2,
                y=scale.y(high),
                width=width,
                height=scale.y(low) - scale.y(high),
                says=_says(chart, one, label, value),
            )


def _lines(chart: Chart, scale: _Scale) -> Iterator[Markup]:
    for one in chart.series:
        for run in _runs(one.values):
            if chart.mark is not Mark.POINT:
                yield from _run(chart, scale, one, run)
            if chart.mark is Mark.POINT or len(chart.labels) <= MOST_DOTS:
                for at, value in run:
                    yield Markup(
                        '<circle fill="{paint}" cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{says}</title></circle>'
                    ).format(
                        paint=one.tone.paint,
                        x=_x(chart, at),
                        y=scale.y(value),
                        says=_says(chart, one, chart.labels[at], value),
                    )


def _run(chart: Chart, scale: _Scale, one: Series, run: Sequence[tuple[int, float]]) -> Iterator[Markup]:
    points = " ".join(f"{_x(chart, at):.1f},{scale.y(value):.1f}" for at, value in run)
    if chart.mark is Mark.AREA:
        first, last = _x(chart, run[0][0]), _x(chart, run[-1][0])
        around = f"{first:.1f},{scale.zero:.1f} {points} {last:.1f},{scale.zero:.1f}"
        yield Markup('<polygon fill="{paint}" opacity="0.25" points="{points}"/>').format(
            paint=one.tone.paint, points=around
        )
    yield Markup(
        '<polyline fill="none" stroke="{paint}" stroke-width="2" stroke-linejoin="round" points="{points}"/>'
    ).format(paint=one.tone.paint, points=points)


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
