"""Replays and regression cases: what changed is told, and nothing but reading is done."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID, uuid4

import orjson
import pytest

from supportdesk.commands import replay as command
from supportdesk.commands import robots as commands
from supportdesk.config import Settings
from supportdesk.errors import Invalid, NotFound
from supportdesk.robots.contract import KitError
from supportdesk.robots.replay import RecordedTools, Replayed, replay_room
from supportdesk.rooms.model import Room
from tests.admin.test_ledger import asked as asks_faq
from tests.people import Desk
from tests.robots.conftest import Staging
from tests.robots.strange import CrashingRobot, EchoRobot, SilentRobot
from tests.robots.theatre import Shelf, Theatre

CASES = Path(__file__).parent / "cases"


async def replays(desk: Theatre, room: Room, name: str) -> list[Replayed]:
    found = replay_room(desk.db, desk.host, desk.shelf, desk.system, room.id, name)
    return [one async for one in found]


async def counted(desk: Theatre) -> Mapping[str, int]:
    tables = ("messages", "room_events", "robot_interactions", "tool_executions", "usage_logs")
    return {
        table: await desk.owner.fetchval(f"SELECT count(*) FROM {table} WHERE workspace_id = $1", desk.workspace_id)  # noqa: S608 - names of the test
        for table in tables
    }


async def test_what_the_robot_says_otherwise_now_is_told_and_nothing_is_written(staged: Staging) -> None:
    desk = await staged(EchoRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    for text in ("one", "two"):
        await desk.says(guest, room, text)
        await desk.settle()
    before = await counted(desk)
    assert [one.differences for one in await replays(desk, room, "echo")] == [(), ()]
    await desk.owner.execute(
        """UPDATE robots SET settings = '{"prefix": "I hear "}' WHERE workspace_id = $1""", desk.workspace_id
    )
    first, second = await replays(desk, room, "echo")
    assert (first.asked, first.differences, first.before.text, first.now.text) == (
        "one",
        ("text",),
        "one",
        "I hear one",
    )
    assert second.differences == ("text",)
    assert await counted(desk) == before


async def test_another_robot_is_held_against_the_one_that_answered_then(staged: Staging) -> None:
    desk = await staged(CrashingRobot, EchoRobot, SilentRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "one")
    await desk.settle()
    (silent,) = await replays(desk, room, "silent")
    assert silent.answered_by == "echo"
    assert (silent.before.ending, silent.now.ending) == ("answered", "silent")
    (crashing,) = await replays(desk, room, "crashing")
    assert (crashing.answered_by, crashing.differences) == ("", ()), "it fails as it did"
    with pytest.raises(NotFound, match="no robot called nobody"):
        await replays(desk, room, "nobody")


async def test_documents_are_those_of_now_and_history_that_of_then(staged: Staging) -> None:
    from supportdesk.robots.discovery import discover

    faq = discover(installed=()).usable["faq"]
    desk = await staged(faq, texts=["Refunds take five days."])
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "How long do refunds take?")
    await desk.settle()
    assert [one.differences for one in await replays(desk, room, "faq")] == [()]
    desk.shelf = Shelf(desk.workspace_id, "Refunds take nine days.")
    (changed,) = await replays(desk, room, "faq")
    assert (changed.differences, changed.now.text) == (("text",), "Refunds take nine days.")
    assert changed.before.cites == changed.now.cites == ("Help",)
    desk.shelf = Shelf(desk.workspace_id)
    (lost,) = await replays(desk, room, "faq")
    assert (lost.before.ending, lost.now.ending) == ("answered", "handed_off")
    assert (lost.before.score, lost.now.score) == (0.6667, None)


async def test_tools_come_to_what_they_came_to_then(staged: Staging) -> None:
    from supportdesk.robots.queries.replay import list_tool_results

    desk = await staged(EchoRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    robot = await desk.owner.fetchval("SELECT id FROM robots WHERE workspace_id = $1", desk.workspace_id)
    await desk.owner.execute(
        "INSERT INTO tool_executions (workspace_id, room_id, robot_id, tool_name, parameters, args_sha256, status, "
        "result, approved_at, executed_at) VALUES ($1, $2, $3, 'look_up_order', $4, $5, 'completed', $6, now(), now())",
        desk.workspace_id,
        room.id,
        robot,
        '{"b": 1, "order": 7}',
        "0" * 64,
        '{"state": "sent"}',
    )
    async with desk.db.read(desk.system) as conn:
        tools = RecordedTools(await list_tool_results(conn, room.id))
    assert [spec.name for spec in await tools.list()] == ["look_up_order"]
    assert (await tools.call("look_up_order", {"order": 7, "b": 1})).result == {"state": "sent"}
    with pytest.raises(KitError, match="a replay runs nothing"):
        await tools.call("look_up_order", {"order": 8, "b": 1})


def chosen(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    commands.add_to(parser.add_subparsers())
    return parser.parse_args(["robots", *words])


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    """The object that a command has printed; the desk of the test, in the same process, may log before and after it."""
    lines = capsys.readouterr().out.splitlines(keepends=True)
    told = "".join(lines[next(at for at, line in enumerate(lines) if line.startswith("{")) :])
    return told[: json.JSONDecoder().raw_decode(told)[1]]


async def test_a_conversation_becomes_a_case_that_passes_until_the_documents_say_otherwise(
    desk: Desk, settings: Settings, database_dsn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    admin = await desk.signed_in("admin")
    document = {"filename": "r.md", "title": "Refunds", "content": "# Refunds\n\nRefunds take five working days."}
    assert (await admin.fetches("POST", "/api/v1/documents", document))[0] == 201
    await desk.settle()
    guest = await asks_faq(desk, "How long do refunds take?")
    elsewhere = settings.model_copy(update={"database_url": database_dsn})
    replaying = chosen("replay", str(guest.room_id), "--robot", "faq", "--fail-on-change")
    assert await command.replay_room(elsewhere, replaying) == 0
    assert "as before: answered" in capsys.readouterr().out

    exporting = chosen("export-case", str(guest.room_id), "--robot", "faq")
    assert await command.export_case(elsewhere, exporting) == 0
    exported = printed(capsys)
    case = orjson.loads(exported)
    assert case["turns"][0]["expect"] == {
        "ending": "answered",
        "contains": ["Refunds take five working days."],
        "cites": ["Refunds"],
    }
    looks = "SELECT kind, actor_kind FROM access_log WHERE thing_id = $1 ORDER BY kind"
    looked = [tuple(row) for row in await desk.owner.fetch(looks, UUID(str(guest.room_id)))]
    assert looked == [("export", "system"), ("ledger", "system")]
    (tmp_path / "refunds.json").write_text(exported)
    checking = chosen("check-cases", str(tmp_path), "--robot", "faq")
    assert await command.check_cases(settings, checking) == 0
    (tmp_path / "refunds.json").write_text(exported, "utf-8-sig")
    assert await command.check_cases(settings, checking) == 0, "as some editors save it"
    (tmp_path / "refunds.json").write_text(exported.replace('five working days."\n    }', 'nine days."\n    }'))
    assert await command.check_cases(settings, checking) == 1
    assert "It did not say 'Refunds take five working days.'." in capsys.readouterr().out

    document["content"] = "# Refunds\n\nRefunds take nine working days."
    assert (await admin.fetches("POST", "/api/v1/documents", document))[0] == 201
    await desk.settle()
    assert await command.replay_room(elsewhere, replaying) == 1
    told = capsys.readouterr().out
    assert "- Refunds take five working days." in told
    assert "+ Refunds take nine working days." in told
    replaying = chosen("replay", str(guest.room_id), "--robot", "faq", "--json")
    assert await command.replay_room(elsewhere, replaying) == 0
    whole = orjson.loads(printed(capsys))
    assert (whole["changed"], whole["turns"][0]["differences"]) == (1, ["text"])


async def test_commands_say_what_is_not_there(
    settings: Settings, database_dsn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = settings.model_copy(update={"database_url": database_dsn})
    with pytest.raises(NotFound, match="no conversation"):
        await command.replay_room(elsewhere, chosen("replay", str(uuid4()), "--robot", "faq"))
    with pytest.raises(SystemExit):
        chosen("replay", "nonsense", "--robot", "faq")
    with pytest.raises(Invalid, match="There is no case"):
        await command.check_cases(settings, chosen("check-cases", str(tmp_path)))
    with pytest.raises(Invalid, match="There is no folder"):
        await command.check_cases(settings, chosen("check-cases", str(tmp_path / "none")))
    good = next(CASES.rglob("*.json")).read_text("utf-8")
    wrong = {
        "list.json": ("[]", "is no case"),
        "latin.json": ("caf\udce9", "is not text in UTF-8"),
        "more.json": ('{"robot": "x", "turns": [], "y": 1}', "is no case"),
        "nobody.json": ('{"robot": "nobody", "turns": [{"text": "x"}]}', "not loaded"),
    }
    for name, (content, _) in (wrong | {"z-good.json": (good, "")}).items():
        (tmp_path / name).write_text(content, errors="surrogateescape")
    assert await command.check_cases(settings, chosen("check-cases", str(tmp_path))) == 1
    told = capsys.readouterr().out
    for name, (_, problem) in wrong.items():
        assert any(line.startswith("FAIL") and name in line and problem in line for line in told.splitlines()), told
    assert "ok    z-good.json" in told, "the others are judged all the same"
    assert "4 failed" in told


async def test_the_cases_of_the_robots_that_ship_hold(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    status = await command.check_cases(settings, chosen("check-cases", str(CASES)))
    assert status == 0, capsys.readouterr().out
