"""A new document is read at once, not at the next sweep."""

from supportdesk.actor import Actor
from supportdesk.core.db import Database
from supportdesk.core.events import Bus
from supportdesk.knowledge.events import DocumentAdded, EntriesChanged, QuestionUnanswered
from supportdesk.knowledge.pool import Embeddings
from supportdesk.knowledge.processing import read_next
from supportdesk.knowledge.unanswered import sort_in


def setup(bus: Bus, db: Database, embeddings: Embeddings) -> None:
    """Read documents as they are added; what fails to be read here, the sweep reads."""

    async def read(event: DocumentAdded) -> None:
        await read_next(db, embeddings, Actor.system(event.workspace_id), document_id=event.document_id)

    async def read_all(event: EntriesChanged) -> None:
        while await read_next(db, embeddings, Actor.system(event.workspace_id)) is not None:
            continue
        await embeddings.rest()

    async def sort(event: QuestionUnanswered) -> None:
        await sort_in(db, embeddings, Actor.system(event.workspace_id))

    bus.on(QuestionUnanswered, sort)
    bus.on(DocumentAdded, read)
    bus.on(EntriesChanged, read_all)
