"""The page of one document: where it counts and who may read it, changed later."""

from collections.abc import Mapping
from uuid import UUID

from aiohttp import web

from supportdesk.actor import Actor, Permission
from supportdesk.admin import queries
from supportdesk.admin.placing import PlaceForm, values_of
from supportdesk.core.db import Connection, Database, Tx
from supportdesk.core.forms import errors_of, read_form
from supportdesk.core.http import Page, Routes, SeeOther
from supportdesk.errors import DeskError
from supportdesk.knowledge import access, actions
from supportdesk.knowledge.model import Document, DocumentId

routes = Routes()


@routes.page("/admin/knowledge/documents/{document_id}", needs=Permission.KNOWLEDGE_WRITE)
async def show_document(actor: Actor, db: Database, document_id: UUID) -> Page:
    """One document, to be placed otherwise."""
    async with db.read(actor) as conn:
        document = await access.document_for(conn, actor, DocumentId(document_id))
        return await _page(conn, actor, document, values_of(document.home, document.audience))


@routes.form("/admin/knowledge/documents/{document_id}", needs=Permission.KNOWLEDGE_WRITE)
async def place_document(request: web.Request, tx: Tx, actor: Actor, document_id: UUID) -> Page | SeeOther:
    """Let a document count elsewhere, or for other readers, at once."""
    document = await access.document_for(tx.conn, actor, DocumentId(document_id))
    form = read_form(request, PlaceForm)
    errors: Mapping[str, str] = form.errors
    if form.want is not None:
        try:
            async with tx.part():
                await actions.place_document(tx, actor, document.id, audience=form.want.audience, home=form.want.home)
        except DeskError as error:
            errors = place_errors(error)
        else:
            return SeeOther("/admin/knowledge?placed=true")
    return await _page(tx.conn, actor, document, form.values, errors)


def place_errors(error: DeskError) -> dict[str, str]:
    """What is wrong with a place, beside the fields of the form, which are called otherwise than those of the wire."""
    fields = {"room_id": "room", "team_id": "place"}
    return {fields.get(name, name): sentence for name, sentence in errors_of(error).items()}


async def _page(
    conn: Connection,
    actor: Actor,
    document: Document,
    values: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> Page:
    context = {
        "document": document,
        "teams": await queries.list_teams(conn, actor),
        "values": values,
        "errors": errors or {},
    }
    return Page("admin/document.html", context, 422 if errors else 200)
