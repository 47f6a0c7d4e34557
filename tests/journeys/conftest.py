"""One desk, one browser and one event loop for all journeys of a worker; a context per person."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.journeys.faults import Faults
from tests.journeys.people import Stage
from tests.journeys.running import RunningDesk

DEBIANS = Path("/usr/bin/chromium")
PROGRAM = str(DEBIANS) if DEBIANS.exists() else None
FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chrome() -> AsyncIterator[Browser]:
    """Debian's Chromium where there is one, else Playwright's own."""
    # Chromium refuses its sandbox to root.
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=PROGRAM, args=flags)
        yield browser
        await browser.close()


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
    stage = Stage(chrome, desk.url, Faults(desk.url, desk.url.replace("http", "ws")))
    yield stage
    await stage.close()
    assert stage.faults.found == []
