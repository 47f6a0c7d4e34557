"""The only door to documents."""

from collections.abc import Collection
from uuid import UUID

from supportdesk.actor import Actor, ActorKind
from supportdesk.core.db import Connection, Tx
from supportdesk.errors import NotFound
from supportdesk.knowledge.model import Audience, Document, DocumentId, Home, Reach
from supportdesk.knowledge.queries import documents
from supportdesk.rooms.access import room_for, seat_for


def reach_of(actor: Actor, *, room_id: UUID | None = None, team_ids: Collection[UUID] = ()) -> Reach:
    """What this actor's searches may see: staff documents are for people who work here, and for set-up.

    A robot's words may reach a guest, so it sees what a guest may see; whoever runs a staff-only robot for an agent
    passes that agent's reach.
    """
    audiences = {Audience.GUESTS}
    if actor.kind in (ActorKind.AGENT, ActorKind.SYSTEM):
        audiences.add(Audience.STAFF)
    return Reach(frozenset(audiences), room_id, frozenset(team_ids))


async def must_have_home(tx: Tx, actor: Actor, home: Home) -> None:
    """Raise NotFound alike for a team or a room that is not there, and for one that is not the actor's to see."""
    if home.room_id is not None:
        await room_for(tx, actor, home.room_id)
    if home.team_id is not None and not await documents.has_team(tx.conn, home.team_id):
        raise NotFound("There is no such team.")


async def document_for(conn: Connection, actor: Actor, document_id: DocumentId) -> Document:
    """The document; raises NotFound alike for a missing one and for one that is not theirs to see."""
    document = await documents.find_document(conn, document_id, reach_of(actor).audiences)
    if document is None:
        raise NotFound("There is no such document here.")
    if document.home.room_id is not None:
        try:
            await seat_for(conn, actor, document.home.room_id)
        except NotFound:
            raise NotFound("There is no such document here.") from None
    return document
