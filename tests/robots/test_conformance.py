"""The suite that every robot must pass catches those that must not."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import ClassVar

import pytest
from pydantic import BaseModel, Field, SecretStr

from supportdesk.robots import conformance, contract
from supportdesk.robots.conformance import (
    Fails,
    _it_ends_when_it_is_stopped,
    _nothing_follows_a_hand_off,
    blocking,
    check,
)
from supportdesk.robots.contract import Event, KitError, Robot, Say, Silent, Turn
from supportdesk.robots.discovery import Listing, discover
from supportdesk.robots.stretches import Stretch
from tests.robots.strange import (
    BlockingRobot,
    CrashingRobot,
    EchoRobot,
    EndlessRobot,
    StubbornRobot,
    TalkingAfterHandOffRobot,
    WordlessRobot,
)


async def problems(robot: type[Robot] | None, problem: str | None = None) -> dict[str, str]:
    listing = Listing("tried", "tests", robot, problem)
    return {finding.says: finding.problem async for finding in check(listing) if not finding.holds}


@pytest.mark.parametrize("name", sorted(discover(installed=()).usable))
async def test_every_robot_that_ships_passes(name: str) -> None:
    assert await problems(discover(installed=()).usable[name]) == {}


async def test_a_robot_that_does_not_load_says_why() -> None:
    assert await problems(None, "RuntimeError: broken") == {"It loads.": "RuntimeError: broken"}


async def test_a_crash_is_found() -> None:
    found = await problems(CrashingRobot)
    assert "RuntimeError" in found["It copes with anything a guest may write."]
    assert "It survives errors of the kit." in found


class ForgetfulRobot(Robot):
    """Yields what it has not imported."""

    name = "forgetful"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        if turn.text:
            raise NameError("name 'Silent' is not defined", name="Silent")
        yield Say(delta=turn.text)


async def test_what_was_not_imported_is_named_with_where_it_is() -> None:
    found = await problems(ForgetfulRobot)
    told = found["It copes with anything a guest may write."]
    assert "import Silent from supportdesk.robots.contract" in told


async def test_an_event_after_a_hand_off_is_found() -> None:
    found = await problems(TalkingAfterHandOffRobot)
    assert "it yielded say after hand_off" in found["No event follows a hand-off."]


class LingeringRobot(Robot):
    """Says something now and then, and goes on to do so."""

    name = "lingering"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        while True:
            await asyncio.sleep(0.01)
            yield Say(delta=turn.text[:1])


@pytest.mark.parametrize("robot", [EndlessRobot, LingeringRobot])
async def test_a_robot_without_an_end_is_found_before_the_other_trials_wait_for_it(
    robot: type[Robot], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conformance, "ENDLESS_S", 0.3)
    found = await problems(robot)
    assert list(found) == ["It comes to an end."]
    assert "it went on and on" in found["It comes to an end."]


async def test_what_follows_no_hand_off_is_not_listened_to_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conformance, "LONGEST_TURN_S", 0.05)
    async with asyncio.timeout(5) as limit:
        await _nothing_follows_a_hand_off(WordlessRobot)
    assert not limit.expired()


async def test_swallowed_cancelling_is_found() -> None:
    StubbornRobot.may_go = asyncio.Event()
    asyncio.get_running_loop().call_later(1.2, StubbornRobot.may_go.set)
    with pytest.raises(Fails, match="still running 1 s later"):
        await _it_ends_when_it_is_stopped(StubbornRobot)
    await StubbornRobot.may_go.wait()


class SleepingRobot(EchoRobot):
    """Sleeps 60 ms in the loop's own thread, once a turn."""

    name = "sleeping"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        await asyncio.sleep(0)
        time.sleep(0.06)  # noqa: ASYNC251 - that is its fault
        yield Say(delta=turn.text)


class BusyRobot(EchoRobot):
    """Computes for 60 ms, once a turn."""

    name = "busy"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield Say(delta=turn.text)
        ends = time.thread_time() + 0.06
        while time.thread_time() < ends:
            await self.gives_way()

    async def gives_way(self) -> None:
        """An await that never waits lets nobody else run."""


class CrowdedRobot(EchoRobot):
    """Does nothing of note while three other programs want the processor."""

    name = "crowded"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield Say(delta=str(sorted(turn.text)[:1]))


@pytest.mark.parametrize("robot", [BlockingRobot, SleepingRobot, BusyRobot])
async def test_a_robot_that_blocks_the_loop_once_a_turn_is_blamed(
    monkeypatch: pytest.MonkeyPatch, robot: type[Robot]
) -> None:
    monkeypatch.setattr(conformance, "TEXTS", ("hello",))
    with pytest.raises(Fails, match=r"test_conformance\.py:\d+|strange\.py:\d+"):
        await conformance._it_never_blocks_the_loop(robot)


async def test_an_idle_robot_on_a_crowded_machine_is_not_blamed() -> None:
    crowd = [await asyncio.create_subprocess_exec(sys.executable, "-c", "while True: 1") for _ in range(3)]
    blamed = ""
    try:
        await conformance._it_never_blocks_the_loop(CrowdedRobot)
    except Fails as failure:
        blamed = str(failure)
    finally:
        for each in crowd:
            each.kill()
            await each.wait()
    assert blamed == ""


def test_what_the_machine_took_is_not_the_robots() -> None:
    held_up = Stretch(wall_s=0.3, queued_s=0.29, where="robot.py:1")
    slow = Stretch(wall_s=0.3, queued_s=0.2, where="robot.py:2")
    assert blocking([held_up] * 5, can_tell=True) is None
    assert blocking([slow, held_up, held_up, held_up, held_up], can_tell=True) is None, "once is no habit"
    assert blocking([held_up, slow, held_up, held_up, slow], can_tell=True) is slow
    unknown = Stretch(wall_s=0.3, queued_s=0, where="robot.py:3")
    quick = Stretch(wall_s=0.01, queued_s=0, where="robot.py:3")
    assert blocking([unknown] * 4 + [quick], can_tell=False) is None, "where nobody can tell, it is slow every time"
    assert blocking([unknown] * 5, can_tell=False) is unknown


async def test_a_robot_that_is_always_silent_gets_a_remark_and_examples_help() -> None:
    class QuietRobot(Robot):
        name = "quiet"

        class Settings(contract.Settings):
            """A word."""

            word: str = Field(default="", title="Word")

        settings: Settings

        async def answer(self, turn: Turn) -> AsyncIterator[Event]:
            """Speaks once it has a word."""
            del turn
            yield Say(delta=self.settings.word) if self.settings.word else Silent(reason="no word is set")

    class ShownRobot(QuietRobot):
        name = "shown"
        example_settings: ClassVar[contract.StoredSettings] = {"word": "Hello"}

    class WrongRobot(QuietRobot):
        name = "wrong"
        example_settings: ClassVar[contract.StoredSettings] = {"words": "Hello"}

    async def remarks(robot: type[Robot]) -> list[str]:
        found = [finding async for finding in check(Listing("tried", "tests", robot))]
        assert all(finding.holds for finding in found)
        return [finding.advice for finding in found if finding.remark]

    (advice,) = await remarks(QuietRobot)
    assert "example_settings" in advice
    assert await remarks(ShownRobot) == []
    assert "example_settings are not valid" in next(iter((await problems(WrongRobot)).values()))


NEEDS_MORE = {"assistant": "a model", "orders": "tools"}


@pytest.mark.parametrize("name", sorted(discover(installed=()).usable.keys() - NEEDS_MORE))
async def test_every_robot_that_ships_speaks_in_some_trial(name: str) -> None:
    assert await conformance._does_anything(discover(installed=()).usable[name])


async def test_settings_without_a_default_are_found() -> None:
    class NeedyRobot(EchoRobot):
        name = "needy"

        class Settings(contract.Settings):
            """No default."""

            url: str = Field(title="Address")

    assert list((await problems(NeedyRobot)).values()) == ["These settings have no valid default: url."]


async def test_secrets_that_no_form_can_keep_are_found() -> None:
    class Account(BaseModel):
        key: SecretStr = SecretStr("")

    class ForgetfulRobot(EchoRobot):
        name = "forgetful"

        class Settings(contract.Settings):
            accounts: tuple[Account, ...] = ()

    assert list((await problems(ForgetfulRobot)).values()) == [
        "The settings cannot be a form: accounts is a list with the secret key in it; secrets stand outside of lists."
    ]


async def test_settings_that_take_anything_are_found() -> None:
    class LaxRobot(EchoRobot):
        name = "lax"

        class Settings(contract.Settings, extra="allow"):
            """Takes anything."""

            url: str = Field(default="", title="Address")

    assert "extra=" in next(iter((await problems(LaxRobot)).values()))


async def test_settings_without_a_title_are_found() -> None:
    class NamelessRobot(EchoRobot):
        name = "nameless"

        class Settings(contract.Settings):
            """No title."""

            url: str = ""

    assert next(iter((await problems(NamelessRobot)).values())).endswith("would show: url.")


@pytest.mark.parametrize("part", ["search", "llm", "tools", "http"])
async def test_a_robot_that_breaks_when_one_part_of_its_kit_fails_is_found(part: str) -> None:
    class BrittleRobot(EchoRobot):
        name = "brittle"

        async def answer(self, turn: Turn) -> AsyncIterator[Event]:
            """Turns whatever the kit raises into something else."""
            calls: dict[str, Callable[[], Awaitable[object]]] = {
                "search": lambda: self.kit.search(turn.text),
                "llm": self._listens,
                "tools": self.kit.tools.list,
                "http": lambda: self.kit.http.request("GET", "https://shop.test"),
            }
            try:
                await calls[part]()
            except KitError as error:
                if "suite lets" in str(error):
                    raise RuntimeError(part) from error
            yield Say(delta="hello")

        async def _listens(self) -> list[object]:
            return [piece async for piece in self.kit.llm.answer("", Turn(text=""))]

    found = await problems(BrittleRobot)
    assert list(found) == ["It survives errors of the kit."]
    assert f"With {part} of its kit failing" in found["It survives errors of the kit."]


async def test_a_setting_whose_limits_it_cannot_bear_is_found() -> None:
    class LimitedRobot(EchoRobot):
        name = "limited"

        class Settings(EchoRobot.Settings):
            """A divisor."""

            parts: int = Field(default=2, ge=0, le=9, title="Parts")

        settings: Settings

        async def answer(self, turn: Turn) -> AsyncIterator[Event]:
            """Divides."""
            yield Say(delta=turn.text[: len(turn.text) // self.settings.parts + 1])

    found = await problems(LimitedRobot)
    assert "With parts = '0', it failed. ZeroDivisionError" in found["It survives settings at their limits."]


async def test_a_robot_that_remembers_is_found() -> None:
    class RememberingRobot(EchoRobot):
        name = "remembering"
        seen: ClassVar[list[str]] = []

        async def answer(self, turn: Turn) -> AsyncIterator[Event]:
            """Remembers everybody."""
            self.seen.append(turn.text)
            yield Say(delta="hello")

    found = await problems(RememberingRobot)
    assert found == {"It keeps nothing between turns.": "A turn has changed RememberingRobot.seen."}


async def test_each_problem_comes_with_what_to_do() -> None:
    listing = Listing("tried", "tests", CrashingRobot)
    assert all(finding.advice.endswith(".") for finding in [one async for one in check(listing)] if not finding.holds)
