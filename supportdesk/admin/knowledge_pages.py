"""The page of documents: what robots answer from, taken in, read again and removed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from supportdesk.actor import Actor, Permission
from supportdesk.admin import queries
from supportdesk.admin.document_page import place_errors
from supportdesk.admin.placing import PlaceForm, WhereQuery, placed
from supportdesk.core.db import Database, Tx
from supportdesk.core.forms import read_form
from supportdesk.core.http import UPLOAD, Page, Routes, SeeOther
from supportdesk.core.outward import Outward
from supportdesk.core.wire import Text
from supportdesk.errors import BadRequest, DeskError, Invalid
from supportdesk.knowledge import actions
from supportdesk.knowledge.fetching import add_from_web
from supportdesk.knowledge.http import file_document, reread
from supportdesk.knowledge.model import MAX_FILE_BYTES, Document, DocumentId, Outcome, Processing

routes = Routes()
KNOWLEDGE: Final = "/admin/knowledge"
LARGEST_FORM: Final = 4 * MAX_FILE_BYTES
MOST_FILES: Final = 50
KINDS: Final = {
    "text/markdown": "Markdown",
    "text/plain": "Text",
    "text/html": "HTML",
    "application/pdf": "PDF",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "text/csv": "CSV",
}


class DocumentsQuery(WhereQuery):
    """Which documents the page lists, and what was done just now."""

    added: Annotated[int, Field(ge=0, le=MOST_FILES)] = 0
    removed: bool = False
    placed: bool = False


class WebForm(PlaceForm):
    """A page of the web, and whose it is."""

    url: Annotated[Text, Field(min_length=1, max_length=2_000)]


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one file that was sent."""

    name: str
    is_fine: bool
    says: str


@routes.page(KNOWLEDGE, needs=Permission.KNOWLEDGE_READ)
async def list_documents(actor: Actor, query: DocumentsQuery, db: Database) -> Page:
    """What robots answer from, and the form that adds to it."""
    return await _page(actor, db, query)


async def _page(
    actor: Actor,
    db: Database,
    query: DocumentsQuery,
    *,
    taken: Sequence[Taken] = (),
    refused: DeskError | None = None,
    values: dict[str, str] | None = None,
    is_of_web: bool = False,
) -> Page:
    async with db.read(actor) as conn:
        documents = await queries.list_documents(
            conn, actor, query.q, scope=query.scope, team_id=query.team_id, audiences=query.audiences
        )
        teams = await queries.list_teams(conn, actor)
        counts = await queries.count_documents(conn, actor)
    context = {
        "documents": [_shown(document) for document in documents],
        "counts": counts,
        "q": query.q,
        "teams": teams,
        "filters": query.values,
        "is_narrowed": bool(query.place or query.audience),
        "added": query.added,
        "removed": query.removed,
        "placed": query.placed,
        "taken": taken,
        "values": values or {"audience": "guests"},
        "errors": place_errors(refused) if refused else {},
        "is_of_web": is_of_web,
        "largest_mb": MAX_FILE_BYTES // 2**20,
        "may_write": actor.may(Permission.KNOWLEDGE_WRITE),
    }
    is_refused = refused is not None or any(not one.is_fine for one in taken)
    return Page("admin/knowledge.html", context, refused.status if refused else 422 if is_refused else 200)


def _shown(document: Mapping[str, object]) -> dict[str, object]:
    total = int(str(document["chunks_total"]))
    return {
        **document,
        "kind": KINDS.get(str(document["mime_type"]), ""),
        "percent": 100 * int(str(document["chunks_done"])) // total if total else 0,
    }


@routes.form("/admin/knowledge/documents", needs=Permission.KNOWLEDGE_WRITE, files=LARGEST_FORM)
async def add_documents(request: web.Request, actor: Actor, db: Database) -> Page | SeeOther:
    """Take files in, each for itself: what is wrong with one keeps no other out."""
    upload = request.get(UPLOAD)
    if upload is None:
        raise BadRequest("Send this form from its page.")
    taken: list[Taken] = []
    fields = {name: text for name, text in upload.fields.items() if name != "csrf_token"}
    try:
        said = placed(fields)
        async for file in upload.files(MAX_FILE_BYTES):
            if len(taken) == MOST_FILES:
                raise Invalid(f"{MOST_FILES} files are taken at once; the others were left out.")
            try:
                new = await file_document(actor, file, said)
                async with db.transaction(actor) as tx:
                    taken.append(_told(file.name, *await actions.create_document(tx, actor, new)))
            except DeskError as error:
                taken.append(Taken(file.name, is_fine=False, says=error.sentence))
        if not taken:
            raise Invalid("Choose at least one file.", fields=[{"field": "file", "problem": "choose at least one"}])
    except DeskError as error:
        return await _page(actor, db, DocumentsQuery(), taken=taken, refused=error, values=fields)
    if all(one.is_fine and not one.says for one in taken):
        return SeeOther(f"{KNOWLEDGE}?added={len(taken)}")
    return await _page(actor, db, DocumentsQuery(), taken=taken, values=fields)


@routes.form("/admin/knowledge/web-documents", needs=Permission.KNOWLEDGE_WRITE)
async def add_web_document(request: web.Request, actor: Actor, db: Database, outward: Outward) -> Page | SeeOther:
    """Take a page of the web in."""
    form = read_form(request, WebForm)
    problem: DeskError
    if form.want is None:
        wrong = [{"field": name, "problem": sentence} for name, sentence in form.errors.items()]
        problem = Invalid("The page cannot be taken in as it is written here.", fields=wrong)
    else:
        try:
            document, outcome = await add_from_web(
                db, outward, actor, form.want.url, audience=form.want.audience, home=form.want.home
            )
        except DeskError as error:
            named = error.details.get("fields")
            problem = error if named else Invalid(error.sentence, fields=[{"field": "url", "problem": error.sentence}])
        else:
            told = _told(form.want.url, document, outcome)
            if told.says:
                return await _page(actor, db, DocumentsQuery(), taken=[told])
            return SeeOther(f"{KNOWLEDGE}?added=1")
    return await _page(actor, db, DocumentsQuery(), refused=problem, values=dict(form.values), is_of_web=True)


def _told(name: str, document: Document, outcome: Outcome) -> Taken:
    if document.processing_status is Processing.FAILED:
        says = f"Is here already as {document.filename}, and could not be read: {document.error_message}"
        return Taken(name, is_fine=False, says=says)
    match outcome:
        case Outcome.ADDED:
            return Taken(name, is_fine=True, says="")
        case Outcome.REPLACES:
            says = f"Becomes version {document.version} of {document.filename}; the last one answers until it is read."
            return Taken(name, is_fine=True, says=says)
        case Outcome.UNCHANGED:
            return Taken(name, is_fine=True, says="Is here already, with these very bytes; nothing has changed.")
        case Outcome.DUPLICATE:
            says = f"Is the same as {document.title} ({document.filename}), which is here already; it was not added."
            return Taken(name, is_fine=True, says=says)


@routes.form("/admin/knowledge/documents/{document_id}/reading", needs=Permission.KNOWLEDGE_WRITE)
async def read_again(actor: Actor, db: Database, outward: Outward, document_id: UUID) -> SeeOther:
    """Read a document that could not be read once more, or fetch one of the web again."""
    await reread(db, outward, actor, DocumentId(document_id))
    return SeeOther(KNOWLEDGE)


@routes.form("/admin/knowledge/documents/{document_id}/removal", needs=Permission.KNOWLEDGE_WRITE)
async def remove_document(tx: Tx, actor: Actor, document_id: UUID) -> SeeOther:
    """Let no robot answer from a document any more."""
    await actions.remove_document(tx, actor, DocumentId(document_id))
    return SeeOther(f"{KNOWLEDGE}?removed=true")
