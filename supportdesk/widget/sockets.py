"""The beginning of a conversation, and its rating at the end."""

from typing import Any

from supportdesk.actor import Actor, Permission
from supportdesk.config import Settings
from supportdesk.core.db import Tx
from supportdesk.core.sockets import GUEST, SocketRoutes
from supportdesk.errors import NotFound
from supportdesk.rooms import access, actions
from supportdesk.rooms.actions import NewRoom, Openings
from supportdesk.rooms.wire import GiveCsat, OpenRoom, RoomAnswer, SeqOut, room_out
from supportdesk.widget import queries

routes = SocketRoutes()


@routes.on("room.open", OpenRoom, namespaces=(GUEST,), needs=Permission.ROOM_OPEN)
async def open_room(tx: Tx, actor: Actor, want: OpenRoom, openings: Openings, settings: Settings) -> RoomAnswer:
    """Begin a conversation; the same client_room_id gives the same room back."""
    site = await queries.find_guest_site(tx.conn, actor)
    if site is None:
        raise NotFound("The site this chat belongs to is no longer served.")
    room = await actions.open_room(
        tx,
        actor,
        NewRoom(
            client_room_id=want.client_room_id,
            name=want.topic,
            site_id=site.id,
            queue_id=site.queue_id,
            locale=want.locale,
            about=_about(want),
        ),
        openings,
        most=settings.guest_rooms,
    )
    return RoomAnswer(room=room_out(await access.seat_for(tx.conn, actor, room.id), actor))


def _about(want: OpenRoom) -> dict[str, Any]:
    """What the host page says of itself and its visitor."""
    if want.page is None:
        return {}
    if isinstance(want.page, str):
        return {"url": want.page}
    return want.page.model_dump(exclude_defaults=True)


@routes.on("csat.give", GiveCsat, namespaces=(GUEST,), needs=Permission.ROOM_OPEN)
async def give_csat(tx: Tx, actor: Actor, want: GiveCsat) -> SeqOut:
    """Say how content one is."""
    event = await actions.give_csat(tx, actor, want.room_id, want.score, want.comment)
    return SeqOut(seq=event.public_seq or 0)
