"""Writing into a room's log."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from supportdesk.actor import Actor, UserId
from supportdesk.core.db import Tx
from supportdesk.errors import Forbidden
from supportdesk.rooms import queries
from supportdesk.rooms.events import RoomEventWritten
from supportdesk.rooms.model import VISIBILITY, Audience, EventKind, Room, RoomEvent, public_part


async def write_event(
    tx: Tx,
    actor: Actor,
    room: Room,
    kind: EventKind,
    data: Mapping[str, Any],
    *,
    subject_id: UUID | None = None,
    hidden: bool | None = None,
    shown: Mapping[str, Any] | None = None,
    shown_public: Mapping[str, Any] | None = None,
) -> RoomEvent:
    """Append to the room's log and announce it.

    `data` is kept in the row and so holds references and states only, never text. `shown` is what live clients get
    beside it, `shown_public` what guests get where that differs. `hidden` decides for kinds that are as visible as
    their subject.
    """
    audience = VISIBILITY[kind].audience
    if audience is Audience.AS_SUBJECT and hidden is None:
        raise TypeError(f"{kind} is as visible as its subject: say whether that is hidden")
    public = audience is Audience.PUBLIC or (audience is Audience.AS_SUBJECT and not hidden)
    event = await queries.write_event(
        tx.conn, room, actor, kind, public=public, subject_id=subject_id, data=_plain(data)
    )
    staff = {**_plain(data), **(shown or {})}
    for_guests = public_part(kind, {**staff, **(shown_public or {})}) if public else None
    tx.announce(RoomEventWritten(event=event, actor_name=actor.name, staff=staff, public=for_guests))
    return event


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in data.items()}


def who(actor: Actor) -> UserId:
    """The actor's user id; raises Forbidden for the desk itself."""
    if actor.id is None:
        raise Forbidden("Only somebody with an account can do this.")
    return actor.id
