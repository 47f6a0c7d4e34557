"""Documents over HTTP."""

import asyncio
from typing import Final
from uuid import UUID

from aiohttp import web

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Database, Tx
from supportdesk.core.http import UPLOAD, Routes
from supportdesk.core.outward import Outward
from supportdesk.core.uploads import SentFile, Upload
from supportdesk.core.wire import parse
from supportdesk.errors import BadRequest
from supportdesk.knowledge import access, actions
from supportdesk.knowledge.fetching import add_from_web, look_again
from supportdesk.knowledge.model import MAX_FILE_BYTES, Document, DocumentId, NewDocument, Processing
from supportdesk.knowledge.queries import documents
from supportdesk.knowledge.wire import (
    DocumentOut,
    DocumentsOut,
    DocumentsQuery,
    FileFields,
    PlaceDocument,
    PostDocument,
    PostWebDocument,
    document_out,
    new_document,
    new_file,
)

routes = Routes()
LARGEST_FORM: Final = MAX_FILE_BYTES + 1024 * 1024


@routes.get("/api/v1/documents", needs=Permission.KNOWLEDGE_READ)
async def list_all(actor: Actor, query: DocumentsQuery, db: Database) -> DocumentsOut:
    """Documents, newest first."""
    before = DocumentId(query.cursor) if query.cursor else None
    async with db.read(actor) as conn:
        found = await documents.list_documents(conn, actor, access.reach_of(actor).audiences, before, query.limit + 1)
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


@routes.post("/api/v1/documents", needs=Permission.KNOWLEDGE_WRITE, status=201, files=LARGEST_FORM)
async def create(request: web.Request, actor: Actor, db: Database, want: PostDocument | None) -> DocumentOut:
    """Take a document in: a Markdown text as JSON, or one file (Markdown, HTML, PDF, DOCX, text, CSV) as a form.

    It is found a moment later, when it has been read; its state says how far that is, and what went wrong.
    """
    new = new_document(actor, want) if want is not None else await _sent(actor, request[UPLOAD])
    async with db.transaction(actor) as tx:
        document, _ = await actions.create_document(tx, actor, new)
    return document_out(document)


async def _sent(actor: Actor, upload: Upload) -> NewDocument:
    files = [file async for file in upload.files(MAX_FILE_BYTES)]
    if len(files) != 1:
        raise BadRequest("Send one file with each request, in the field file, after the other fields.")
    return await file_document(actor, files[0], upload.fields)


async def file_document(actor: Actor, file: SentFile, fields: dict[str, str]) -> NewDocument:
    """A sent file as a document; raises Invalid for what cannot become one."""
    said = {name: text for name, text in fields.items() if text and name != "csrf_token"}
    return await asyncio.to_thread(new_file, actor, file, parse(FileFields, said))


@routes.post("/api/v1/web-documents", needs=Permission.KNOWLEDGE_WRITE, status=201)
async def create_from_web(actor: Actor, db: Database, outward: Outward, want: PostWebDocument) -> DocumentOut:
    """Fetch a page of the web and take it in; it is asked for again every day."""
    document, _ = await add_from_web(db, outward, actor, want.url, audience=want.audience, home=want.home)
    return document_out(document)


@routes.post("/api/v1/documents/{document_id}/reading", needs=Permission.KNOWLEDGE_WRITE)
async def read_again(actor: Actor, db: Database, outward: Outward, document_id: UUID) -> DocumentOut:
    """Read a document that could not be read once more; one that came from the web is fetched again."""
    return document_out(await reread(db, outward, actor, DocumentId(document_id)))


async def reread(db: Database, outward: Outward, actor: Actor, document_id: DocumentId) -> Document:
    """Read or fetch a document again; the row as it is now."""
    async with db.transaction(actor) as tx:
        document = await actions.read_again(tx, actor, document_id)
    if document.processing_status is Processing.COMPLETED:
        await look_again(db, outward, actor, document_id)
    return document


@routes.put("/api/v1/documents/{document_id}/place", needs=Permission.KNOWLEDGE_WRITE)
async def place(tx: Tx, actor: Actor, document_id: UUID, want: PlaceDocument) -> DocumentOut:
    """Let a document, with the answers that a table brought, count elsewhere or for other readers at once."""
    placed = await actions.place_document(tx, actor, DocumentId(document_id), audience=want.audience, home=want.home)
    return document_out(placed)


@routes.delete("/api/v1/documents/{document_id}", needs=Permission.KNOWLEDGE_WRITE)
async def remove(tx: Tx, actor: Actor, document_id: UUID) -> None:
    """Let no search find the document any more."""
    await actions.remove_document(tx, actor, DocumentId(document_id))
