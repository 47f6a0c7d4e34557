"""Homes for the embedded server: initdb runs once, tests get copies."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from supportdesk.core.embedded import EmbeddedServer
from tests.core.embedded.desks import Owner, copy_home, no_process_left, open_to_all


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the server has run once."""
    home = tmp_path_factory.mktemp("embedded") / "template"

    async def make() -> None:
        server = EmbeddedServer(home, durable=False)
        await server.start()
        await server.stop()

    asyncio.run(make())
    return home


@pytest.fixture(scope="session")
def shared_home(template: Path) -> Iterator[Path]:
    """The home of those tests that leave it as it was."""
    with open_to_all() as folder:
        yield copy_home(template, folder / "postgres")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter, unlike those of pytest."""
    with open_to_all() as folder:
        yield folder


@pytest.fixture
def home(shared_home: Path) -> Iterator[Path]:
    """A home that is ready to start; the test leaves it so, without a process."""
    with no_process_left(shared_home):
        yield shared_home


@pytest.fixture
def own_home(template: Path, open_folder: Path) -> Iterator[Path]:
    """A home that is ready to start, for the test to spoil; it leaves no process."""
    home = copy_home(template, open_folder / "postgres")
    with no_process_left(home):
        yield home


@pytest.fixture
def server(home: Path) -> EmbeddedServer:
    """A server that has not been started."""
    return EmbeddedServer(home, durable=False)


@pytest.fixture
def owner(home: Path) -> Iterator[Owner]:
    """A desk in another process that is about to own the server."""
    owner = Owner(home)
    yield owner
    owner.close()
