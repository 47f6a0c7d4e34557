"""What each command about messages must do: the events it writes, in their order, or the code it is refused with.

Each function checks as the contract says and changes the model. What only the desk can know (ids) comes from its
acknowledgement. The event that the acknowledgement numbers is returned; None where nothing had to be written.
"""

from collections.abc import Collection

from supportdesk.actor import Permission
from tests.contract.hands import come_in, note_step, note_update, wake
from tests.contract.model import Denied, Event, Human, Json, Room, Said

POINTS = {"reply_to": "bad_reply", "thread_id": "bad_thread"}
SAYS = ("content", "note", "whisper_to", "reply_to", "thread_id")


def say(
    room: Room, who: Human, body: Json, ack: Json, *, guests: Collection[str], notes: Collection[str]
) -> tuple[Said, bool]:
    """Post a message; the message, and whether it was there already.

    Nobody whispers to guests, and nothing that they read points at a note, of whatever room.
    """
    who.must(Permission.MESSAGE_SEND)
    is_note = bool(body.get("note")) or body.get("whisper_to") is not None
    if who.is_staff and not is_note:
        _must_point_at_what_guests_know(body, notes)
    place = room.place(who)
    closed_to = room.is_private and not who.may(Permission.SUPERVISOR_OBSERVE)
    if place is None and (not who.is_staff or closed_to):
        raise Denied("not_found")
    known = room.keys.get((who.id, body["client_msg_id"]))
    if known is not None:
        if any(known[1].get(name) != body.get(name) for name in SAYS):
            raise Denied("idempotency_conflict")
        return known[0], True
    if room.status == "closed" and not is_note:
        raise Denied("room_closed")
    if place is not None and place.status == "muted":
        raise Denied("muted")
    _must_point_well(room, body, seen_by_guests=not is_note)
    if body.get("whisper_to") in guests:
        raise Denied("bad_whisper")
    if who.is_staff and not is_note and (place is None or place.role == "observer"):
        room.must_admit(who)
        come_in(room, who, who, "member")
    return _post(room, who, body, ack, is_note=is_note), False


def _must_point_at_what_guests_know(body: Json, notes: Collection[str]) -> None:
    for name, code in POINTS.items():
        if body.get(name) in notes:
            raise Denied(code)


def _must_point_well(room: Room, body: Json, *, seen_by_guests: bool) -> None:
    for name, code in POINTS.items():
        if body.get(name) is None:
            continue
        target = room.messages.get(body[name])
        if target is None or (name == "reply_to" and target.deleted) or (seen_by_guests and target.public_seq is None):
            raise Denied(code)


def _post(room: Room, who: Human, body: Json, ack: Json, *, is_note: bool) -> Said:
    said = Said(
        id=ack["id"],
        seq=room.head(staff=True) + 1,
        public_seq=None if is_note else room.head(staff=False) + 1,
        sender=who,
        body=dict(body),
    )
    room.keys[who.id, body["client_msg_id"]] = (said, dict(body))
    room.write("message.created", who, {}, hidden=is_note, message=said)
    if room.name is None and not who.is_staff:
        room.name = said.content
    step = room.step
    if who.is_staff and not is_note and step is not None and step.status == "assigned" and step.assigned_to is who:
        step.status = "in_progress"
        note_step(room, who)
    if not who.is_staff and room.status == "snoozed":
        wake(room, None)
    return said


def edit(room: Room, who: Human, message_id: str, content: str, version: int | None) -> Event:
    """Put other words in the place of one's own."""
    message = _message(room, who, message_id)
    if message.sender is not who:
        raise Denied("forbidden")
    _must_not_be_muted(room, who)
    if room.status == "closed" and not message.is_note:
        raise Denied("room_closed")
    if version is not None and version != message.version:
        raise Denied("version_conflict")
    before = message.content
    message.body["content"] = content
    message.edited = True
    message.version += 1
    hidden = message.public_seq is None
    event = room.write("message.edited", who, {"message_id": message_id}, hidden=hidden, message=message)
    _retitle(room, who, before, content)
    return event


def delete(room: Room, who: Human, message_id: str) -> Event:
    """Hide a message."""
    message = _message(room, who, message_id)
    if message.sender is not who:
        who.must(Permission.SUPERVISOR_TAKEOVER)
    message.deleted = True
    message.version += 1
    hidden = message.public_seq is None
    event = room.write("message.deleted", who, {"message_id": message_id}, hidden=hidden, message=message)
    _retitle(room, who, message.content, None)
    return event


def react(room: Room, who: Human, message_id: str, emoji: str, *, on: bool) -> Event | None:
    """Add or take back an emoji."""
    message = _message(room, who, message_id)
    if on:
        _must_not_be_muted(room, who)
    if ((emoji, who.id) in message.reactions) is on:
        return None
    if on:
        message.reactions.append((emoji, who.id))
    else:
        message.reactions.remove((emoji, who.id))
    kind = "reaction.added" if on else "reaction.removed"
    data = {"message_id": message_id, "emoji": emoji, "user_id": who.id}
    return room.write(kind, who, data, hidden=message.public_seq is None, message=message)


def _message(room: Room, who: Human, message_id: str) -> Said:
    who.must(Permission.MESSAGE_SEND)
    room.must_admit(who)
    message = room.messages.get(message_id)
    if message is None or message.deleted or (not who.is_staff and message.public_seq is None):
        raise Denied("not_found")
    return message


def _must_not_be_muted(room: Room, who: Human) -> None:
    place = room.places.get(who.id)
    if place is not None and place.status == "muted":
        raise Denied("muted")


def _retitle(room: Room, who: Human, said: str, instead: str | None) -> None:
    if room.named_by == "first_question" and room.name == said:
        room.name = instead
        note_update(room, who, ["name"])


def see(room: Room, who: Human, number: int) -> list[tuple[str, Json]]:
    """Read up to a number of one's own stream; the receipts that staff and guests hear of it."""
    room.must_admit(who)
    place = room.place(who)
    if place is None or place.role == "observer":  # who looks on silently leaves no tick
        return []
    number = min(number, room.head(staff=who.is_staff))
    seq = number if who.is_staff else max((e.seq for e in room.events if e.public_seq == number), default=0)
    before = place.marks
    if seq <= before[0] and seq <= before[1]:
        return []
    place.marks = (max(before[0], seq), max(before[1], seq))
    told: list[tuple[str, Json]] = []
    for namespace, count in (("/desk", int), ("/guest", room.public_number)):
        delivered, read = (count(mark) for mark in place.marks)
        if namespace == "/desk" or (delivered, read) != tuple(room.public_number(mark) for mark in before):
            data = {"room_id": room.id, "user_id": who.id, "delivered_seq": delivered, "read_seq": read}
            told.append((namespace, data))
    return told
