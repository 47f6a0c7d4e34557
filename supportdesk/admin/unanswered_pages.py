"""The page of what guests asked in vain."""

from typing import Final
from uuid import UUID

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Database, Tx
from supportdesk.core.http import Page, Routes, SeeOther
from supportdesk.core.wire import In
from supportdesk.knowledge.model import QuestionId
from supportdesk.knowledge.pool import Embeddings
from supportdesk.knowledge.queries import unanswered as queries
from supportdesk.knowledge.unanswered import settle, sort_in

routes = Routes()
UNANSWERED: Final = "/admin/knowledge/unanswered"
MOST_SHOWN: Final = 100


class UnansweredQuery(In):
    """What was done just now."""

    dismissed: bool = False


@routes.page(UNANSWERED, needs=Permission.KNOWLEDGE_READ)
async def list_unanswered(actor: Actor, db: Database, embeddings: Embeddings, query: UnansweredQuery) -> Page:
    """Questions that no document answered, the most asked first."""
    await sort_in(db, embeddings, actor)
    async with db.read(actor) as conn:
        groups = await queries.list_groups(conn, MOST_SHOWN)
    context = {"groups": groups, "dismissed": query.dismissed, "may_write": actor.may(Permission.KNOWLEDGE_WRITE)}
    return Page("admin/unanswered.html", context)


@routes.form(f"{UNANSWERED}/{{asked_id}}/dismissal", needs=Permission.KNOWLEDGE_WRITE)
async def dismiss(tx: Tx, actor: Actor, asked_id: UUID) -> SeeOther:
    """Take a question off the list without an answer."""
    await settle(tx, actor, QuestionId(asked_id), dismissed=True)
    return SeeOther(f"{UNANSWERED}?dismissed=true")
