"""What can be done to a room. Callers have checked the permission; these check the room."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from supportdesk.actor import Actor, Level, Permission, UserId
from supportdesk.core.db import Connection, Tx
from supportdesk.core.ids import uuid7
from supportdesk.core.wire import instant
from supportdesk.errors import Conflict, Invalid
from supportdesk.rooms import access, queries
from supportdesk.rooms.events import RoomOpened, RoomStateChanged
from supportdesk.rooms.log import who, write_event
from supportdesk.rooms.model import (
    EventKind,
    OwnerKind,
    ParticipantRole,
    Room,
    RoomChanges,
    RoomEvent,
    RoomId,
    RoomStatus,
    RoomType,
)
from supportdesk.rooms.participants import add_participant
from supportdesk.rooms.queries.tags import replace_tags

LONGEST_SNOOZE = timedelta(days=366)

RoomHook = Callable[[Tx, Room], Awaitable[None]]


@dataclass(slots=True)
class Openings:
    """What higher slices do in the transaction that opens a guest's room; app.py fills the list in order."""

    hooks: list[RoomHook] = field(default_factory=list)


@dataclass(slots=True)
class Closings:
    """What higher slices do in the transaction that closes a room, which is held; app.py fills the list in order."""

    hooks: list[RoomHook] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRoom:
    """A room that somebody wants."""

    client_room_id: str
    name: str | None = None
    room_type: RoomType = RoomType.SUPPORT
    is_private: bool = False
    site_id: UUID | None = None
    queue_id: UUID | None = None
    locale: str | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    participant_ids: Sequence[UserId] = ()


async def open_room(tx: Tx, actor: Actor, want: NewRoom, openings: Openings, *, most: int = 0) -> Room:
    """Begin a guest's conversation, or give back the one this client began before under the same id.

    Raises Conflict when the guest has `most` open ones already; 0 is no limit.
    """
    known = await queries.find_room_of_client(tx.conn, who(actor), want.client_room_id)
    if known is not None:
        return await access.room_for(tx, actor, known)
    if most and await queries.count_open_rooms(tx.conn, who(actor)) >= most:
        raise Conflict(f"You have {most} open conversations; go on in one of them.", code="too_many_rooms")
    room = await _make(tx, actor, want, OwnerKind.QUEUE, RoomStatus.WAITING, ParticipantRole.GUEST)
    if room is None:
        return await _made_meanwhile(tx, actor, want)
    for hook in openings.hooks:
        await hook(tx, room)
    room = await access.room_for(tx, actor, room.id)
    tx.announce(RoomOpened(room=room, by=actor, locale=want.locale))
    tx.announce(RoomStateChanged(room=room))
    return room


async def create_room(tx: Tx, actor: Actor, want: NewRoom) -> Room:
    """Begin a conversation among staff; idempotent by the client's id."""
    known = await queries.find_room_of_client(tx.conn, who(actor), want.client_room_id)
    if known is not None:
        return await access.room_for(tx, actor, known)
    room = await _make(tx, actor, want, OwnerKind.HUMAN, RoomStatus.ACTIVE, ParticipantRole.MODERATOR)
    if room is None:
        return await _made_meanwhile(tx, actor, want)
    for user_id in want.participant_ids:
        if user_id != actor.id:
            await add_participant(tx, actor, room, user_id, ParticipantRole.MEMBER)
    tx.announce(RoomStateChanged(room=room))
    return await access.room_for(tx, actor, room.id)


async def _make(
    tx: Tx, actor: Actor, want: NewRoom, owner: OwnerKind, status: RoomStatus, role: ParticipantRole
) -> Room | None:
    """The room, its log begun; None when the same client has just made it under the same id."""
    room_id = RoomId(uuid7())
    made = await queries.insert_room(
        tx.conn,
        room_id,
        actor,
        client_room_id=want.client_room_id,
        name=want.name,
        room_type=want.room_type,
        status=status,
        owner_kind=owner,
        site_id=want.site_id,
        queue_id=want.queue_id,
        is_private=want.is_private,
        locale=want.locale,
        settings=want.about,
    )
    if not made:
        return None
    room = await queries.find_room(tx.conn, room_id)
    if room is None:
        raise LookupError(f"Room {room_id} vanished while it was made")
    await queries.put_participant(tx.conn, room, who(actor), role)
    await write_event(tx, actor, room, EventKind.ROOM_CREATED, {}, shown={"name": want.name})
    return room


async def _made_meanwhile(tx: Tx, actor: Actor, want: NewRoom) -> Room:
    # The insert waited for the other request to commit, so its room is there to be read.
    room_id = await queries.find_room_of_client(tx.conn, who(actor), want.client_room_id)
    if room_id is None:
        raise Conflict("This room was just removed; open another one under a new id.", code="room_removed")
    return await access.room_for(tx, actor, room_id)


async def set_owner(
    tx: Tx,
    actor: Actor,
    room: Room,
    owner: OwnerKind,
    *,
    assignee: tuple[UserId, str] | None = None,
    level: Level | None = None,
    priority: int | None = None,
    queue_id: UUID | None = None,
    reason: str,
) -> tuple[Room, RoomEvent]:
    """Give the room to a robot, to the queue of a level, or to a person (id and name).

    `reason` is a code of the product's words, such as `claimed` or `guest_asked`. Robot turns under way fall silent.
    """
    status = RoomStatus.WAITING if owner is OwnerKind.QUEUE else RoomStatus.ACTIVE
    if status is not room.status:
        room.must_become(status)
    fresh = replace(
        room,
        owner_kind=owner,
        assignee_id=assignee[0] if assignee else None,
        assignee_name=assignee[1] if assignee else None,
        status=status,
        level=level or room.level,
        priority=priority or room.priority,
    )
    await queries.set_owner(
        tx.conn,
        room.id,
        owner_kind=owner,
        assignee_id=fresh.assignee_id,
        status=status,
        level=fresh.level,
        priority=fresh.priority,
        queue_id=queue_id,
    )
    await queries.next_turn(tx.conn, room.id)
    event = await write_event(
        tx,
        actor,
        room,
        EventKind.ROOM_OWNER_CHANGED,
        {
            "owner_kind": owner,
            "assignee_id": fresh.assignee_id,
            "level": fresh.level,
            "status": status,
            "reason": reason,
        },
        subject_id=fresh.assignee_id,
        shown={
            "owner": {"kind": str(owner), "id": str(fresh.assignee_id) if assignee else None, "name": fresh.owner_name},
            "reason": reason,
        },
    )
    tx.announce(RoomStateChanged(room=fresh))
    return fresh, event


async def close_room(
    tx: Tx, actor: Actor, room_id: UUID, closings: Closings, *, outcome: str | None = None
) -> RoomEvent:
    """End the conversation; the guest may start another, and staff may reopen this one."""
    room = await access.room_to_change(tx, actor, room_id)
    room.must_become(RoomStatus.CLOSED)
    await queries.set_status(tx.conn, room.id, RoomStatus.CLOSED, outcome=outcome or "resolved", by=actor.id)
    await queries.next_turn(tx.conn, room.id)
    for hook in closings.hooks:
        await hook(tx, room)
    event = await write_event(tx, actor, room, EventKind.ROOM_CLOSED, {"status": "closed", "outcome": outcome})
    tx.announce(RoomStateChanged(room=replace(room, status=RoomStatus.CLOSED)))
    return event


async def reopen_room(tx: Tx, actor: Actor, room_id: UUID) -> RoomEvent:
    """Take a resolved or snoozed conversation up again: with its person where it has one, else in its queue."""
    room = await access.room_to_change(tx, actor, room_id)
    if room.status not in (RoomStatus.CLOSED, RoomStatus.SNOOZED):
        raise Conflict(
            f"Only a closed or snoozed room can be reopened; this one is {room.status}.",
            code="illegal_transition",
            status=str(room.status),
            wanted="active",
        )
    status = room.status_awake
    await queries.set_status(tx.conn, room.id, status)
    was_hidden = room.status is RoomStatus.SNOOZED  # guests did not hear that it was set aside
    event = await write_event(tx, actor, room, EventKind.ROOM_REOPENED, {"status": status}, hidden=was_hidden)
    tx.announce(RoomStateChanged(room=replace(room, status=status)))
    return event


async def snooze_room(tx: Tx, actor: Actor, room_id: UUID, *, until: datetime, now: datetime) -> RoomEvent:
    """Set the room aside until an instant; a message of the guest brings it back at once."""
    room = await access.room_to_change(tx, actor, room_id)
    if not now < until <= now + LONGEST_SNOOZE:
        raise Invalid("Snooze the room until an instant within the next year.")
    room.must_become(RoomStatus.SNOOZED)
    await queries.set_status(tx.conn, room.id, RoomStatus.SNOOZED, snoozed_until=until)
    event = await write_event(tx, actor, room, EventKind.ROOM_SNOOZED, {"until": instant(until)})
    tx.announce(RoomStateChanged(room=replace(room, status=RoomStatus.SNOOZED)))
    return event


async def update_room(tx: Tx, actor: Actor, room_id: UUID, version: int, want: RoomChanges) -> RoomEvent:
    """Change what a room is called, how urgent it is and what it is filed under.

    Raises Conflict when somebody else changed it since `version`, Forbidden for what only those may change who
    configure robots.
    """
    if want.instructs_robots:
        actor.must(Permission.ROBOT_CONFIGURE)
    room = await access.room_to_change(tx, actor, room_id)
    fresh = await queries.update_room(tx.conn, room.id, version, want)
    if fresh is None:
        raise Conflict(
            f"Somebody else changed this room: it is at version {room.version}, you sent {version}.",
            code="version_conflict",
            version=room.version,
        )
    if want.tags is not None:
        await replace_tags(tx.conn, room, actor, want.tags)
    event = await write_event(
        tx,
        actor,
        room,
        EventKind.ROOM_UPDATED,
        {"fields": want.names, "version": fresh, "priority": want.priority or room.priority},
        shown={"name": want.name or room.name},
    )
    changed = replace(room, name=want.name or room.name, priority=want.priority or room.priority)
    tx.announce(RoomStateChanged(room=changed))
    return event


async def retitle_room(tx: Tx, actor: Actor, room: Room, said: str, instead: str | None) -> None:
    """What was said is gone, or says something else now: a room that took its name from it does so no more."""
    fresh = await queries.retitle(tx.conn, room.id, said, instead)
    if fresh is None:
        return
    name, version = fresh
    data = {"fields": ["name"], "version": version, "priority": room.priority}
    await write_event(tx, actor, room, EventKind.ROOM_UPDATED, data, shown={"name": name})
    tx.announce(RoomStateChanged(room=replace(room, name=name)))


async def give_csat(tx: Tx, actor: Actor, room_id: UUID, score: int, comment: str | None) -> RoomEvent:
    """Keep how content the guest is; giving it again replaces what was given."""
    room = await access.room_to_change(tx, actor, room_id)
    if room.status not in (RoomStatus.CLOSED, RoomStatus.ACTIVE):
        raise Conflict(f"A room that is {room.status} cannot be rated yet.", code="illegal_transition")
    await queries.put_csat(tx.conn, room, who(actor), score, comment)
    shown = {"comment": comment} if comment else None
    return await write_event(tx, actor, room, EventKind.CSAT_GIVEN, {"score": score}, subject_id=room.id, shown=shown)


async def comments_of(conn: Connection, room_ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    """What guests wrote to their ratings, by room, which the log itself does not keep: staff read it with the event."""
    return {
        room_id: {"comment": comment} for room_id, comment in (await queries.list_csat_comments(conn, room_ids)).items()
    }
