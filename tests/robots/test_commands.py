"""supportdesk robots list, check, new."""

import argparse
import asyncio
import re
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from supportdesk import app
from supportdesk.commands import robots
from supportdesk.config import Settings
from supportdesk.core.http import RESOURCES
from supportdesk.core.places import PACKAGE
from supportdesk.errors import Conflict, Invalid, NotFound
from supportdesk.robots.discovery import NotLoaded, discover, robot_in
from supportdesk.robots.runner import Runner


def asked(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    robots.add_to(parser.add_subparsers())
    return parser.parse_args(["robots", *words])


async def run(settings: Settings, *words: str) -> int:
    chosen = asked(*words)
    status: int = await chosen.run(settings, chosen)
    return status


async def test_list_shows_the_robots_and_why_one_is_not_loaded(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(settings, "list") == 0
    assert "faq" in capsys.readouterr().out
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "robot.py").write_text("raise RuntimeError('on import')")
    monkeypatch.setattr(robots, "discover", lambda: discover(tmp_path, ()))
    assert await run(settings, "list") == 0
    assert "not loaded: RuntimeError: on import" in capsys.readouterr().out
    assert await run(settings, "check", "broken") == 1
    assert "FAIL  It loads." in capsys.readouterr().out


def test_only_who_plays_robots_logs_which_are_not_loaded(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "robots" / "broken").mkdir(parents=True)
    (tmp_path / "robots" / "broken" / "robot.py").write_text("raise RuntimeError('on import')")
    monkeypatch.setattr(app, "discover", lambda: discover(tmp_path / "robots", ()))
    with structlog.testing.capture_logs() as lines:
        built = app.build(settings.model_copy(update={"robot_workers": 0}), "postgresql://localhost/none")
        assert lines == [], "as for robots replay, on somebody's terminal"
        built[RESOURCES].get(Runner).start()
    assert [(line["event"], line["robot"]) for line in lines] == [("robot.not_loaded", "broken")]


async def test_check_passes_the_robots_that_ship(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run(settings, "check", "faq") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "10 of 10 passed."
    assert all(line.startswith("PASS  ") for line in lines[:-1])


async def test_check_of_an_unknown_robot_says_where_to_look(settings: Settings) -> None:
    with pytest.raises(NotFound, match="supportdesk robots list"):
        await run(settings, "check", "nobody")


async def passes(place: Path) -> None:
    """Run a robot's own tests as its author does in a folder outside the checkout, without the checkout's settings."""
    program = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(place.parent), str(place)]
    own = await asyncio.to_thread(
        subprocess.run, program, capture_output=True, text=True, check=False, cwd=place.parent,
        env={"PYTHONPATH": str(PACKAGE.parent)},
    )  # fmt: skip
    assert (own.returncode, "2 passed" in own.stdout) == (0, True), own.stdout


async def test_a_new_robot_works_as_it_stands_wherever_that_is(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(settings, "new", "weather_report", "--folder", str(tmp_path)) == 0
    place = tmp_path / "weather_report"
    says = capsys.readouterr().out
    assert f"robots check {place}" in says
    assert "move the folder into" in says
    assert await run(settings, "check", str(place)) == 0, capsys.readouterr().out
    await passes(place)
    assert len((place / "robot.py").read_text().splitlines()) < 40


async def test_a_robot_of_the_readme_passes_its_test_and_the_check(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(settings, "new", "weather", "--folder", str(tmp_path)) == 0
    await passes(tmp_path / "weather")
    readme = (PACKAGE.parent / "README.md").read_text()
    robot, test = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert len(robot.splitlines()) <= 25
    (tmp_path / "weather" / "robot.py").write_text(robot)
    (tmp_path / "weather" / "test_weather.py").write_text(test)
    await passes(tmp_path / "weather")
    monkeypatch.chdir(tmp_path)
    assert await run(settings, "check", "weather") == 0, capsys.readouterr().out
    assert "10 of 10 passed." in capsys.readouterr().out


async def test_the_test_of_a_robot_says_why_it_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "weather").mkdir()
    with pytest.raises(NotLoaded, match=r"the folder has no robot\.py"):
        robot_in(tmp_path / "weather")


@pytest.mark.parametrize("name", ["Weather", "../weather", "1st", "", "a-b", "x" * 41])
async def test_a_robot_needs_a_name_that_a_folder_can_have(settings: Settings, tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid, match="lower-case letters"):
        await run(settings, "new", name, "--folder", str(tmp_path))


async def test_a_robot_that_is_there_is_not_written_over(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "weather").mkdir()
    with pytest.raises(Conflict, match="already"):
        await run(settings, "new", "weather", "--folder", str(tmp_path))
