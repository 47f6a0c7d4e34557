"""Claim, assign, take over, hand back, escalate, ask for a person."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import structlog

from supportdesk.actor import Actor, ActorKind, Level, UserId
from supportdesk.audit.actions import note
from supportdesk.audit.model import Subject
from supportdesk.core.db import Connection, Tx
from supportdesk.errors import Conflict, DeskError, Forbidden, NotFound
from supportdesk.escalations import queries
from supportdesk.escalations.events import EscalationCreated, PresenceChanged
from supportdesk.escalations.model import (
    Assigned,
    Escalation,
    EscalationStatus,
    Match,
    Place,
    Presence,
    Trigger,
    check_step,
)
from supportdesk.messages.model import Posted
from supportdesk.rooms import access, participants
from supportdesk.rooms import actions as rooms
from supportdesk.rooms import log as room_log
from supportdesk.rooms import queries as room_rows
from supportdesk.rooms.model import EventKind, OwnerKind, ParticipantRole, Room, RoomEvent, RoomId, RoomStatus

log = structlog.get_logger(__name__)

MATCHES_AT_ONCE = 20
MOST_REFUSED = 100
"""Rooms that take nobody before the search ends: it holds up every other assignment of the workspace."""


async def request_person(tx: Tx, actor: Actor, room_id: UUID, *, reason: str = "guest_asked") -> Place:
    """Put the room into the queue of its level; a room that a person has, or that waits already, stays as it is."""
    room = await access.room_to_change(tx, actor, room_id)
    if room.status is RoomStatus.CLOSED:
        raise Conflict("This conversation is closed; start a new one.", code="room_closed")
    if room.owner_kind is OwnerKind.ROBOT or room.status is RoomStatus.SNOOZED:
        room = await _to_queue(tx, actor, room, reason=reason)
    return await place_of(tx, actor, room)


async def hand_over(tx: Tx, actor: Actor, room_id: UUID, *, reason: str) -> None:
    """A robot gives the room up, or was found failing: a person takes over. Nothing to do when one has already.

    `reason` is a code of the product's words: `not_in_documents`, `guest_asked`, `robot_failed`, `robot_timed_out`.
    """
    room = await access.room_to_change(tx, actor, room_id)
    if room.owner_kind is OwnerKind.ROBOT and room.status is RoomStatus.ACTIVE:
        await _to_queue(tx, actor, room, reason=reason)


async def _to_queue(
    tx: Tx, actor: Actor, room: Room, *, reason: str, level: Level | None = None, priority: int | None = None
) -> Room:
    queue_id = await queries.queue_for(tx.conn, actor, level or room.level, room.id)
    fresh, _ = await rooms.set_owner(
        tx, actor, room, OwnerKind.QUEUE, level=level, priority=priority, queue_id=queue_id, reason=reason
    )
    return fresh


async def place_of(tx: Tx, actor: Actor, room: Room) -> Place:
    """Where the room stands in its queue; position 0 when it does not wait."""
    for place in await queries.list_places(tx.conn, actor, room.level, 1000):
        if place.room_id == room.id:
            return place
    return Place(room.id, 0, 0)


async def claim(tx: Tx, actor: Actor, room_id: UUID) -> RoomEvent | None:
    """Take a room that waits or that a robot has; None when it is the actor's already.

    Of two who claim at once, the second waits for the lock and then gets a Conflict that names the winner.
    """
    room = await access.room_to_change(tx, actor, room_id)
    if room.assignee_id == actor.id and room.status is RoomStatus.ACTIVE:
        return None
    if room.assignee_id not in (None, actor.id) and room.status in (RoomStatus.ACTIVE, RoomStatus.SNOOZED):
        raise Conflict(
            f"{room.assignee_name} has claimed this room already.",
            code="already_claimed",
            winner={"id": str(room.assignee_id), "name": room.assignee_name},
        )
    return await _give(tx, actor, room, _self(actor), reason="claimed")


def _self(actor: Actor) -> tuple[UserId, str]:
    if actor.id is None or actor.kind is not ActorKind.AGENT:
        raise Forbidden("Only staff can take rooms.")
    return actor.id, actor.name


async def assign(tx: Tx, actor: Actor, room_id: UUID, agent_id: UUID | None) -> RoomEvent:
    """Give a room to somebody of the staff, or back to its queue."""
    room = await access.room_to_change(tx, actor, room_id)
    if agent_id is None:
        return await _put_back(tx, actor, room, OwnerKind.QUEUE, reason="unassigned")
    found = await queries.find_staff(tx.conn, agent_id)
    if found is None:
        raise NotFound("There is no such agent.")
    return await _give(tx, actor, room, (UserId(agent_id), found[0]), reason="assigned")


async def take_over(tx: Tx, actor: Actor, room_id: UUID) -> RoomEvent:
    """Take a room from whoever has it: robot and former owner fall silent at once."""
    room = await access.room_to_change(tx, actor, room_id)
    await note(tx, "room.taken_over", Subject("room", room.id), taken_from=str(room.assignee_id or room.owner_kind))
    return await _give(tx, actor, room, _self(actor), reason="taken_over")


async def _give(tx: Tx, actor: Actor, room: Room, to: tuple[UserId, str], *, reason: str) -> RoomEvent:
    if room.status is RoomStatus.CLOSED:
        raise Conflict("A closed room is nobody's; reopen it first.", code="room_closed")
    await participants.add_participant(tx, actor, room, to[0], ParticipantRole.MEMBER)
    fresh, event = await rooms.set_owner(tx, actor, room, OwnerKind.HUMAN, assignee=to, reason=reason)
    escalation = await queries.find_open_escalation(tx.conn, room.id)
    if escalation is not None and escalation.assigned_to != to[0]:
        is_new = escalation.status is EscalationStatus.CREATED
        status = EscalationStatus.ASSIGNED if is_new else escalation.status  # work that has begun changes hands only
        await _move(tx, actor, fresh, escalation, status, assigned_to=to[0])
    await room_log.write_event(
        tx,
        actor,
        fresh,
        EventKind.ROOM_ASSIGNED,
        {"assignee_id": to[0], "by": actor.id, "reason": reason},
        subject_id=to[0],
        shown={"assignee": {"id": str(to[0]), "name": to[1]}},
    )
    return event


async def hand_back(tx: Tx, actor: Actor, room_id: UUID, *, to_robot: bool) -> RoomEvent:
    """Give a room back to its robots or to its queue."""
    room = await access.room_to_change(tx, actor, room_id)
    return await _put_back(tx, actor, room, OwnerKind.ROBOT if to_robot else OwnerKind.QUEUE, reason="handed_back")


async def _put_back(tx: Tx, actor: Actor, room: Room, owner: OwnerKind, *, reason: str) -> RoomEvent:
    if room.status is RoomStatus.CLOSED:
        raise Conflict("A closed room is nobody's; reopen it first.", code="room_closed")
    if room.owner_kind is owner and room.status is not RoomStatus.SNOOZED:
        raise Conflict(f"The room is with the {owner} already.", code="illegal_transition", owner=str(owner))
    escalation = await queries.find_open_escalation(tx.conn, room.id)
    if escalation is not None and escalation.status is EscalationStatus.ASSIGNED:
        await _move(tx, actor, room, escalation, EscalationStatus.CREATED)
    queue_id = await queries.queue_for(tx.conn, actor, room.level, room.id) if owner is OwnerKind.QUEUE else None
    _, event = await rooms.set_owner(tx, actor, room, owner, queue_id=queue_id, reason=reason)
    return event


async def observe(tx: Tx, actor: Actor, room_id: UUID) -> RoomEvent | None:
    """Sit in silently: the guest does not learn of it, the audit does."""
    room = await access.room_to_change(tx, actor, room_id)
    await note(tx, "room.observed", Subject("room", room.id))
    return await participants.add_participant(tx, actor, room, _self(actor)[0], ParticipantRole.OBSERVER)


async def escalate(
    tx: Tx,
    actor: Actor,
    room_id: UUID,
    to_level: Level,
    *,
    reason: str,
    priority: int | None = None,
    trigger: Trigger = Trigger.PERSON,
) -> Escalation:
    """Move a room to another level, where it waits: the step, its audit row and its event in one transaction.

    Raises Conflict where no edge leads there, Forbidden without the edge's permission, Invalid without a
    reason where the edge requires one.
    """
    room = await access.room_to_change(tx, actor, room_id)
    if room.status is RoomStatus.CLOSED:
        raise Conflict("A closed room cannot be escalated; reopen it first.", code="room_closed")
    edge = check_step(
        actor, room.level, to_level, await queries.find_edge(tx.conn, actor, room.level, to_level), reason
    )
    given = reason if reason.strip() else None
    earlier = await queries.find_open_escalation(tx.conn, room.id)
    if earlier is not None:
        await _move(tx, actor, room, earlier, EscalationStatus.RESOLVED, notes=f"Went on to {to_level}.")
    wanted = priority or min(room.priority, edge.default_priority)
    escalation = await queries.insert_escalation(
        tx.conn, actor, room.id, reason=given, trigger=trigger, edge=edge, priority=wanted
    )
    await note(
        tx,
        "room.escalated",
        Subject("room", room.id),
        from_level=str(edge.from_level),
        to_level=str(edge.to_level),
        escalation_id=str(escalation.id),
    )
    await room_log.write_event(
        tx,
        actor,
        room,
        EventKind.ESCALATION_CREATED,
        escalation_data(escalation),
        subject_id=escalation.id,
        shown={"reason": given},
    )
    await _to_queue(tx, actor, room, level=to_level, priority=wanted, reason="escalated")
    tx.announce(EscalationCreated(workspace_id=actor.workspace_id, escalation=escalation))
    return escalation


def escalation_data(escalation: Escalation) -> dict[str, object]:
    """What the log keeps of a step: states and references, no text."""
    return {
        "escalation_id": str(escalation.id),
        "from_level": str(escalation.from_level),
        "to_level": str(escalation.to_level),
        "priority": escalation.priority,
        "status": str(escalation.status),
    }


async def _move(
    tx: Tx,
    actor: Actor,
    room: Room,
    escalation: Escalation,
    status: EscalationStatus,
    *,
    assigned_to: UserId | None = None,
    notes: str | None = None,
) -> None:
    if status is not escalation.status:
        escalation.must_become(status)
    await queries.set_escalation(tx.conn, escalation.id, status, assigned_to=assigned_to, notes=notes)
    kept = None if status is EscalationStatus.CREATED else assigned_to or escalation.assigned_to
    await _note_move(tx, actor, room, replace(escalation, status=status, assigned_to=kept))


async def _note_move(tx: Tx, actor: Actor, room: Room, escalation: Escalation) -> None:
    data = {**escalation_data(escalation), "assigned_to": escalation.assigned_to}
    await room_log.write_event(tx, actor, room, EventKind.ESCALATION_UPDATED, data, subject_id=escalation.id)


async def resolve_room(
    tx: Tx, actor: Actor, room_id: UUID, closings: rooms.Closings, *, outcome: str | None = None
) -> RoomEvent:
    """End the conversation, and with it the step that brought the room to where it is."""
    event = await rooms.close_room(tx, actor, room_id, closings, outcome=outcome)
    escalation = await queries.find_open_escalation(tx.conn, room_id)
    if escalation is not None:
        room = await access.room_for(tx, actor, room_id)
        await _move(tx, actor, room, escalation, EscalationStatus.RESOLVED)
    return event


async def assign_waiting(tx: Tx) -> Assigned:
    """Give waiting rooms to whoever is online at their level with capacity left; who cannot have one gets the next."""
    await queries.hold_assignment(tx.conn, tx.actor)
    given, refused = 0, set[RoomId]()
    while True:
        busy, before = 0, len(refused)
        for match in await queries.match_waiting(tx.conn, tx.actor, MATCHES_AT_ONCE, passing_over=refused):
            if not await room_rows.try_lock_room(tx.conn, match.room_id):
                busy += 1
                continue
            try:
                async with tx.part():
                    given += await _give_waiting(tx, match)
            except DeskError as refusal:
                refused.add(match.room_id)
                log.warning("room.not_assigned", room=str(match.room_id), code=refusal.code)
        if len(refused) == before or len(refused) >= MOST_REFUSED:
            return Assigned(given, busy)


async def _give_waiting(tx: Tx, match: Match) -> bool:
    room = await access.room_for(tx, tx.actor, match.room_id)
    if room.status is not RoomStatus.WAITING:  # somebody was quicker
        return False
    await _give(tx, tx.actor, room, (match.agent_id, match.agent_name), reason="assigned")
    return True


async def set_presence(tx: Tx, user_id: UserId, presence: Presence) -> None:
    """Say whether somebody takes rooms."""
    if await queries.set_presence(tx.conn, user_id, presence):
        tx.announce(PresenceChanged(workspace_id=tx.actor.workspace_id, user_id=user_id, presence=presence))


async def come_back(tx: Tx, user_id: UserId) -> None:
    """Somebody opened the dashboard: offline becomes away, anything else stays."""
    if await queries.come_back(tx.conn, user_id):
        tx.announce(PresenceChanged(workspace_id=tx.actor.workspace_id, user_id=user_id, presence=Presence.AWAY))


async def mark_absent(tx: Tx, after: timedelta) -> int:
    """Set offline whose dashboard has not been seen for a while; returns how many."""
    gone = await queries.set_absent(tx.conn, tx.actor, after)
    for user_id in gone:
        tx.announce(PresenceChanged(workspace_id=tx.actor.workspace_id, user_id=user_id, presence=Presence.OFFLINE))
    return len(gone)


async def wake_due(tx: Tx) -> int:
    """Reopen the rooms whose snooze has run out; returns how many."""
    woken = 0
    for room_id in await queries.list_due_snoozed(tx.conn, tx.actor):
        # Who has it in hand, or was quicker, has brought it back already or put it to sleep anew.
        if await room_rows.try_lock_room(tx.conn, room_id) and await queries.is_due(tx.conn, room_id):
            await rooms.reopen_room(tx, tx.actor, room_id)
            woken += 1
    return woken


async def wake_by_message(tx: Tx, posted: Sequence[Posted]) -> None:
    """A guest's message brings a room back that was set aside. Hook of the flights, which hold the rooms."""
    system = Actor.system(tx.actor.workspace_id)
    spoken = [p for p in posted if p.posting.actor.kind is ActorKind.GUEST and p.status == RoomStatus.SNOOZED]
    for room_id in sorted({p.posting.room_id for p in spoken}):
        await rooms.reopen_room(tx, system, room_id)


async def note_replies(tx: Tx, posted: Sequence[Posted]) -> None:
    """A person's first public reply starts their step and dates the room's first reply. Hook of the flights."""
    spoken = {
        (p.posting.room_id, p.posting.actor.id): p.posting.actor
        for p in posted
        if p.posting.actor.kind is ActorKind.AGENT and p.public_seq is not None and p.posting.actor.id is not None
    }
    if not spoken:
        return
    for begun in await queries.start_escalations(tx.conn, sorted(spoken)):
        if begun.assigned_to is not None:
            room = await access.room_for(tx, tx.actor, begun.room_id)
            await _note_move(tx, spoken[begun.room_id, begun.assigned_to], room, begun)


async def reasons_of(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, dict[str, str | None]]:
    """The reasons of steps by id, which the log itself does not keep: staff read them with the event."""
    found = await queries.list_escalations(conn, ids)
    return {escalation_id: {"reason": escalation.reason} for escalation_id, escalation in found.items()}
