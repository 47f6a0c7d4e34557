"""What each command about rooms must do: the events it writes, in their order, or the code it is refused with.

Each function checks as the contract says and changes the model. What only the desk can know (ids) comes from its
acknowledgement. The event that the acknowledgement numbers is returned; None where nothing had to be written.
"""

from supportdesk.actor import Permission
from tests.contract.model import Denied, Event, Human, Json, Place, Room, Step, person_of

EDGES = {
    ("T1", "T2"): Permission.ESCALATE_TO_T2,
    ("T2", "T3"): Permission.ESCALATE_TO_T3,
    ("T3", "manager"): Permission.ESCALATE_TO_MANAGER,
    ("manager", "T3"): Permission.ESCALATION_LOWER,
    ("T3", "T2"): Permission.ESCALATION_LOWER,
    ("T2", "T1"): Permission.ESCALATION_LOWER,
}
NEXT = {
    "waiting": {"active", "snoozed", "closed"},
    "active": {"waiting", "snoozed", "closed"},
    "snoozed": {"waiting", "active", "closed"},
    "closed": {"waiting", "active", "archived"},
}


def come_in(room: Room, actor: Human, who: Human, role: str) -> Event | None:
    """Take a place in the room; None when one has it already."""
    place = room.place(who)
    if place is not None and (place.role != "observer" or role == "observer"):
        return None
    if (role == "guest") is who.is_staff:
        raise Denied("wrong_role")
    if place is None:
        earlier = room.places.pop(who.id, None)
        room.places[who.id] = Place(who, role, marks=earlier.marks if earlier else (0, 0))
    else:
        place.role = role
    return _note_coming(room, actor, who, role)


def _note_coming(room: Room, actor: Human, who: Human, role: str) -> Event:
    data = {"user_id": who.id, "role": role, "participant": _participant(who, role)}
    return room.write("participant.joined", actor, data, hidden=role == "observer")


def _participant(who: Human, role: str) -> Json:
    person = person_of(who)
    return {"user_id": person.pop("id"), **person, "role": role}


def bring(room: Room, actor: Human, who: Human, role: str) -> Event | None:
    """Let somebody in."""
    actor.must(Permission.ROOM_READ)
    room.must_admit(actor)
    actor.must(Permission.ROOM_INVITE)
    if role in ("moderator", "observer"):
        actor.must(Permission.SUPERVISOR_TAKEOVER)
    return come_in(room, actor, who, role)


def change_place(room: Room, actor: Human, who: Human, change: Json) -> Event:
    """Mute somebody, or give them another role; who becomes a silent observer leaves, as far as guests can see."""
    actor.must(Permission.SUPERVISOR_TAKEOVER)
    room.must_admit(actor)
    place = room.place(who)
    if place is None:
        raise Denied("not_found")
    role = change.get("role", place.role)
    if "role" in change and (role == "guest") is who.is_staff:
        raise Denied("wrong_role")
    was_seen = place.role != "observer"
    place.role = role
    place.status = change.get("status", place.status)
    if was_seen and role == "observer":
        data = {"user_id": who.id, "status": place.status, "name": who.name}
        room.write("participant.left", actor, data)
    if was_seen != (role != "observer"):
        _note_coming(room, actor, who, role)
    return room.write("participant.updated", actor, {"user_id": who.id, **change}, hidden=True)


def take_out(room: Room, actor: Human, who: Human) -> Event:
    """Leave, or take somebody else out."""
    actor.must(Permission.ROOM_READ)
    room.must_admit(actor)
    if actor is not who:
        actor.must(Permission.SUPERVISOR_TAKEOVER)
    place = room.place(who)
    if place is None:
        raise Denied("not_found")
    place.status = "left" if actor is who else "removed"
    data = {"user_id": who.id, "status": place.status, "name": who.name}
    return room.write("participant.left", actor, data, hidden=place.role == "observer")


def _owner(room: Room, actor: Human, owner: str, reason: str, assignee: Human | None = None) -> Event:
    status = "waiting" if owner == "queue" else "active"
    if status != room.status and status not in NEXT[room.status]:
        raise Denied("illegal_transition")
    room.owner, room.assignee, room.status = owner, assignee, status
    room.version += 1
    data = {
        "owner_kind": owner,
        "assignee_id": assignee.id if assignee else None,
        "level": room.level,
        "status": status,
        "reason": reason,
        "owner": room.owner_data(),
    }
    return room.write("room.owner_changed", actor, data)


def claim(room: Room, actor: Human) -> Event | None:
    """Take a room that nobody has."""
    actor.must(Permission.ROOM_CLAIM)
    room.must_admit(actor)
    if room.assignee is actor and room.status == "active":
        return None
    if room.assignee not in (None, actor) and room.status in ("active", "snoozed"):
        raise Denied("already_claimed")
    return _give(room, actor, actor, "claimed")


def _give(room: Room, actor: Human, to: Human, reason: str) -> Event:
    if room.status == "closed":
        raise Denied("room_closed")
    come_in(room, actor, to, "member")
    event = _owner(room, actor, "human", reason, to)
    step = room.step
    if step is not None and step.assigned_to is not to:
        step.status = "assigned" if step.status == "created" else step.status
        step.assigned_to = to
        note_step(room, actor)
    data = {"assignee_id": to.id, "by": actor.id, "reason": reason, "assignee": {"id": to.id, "name": to.name}}
    room.write("room.assigned", actor, data, hidden=True)
    return event


def assign(room: Room, actor: Human, to: Human | None) -> Event | None:
    """Give a room to somebody, or back to its queue."""
    actor.must(Permission.ROOM_CLAIM)
    room.must_admit(actor)
    if actor is not to and actor is not room.assignee:
        actor.must(Permission.ROOM_ASSIGN)
    if actor is to:
        return claim(room, actor)
    if to is None:
        return _put_back(room, actor, "unassigned")
    if not to.is_staff:
        raise Denied("not_found")
    return _give(room, actor, to, "assigned")


def hand_back(room: Room, actor: Human) -> Event:
    """Give a room back to its queue."""
    actor.must(Permission.ROOM_CLAIM)
    room.must_admit(actor)
    if actor is not room.assignee:
        actor.must(Permission.ROOM_ASSIGN)
    return _put_back(room, actor, "handed_back")


def _put_back(room: Room, actor: Human, reason: str) -> Event:
    if room.status == "closed":
        raise Denied("room_closed")
    if room.owner == "queue" and room.status != "snoozed":
        raise Denied("illegal_transition")
    if room.step is not None and room.step.status == "assigned":
        room.step.status, room.step.assigned_to = "created", None
        note_step(room, actor)
    return _owner(room, actor, "queue", reason)


def take_over(room: Room, actor: Human) -> Event:
    """Take a room from whoever has it."""
    actor.must(Permission.SUPERVISOR_TAKEOVER)
    room.must_admit(actor)
    return _give(room, actor, actor, "taken_over")


def observe(room: Room, actor: Human) -> Event | None:
    """Sit in silently."""
    actor.must(Permission.SUPERVISOR_OBSERVE)
    room.must_admit(actor)
    return come_in(room, actor, actor, "observer")


def escalate(room: Room, actor: Human, level: str, reason: str, ack: Json) -> None:
    """Move the room to another level, where it waits."""
    room.must_admit(actor)
    if room.status == "closed":
        raise Denied("room_closed")
    if level == room.level:
        raise Denied("illegal_transition")
    needs = EDGES.get((room.level, level))
    if needs is None:
        raise Denied("no_such_step")
    actor.must(needs)
    if not reason:
        raise Denied("reason_required")
    if room.step is not None:
        room.step.status = "resolved"
        note_step(room, actor)
    room.step = Step(ack["escalation_id"], room.level, level, min(room.priority, 3))
    room.write("escalation.created", actor, room.step.data() | {"reason": reason})
    room.level, room.priority = level, room.step.priority
    _owner(room, actor, "queue", "escalated")


def note_step(room: Room, actor: Human | None) -> None:
    """Tell the staff where the open escalation stands."""
    step = room.step
    assert step is not None
    assigned = {"assigned_to": step.assigned_to.id if step.assigned_to else None}
    room.write("escalation.updated", actor, step.data() | assigned, hidden=True)


def close(room: Room, actor: Human) -> Event:
    """End the conversation."""
    actor.must(Permission.ROOM_CLOSE)
    event = _become(room, actor, "closed")
    closed = room.write("room.closed", actor, {"status": event, "outcome": None})
    if room.step is not None:
        room.step.status = "resolved"
        note_step(room, actor)
        room.step = None
    return closed


def snooze(room: Room, actor: Human) -> Event:
    """Set the conversation aside."""
    actor.must(Permission.ROOM_CLOSE)
    _become(room, actor, "snoozed")
    return room.write("room.snoozed", actor, {"until": ""}, hidden=True)


def _become(room: Room, actor: Human, status: str) -> str:
    room.must_admit(actor)
    if status not in NEXT[room.status]:
        raise Denied("illegal_transition")
    room.status = status
    room.version += 1
    return status


def reopen(room: Room, actor: Human) -> Event:
    """Take a closed or snoozed conversation up again."""
    actor.must(Permission.ROOM_CLOSE)
    room.must_admit(actor)
    if room.status not in ("closed", "snoozed"):
        raise Denied("illegal_transition")
    return wake(room, actor)


def wake(room: Room, actor: Human | None) -> Event:
    """Bring a room back; the desk itself is nobody."""
    hidden = room.status == "snoozed"
    room.status = "waiting" if room.owner == "queue" else "active"
    room.version += 1
    return room.write("room.reopened", actor, {"status": room.status}, hidden=hidden)


def update(room: Room, actor: Human, version: int, change: Json) -> Event:
    """Rename a room, or say how urgent it is."""
    actor.must(Permission.ROOM_CLOSE)
    room.must_admit(actor)
    if version != room.version:
        raise Denied("version_conflict")
    if "name" in change:
        room.name, room.named_by = change["name"], "person"
    room.priority = change.get("priority", room.priority)
    return note_update(room, actor, sorted(change))


def rate(room: Room, guest: Human, score: int) -> Event:
    """Say how content one is."""
    room.must_admit(guest)
    if room.status not in ("closed", "active"):
        raise Denied("illegal_transition")
    return room.write("csat.given", guest, {"score": score})


def note_update(room: Room, who: Human, fields: list[str]) -> Event:
    """Tell the staff that what describes the room has changed."""
    room.version += 1
    data = {"fields": fields, "version": room.version, "priority": room.priority, "name": room.name}
    return room.write("room.updated", who, data, hidden=True)
