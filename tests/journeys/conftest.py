"""One desk, one browser and one event loop for all journeys of a worker; a context per person."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserType, async_playwright

from tests.journeys.faults import Faults
from tests.journeys.people import Stage
from tests.journeys.running import RunningDesk

DEBIANS = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
"""Without windows, and whole."""
PRESENT = [path for path in DEBIANS if path.exists()]
FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def programs() -> AsyncIterator[BrowserType]:
    """What starts browsers."""
    async with async_playwright() as playwright:
        yield playwright.chromium


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chrome(programs: BrowserType) -> AsyncIterator[Browser]:
    """Chromium without windows: Debian's where there is one, else Playwright's own.

    Its pages are those of the whole browser, whose window, menus and extensions cost as much again and are never seen.
    """
    browser = await programs.launch(executable_path=PRESENT[0] if PRESENT else None, args=flags())
    yield browser
    await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def whole_chrome(programs: BrowserType) -> AsyncIterator[Browser]:
    """The whole browser, for what depends on its settings: in its private windows foreign frames may keep nothing."""
    if PRESENT:
        browser = await programs.launch(executable_path=PRESENT[-1], args=flags())
    else:
        browser = await programs.launch(channel="chromium", args=flags())
    yield browser
    await browser.close()


def flags() -> list[str]:
    """What each Chromium is told; it refuses its sandbox to root."""
    return [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningDesk]:
    """A desk with the demo workspace, freshly installed."""
    running = RunningDesk(tmp_path_factory.mktemp("journeys") / "desk")
    await running.start()
    yield running
    await running.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def stage(chrome: Browser, desk: RunningDesk) -> AsyncIterator[Stage]:
    """Where the people of one journey come and go; at its end no browser has complained."""
    async with staged(chrome, desk) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="session")
async def whole_stage(whole_chrome: Browser, desk: RunningDesk) -> AsyncIterator[Stage]:
    """The same before the whole browser."""
    async with staged(whole_chrome, desk) as stage:
        yield stage


@asynccontextmanager
async def staged(chrome: Browser, desk: RunningDesk) -> AsyncIterator[Stage]:
    """A stage, cleared at the end; raises AssertionError when a browser has complained."""
    stage = Stage(chrome, desk.url, Faults(desk.url, desk.url.replace("http", "ws")))
    yield stage
    await stage.close()
    assert stage.faults.found == []
