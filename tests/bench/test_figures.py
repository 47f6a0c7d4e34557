"""The table of the measurements, and how they end."""

import json
import re
from pathlib import Path

import pytest

from bench.__main__ import verdict
from bench.figures import Figure, keep, lines, share_met


def query(name: str, *, met: bool | None) -> Figure:
    return Figure(figure=f"queries.{name}", value=1.0, unit="ms", target="≤ 1", met=met)


def test_a_line_shows_the_figure_beside_its_target_and_its_peers() -> None:
    one = Figure(
        figure="path.rate",
        value=6000.0,
        unit="msg/s",
        target="≥ 4,000",
        met=True,
        peers={"Node single": 4000.0},
        note="42 messages per flight",
    )
    missed = Figure(figure="path.server_cpu", value=300.0, unit="µs/msg", target="≤ 200", met=False)
    left_out = Figure(figure="path.over_node", value=None, unit="×", target="≥ 1.2", note="Node was not measured")
    table = [re.split(r" {2,}", line) for line in lines([one, missed, left_out]).splitlines()]
    assert table == [
        ["figure", "value", "to reach", "beside it"],
        ["path.rate", "6,000 msg/s", "≥ 4,000", "met", "Node single 4,000 (× 1.50); 42 messages per flight"],
        ["path.server_cpu", "300 µs/msg", "≤ 200", "MISSED"],
        ["path.over_node", "not measured", "≥ 1.2", "Node was not measured"],
    ]


@pytest.mark.parametrize(
    ("missed", "status"), [(0, 0), (1, 0), (2, 1)], ids=["all met", "95 % are enough", "fewer are not"]
)
def test_the_measurements_fail_below_95_percent_of_the_query_targets(missed: int, status: int) -> None:
    figures = [query(str(n), met=n >= missed) for n in range(20)]
    assert share_met(figures) == (20 - missed) / 20
    assert verdict(figures, []) == status


def test_other_figures_do_not_move_the_share_of_query_targets() -> None:
    slow = Figure(figure="path.rate", value=1.0, unit="msg/s", target="≥ 4,000", met=False)
    assert verdict([slow, query("history", met=True), query("bare", met=None)], []) == 0


def test_a_section_that_could_not_be_measured_fails_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert verdict([query("history", met=True)], ["sockets"]) == 2
    assert "sockets" in capsys.readouterr().out.splitlines()[-1]


def test_the_figures_are_kept_for_programs(tmp_path: Path) -> None:
    keep([query("history", met=True)], tmp_path / "new" / "latest.json")
    (kept,) = json.loads((tmp_path / "new" / "latest.json").read_text())
    assert {"figure", "value", "unit", "target", "met", "peers"} <= set(kept)
    assert kept["figure"] == "queries.history"
