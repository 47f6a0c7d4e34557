"""Charts of robots: what is drawn, and what is refused with a sentence."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from supportdesk.robots.charts import Drawn, draw
from supportdesk.robots.contract import Graph
from supportdesk.robots.model import for_the_record

SVG = "{http://www.w3.org/2000/svg}"
ROWS: Sequence[dict[str, JsonValue]] = ({"x": "Mon", "y": 2}, {"x": "Tue", "y": -1.5})


def chart(spec: Mapping[str, JsonValue], *rows: dict[str, JsonValue]) -> Drawn:
    (drawn,) = draw([Graph(spec={**spec}, data=rows or tuple(ROWS), summary="It went up & down.")], "it")
    return drawn


def picture(drawn: Drawn) -> ET.Element:
    assert drawn.shape is not None, drawn.problem
    *heading, found = ET.fromstring(f"<p>{drawn.shape['svg']}</p>")  # noqa: S314 - our own
    assert {part.tag for part in heading} <= {"b", "ul"}
    return found


def test_bars_below_nothing_hang_from_it() -> None:
    above, below = (bar.attrib for bar in picture(chart({"mark": "bar"})).iter("rect"))
    zero = float(above["y"]) + float(above["height"])
    assert float(below["y"]) == pytest.approx(zero, abs=0.2)
    assert float(below["height"]) == pytest.approx(0.75 * float(above["height"]), abs=0.2)


def test_moments_stand_at_their_true_distances_and_colours_have_a_legend() -> None:
    encoding: JsonValue = {"x": {"field": "x", "type": "temporal"}, "y": {"field": "y"}, "color": {"field": "of"}}
    days = ("2026-01-05", "2026-01-01", "2026-01-02")
    rows: list[dict[str, JsonValue]] = [{"x": day, "y": 1, "of": "A"} for day in days]
    drawn = chart({"mark": {"type": "line"}, "encoding": encoding}, *rows)
    (line,) = picture(drawn).iter("polyline")
    first, second, last = (float(point.split(",")[0]) for point in line.attrib["points"].split())
    assert (second - first) * 4 == pytest.approx(last - first, abs=0.5)
    assert drawn.shape is not None
    assert '<rect width="10" height="10" rx="2" fill="var(--robot)"/></svg> <bdi>A</bdi>' in str(drawn.shape["svg"])
    assert '<th scope="col">x</th><th scope="col">A</th>' in str(drawn.shape["table"])


@pytest.mark.parametrize("mark", ["bar", "line", "area", "point"])
def test_each_mark_is_drawn_and_says_what_it_shows(mark: str) -> None:
    found = picture(chart({"mark": mark, "title": "<b>Week</b>"}))
    assert [found.findtext("title"), found.findtext("desc")] == ["<b>Week</b>", "It went up & down."]


@pytest.mark.parametrize(
    ("spec", "rows", "problem"),
    [
        ({}, ROWS, "Its specification is not right at mark: one of bar, line, area, point is drawn."),
        ({"mark": "arc"}, ROWS, "Its specification is not right at mark: one of bar, line, area, point is drawn."),
        ({"mark": "bar", "url": "x"}, ROWS, "Its specification is not right at url: Extra inputs are not permitted."),
        ({"mark": "bar"}, [{"x": "Mon"}], "Row 1 has no y."),
        ({"mark": "bar"}, [{"x": "a", "y": "12"}], "Row 1 has '12' in y, which is no number."),
        ({"mark": "bar"}, [{"x": "a", "y": True}], "Row 1 has 'True' in y, which is no number."),
        ({"mark": "bar"}, [{"x": "a", "y": float("nan")}], "Row 1 has 'nan' in y, which is no number."),
        ({"mark": "bar"}, [{"x": "a", "y": 1e300}], "Row 1 has a number in y that is too large to be drawn."),
        ({"mark": "bar"}, [{"x": ["a"], "y": 1}], "Row 1 has more than one value in x."),
        ({"mark": "bar"}, [{"x": "a", "y": 1, "z\x00": 1}], "Row 1 holds a NUL character, which cannot be stored."),
        ({"mark": "bar"}, [ROWS[0], ROWS[0]], "Row 2 says once more what y is at Mon."),
        ({"mark": "bar"}, [{"x": "a" * 70_000, "y": 1}], "It holds 70,031 bytes; 65,536 are taken."),
        ({"mark": "bar", "title": "a\x00"}, ROWS, "Its specification is not right at title: "),
        (
            {"mark": "line", "encoding": {"x": {"field": "x", "type": "temporal"}}},
            ROWS,
            "'Mon' in x is no date of ISO 8601.",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_sentence(
    spec: dict[str, JsonValue], rows: Sequence[dict[str, JsonValue]], problem: str
) -> None:
    drawn = chart(spec, *rows)
    assert drawn.shape is None
    assert drawn.problem.startswith(problem)


def test_a_chart_without_rows_is_refused() -> None:
    (drawn,) = draw([Graph(spec={"mark": "bar"}, data=(), summary="Nothing.")], "it")
    assert drawn.problem == "It has no rows."


@given(
    st.lists(st.none() | st.floats(min_value=-1e12, max_value=1e12), min_size=1, max_size=60),
    st.sampled_from(["bar", "line", "area", "point"]),
)
def test_whatever_is_drawn_is_inside(values: list[float | None], mark: str) -> None:
    rows: list[dict[str, JsonValue]] = [{"x": f"a long name {at}", "y": value} for at, value in enumerate(values)]
    for each in picture(chart({"mark": mark}, *rows)).iter():
        for name in ("x", "y", "cx", "cy", "x1", "x2", "y1", "y2"):
            assert -1 <= float(each.attrib.get(name, 0)) <= 320


def test_the_record_keeps_what_no_json_can_hold() -> None:
    data: dict[str, JsonValue] = {"nul": "a\x00b", "half": "\ud800", "huge": 10**5000, "none": float("nan")}
    (kept,) = for_the_record([Graph(spec={}, data=(data,), summary="It.")])
    assert isinstance(kept["data"], list)
    row = kept["data"][0]
    assert isinstance(row, dict)
    assert (row["nul"], row["half"], row["none"]) == ("a�b", "?", "nan")
    assert str(row["huge"]).startswith("0x")
