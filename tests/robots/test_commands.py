"""supportdesk robots list, supportdesk robots check."""

import argparse
from pathlib import Path

import pytest

from supportdesk.commands import robots
from supportdesk.config import Settings
from supportdesk.errors import NotFound
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
    assert len(lines) == 7
    assert all(line.startswith("ok") for line in lines)


async def test_check_of_an_unknown_robot_says_where_to_look(settings: Settings) -> None:
    with pytest.raises(NotFound, match="supportdesk robots list"):
        await run(settings, "check", "nobody")
