"""The model is loaded once for all tests of this folder."""

from collections.abc import AsyncIterator

import pytest

from supportdesk.knowledge.embedding import Embedder
from supportdesk.knowledge.pool import Embeddings


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
