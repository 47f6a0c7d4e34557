"""The model is loaded once for all tests of this folder; each test has a workspace of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pytest

from supportdesk.actor import Actor, ActorKind, WorkspaceId
from supportdesk.config import Settings
from supportdesk.core.db import Database
from supportdesk.core.events import Bus, Event
from supportdesk.core.tasks import Tasks
from supportdesk.knowledge import actions
from supportdesk.knowledge.embedding import Embedder
from supportdesk.knowledge.events import DocumentAdded, DocumentsChanged
from supportdesk.knowledge.model import Document, Hit, NewDocument, Outcome
from supportdesk.knowledge.pool import Embeddings, do
from supportdesk.knowledge.processing import Read, read_next
from supportdesk.knowledge.search import Knowledge
from tests.factories import Connection, make_workspace


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return Embedder.load()


@pytest.fixture
async def embeddings(embedder: Embedder) -> AsyncIterator[Embeddings]:
    """The application's resource, with the model already in its thread."""
    resource = Embeddings(workers=1)
    resource._embedder = embedder
    yield resource
    await resource.close()


class Quick(Embeddings):
    """Reads documents in this process: starting another takes longer than most tests."""

    async def _send(self, verb: Any, load: Any) -> object:
        if self._embedder is None:
            self._embedder = Embedder.load()
        return do(verb, load, self._embedder)


@dataclass(slots=True)
class Shelf:
    """One workspace's documents, and what was announced about them."""

    db: Database
    embeddings: Embeddings
    knowledge: Knowledge
    workspace_id: WorkspaceId
    heard: list[Event] = field(default_factory=list)

    @property
    def system(self) -> Actor:
        return Actor.system(self.workspace_id)

    def actor(self, kind: ActorKind) -> Actor:
        return Actor(kind=kind, id=None, workspace_id=self.workspace_id)

    def new(self, content: str, filename: str = "returns.md", title: str = "Returns", **more: Any) -> NewDocument:
        return NewDocument(
            workspace_id=self.workspace_id,
            filename=filename,
            title=title,
            content=content,
            content_hash=sha256(content.encode()).hexdigest(),
            file_size=len(content.encode()),
            **more,
        )

    async def add(self, content: str, filename: str = "returns.md", **more: Any) -> tuple[Document, Outcome]:
        async with self.db.transaction(self.system) as tx:
            return await actions.create_document(tx, self.system, self.new(content, filename, **more))

    async def read(self) -> Read | None:
        return await read_next(self.db, self.embeddings, self.system)

    async def holds(self, content: str, filename: str = "returns.md", **more: Any) -> Document:
        """Add a document and read it."""
        document, _ = await self.add(content, filename, **more)
        while await self.read():
            pass
        return document

    async def finds(self, question: str, kind: ActorKind = ActorKind.GUEST, **more: Any) -> list[Hit]:
        return await self.knowledge.search(self.actor(kind), question, **more)


MakeShelf = Callable[[], Awaitable[Shelf]]


@pytest.fixture
async def make_shelf(
    settings: Settings, database_dsn: str, owner: Connection, embedder: Embedder
) -> AsyncIterator[MakeShelf]:
    """Make workspaces that share a database and a model."""
    tasks = Tasks()
    bus = Bus(tasks)
    db = Database(settings, database_dsn, bus)
    await db.open()
    embeddings = Quick(workers=1)
    embeddings._embedder = embedder
    knowledge = Knowledge(db, embeddings)

    async def make() -> Shelf:
        shelf = Shelf(db, embeddings, knowledge, WorkspaceId((await make_workspace(owner)).id))

        def hear(event: DocumentAdded | DocumentsChanged) -> None:
            if event.workspace_id == shelf.workspace_id:
                shelf.heard.append(event)

        bus.at_once(DocumentAdded, hear)
        bus.at_once(DocumentsChanged, hear)
        return shelf

    yield make
    await tasks.settle()
    await embeddings.close()
    await db.close()


@pytest.fixture
async def shelf(make_shelf: MakeShelf) -> Shelf:
    return await make_shelf()
