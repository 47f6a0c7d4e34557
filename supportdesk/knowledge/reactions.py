"""A new document is read at once, not at the next sweep."""

from supportdesk.actor import Actor
from supportdesk.core.db import Database, Lane
from supportdesk.core.events import Bus
from supportdesk.knowledge.events import DocumentAdded, DocumentsChanged, EntriesChanged, QuestionUnanswered
from supportdesk.knowledge.pool import Embeddings
from supportdesk.knowledge.processing import read_next
from supportdesk.knowledge.queries import reading
from supportdesk.knowledge.unanswered import sort_in


def setup(bus: Bus, db: Database, embeddings: Embeddings) -> None:
    """Read documents as they are added; what fails to be read here, the sweep reads."""

    async def read(event: DocumentAdded) -> None:
        await read_next(db, embeddings, Actor.system(event.workspace_id), document_id=event.document_id)

    async def read_all(event: EntriesChanged) -> None:
        while await read_next(db, embeddings, Actor.system(event.workspace_id)) is not None:
            continue  # the sweep lets the workers go: another entry often follows, and the model takes a second to load

    async def sort(event: QuestionUnanswered) -> None:
        await sort_in(db, embeddings, Actor.system(event.workspace_id))

    async def forget_answers(event: DocumentsChanged) -> None:
        async with db.transaction(Actor.system(event.workspace_id), lane=Lane.BACKGROUND) as tx:
            await reading.forget_answers(tx.conn, event.workspace_id)

    bus.on(DocumentsChanged, forget_answers)
    bus.on(QuestionUnanswered, sort)
    bus.on(DocumentAdded, read)
    bus.on(EntriesChanged, read_all)
