"""Documents over HTTP."""

from uuid import UUID

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Database, Tx
from supportdesk.core.http import Routes
from supportdesk.knowledge import access, actions, queries
from supportdesk.knowledge.model import DocumentId
from supportdesk.knowledge.wire import (
    DocumentOut,
    DocumentsOut,
    DocumentsQuery,
    PostDocument,
    document_out,
    new_document,
)

routes = Routes()


@routes.get("/api/v1/documents", needs=Permission.KNOWLEDGE_READ)
async def list_all(actor: Actor, query: DocumentsQuery, db: Database) -> DocumentsOut:
    """Documents, newest first."""
    before = DocumentId(query.cursor) if query.cursor else None
    async with db.read(actor) as conn:
        found = await queries.list_documents(conn, access.reach_of(actor).audiences, before, query.limit + 1)
    page = found[: query.limit]
    return DocumentsOut(
        items=[document_out(document) for document in page],
        next_cursor=page[-1].id if len(found) > query.limit else None,
    )


@routes.get("/api/v1/documents/{document_id}", needs=Permission.KNOWLEDGE_READ)
async def show(actor: Actor, document_id: UUID, db: Database) -> DocumentOut:
    """One document: how far it has been read, and what went wrong."""
    async with db.read(actor) as conn:
        return document_out(await access.document_for(conn, actor, DocumentId(document_id)))


@routes.post("/api/v1/documents", needs=Permission.KNOWLEDGE_WRITE, status=201)
async def create(tx: Tx, actor: Actor, want: PostDocument) -> DocumentOut:
    """Take a Markdown document in; it is found a moment later, when it has been read."""
    document, _ = await actions.create_document(tx, actor, new_document(actor, want))
    return document_out(document)


@routes.delete("/api/v1/documents/{document_id}", needs=Permission.KNOWLEDGE_WRITE)
async def remove(tx: Tx, actor: Actor, document_id: UUID) -> None:
    """Let no search find the document any more."""
    await actions.remove_document(tx, actor, DocumentId(document_id))
