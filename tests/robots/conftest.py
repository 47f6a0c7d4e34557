"""A theatre for each test, in a workspace of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import asyncpg
import pytest

from supportdesk.config import Settings
from supportdesk.robots.contract import Robot
from tests.admin.conftest import rich_desk
from tests.factories import make_workspace
from tests.llm.servers import Server, openai_server
from tests.robots.theatre import Theatre

__all__ = ["rich_desk", "staged"]

Staging: TypeAlias = Callable[..., Awaitable[Theatre]]


@pytest.fixture
async def staged(
    settings: Settings, database_dsn: str, owner: "asyncpg.Connection[asyncpg.Record]"
) -> AsyncIterator[Staging]:
    """Open a theatre with these robots; a second call opens another process over the same workspace."""
    opened: list[Theatre] = []
    workspace = await make_workspace(owner)

    async def stage(*robots: type[Robot], **options: Any) -> Theatre:
        theatre = Theatre(settings, database_dsn, owner, workspace)
        opened.append(theatre)
        await theatre.open(*robots, **{"install": len(opened) == 1, **options})
        return theatre

    yield stage
    for theatre in opened:
        await theatre.close()
    # Sweeps look across workspaces: what a test has left undone is not for the next one to find.
    await owner.execute(
        "UPDATE robot_interactions SET status = 'completed', completed_at = now() WHERE workspace_id = $1", workspace.id
    )
    await owner.execute("UPDATE chat_rooms SET deleted_at = now() WHERE workspace_id = $1", workspace.id)


@pytest.fixture
async def model() -> AsyncIterator[Server]:
    """What speaks as a provider does."""
    async with openai_server() as server:
        yield server
