"""Who comes into a room, what they may do there, how far they have read, and how they leave."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from supportdesk.actor import Actor, ActorKind, Permission, UserId
from supportdesk.core.db import Tx
from supportdesk.errors import Conflict, Forbidden, Invalid, NotFound
from supportdesk.rooms import access, queries
from supportdesk.rooms.events import AccessLost
from supportdesk.rooms.log import who, write_event
from supportdesk.rooms.model import EventKind, Participant, ParticipantRole, Room, RoomEvent


async def add_participant(tx: Tx, actor: Actor, room: Room, user_id: UserId, role: ParticipantRole) -> RoomEvent | None:
    """Let somebody into the room; None when they are in already.

    Observers stay invisible to guests until they come in as something else.
    """
    there = await queries.find_participant(tx.conn, room.id, user_id)
    if there is not None and there.is_present:
        if there.role is not ParticipantRole.OBSERVER or role is ParticipantRole.OBSERVER:
            return None
        _must_fit(there.kind, role)
        await queries.update_participant(tx.conn, room.id, user_id, role=role, status=None, flags={})
        return await _note_joining(tx, actor, room, replace(there, role=role))
    if await queries.count_participants(tx.conn, room.id) >= room.max_participants:
        raise Conflict(f"The room is full: it takes {room.max_participants} participants.", code="room_full")
    kind = await queries.find_kind(tx.conn, user_id)
    if kind is None:
        raise NotFound("There is nobody of that id in this workspace.")
    _must_fit(kind, role)
    await queries.put_participant(tx.conn, room, user_id, role)
    newcomer = await queries.find_participant(tx.conn, room.id, user_id)
    if newcomer is None:
        raise LookupError(f"Participant {user_id} vanished while they came in")
    return await _note_joining(tx, actor, room, newcomer)


def _must_fit(kind: ActorKind, role: ParticipantRole) -> None:
    """Guests are guests and robots robots in every room: what is shown to whom, and what is unread, hangs on it."""
    fitting = {ActorKind.GUEST: ParticipantRole.GUEST, ActorKind.ROBOT: ParticipantRole.AI}
    is_fitting = role is fitting[kind] if kind in fitting else role not in fitting.values()
    if not is_fitting:
        raise Invalid(f"Somebody who is {kind} cannot be {role} in a room.", code="wrong_role")


async def _note_joining(tx: Tx, actor: Actor, room: Room, newcomer: Participant) -> RoomEvent:
    return await write_event(
        tx,
        actor,
        room,
        EventKind.PARTICIPANT_JOINED,
        {"user_id": newcomer.user_id, "role": newcomer.role},
        subject_id=newcomer.user_id,
        hidden=newcomer.role is ParticipantRole.OBSERVER,
        shown={
            "participant": {
                "user_id": str(newcomer.user_id),
                "kind": str(newcomer.kind),
                "name": newcomer.name,
                "avatar_url": newcomer.avatar_url,
                "role": str(newcomer.role),
            }
        },
    )


async def remove_participant(tx: Tx, actor: Actor, room: Room, user_id: UserId, *, status: str) -> RoomEvent:
    """Take somebody out of the room (`left` by themselves, `removed` by another); they hear it no more."""
    there = await queries.find_participant(tx.conn, room.id, user_id)
    if there is None or not there.is_present:
        raise NotFound("They are not in this room.")
    await queries.update_participant(tx.conn, room.id, user_id, role=None, status=status, flags={})
    tx.announce(AccessLost(room=room, user_id=user_id))
    return await _note_leaving(tx, actor, room, there, status=status)


async def _note_leaving(tx: Tx, actor: Actor, room: Room, there: Participant, *, status: str) -> RoomEvent:
    return await write_event(
        tx,
        actor,
        room,
        EventKind.PARTICIPANT_LEFT,
        {"user_id": there.user_id, "status": status},
        subject_id=there.user_id,
        hidden=there.role is ParticipantRole.OBSERVER,
        shown={"name": there.name},
    )


async def update_participant(
    tx: Tx,
    actor: Actor,
    room: Room,
    user_id: UserId,
    *,
    role: ParticipantRole | None,
    status: str | None,
    flags: Mapping[str, bool],
) -> RoomEvent:
    """Mute, unmute or change the rights of somebody in the room.

    Whoever becomes a silent observer leaves as far as guests can see, and comes in when they are one no more.
    """
    there = await queries.find_participant(tx.conn, room.id, user_id)
    if there is None or not there.is_present:
        raise NotFound("They are not in this room.")
    if role is None and status is None and not flags:
        raise Invalid("Say what to change: role, status or one of the flags.")
    if role is not None:
        _must_fit(there.kind, role)
    await queries.update_participant(tx.conn, room.id, user_id, role=role, status=status, flags=flags)
    if role is not None and (role is ParticipantRole.OBSERVER) is not (there.role is ParticipantRole.OBSERVER):
        if role is ParticipantRole.OBSERVER:
            await _note_leaving(tx, actor, room, there, status=status or there.status)
        await _note_joining(tx, actor, room, replace(there, role=role))
    changed = {k: v for k, v in {"role": role, "status": status, **flags}.items() if v is not None}
    return await write_event(
        tx, actor, room, EventKind.PARTICIPANT_UPDATED, {"user_id": user_id, **changed}, subject_id=user_id
    )


async def mark_seen(
    tx: Tx, actor: Actor, room_id: UUID, *, delivered: int | None, read: int | None
) -> tuple[Room, Participant, int, int] | None:
    """Move the actor's watermarks forward; numbers are of their own stream. None when nothing moved.

    Those of a silent observer stay: when they come forward, nothing may have been read before they were there.

    Returns the room, the actor's place and both watermarks as staff seqs.
    """
    seat = await access.seat_for(tx.conn, actor, room_id)
    if seat.mine is None or not seat.mine.is_present:
        return None
    head = seat.room.head.of(actor)
    marks = [min(mark or 0, head) for mark in (delivered, read)]
    marks[0] = max(marks)
    if seat.mine.role is ParticipantRole.OBSERVER:
        await queries.put_seen(tx.conn, seat.room, who(actor), marks[1])
        return None
    if not actor.is_staff:
        marks = [await queries.seq_of_public(tx.conn, seat.room, mark) if mark else 0 for mark in marks]
    moved = await queries.put_receipt(tx.conn, seat.room, who(actor), delivered_seq=marks[0], read_seq=marks[1])
    return None if moved is None else (seat.room, seat.mine, *moved)


async def must_invite(tx: Tx, actor: Actor, room: Room) -> None:
    """Raise Forbidden unless the actor's role or their place in the room lets them invite."""
    if actor.may(Permission.ROOM_INVITE):
        return
    mine = await queries.find_participant(tx.conn, room.id, who(actor))
    if mine is None or not mine.can_invite_others:
        raise Forbidden("You may not invite others to this room.")
