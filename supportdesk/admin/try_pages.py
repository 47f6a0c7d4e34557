"""The page where a question is tried: what is found, how near it is and why, and what would be answered."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from pydantic import Field

from supportdesk.actor import Actor, ActorKind, Permission
from supportdesk.admin import queries
from supportdesk.core.db import Database, Lane
from supportdesk.core.http import Page, Routes
from supportdesk.core.wire import In, Text
from supportdesk.knowledge.access import reach_of
from supportdesk.knowledge.model import Audience, Hit
from supportdesk.knowledge.search import Knowledge

routes = Routes()
SHOWN: Final = 12
THRESHOLD: Final = 0.6
"""Of the faq robot, unless the workspace has set its own."""


class TryQuery(In):
    """The question, and in whose eyes it is asked."""

    q: Annotated[Text, Field(max_length=2_000)] = ""
    audience: Audience = Audience.GUESTS


@routes.page("/admin/knowledge/try", needs=Permission.KNOWLEDGE_READ)
async def try_question(actor: Actor, db: Database, knowledge: Knowledge, query: TryQuery) -> Page:
    """What the search finds for a question, best first, with its figures; and the answer that would be given."""
    async with db.read(actor) as conn:
        threshold = await queries.faq_threshold(conn, actor)
    hits: Sequence[Hit] = ()
    answer = ""
    if query.q.strip():
        # As a guest's robot would see it, or as a colleague does.
        eyes = actor if query.audience is Audience.STAFF else _guest(actor)
        hits = await knowledge.search(eyes, query.q, SHOWN, reach=reach_of(eyes), lane=Lane.WEB)
        answer = (await knowledge.answer_from(hits, query.q)).text
    limit = THRESHOLD if threshold is None else threshold
    context = {
        "q": query.q,
        "values": {"audience": query.audience.value},
        "hits": [_shown(hit, limit) for hit in hits],
        "answer": answer,
        "threshold": limit,
        "is_answered": bool(hits) and hits[0].score >= limit,
    }
    return Page("admin/try.html", context)


def _guest(actor: Actor) -> Actor:
    return Actor(kind=ActorKind.GUEST, id=actor.id, workspace_id=actor.workspace_id)


def _shown(hit: Hit, threshold: float) -> Mapping[str, object]:
    return {
        "title": hit.title,
        "heading": hit.heading,
        "text": hit.text,
        "url": hit.url,
        "is_entry": hit.entry_id is not None,
        "score": hit.score,
        "vector": hit.why.vector,
        "words": hit.why.text,
        "opening": hit.why.opening,
        "is_above": hit.score >= threshold,
    }
