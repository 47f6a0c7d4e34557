"""D1 to D9, in whatever order people do things: on both ways out, nobody sees more, less or other than they should.

A short run whose steps are the same each time is part of every test run; `--hypothesis-profile=long` tries other
steps each time, for as long as its settings in tests/conftest.py say.
"""

import asyncio
import logging
from collections.abc import Coroutine
from functools import partial
from typing import Any, Final

import asyncpg
import structlog
from hypothesis import HealthCheck
from hypothesis import settings as settings_of_hypothesis
from hypothesis.stateful import run_state_machine_as_test

from supportdesk.config import Settings
from tests.contract.machine import DeskMachine
from tests.contract.party import Party
from tests.factories import make_workspace
from tests.people import Connection, Desk
from tests.transports import on_both_ways

BRIEF: Final = settings_of_hypothesis(max_examples=16, stateful_step_count=40, suppress_health_check=list(HealthCheck))
"""As much as every test run has time for."""


class OneDesk:
    """A desk that runs for all examples, in a loop of its own; every party has a workspace of its own on it."""

    def __init__(self, runner: asyncio.Runner, settings: Settings, dsn: str) -> None:
        self._runner, self._settings, self._dsn = runner, settings, dsn

    async def opens(self) -> None:
        self._owner: Connection = await asyncpg.connect(self._dsn)
        self._desk = Desk(self._settings, self._dsn, self._owner, await make_workspace(self._owner))
        await self._desk.start()

    async def shuts(self) -> None:
        await self._desk.stop()
        await self._owner.close()

    def party(self) -> Party:
        desk = Desk(self._settings, self._dsn, self._owner, self.run(make_workspace(self._owner)))
        desk.app, desk.url = self._desk.app, self._desk.url
        return Party(desk)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(work)


@on_both_ways
def test_everybody_sees_what_the_contract_says(settings: Settings, database_dsn: str) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with asyncio.Runner() as runner:
        stage = OneDesk(runner, settings, database_dsn)
        runner.run(stage.opens())
        try:
            brief = settings_of_hypothesis.get_current_profile_name() == "brief"
            run_state_machine_as_test(partial(DeskMachine, stage), settings=BRIEF if brief else None)  # type: ignore[arg-type] # any maker of machines
        finally:
            runner.run(stage.shuts())
            structlog.reset_defaults()
