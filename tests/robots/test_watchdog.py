"""A robot that keeps the loop from everybody else is named."""

import asyncio
import threading
import time

from supportdesk.core.clock import Clock
from supportdesk.robots.contract import Turn
from supportdesk.robots.play import Ending
from supportdesk.robots.testing import PracticeKit, perform
from supportdesk.robots.watchdog import Blocked, Watchdog
from tests.robots.strange import BlockingRobot, CirclingRobot, EchoRobot


async def test_a_blocking_robot_is_named_with_the_line_it_stands_on() -> None:
    blamed: asyncio.Queue[Blocked] = asyncio.Queue()
    watchdog = Watchdog(Clock(), blamed.put_nowait, patience_s=0.05, every_s=0.001)
    watchdog.start()
    try:
        await perform(EchoRobot, Turn(text="hello"), kit=PracticeKit())
        await perform(BlockingRobot, Turn(text="hello"), kit=PracticeKit())
        blocked = await asyncio.wait_for(blamed.get(), 5)
    finally:
        watchdog.stop()
    assert blocked.robot == "blocking"
    assert "tests/robots/strange.py:" in blocked.where
    assert blocked.for_s >= 0.05
    assert blamed.empty()


async def test_a_robot_that_keeps_the_loop_for_ever_is_ended_and_the_loop_goes_on() -> None:
    blamed: asyncio.Queue[Blocked] = asyncio.Queue()
    watchdog = Watchdog(Clock(), blamed.put_nowait, patience_s=0.02, every_s=0.001, stops_after_s=0.1)
    watchdog.start()
    try:
        played = await perform(CirclingRobot, Turn(text="hello"), kit=PracticeKit())
        blocked = await asyncio.wait_for(blamed.get(), 5)
    finally:
        watchdog.stop()
    assert played.ending is Ending.FAILED
    assert played.reason == "KeptTheLoop: it kept the desk from everything else and was stopped"
    assert blocked.robot == "circling"


async def test_what_is_not_a_robots_doing_is_blamed_on_none() -> None:
    blamed: list[Blocked] = []
    watchdog = Watchdog(Clock(), blamed.append, patience_s=0.02, every_s=0.001)
    watchdog.start()
    time.sleep(0.1)  # noqa: ASYNC251 - this test holds up its own loop
    await asyncio.sleep(0)
    watchdog.stop()
    assert blamed == []


async def test_it_can_be_stopped_while_the_loop_stands() -> None:
    watchdog = Watchdog(Clock(), lambda _blocked: None, patience_s=0.01, every_s=0.001)
    before = threading.active_count()
    watchdog.start()
    time.sleep(0.03)  # noqa: ASYNC251 - as above
    assert threading.active_count() == before + 1
    watchdog.stop()
    assert threading.active_count() == before
