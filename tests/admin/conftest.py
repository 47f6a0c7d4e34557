"""A desk whose server has a robot that can be set in every way."""

from collections.abc import AsyncIterator

import pytest

from supportdesk import app as wiring
from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.db import Database
from supportdesk.robots.actions import install_robot
from supportdesk.robots.contract import Robot
from supportdesk.robots.discovery import Catalogue, Listing
from supportdesk.robots.host import Host
from tests.admin.rich import RichRobot
from tests.people import Desk
from tests.robots.strange import EchoRobot, StaffOnlyRobot

ROBOTS: tuple[type[Robot], ...] = (RichRobot, EchoRobot, StaffOnlyRobot)


@pytest.fixture
async def rich_desk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """Another node of the same workspace, with the robots of the tests."""
    listings = tuple(Listing(robot.name, "tests", robot) for robot in ROBOTS)
    monkeypatch.setattr(wiring, "discover", lambda: Catalogue(listings))
    node = Desk(desk.settings, desk.dsn, desk.owner, desk.workspace)
    await node.start()
    yield node
    await node.stop()


async def installed(desk: Desk, module: str, **more: object) -> str:
    """Give the workspace a robot; returns its id."""
    actor = Actor.system(WorkspaceId(desk.workspace.id))
    async with desk.resources.get(Database).transaction(actor) as tx:
        made = await install_robot(tx, actor, desk.resources.get(Host), module, **more)  # type: ignore[arg-type]
    return str(made.id)
