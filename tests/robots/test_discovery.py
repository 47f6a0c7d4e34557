"""Robots are found; what cannot be used is listed with the reason, and never stops the start."""

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from supportdesk.robots.contract import Trigger
from supportdesk.robots.discovery import GROUP, Catalogue, discover
from supportdesk.robots.testing import play

GOOD = """
from supportdesk.robots.contract import Robot, Say
{imports}
class {name}Robot(Robot):
    name = "{low}"
    {extra}
    async def answer(self, turn):
        yield Say(delta={said})
"""


def write(folder: Path, name: str, source: str, **others: str) -> None:
    (folder / name).mkdir()
    (folder / name / "robot.py").write_text(source)
    for other, text in others.items():
        (folder / name / f"{other}.py").write_text(text)


def good(name: str, *, extra: str = "", imports: str = "", said: str = "turn.text") -> str:
    return GOOD.format(name=name.title(), low=name, extra=extra, imports=imports, said=said)


def entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name=name, value=value, group=GROUP)


def problem_of(catalogue: Catalogue, name: str) -> str:
    (listing,) = [listing for listing in catalogue.listings if listing.name == name]
    assert listing.robot is None
    return listing.problem or ""


def test_the_robots_that_ship_are_found() -> None:
    catalogue = discover(installed=())
    assert {"greeter", "faq"} <= set(catalogue.usable)
    assert catalogue.hearing(Trigger.ROOM_OPENED) == ["greeter"]
    assert "faq" in catalogue.hearing(Trigger.MESSAGE)
    assert "greeter" not in catalogue.hearing(Trigger.MESSAGE)


async def test_a_folder_is_loaded_under_a_private_name_with_its_own_modules(tmp_path: Path) -> None:
    source = good("json", imports="from .words import HELLO", said="HELLO")
    write(tmp_path, "json", source, words='HELLO = "from next door"')
    robot = discover(tmp_path, ()).usable["json"]
    assert [event.model_dump() for event in await play(robot, "hi")] == [{"kind": "say", "delta": "from next door"}]
    assert robot.__module__ == "supportdesk_robot_json.robot"
    assert sys.modules["json"].__name__ == "json"
    assert not hasattr(sys.modules["json"], "HELLO")


def test_finding_twice_sees_what_has_changed(tmp_path: Path) -> None:
    write(tmp_path, "echo", good("echo", extra='version = "1"'))
    assert discover(tmp_path, ()).usable["echo"].version == "1"
    (tmp_path / "echo" / "robot.py").write_text(good("echo", extra='version = "2 and longer"'))
    assert discover(tmp_path, ()).usable["echo"].version == "2 and longer"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise RuntimeError('broken on import')", "RuntimeError: broken on import"),
        ("import sys\nsys.exit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("def answer(:\n", "SyntaxError"),
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("x = 1", "robot.py must define exactly one Robot, and it defines none"),
        (good("bad") + good("worse"), "it defines BadRobot, WorseRobot"),
        (good("bad", extra="api = 0"), "it is written for robot api 0, this server speaks 1"),
        (good("bad", extra="api = 2"), "it is written for robot api 2, this server speaks 1"),
        (good("bad").replace('"bad"', '"Bad Robot"'), "not 'Bad Robot'"),
        (good("bad").replace('    name = "bad"\n', ""), "not None"),
        (good("bad").replace("yield", "return"), "its answer must be an async generator"),
        (good("bad", extra="display_name = 'x' * 101"), "its display_name must be a line of at most 100 characters"),
        (good("bad", extra="display_name = None"), "its display_name must be a line"),
        (good("bad", extra="Settings = dict"), "its Settings must extend the contract's Settings"),
        (
            "from supportdesk.robots.contract import Settings\n"
            + good("bad", extra="class Settings(Settings):\n        key: str"),
            "every setting needs a default that fits, and these have none: key",
        ),
        (good("bad", extra="hears = frozenset()"), "it must hear one or more of message, room_opened"),
        (good("bad", extra='hears = frozenset({"thunder"})'), "it must hear one or more of message, room_opened"),
    ],
)
def test_a_broken_robot_is_listed_and_its_neighbour_works(tmp_path: Path, source: str, reason: str) -> None:
    write(tmp_path, "bad", source)
    write(tmp_path, "good", good("good"))
    catalogue = discover(tmp_path, ())
    assert reason in problem_of(catalogue, "bad")
    assert set(catalogue.usable) == {"good"}


def test_a_folder_without_a_robot_is_listed_and_hidden_ones_are_not(tmp_path: Path) -> None:
    for name in ("empty", "Odd Name", "__pycache__", ".git"):
        (tmp_path / name).mkdir()
    (tmp_path / "notes.txt").write_text("not a folder")
    catalogue = discover(tmp_path, ())
    assert problem_of(catalogue, "empty") == "the folder has no robot.py"
    assert "lower-case letters" in problem_of(catalogue, "Odd Name")
    assert len(catalogue.listings) == 2


def test_no_folder_takes_the_name_of_the_robot_that_is_called_as_its_own(tmp_path: Path) -> None:
    write(tmp_path, "a_stranger", good("echo", extra='version = "0.1"'))
    write(tmp_path, "echo", good("echo"))
    write(tmp_path, "odd", good("other"))
    catalogue = discover(tmp_path, ())
    assert catalogue.usable["echo"].version != "0.1"
    refused = [listing.problem for listing in catalogue.listings if listing.robot is None]
    assert refused == [f"the name echo is already taken by {tmp_path.name}/echo"]
    assert "other" in catalogue.usable


def test_installed_packages_come_first_and_a_taken_name_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "echo", good("echo"))
    catalogue = discover(tmp_path, [entry("echo", "tests.robots.strange:EchoRobot")])
    assert catalogue.usable["echo"].version == "1.2.3"
    (refused,) = [listing for listing in catalogue.listings if listing.robot is None]
    assert refused.problem == "the name echo is already taken by tests.robots.strange:EchoRobot"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("no_such_package.robot:Robot", "ModuleNotFoundError"),
        ("tests.robots.strange:NoSuchRobot", "AttributeError"),
        ("tests.robots.strange:asyncio", "is not a Robot class"),
    ],
)
def test_a_broken_entry_point_is_listed(tmp_path: Path, value: str, reason: str) -> None:
    catalogue = discover(tmp_path, [entry("acme", value)])
    assert reason in problem_of(catalogue, "acme")
    assert not catalogue.usable
