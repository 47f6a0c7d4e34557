"""The page where a question is tried: what is found, how near it is and why, and what would be answered."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from markupsafe import Markup
from pydantic import Field

from supportdesk.actor import Actor, ActorKind, Permission
from supportdesk.admin import queries
from supportdesk.admin.placing import room_of
from supportdesk.core.db import Database, Lane
from supportdesk.core.forms import errors_of
from supportdesk.core.http import Page, Routes
from supportdesk.core.wire import In, Text
from supportdesk.errors import DeskError
from supportdesk.knowledge.access import reach_of
from supportdesk.knowledge.model import Audience, Hit
from supportdesk.knowledge.search import Knowledge
from supportdesk.messages.markdown import to_html
from supportdesk.robots.contract import StoredSettings
from supportdesk.robots.host import Host
from supportdesk.robots.settings import settings_for
from supportdesk.rooms.access import seat_for

routes = Routes()
SHOWN: Final = 12
FAQ: Final = "faq"


class TryQuery(In):
    """The question, and in whose eyes it is asked."""

    q: Annotated[Text, Field(max_length=2_000)] = ""
    audience: Audience = Audience.GUESTS
    room: Annotated[Text, Field(max_length=2_000)] = ""
    """The link of a conversation, whose own documents and settings count, too."""


@routes.page("/admin/knowledge/try", needs=Permission.KNOWLEDGE_READ)
async def try_question(actor: Actor, db: Database, knowledge: Knowledge, host: Host, query: TryQuery) -> Page:
    """What the search finds for a question, best first, with its figures; and the answer that would be given."""
    errors: dict[str, str] = {}
    room_id, limit = None, None
    try:
        async with db.read(actor) as conn:
            if query.room.strip():
                room_id = (await seat_for(conn, actor, room_of(query.room))).room.id
            limit = _threshold(host, await queries.list_faq_layers(conn, actor, room_id))
    except DeskError as error:
        errors = errors_of(error)
    hits: Sequence[Hit] = ()
    answer = ""
    if query.q.strip() and not errors:
        # As a guest's robot would see it, or as a colleague does.
        eyes = actor if query.audience is Audience.STAFF else _guest(actor)
        hits = await knowledge.search(eyes, query.q, SHOWN, reach=reach_of(eyes, room_id=room_id), lane=Lane.WEB)
        answer = (await knowledge.answer_from(hits, query.q)).text
    context = {
        "q": query.q,
        "values": {"q": query.q, "audience": query.audience.value, "room": query.room},
        "errors": errors,
        "hits": [_shown(hit, limit) for hit in hits],
        "answer": Markup(to_html(answer)),  # noqa: S704 - the renderer of messages, which lets no HTML through
        "threshold": limit,
        "is_answered": bool(hits) and (limit is None or hits[0].score >= limit),
    }
    return Page("admin/try.html", context, 422 if errors else 200)


def _threshold(host: Host, layers: Sequence[StoredSettings]) -> float | None:
    """From which score on the faq robot answers; None without that robot. Raises Invalid as its turn would."""
    robot = host.robot(FAQ)
    return None if robot is None else settings_for(robot, *layers).model_dump().get("threshold")


def _guest(actor: Actor) -> Actor:
    return Actor(kind=ActorKind.GUEST, id=actor.id, workspace_id=actor.workspace_id)


def _shown(hit: Hit, threshold: float | None) -> Mapping[str, object]:
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
        "closeness": hit.why.closeness,
        "is_above": threshold is None or hit.score >= threshold,
    }
