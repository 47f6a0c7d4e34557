"""A theatre with a till, in a workspace of its own."""

import pytest

from supportdesk.core.outward import Outward
from tests.people import Agent, Desk
from tests.robots.conftest import staged

__all__ = ["staged"]


@pytest.fixture
async def boss(desk: Desk) -> Agent:
    return await desk.agent("admin")


@pytest.fixture
def private(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator allows servers on this machine."""
    monkeypatch.setattr(desk.resources.get(Outward), "_private", frozenset({"127.0.0.1"}))
