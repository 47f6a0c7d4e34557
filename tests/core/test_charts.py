"""Charts: what is drawn can be read by everybody, and nothing that is in the data gets out of it."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.core.charts import Chart, Mark, Series, Tone, ceiling, csv, svg

SVG = "{http://www.w3.org/2000/svg}"


def chart(*values: Sequence[float | None], mark: Mark = Mark.BAR, label: str = "day", name: str = "turns") -> Chart:
    return Chart(
        title="Turns",
        summary="Some turns.",
        labels=[f"{label} {at}" for at in range(len(values[0]))],
        series=[Series(name=f"{name} {at}", values=each, tone=Tone.OK) for at, each in enumerate(values)],
        mark=mark,
        unit="ms",
    )


def drawn(one: Chart) -> ET.Element:
    return ET.fromstring(str(svg(one, "it")))  # noqa: S314 - our own


def test_bars_stand_on_each_other_and_each_says_what_it_is() -> None:
    lower, upper = (each.attrib for each in drawn(chart([2.0], [6.0])).iter("rect"))
    assert float(upper["y"]) + float(upper["height"]) == pytest.approx(float(lower["y"]), abs=0.2)
    assert float(upper["height"]) == pytest.approx(3 * float(lower["height"]), abs=0.3)
    assert [title.text for title in drawn(chart([2.0], [6.0])).iter("title")] == [
        "Turns",
        "day 0: turns 0 2 ms",
        "day 0: turns 1 6 ms",
    ]


def test_a_scale_of_counted_things_has_no_halves() -> None:
    for most in (1, 3, 5, 10, 70, 999):
        texts = [each for each in drawn(chart([most])).iter("text") if each.attrib["text-anchor"] == "end"]
        ticks = [float(str(each.text).replace(",", "")) for each in texts]
        assert all(tick == int(tick) for tick in ticks), ticks
        assert ticks[-1] >= most


def test_a_line_has_a_gap_where_nothing_was_measured() -> None:
    found = drawn(chart([1.0, 2.0, None, 4.0], mark=Mark.LINE))
    assert [len(str(line.attrib["points"]).split()) for line in found.iter("polyline")] == [2, 1]
    assert len(list(found.iter("circle"))) == 3


def test_an_image_has_a_name_and_a_description_and_no_style_of_its_own() -> None:
    found = drawn(chart([1.0]))
    assert found.attrib["role"] == "img"
    named = found.attrib["aria-labelledby"].split()
    assert [each.text for each in found if each.attrib.get("id") in named] == ["Turns", "Some turns."]
    assert "style" not in str(svg(chart([1.0]), "it"))


def test_words_of_the_data_stay_words() -> None:
    evil = "</title><script>alert(1)</script>"
    one = chart([1.0], label=evil, name=evil)
    assert "<script" not in str(svg(one, "it"))
    assert any(evil in (each.text or "") for each in drawn(one).iter("text"))


def test_a_spreadsheet_gets_no_formula() -> None:
    one = chart([1.5, None], label="=cmd()", name="+1")
    assert csv(one).splitlines() == [",'+1 0", "'=cmd() 0,1.5", "'=cmd() 1,"]


def test_a_table_has_a_cell_for_each_value() -> None:
    assert chart([1.0, None], [1234.0, 0.125]).rows == [["day 0", "1 ms", "1,234 ms"], ["day 1", "–", "0.125 ms"]]
    assert chart([0.0, None]).is_empty
    assert not chart([0.0, 1.0]).is_empty


@given(st.floats(min_value=1e-6, max_value=1e12))
def test_a_scale_ends_at_or_above_the_highest_value_and_not_far_above(highest: float) -> None:
    assert highest <= ceiling(highest) <= 2.5 * highest


@given(st.lists(st.none() | st.floats(min_value=0, max_value=1e9), min_size=1, max_size=90), st.sampled_from(Mark))
def test_whatever_is_drawn_is_well_formed_and_inside(values: list[float | None], mark: Mark) -> None:
    for each in drawn(chart(values, mark=mark)).iter():
        for name in ("x", "y", "cx", "cy", "x1", "x2", "y1", "y2"):
            assert -1 <= float(each.attrib.get(name, 0)) <= 480
