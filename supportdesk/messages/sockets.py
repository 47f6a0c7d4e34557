"""Messages and streams over Socket.IO."""

from collections.abc import Sequence
from typing import Any

from supportdesk.actor import Actor, Permission, UserId
from supportdesk.audit.model import Looked
from supportdesk.audit.reading import AccessLog
from supportdesk.core.db import Connection, Database, Lane, Tx
from supportdesk.core.events import Bus
from supportdesk.core.sockets import DESK, GUEST, Emitter, Socket, SocketRoutes, Sockets, channel
from supportdesk.errors import BadRequest, DeskError, Forbidden
from supportdesk.messages import actions
from supportdesk.messages.events import MarksMoved
from supportdesk.messages.flights import Flights
from supportdesk.messages.heads import Heads
from supportdesk.messages.model import Posting
from supportdesk.messages.stream import Hydrators, Page, read_stream
from supportdesk.messages.wire import (
    SENDABLE,
    DeleteMessage,
    EditMessage,
    JoinRoom,
    LeaveRoom,
    React,
    SawMessages,
    SendMessage,
    SendStaffMessage,
    SentOut,
    SyncRoom,
    Typing,
    must_be_uploaded,
    sent_out,
    whisper_to,
)
from supportdesk.rooms import access, participants
from supportdesk.rooms import queries as room_rows
from supportdesk.rooms.events import GuestJoined
from supportdesk.rooms.model import Participant, Room, RoomEvent, RoomId
from supportdesk.rooms.wire import SeqOut, participants_out, room_out

routes = SocketRoutes()
BOTH = (GUEST, DESK)


@routes.on("message.send", SendMessage, namespaces=(GUEST,), needs=Permission.MESSAGE_SEND)
async def send_as_guest(actor: Actor, want: SendMessage, flights: Flights, db: Database) -> SentOut:
    """Say something as a guest: guests have no field for a note to begin with."""
    return await _send(actor, want, flights, db, note=False, whisper=None)


@routes.on("message.send", SendStaffMessage, namespaces=(DESK,), needs=Permission.MESSAGE_SEND)
async def send_as_staff(actor: Actor, want: SendStaffMessage, flights: Flights, db: Database) -> SentOut:
    """Say something as staff."""
    return await _send(actor, want, flights, db, note=want.note, whisper=whisper_to(want))


async def _send(
    actor: Actor, want: SendMessage, flights: Flights, db: Database, *, note: bool, whisper: UserId | None
) -> SentOut:
    if want.message_type not in SENDABLE:
        raise Forbidden(f"Messages of type {want.message_type} are written by the desk itself.")
    must_be_uploaded(want)
    receipt = await actions.post_message(
        flights,
        db,
        Posting(
            actor=actor,
            room_id=RoomId(want.room_id),
            client_msg_id=want.client_msg_id,
            content=want.content,
            message_type=want.message_type,
            note=note,
            whisper_to=whisper,
            reply_to=want.reply_to,
            thread_id=want.thread_id,
        ),
    )
    return sent_out(receipt, receipt.seq_for(actor))


@routes.on("message.edit", EditMessage, namespaces=BOTH, needs=Permission.MESSAGE_EDIT)
async def edit(tx: Tx, actor: Actor, want: EditMessage) -> SeqOut:
    """Put other words in the place of one's own."""
    return _seq(await actions.edit_message(tx, actor, want.message_id, want.content, want.version), actor)


@routes.on("message.delete", DeleteMessage, namespaces=BOTH, needs=Permission.MESSAGE_DELETE)
async def delete(tx: Tx, actor: Actor, want: DeleteMessage) -> SeqOut:
    """Hide a message."""
    return _seq(await actions.delete_message(tx, actor, want.message_id, want.version), actor)


@routes.on("reaction.add", React, namespaces=BOTH, needs=Permission.MESSAGE_REACT)
async def add_reaction(tx: Tx, actor: Actor, want: React) -> SeqOut:
    """React to a message."""
    return await _react(tx, actor, want, on=True)


@routes.on("reaction.remove", React, namespaces=BOTH, needs=Permission.MESSAGE_REACT)
async def remove_reaction(tx: Tx, actor: Actor, want: React) -> SeqOut:
    """Take a reaction back."""
    return await _react(tx, actor, want, on=False)


async def _react(tx: Tx, actor: Actor, want: React, *, on: bool) -> SeqOut:
    room, event = await actions.react(tx, actor, want.message_id, want.emoji, on=on)
    return _seq(event, actor) if event is not None else SeqOut(seq=room.head.of(actor))


def _seq(event: RoomEvent, actor: Actor) -> SeqOut:
    return SeqOut(seq=event.seq if actor.is_staff else (event.public_seq or 0))


@routes.on("receipt", SawMessages, namespaces=BOTH, public="the room's door decides; it moves one's own marks only")
async def receipt(tx: Tx, actor: Actor, want: SawMessages) -> None:
    """Say how far one has received and read; the other side sees it as ticks."""
    if want.delivered_seq is None and want.read_seq is None:
        raise BadRequest("Send delivered_seq, read_seq or both.")
    moved = await participants.mark_seen(tx, actor, want.room_id, delivered=want.delivered_seq, read=want.read_seq)
    if moved is None:
        return
    room, mine, delivered, read = moved
    before = (mine.last_delivered_seq, mine.last_read_seq)
    numbers = await room_rows.public_numbers(tx.conn, room, (*before, delivered, read))
    public = (numbers[delivered], numbers[read])
    # Reading a note leaves no tick: one that says nothing new would tell of it.
    is_news = public != (numbers[before[0]], numbers[before[1]])
    tx.announce(
        MarksMoved(room_id=room.id, user_id=mine.user_id, staff=(delivered, read), public=public if is_news else None)
    )


@routes.on("typing", Typing, namespaces=BOTH, public="heard only in rooms this socket has joined", quiet=True)
async def typing(socket: Socket, want: Typing, emitter: Emitter) -> None:
    """Tell the room that somebody types; clients forget it after 6 s by themselves."""
    if want.room_id not in socket.rooms:
        return
    actor = socket.actor
    data = {
        "room_id": str(want.room_id),
        "user_id": str(actor.id),
        "name": actor.name,
        "kind": str(actor.kind),
        "on": want.on,
    }
    emitter.emit("typing", data, to=channel(want.room_id), namespace=DESK, ephemeral=True, skip=socket.sid)
    if socket.visible_in(want.room_id):
        emitter.emit("typing", data, to=channel(want.room_id), namespace=GUEST, ephemeral=True, skip=socket.sid)


@routes.on("room.join", JoinRoom, namespaces=BOTH, public="the room's door decides")
async def join(
    actor: Actor,
    socket: Socket,
    want: JoinRoom,
    db: Database,
    hydrators: Hydrators,
    sockets: Sockets,
    bus: Bus,
    heads: Heads,
    looks: AccessLog,
) -> dict[str, Any]:
    """Hear a room and catch up: first the channel, then the log, so that nothing falls between (D5)."""
    async with db.read(actor, lane=Lane.REALTIME) as conn:
        seat = await access.seat_for(conn, actor, want.room_id)
    if seat.is_outside:
        await looks.note(actor, Looked.ROOM, seat.room.id)
    await socket.enter(seat.room.id, visible=seat.mine is not None and seat.mine.is_visible)
    try:
        async with db.read(actor, lane=Lane.REALTIME) as conn:
            page = await read_stream(conn, actor, want.room_id, hydrators, after_seq=want.after_seq, epoch=want.epoch)
            participants = await room_rows.list_participants(conn, seat.room.id)
            marks = await _marks(conn, actor, page.seat.room, participants)
    except DeskError:
        # Who lost the room between the two looks was not yet in the channel that they were to be taken out of.
        await socket.leave(seat.room.id)
        raise
    heads.joined(page.seat.room)
    online = {p.user_id for p in participants if sockets.of_user(p.user_id)}
    if not actor.is_staff:
        bus.publish(GuestJoined(room=page.seat.room))
    return {
        **_page(page),
        "room": room_out(page.seat, actor).model_dump(mode="json", exclude_unset=True),
        "participants": participants_out(participants, marks, online, staff=actor.is_staff),
    }


async def _marks(
    conn: Connection, actor: Actor, room: Room, people: Sequence[Participant]
) -> dict[UserId, tuple[int, int]]:
    """How far everybody has received and read, in the numbers of the actor's stream."""
    if actor.is_staff:
        return {p.user_id: (p.last_delivered_seq, p.last_read_seq) for p in people}
    seqs = [seq for p in people for seq in (p.last_delivered_seq, p.last_read_seq)]
    numbers = await room_rows.public_numbers(conn, room, seqs)
    return {p.user_id: (numbers[p.last_delivered_seq], numbers[p.last_read_seq]) for p in people}


@routes.on("room.leave", LeaveRoom, namespaces=BOTH, public="leaving is always allowed")
async def leave(socket: Socket, want: LeaveRoom) -> None:
    """Hear a room no more."""
    await socket.leave(RoomId(want.room_id))


@routes.on("room.sync", SyncRoom, namespaces=BOTH, public="the room's door decides")
async def sync(actor: Actor, want: SyncRoom, db: Database, hydrators: Hydrators, looks: AccessLog) -> dict[str, Any]:
    """Read on in one's own stream."""
    async with db.read(actor, lane=Lane.REALTIME) as conn:
        page = await read_stream(conn, actor, want.room_id, hydrators, after_seq=want.after_seq, epoch=want.epoch)
    if page.seat.is_outside:
        await looks.note(actor, Looked.ROOM, page.seat.room.id)
    return _page(page)


def _page(page: Page) -> dict[str, Any]:
    if page.reset is not None:
        return {"reset": True, "reason": page.reset, "epoch": page.epoch, "head": page.head, "events": []}
    return {"epoch": page.epoch, "head": page.head, "events": page.events}
