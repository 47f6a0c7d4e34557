"""A guest who waits for a robot sees that it is at work, and no longer when it is not."""

import asyncio

import pytest

from supportdesk.core.sockets import DESK, GUEST, Namespace
from supportdesk.robots import drafts
from tests.robots.conftest import Staging
from tests.robots.strange import EchoRobot, PonderingRobot
from tests.robots.theatre import Theatre


class PrivatelyPonderingRobot(PonderingRobot):
    """Thinks for the staff alone."""

    name = "privately_pondering"

    class Settings(EchoRobot.Settings):
        """Hidden from guests."""

        visible_to_guest: bool = False


def shown(desk: Theatre, namespace: Namespace) -> list[bool]:
    return [data["on"] for event, where, data in desk.ears.heard if (event, where) == ("typing", namespace)]


async def ponders(desk: Theatre, monkeypatch: pytest.MonkeyPatch, times: int = 3) -> None:
    """Ask a robot that says nothing until it has been shown so often that it is at work."""
    monkeypatch.setattr(drafts, "QUIET_S", 0)
    monkeypatch.setattr(drafts, "AGAIN_S", 0)
    PonderingRobot.shut()
    enough = asyncio.Event()

    def count() -> None:
        if len(shown(desk, DESK)) >= times:
            enough.set()

    desk.ears.on_typing = count
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "a riddle")
    await asyncio.wait_for(enough.wait(), 10)
    PonderingRobot.gate.set()
    await desk.settle()


async def test_a_robot_that_takes_long_is_shown_at_work_until_its_turn_is_over(
    staged: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await staged(PonderingRobot)
    await ponders(desk, monkeypatch)
    for namespace in (GUEST, DESK):
        said = shown(desk, namespace)
        assert len(said) > 3, "again and again, since clients forget it"
        assert (set(said[:-1]), said[-1]) == ({True}, False)
    typing = next(data for event, _where, data in desk.ears.heard if event == "typing")
    assert (typing["kind"], typing["name"]) == ("robot", "pondering")


async def test_what_is_for_the_staff_shows_no_guest_that_somebody_works(
    staged: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await staged(PrivatelyPonderingRobot)
    await desk.owner.execute("UPDATE robots SET staff_only = false WHERE workspace_id = $1", desk.workspace_id)
    await ponders(desk, monkeypatch)
    assert shown(desk, DESK)
    assert shown(desk, GUEST) == []


async def test_a_robot_that_answers_at_once_shows_its_answer_alone(
    staged: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "QUIET_S", 30)
    desk = await staged(EchoRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "hello")
    await desk.settle()
    assert desk.ears.streamed(GUEST)
    assert shown(desk, GUEST) == shown(desk, DESK) == []
