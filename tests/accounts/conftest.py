"""What tests of the way in begin with."""

from collections.abc import AsyncIterator

import pytest

from tests.people import Desk


@pytest.fixture
async def empty(desk: Desk) -> AsyncIterator[Desk]:
    """A desk on which no workspace is to be seen."""
    hidden = await desk.owner.fetch("UPDATE workspaces SET deleted_at = now() WHERE deleted_at IS NULL RETURNING id")
    yield desk
    await desk.owner.execute("UPDATE workspaces SET deleted_at = now() WHERE deleted_at IS NULL")
    await desk.owner.execute(
        "UPDATE workspaces SET deleted_at = NULL WHERE id = ANY ($1)", [row["id"] for row in hidden]
    )


@pytest.fixture(autouse=True)
def hasher() -> None:
    """The desk's own, at its price: here it is what is tried."""
