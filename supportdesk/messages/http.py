"""Messages over HTTP: the same contract as the sockets."""

from typing import Any
from uuid import UUID

from supportdesk.actor import Actor, Permission
from supportdesk.audit.model import Looked
from supportdesk.audit.reading import AccessLog
from supportdesk.core.db import Database
from supportdesk.core.http import Routes
from supportdesk.errors import Forbidden
from supportdesk.messages import actions, queries
from supportdesk.messages.flights import Flights
from supportdesk.messages.model import Posting
from supportdesk.messages.shape import message_data
from supportdesk.messages.wire import (
    SENDABLE,
    HistoryQuery,
    PostMessage,
    SentOut,
    must_be_uploaded,
    sent_out,
    whisper_to,
)
from supportdesk.rooms import access
from supportdesk.rooms.model import RoomId

routes = Routes()


@routes.get("/api/v1/rooms/{room_id}/messages", public="the room's door decides, for guests and staff alike")
async def history(actor: Actor, room_id: UUID, query: HistoryQuery, db: Database, looks: AccessLog) -> dict[str, Any]:
    """Messages of a room, oldest first: the newest page, or the one before or after a number."""
    async with db.read(actor) as conn:
        seat = await access.seat_for(conn, actor, room_id)
        since = seat.mine.joined_seq if seat.mine is not None and not seat.mine.can_see_history else 0
        found = await queries.list_history(
            conn,
            seat.room,
            before_seq=query.before_seq,
            after_seq=query.after_seq,
            public=not actor.is_staff,
            joined_seq=since,
            limit=query.limit,
        )
        marks = await queries.list_watermarks(conn, seat.room.id)
    if seat.is_outside:
        await looks.note(actor, Looked.ROOM, seat.room.id)
    items = [message_data(message, marks, staff=actor.is_staff) for message in found]
    return {"items": items, "next_cursor": None, "head": seat.room.head.of(actor)}


@routes.post("/api/v1/rooms/{room_id}/messages", needs=Permission.MESSAGE_SEND, status=201)
async def post(actor: Actor, room_id: UUID, want: PostMessage, flights: Flights, db: Database) -> SentOut:
    """Say something; the same client_msg_id and body give the same answer again."""
    if want.message_type not in SENDABLE:
        raise Forbidden(f"Messages of type {want.message_type} are written by the desk itself.")
    if not actor.is_staff and (want.note or want.whisper_to is not None):
        raise Forbidden("Notes and whispers are for staff.")
    must_be_uploaded(want)
    posting = Posting(
        actor=actor,
        room_id=RoomId(room_id),
        client_msg_id=want.client_msg_id,
        content=want.content,
        message_type=want.message_type,
        note=want.note,
        whisper_to=whisper_to(want),
        reply_to=want.reply_to,
        thread_id=want.thread_id,
    )
    receipt = await actions.post_message(flights, db, posting)
    return sent_out(receipt, receipt.seq_for(actor))
