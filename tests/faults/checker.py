"""Judges a history by what is stored: every invariant of security.md, room by room and stream by stream."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tests.faults.history import Fate, Heard, History, Listening, Send
from tests.faults.stored import Stored, StoredEvent, StoredMessage
from tests.faults.stream import MESSAGE

REVOKED_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that was broken, by what; `about` names room, message, client or key."""

    rule: str
    about: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What a fault may do and others may not."""

    resets: frozenset[str] = frozenset()  # reasons for which a stream may have begun anew
    refusals: frozenset[str] = frozenset()  # codes with which a send may have been refused for good


def judge(history: History, stored: Stored, expected: Expected | None = None) -> list[Violation]:
    """Every violation; an empty list is what the desk promises."""
    allowed = expected or Expected()
    lost_at = {(removal.user, removal.room): removal.at for removal in history.removals}
    found = [
        *_sends(history, stored, allowed),
        *_keys(stored),
        *_numbers(stored),
        *_sender_order(history),
        *_reads(history),
    ]
    for listening in history.listening:
        if not listening.member:
            found += _outside(listening)
            continue
        found += _listening(listening, stored, lost_at.get((listening.user, listening.room)), allowed)
    found += [
        Violation("received by a non-member", f"{who} heard {event} of {room}") for who, event, room in history.strays
    ]
    found += [Violation("an answer that nobody should get", odd) for odd in history.odd]
    return found


def _sends(history: History, stored: Stored, allowed: Expected) -> Iterator[Violation]:
    by_key = {(m.sender, m.room, m.key): m for m in stored.messages.values()}
    for send in history.sends:
        match send.fate:
            case Fate.OK:
                yield from _acked(send, stored)
            case Fate.FAIL:
                if (row := by_key.get((send.sender, send.room, send.key))) is not None:
                    yield Violation("refused and stored", f"{send.key} as {row.id}: {', '.join(send.refusals)}")
            case Fate.INFO:
                # With a refusal it is settled: an earlier try may have been stored, and no later one can tell.
                if not send.refusals:
                    yield Violation("a send was never answered", f"{send.key} in {send.room} after {send.tries} tries")
        if not set(send.refusals) <= allowed.refusals:
            yield Violation("a send was refused", f"{send.key}: {', '.join(send.refusals)}")


def _acked(send: Send, stored: Stored) -> Iterator[Violation]:
    acks = send.acks
    if len({(ack.id, ack.seq, ack.created_at) for ack in acks}) > 1:
        yield Violation("acks of one message differ", f"{send.key}: {sorted({(a.id, a.seq) for a in acks})}")
    if sum(not ack.duplicate for ack in acks) > 1:
        yield Violation("a message was new twice", f"{send.key}: {acks[0].id}")
    for ack in acks[:1]:
        row = stored.messages.get(ack.id)
        if row is None:
            yield Violation("acked and not stored", f"{send.key} as {ack.id} in {send.room}")
        elif (row.content, row.room, row.sender, row.key, row.is_note) != (
            send.content,
            send.room,
            send.sender,
            send.key,
            send.hidden,
        ):
            yield Violation("stored otherwise than sent", f"{send.key} as {ack.id}")
        elif ack.seq != (row.seq if send.staff else row.public_seq):
            yield Violation("acked under another number", f"{send.key}: {ack.seq}, stored {row.seq}/{row.public_seq}")


def _keys(stored: Stored) -> Iterator[Violation]:
    rows = Counter((m.room, m.sender, m.key) for m in stored.messages.values() if m.key is not None)
    for (room, _, key), count in rows.items():
        if count > 1:
            yield Violation("more than one row for a client_msg_id", f"{key} in {room}: {count} rows")


def _numbers(stored: Stored) -> Iterator[Violation]:
    for room, events in stored.events.items():
        staff = [event.seq for event in events]
        public = [event.public_seq for event in events if event.public_seq is not None]
        for name, numbers, head in (
            ("seq", staff, stored.heads[room].staff),
            ("public_seq", public, stored.heads[room].public),
        ):
            if numbers != list(range(1, len(numbers) + 1)):
                yield Violation(f"{name} is not dense", room)
            if head != len(numbers):
                yield Violation(f"the head of {name} is not its end", f"{room}: {head}, {len(numbers)} events")
    told = {e.subject: (e.seq, e.public_seq) for events in stored.events.values() for e in events if e.kind == MESSAGE}
    for message in stored.messages.values():
        if told.get(message.id) != (message.seq, message.public_seq):
            yield Violation("a message has no event of its number", message.id)


def _sender_order(history: History) -> Iterator[Violation]:
    """What was acknowledged before the next was begun has the smaller number."""
    by_sender: dict[tuple[str, str], list[Send]] = defaultdict(list)
    for send in history.sends:
        if send.acks:
            by_sender[send.sender, send.room].append(send)
    for sends in by_sender.values():
        sends.sort(key=lambda send: send.invoked_at)
        by_ack = sorted(sends, key=lambda send: send.acks[0].at)
        settled, highest = 0, 0
        for send in sends:
            while settled < len(by_ack) and by_ack[settled].acks[0].at < send.invoked_at:
                highest = max(highest, by_ack[settled].acks[0].seq)
                settled += 1
            if send.acks[0].seq <= highest:
                yield Violation(
                    "a sender's messages are out of order", f"{send.key}: {send.acks[0].seq} after {highest}"
                )


def _reads(history: History) -> Iterator[Violation]:
    for read in history.reads:
        if not read.found:
            yield Violation("an acked message could not be read", f"{read.message_id} at {read.seq} in {read.room}")


def _outside(listening: Listening) -> Iterator[Violation]:
    if listening.received or listening.last_frame_at:
        about = f"{listening.client} in {listening.room}: {len(listening.received)} events"
        yield Violation("received by a non-member", about)


def _listening(listening: Listening, stored: Stored, lost_at: float | None, allowed: Expected) -> Iterator[Violation]:
    who = f"{listening.client} in {listening.room}"
    if lost_at is None:
        yield from _still_in(who, listening, stored)
    elif listening.last_frame_at > lost_at + REVOKED_WITHIN_S:
        yield Violation("received after removal", f"{who}: {listening.last_frame_at - lost_at:.1f} s after it")
    for reason in listening.resets:
        if reason not in allowed.resets:
            yield Violation("a stream was reset", f"{who}: {reason}")
    for page in listening.pages:
        yield Violation("a page of the log has a hole", f"{who}: {page}")
    for first, then in listening.changed:
        yield Violation("one number, two events", f"{who}: {first.seq} was {first.message_id}, then {then.message_id}")
    numbers = [event.seq for event in listening.applied]
    if numbers != list(range(1, len(numbers) + 1)):
        yield Violation("applied with a gap or twice", who)
    events = _stream_of(stored, listening)
    for event in listening.received.values():
        yield from _received(who, event, events.get(event.seq), stored, staff=listening.staff)


def _still_in(who: str, listening: Listening, stored: Stored) -> Iterator[Violation]:
    for at, code in listening.refused:
        yield Violation("a member was refused their room", f"{who}: {code} at {at:.1f}")
    head = stored.heads[listening.room].of(staff=listening.staff)
    if listening.last != head:
        yield Violation("not converged", f"{who}: {listening.last} of {head}")


def _stream_of(stored: Stored, listening: Listening) -> dict[int, StoredEvent]:
    events = stored.events[listening.room]
    if listening.staff:
        return {event.seq: event for event in events}
    return {event.public_seq: event for event in events if event.public_seq is not None}


def _received(who: str, event: Heard, row: StoredEvent | None, stored: Stored, *, staff: bool) -> Iterator[Violation]:
    if not staff and event.hidden:
        yield Violation("a guest received a note", f"{who}: {event.message_id} at {event.seq}")
    if row is None or row.kind != event.kind:
        yield Violation("received and not stored", f"{who}: {event.kind} {event.message_id} at {event.seq}")
        return
    if event.kind != MESSAGE:
        return
    message: StoredMessage | None = stored.messages.get(event.message_id)
    if message is None or row.subject != event.message_id:
        yield Violation("received and not stored", f"{who}: {event.message_id} at {event.seq}, stored is {row.subject}")
    elif message.content != event.content or (staff and message.is_note != event.hidden):
        yield Violation("received otherwise than stored", f"{who}: {event.message_id} at {event.seq}")
