"""supportdesk robots list, check, new."""

import argparse
import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from supportdesk.commands import robots
from supportdesk.config import Settings
from supportdesk.core.places import PACKAGE
from supportdesk.errors import Conflict, Invalid, NotFound
from supportdesk.robots.discovery import discover


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


async def test_check_passes_the_robots_that_ship(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run(settings, "check", "faq") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "9 of 9 passed."
    assert all(line.startswith("PASS  ") for line in lines[:-1])


async def test_check_of_an_unknown_robot_says_where_to_look(settings: Settings) -> None:
    with pytest.raises(NotFound, match="supportdesk robots list"):
        await run(settings, "check", "nobody")


async def test_a_new_robot_works_as_it_stands(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(settings, "new", "weather_report", "--folder", str(tmp_path)) == 0
    assert "robots check weather_report" in capsys.readouterr().out
    monkeypatch.setattr(robots, "discover", lambda: discover(tmp_path, ()))
    assert await run(settings, "check", "weather_report") == 0, capsys.readouterr().out
    program = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto"]
    own = await asyncio.to_thread(
        subprocess.run, [*program, "--rootdir", str(tmp_path), str(tmp_path / "weather_report")],
        capture_output=True, text=True, check=False, cwd=PACKAGE.parent,
    )  # fmt: skip
    assert (own.returncode, "2 passed" in own.stdout) == (0, True), own.stdout
    assert len((tmp_path / "weather_report" / "robot.py").read_text().splitlines()) < 40


@pytest.mark.parametrize("name", ["Weather", "../weather", "1st", "", "a-b", "x" * 41])
async def test_a_robot_needs_a_name_that_a_folder_can_have(settings: Settings, tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid, match="lower-case letters"):
        await run(settings, "new", name, "--folder", str(tmp_path))


async def test_a_robot_that_is_there_is_not_written_over(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "weather").mkdir()
    with pytest.raises(Conflict, match="already"):
        await run(settings, "new", "weather", "--folder", str(tmp_path))
