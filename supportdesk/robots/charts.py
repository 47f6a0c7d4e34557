"""Charts that robots draw: read by the host, drawn once, or refused with a sentence that says why.

What a robot yields is a subset of Vega-Lite: a mark and an encoding of x, y and colour over the rows. A chart that
cannot be drawn costs the guest the picture only: its summary is said in words, and the ledger says what was wrong.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, TypeAlias

import orjson
from markupsafe import Markup
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError

from supportdesk.core.charts import CHAT, Chart, Mark, Series, Tone, svg
from supportdesk.core.wire import Text
from supportdesk.robots.contract import Graph

MOST_ROWS: Final = 2_000
MOST_BYTES: Final = 65_536
MOST_BARS: Final = 60
LARGEST: Final = 1e15
"""Beyond it a number is no longer exact in a browser."""
TONES: Final = (Tone.ROBOT, Tone.OK, Tone.WARN, Tone.ACCENT, Tone.DANGER, Tone.QUIET)
Row: TypeAlias = Mapping[str, JsonValue]


class BadChart(Exception):
    """It cannot be drawn; the message is a sentence that says why."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Name: TypeAlias = Annotated[Text, Field(min_length=1, max_length=100)]


class _Channel(_Part):
    field: Name
    type: Literal["quantitative", "nominal", "ordinal", "temporal"] | None = None
    title: Name | None = None

    @property
    def name(self) -> str:
        return self.title or self.field


class _Encoding(_Part):
    x: _Channel = _Channel(field="x")
    y: _Channel = _Channel(field="y")
    color: _Channel | None = None


def _mark(given: object) -> object:
    return given["type"] if isinstance(given, dict) and set(given) == {"type"} else given


class Spec(_Part):
    """What is read of a chart's specification; anything else in it is refused by name."""

    mark: Annotated[Mark, BeforeValidator(_mark)]
    encoding: _Encoding = _Encoding()
    title: Annotated[Text, Field(min_length=1, max_length=200)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A chart with what goes with it to the browser; or, with `problem`, why there is none."""

    graph: Graph
    shape: Mapping[str, JsonValue] | None = None
    problem: str = ""


def draw(graphs: Sequence[Graph], name: str) -> tuple[Drawn, ...]:
    """Each chart as it is shown, or with a sentence of what is wrong with it; `name` is that of no other turn."""
    return tuple(_draw(graph, f"chart-{name}-{number}") for number, graph in enumerate(graphs))


def _draw(graph: Graph, name: str) -> Drawn:
    try:
        _must_be_small(graph)
        spec = _spec_of(graph)
        chart = chart_of(graph, spec)
    except BadChart as bad:
        return Drawn(graph=graph, problem=str(bad))
    return Drawn(
        graph=graph,
        shape={
            "v": 1,
            "title": spec.title or "",
            "summary": graph.summary,
            "spec": graph.spec,
            "data": [*graph.data],
            "svg": str(_heading(chart, spec) + svg(chart, name)),
            "table": str(_table(chart, spec)),
        },
    )


def _heading(chart: Chart, spec: Spec) -> Markup:
    """The title, and what the colours mean where there are several."""
    title = Markup("<b>{}</b>").format(spec.title) if spec.title else Markup("")
    if spec.encoding.color is None:
        return title
    entry = Markup(
        '<li><svg width="10" height="10" aria-hidden="true"><rect width="10" height="10" rx="2" fill="{}"/></svg> '
        "<bdi>{}</bdi> </li>"
    )
    return title + Markup("<ul>{}</ul>").format(
        Markup("").join(entry.format(one.tone.paint, one.name) for one in chart.series)
    )


def _table(chart: Chart, spec: Spec) -> Markup:
    """The same figures in rows; it can be reached by keyboard, because it scrolls."""
    cell, head = Markup("<td>{}</td>"), Markup('<th scope="col">{}</th>')
    names = [spec.encoding.x.name, *(one.name for one in chart.series)]
    rows = (
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(first, Markup("").join(map(cell.format, rest)))
        for first, *rest in chart.rows
    )
    return Markup('<table tabindex="0" aria-label="{}"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>').format(
        chart.summary, Markup("").join(map(head.format, names)), Markup("").join(rows)
    )


def _must_be_small(graph: Graph) -> None:
    if not graph.data:
        raise BadChart("It has no rows.")
    if len(graph.data) > MOST_ROWS:
        raise BadChart(f"It has {len(graph.data):,} rows; {MOST_ROWS:,} can be drawn.")
    try:
        size = len(orjson.dumps([graph.spec, *graph.data]))
    except TypeError as error:  # numbers of more than 64 bits, halves of surrogate pairs
        raise BadChart(f"Its data cannot be stored: {error}.") from None
    if size > MOST_BYTES:
        raise BadChart(f"It holds {size:,} bytes; {MOST_BYTES:,} are taken.")


def _spec_of(graph: Graph) -> Spec:
    try:
        return Spec.model_validate(graph.spec)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        marks = ", ".join(Mark)
        says = f"one of {marks} is drawn" if where == "mark" else first["msg"]
        raise BadChart(f"Its specification is not right at {where or 'its beginning'}: {says}.") from None


def chart_of(graph: Graph, spec: Spec) -> Chart:
    """The rows as series over labels; raises BadChart where they do not fit the specification."""
    encoding = spec.encoding
    for at, row in enumerate(graph.data, start=1):
        _must_be_plain(row, at)
    labels: dict[str, JsonValue] = {}
    values: dict[str, dict[str, float | None]] = {}
    for at, row in enumerate(graph.data, start=1):
        label = _label(row, encoding.x, at)
        series = _label(row, encoding.color, at) if encoding.color else encoding.y.name
        labels.setdefault(label, row[encoding.x.field])
        line = values.setdefault(series, {})
        if label in line:
            raise BadChart(f"Row {at} says once more what {series} is at {label}.")
        line[label] = _number(row, encoding.y, at)
    if len(values) > len(TONES):
        raise BadChart(f"It has {len(values)} series; {len(TONES)} can be told apart.")
    if spec.mark is Mark.BAR and len(labels) > MOST_BARS:
        raise BadChart(f"It has {len(labels)} bars; {MOST_BARS} can be told apart. A line has room for more.")
    order, places = _placed(labels, encoding.x, spec.mark)
    return Chart(
        title=spec.title or graph.summary,
        summary=graph.summary,
        labels=order,
        series=[
            Series(name=name, values=[line.get(label) for label in order], tone=tone)
            for (name, line), tone in zip(values.items(), TONES, strict=False)
        ],
        mark=spec.mark,
        size=CHAT,
        places=places,
    )


def _must_be_plain(row: Row, at: int) -> None:
    for name, value in row.items():
        if "\x00" in name or (isinstance(value, str) and "\x00" in value):
            raise BadChart(f"Row {at} holds a NUL character, which cannot be stored.")
        if isinstance(value, list | dict):
            raise BadChart(f"Row {at} has more than one value in {name}.")


def _label(row: Row, channel: _Channel, at: int) -> str:
    value = row.get(channel.field)
    if value is None:
        raise BadChart(f"Row {at} has no {channel.field}.")
    return f"{value:g}" if isinstance(value, float) else str(value)


def _number(row: Row, channel: _Channel, at: int) -> float | None:
    """What is drawn; None is a gap."""
    if channel.field not in row:
        raise BadChart(f"Row {at} has no {channel.field}.")
    value = row[channel.field]
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadChart(f"Row {at} has {str(value)[:40]!r} in {channel.field}, which is no number.")
    if abs(value) > LARGEST:
        raise BadChart(f"Row {at} has a number in {channel.field} that is too large to be drawn.")
    return value


def _placed(labels: Mapping[str, JsonValue], channel: _Channel, mark: Mark) -> tuple[list[str], list[float]]:
    """The labels in order, and where they stand: numbers and moments at their true distances, except under bars."""
    if mark is Mark.BAR or channel.type not in ("quantitative", "temporal"):
        return [*labels], []
    at = {label: _position(value, channel) for label, value in labels.items()}
    order = sorted(at, key=at.__getitem__)
    first, last = at[order[0]], at[order[-1]]
    if first == last:
        return order, [0.5] * len(order)
    return order, [(at[label] - first) / (last - first) for label in order]


def _position(value: Any, channel: _Channel) -> float:
    if channel.type == "temporal" and isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            raise BadChart(f"{value[:40]!r} in {channel.field} is no date of ISO 8601.") from None
    number = _number({channel.field: value}, channel, 1)
    return 0.0 if number is None else number
