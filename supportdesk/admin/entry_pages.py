"""The pages of questions and answers: written, changed, removed, brought back."""

from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from aiohttp import web
from pydantic import BeforeValidator, Field

from supportdesk.actor import Actor, Permission
from supportdesk.admin import queries
from supportdesk.admin.placing import WhereQuery
from supportdesk.core.db import Connection, Database, Tx
from supportdesk.core.forms import read_form
from supportdesk.core.http import Page, Routes, SeeOther
from supportdesk.core.wire import In, Line, Text
from supportdesk.errors import DeskError
from supportdesk.knowledge import entries as actions
from supportdesk.knowledge import unanswered
from supportdesk.knowledge.access import reach_of
from supportdesk.knowledge.model import MAX_ANSWER, Audience, EntryId, Home, NewEntry, QuestionId, Scope
from supportdesk.knowledge.queries import entries

routes = Routes()
ENTRIES: Final = "/admin/knowledge/entries"
A_PAGE: Final = 50


def _lines(typed: object) -> object:
    return [line.strip() for line in typed.splitlines() if line.strip()] if isinstance(typed, str) else typed


class EntryForm(In):
    """A question with its answer; other ways to ask stand one on each line."""

    question: Line
    answer: Annotated[Text, Field(min_length=1, max_length=MAX_ANSWER + 1_000)]
    phrasings: Annotated[tuple[Line, ...], BeforeValidator(_lines)] = ()
    audience: Audience = Audience.GUESTS
    place: UUID | None = None
    """The team in whose conversations it is said."""
    active: bool = False
    asked_id: UUID | None = None
    """The unanswered question that this answers."""

    def entry(self) -> NewEntry:
        """What is asked for."""
        return NewEntry(
            question=self.question,
            answer=self.answer,
            phrasings=self.phrasings,
            audience=self.audience,
            team_id=self.place,
            active=self.active,
        )


class EntriesQuery(WhereQuery):
    """Which entries the page lists, and what was done just now."""

    cursor: UUID | None = None
    saved: bool = False
    removed: UUID | None = None


class NewEntryQuery(In):
    """Where the form's words come from."""

    asked: UUID | None = None


@routes.page(ENTRIES, needs=Permission.KNOWLEDGE_READ)
async def list_entries(actor: Actor, query: EntriesQuery, db: Database) -> Page:
    """Questions that were answered by hand, newest first."""
    before = EntryId(query.cursor) if query.cursor else None
    async with db.read(actor) as conn:
        audiences = reach_of(actor).audiences & query.audiences
        found = await entries.list_entries(conn, query.q, A_PAGE + 1, before, audiences, home=_home(query))
        teams = await queries.list_teams(conn, actor)
    page = found[:A_PAGE]
    context = {
        "entries": page,
        "q": query.q,
        "teams": teams,
        "team_names": {UUID(team_id): name for team_id, name in teams},
        "filters": query.values,
        "is_narrowed": bool(query.place or query.audience),
        "saved": query.saved,
        "removed": query.removed,
        "may_write": actor.may(Permission.KNOWLEDGE_WRITE),
        "next_url": _address(query, cursor=str(page[-1].id)) if len(found) > A_PAGE else None,
        "first_url": _address(query) if before else None,
    }
    return Page("admin/entries.html", context)


def _home(query: EntriesQuery) -> Home | None:
    if query.team_id is not None:
        return Home(Scope.TEAM, team_id=query.team_id)
    return Home() if query.scope is Scope.WORKSPACE else None


def _address(query: EntriesQuery, **more: str) -> str:
    return f"{ENTRIES}?{urlencode({**query.values, **more})}"


@routes.page(f"{ENTRIES}/new", needs=Permission.KNOWLEDGE_WRITE)
async def new_entry(actor: Actor, db: Database, query: NewEntryQuery) -> Page:
    """The empty form, or one that begins with what a guest asked."""
    values = {"audience": "guests", "active": "true"}
    if query.asked is not None:
        async with db.read(actor) as conn:
            group = await unanswered.group_for(conn, actor, QuestionId(query.asked))
        values |= {
            "question": group.question,
            "phrasings": "\n".join(group.others),
            "asked_id": str(query.asked),
        }
    async with db.read(actor) as conn:
        return await _form(conn, actor, None, values)


@routes.form(ENTRIES, needs=Permission.KNOWLEDGE_WRITE)
async def create_entry(request: web.Request, tx: Tx, actor: Actor) -> Page | SeeOther:
    """Answer a question by hand."""
    form = read_form(request, EntryForm)
    errors = form.errors
    if form.want is not None:
        try:
            async with tx.part():
                await actions.create_entry(tx, actor, form.want.entry())
                if form.want.asked_id is not None:
                    await unanswered.settle(tx, actor, QuestionId(form.want.asked_id))
        except DeskError as error:
            errors = form.refused(error)
        else:
            return SeeOther(f"{ENTRIES}?saved=true")
    return await _form(tx.conn, actor, None, form.values, errors)


@routes.page(f"{ENTRIES}/{{entry_id}}", needs=Permission.KNOWLEDGE_WRITE)
async def show_entry(actor: Actor, db: Database, entry_id: UUID) -> Page:
    """One entry, to be changed."""
    async with db.read(actor) as conn:
        return await _stored(conn, actor, EntryId(entry_id))


async def _stored(conn: Connection, actor: Actor, entry_id: EntryId) -> Page:
    entry = await actions.entry_for(conn, actor, entry_id)
    values = {
        "question": entry.question,
        "answer": entry.answer,
        "phrasings": "\n".join(entry.phrasings),
        "audience": entry.audience.value,
        "place": str(entry.team_id or ""),
        "active": "true" if entry.active else "",
    }
    return await _form(conn, actor, entry_id, values)


@routes.form(f"{ENTRIES}/{{entry_id}}", needs=Permission.KNOWLEDGE_WRITE)
async def change_entry(request: web.Request, tx: Tx, actor: Actor, entry_id: UUID) -> Page | SeeOther:
    """Save an entry's new words."""
    await actions.entry_for(tx.conn, actor, EntryId(entry_id))
    form = read_form(request, EntryForm)
    errors = form.errors
    if form.want is not None:
        try:
            async with tx.part():
                await actions.change_entry(tx, actor, EntryId(entry_id), form.want.entry())
        except DeskError as error:
            errors = form.refused(error)
        else:
            return SeeOther(f"{ENTRIES}?saved=true")
    return await _form(tx.conn, actor, EntryId(entry_id), form.values, errors)


@routes.form(f"{ENTRIES}/{{entry_id}}/removal", needs=Permission.KNOWLEDGE_WRITE)
async def remove_entry(tx: Tx, actor: Actor, entry_id: UUID) -> SeeOther:
    """Let no robot answer with it; the page that follows offers to bring it back."""
    await actions.remove_entry(tx, actor, EntryId(entry_id))
    return SeeOther(f"{ENTRIES}?removed={entry_id}")


@routes.form(f"{ENTRIES}/{{entry_id}}/return", needs=Permission.KNOWLEDGE_WRITE)
async def restore_entry(tx: Tx, actor: Actor, entry_id: UUID) -> SeeOther:
    """Bring an entry back that was removed."""
    await actions.restore_entry(tx, actor, EntryId(entry_id))
    return SeeOther(f"{ENTRIES}?saved=true")


async def _form(
    conn: Connection,
    actor: Actor,
    entry_id: EntryId | None,
    values: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> Page:
    teams = await queries.list_teams(conn, actor)
    context = {"entry_id": entry_id, "teams": teams, "values": values, "errors": errors or {}}
    return Page("admin/entry.html", context, 422 if errors else 200)
