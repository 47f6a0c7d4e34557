"""The checker finds every kind of violation that is planted, and none where there is none."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.checker import Expected, judge
from tests.faults.history import Ack, Heard, History, Listening, Read, Removal, Send
from tests.faults.stored import Head, Stored, StoredEvent, StoredMessage

ROOM = "room"
GUEST, AGENT, OTHER = "guest", "agent", "other guest"
CONTENTS = {
    2: (GUEST, "hello?", False),
    3: (AGENT, "a note", True),
    4: (AGENT, "hello", False),
    5: (GUEST, "ah", False),
}
"""By staff number: one is the room's own beginning."""
PUBLIC = {1: 1, 2: 2, 4: 3, 5: 4}

Plant = Callable[[History, Stored], None]


def a_true_story() -> tuple[History, Stored]:
    """Two people talk, a third listens, a stranger hears nothing, and all of it is stored."""
    stored = Stored(events={ROOM: [StoredEvent(1, 1, "room.created", None)]}, heads={ROOM: Head(5, 4)})
    history = History()
    for seq, (sender, content, hidden) in CONTENTS.items():
        key, public = f"key {seq}", PUBLIC.get(seq)
        row = StoredMessage(f"m{seq}", ROOM, sender, key, content, seq, public, hidden)
        stored.messages[row.id] = row
        stored.events[ROOM].append(StoredEvent(seq, public, "message.created", row.id))
        send = Send(sender, sender == AGENT, ROOM, key, content, hidden, invoked_at=10.0 * seq, tries=2)
        number = seq if send.staff else PUBLIC[seq]
        send.acks = [
            Ack(row.id, number, f"at {seq}", duplicate, 10.0 * seq + 1 + duplicate) for duplicate in (False, True)
        ]
        history.sends.append(send)
        history.reads.append(Read(sender, ROOM, row.id, number, found=True))
    for user, staff in ((GUEST, False), (AGENT, True), (OTHER, False)):
        history.listening.append(_listening(user, stored, staff=staff))
    history.listening.append(Listening("stranger", "stranger", ROOM, staff=False, member=False))
    return history, stored


def _listening(user: str, stored: Stored, *, staff: bool) -> Listening:
    listening = Listening(user, user, ROOM, staff, last_frame_at=60.0)
    for event in stored.events[ROOM]:
        seq = event.seq if staff else event.public_seq
        if seq is not None:
            row = stored.messages.get(event.subject or "")
            message = (row.id, row.content, row.is_note) if row else ()
            listening.applied.append(Heard(seq, event.kind, *message))
    listening.received = {event.seq: event for event in listening.applied}
    return listening


def of(history: History, user: str) -> Listening:
    return next(one for one in history.listening if one.user == user)


def hears(listening: Listening, event: Heard) -> None:
    """Both received and applied."""
    listening.received[event.seq] = event
    listening.applied = [one for one in listening.applied if one.seq != event.seq] + [event]
    listening.applied.sort(key=lambda one: one.seq)


def lose_a_row(_: History, stored: Stored) -> None:
    del stored.messages["m5"]
    stored.events[ROOM].pop()
    stored.heads[ROOM] = Head(4, 3)


def store_other_words(_: History, stored: Stored) -> None:
    stored.messages["m4"] = replace(stored.messages["m4"], content="hallo")


def show_a_note(_: History, stored: Stored) -> None:
    stored.messages["m3"] = replace(stored.messages["m3"], is_note=False)


def ack_another_number(history: History, _: Stored) -> None:
    history.sends[3].acks = [replace(ack, seq=5) for ack in history.sends[3].acks]


def ack_the_other_streams_number(history: History, _: Stored) -> None:
    history.sends[2].acks = [replace(ack, seq=3) for ack in history.sends[2].acks]


def store_twice(_: History, stored: Stored) -> None:
    stored.messages["again"] = replace(stored.messages["m5"], id="again", seq=6, public_seq=5)
    stored.events[ROOM].append(StoredEvent(6, 5, "message.created", "again"))
    stored.heads[ROOM] = Head(6, 5)


def ack_differently(history: History, _: Stored) -> None:
    first, second = history.sends[0].acks
    history.sends[0].acks = [first, replace(second, created_at="later")]


def ack_as_new_twice(history: History, _: Stored) -> None:
    history.sends[0].acks = [replace(ack, duplicate=False) for ack in history.sends[0].acks]


def refuse_and_store(history: History, _: Stored) -> None:
    history.sends[0].acks, history.sends[0].refusals = [], ["muted"]


def refuse_after_an_ack(history: History, _: Stored) -> None:
    history.sends[0].refusals = ["muted"]


def never_answer(history: History, _: Stored) -> None:
    history.sends.append(
        Send(GUEST, staff=False, room=ROOM, key="k", content="c", hidden=False, invoked_at=1, unknown=9)
    )


def skip_a_number(_: History, stored: Stored) -> None:
    stored.events[ROOM][-1] = replace(stored.events[ROOM][-1], seq=6)


def skip_a_public_number(_: History, stored: Stored) -> None:
    stored.events[ROOM][-1] = replace(stored.events[ROOM][-1], public_seq=5)


def move_the_head(_: History, stored: Stored) -> None:
    stored.heads[ROOM] = Head(5, 5)


def forget_the_event(_: History, stored: Stored) -> None:
    stored.messages["m6"] = StoredMessage("m6", ROOM, None, None, "from nobody", 6, 5)


def leave_a_gap(history: History, _: Stored) -> None:
    del of(history, OTHER).applied[1]


def apply_twice(history: History, _: Stored) -> None:
    listening = of(history, OTHER)
    listening.applied.insert(1, listening.applied[1])


def apply_in_another_order(history: History, _: Stored) -> None:
    listening = of(history, AGENT)
    second, third = listening.applied[1:3]
    hears(listening, replace(third, seq=2))
    hears(listening, replace(second, seq=3))


def stay_behind(history: History, _: Stored) -> None:
    of(history, OTHER).applied.pop()


def hear_what_is_not_stored(history: History, _: Stored) -> None:
    hears(of(history, AGENT), Heard(6, "message.created", "m6", "from nowhere"))


def hear_other_words(history: History, _: Stored) -> None:
    listening = of(history, OTHER)
    hears(listening, replace(listening.applied[1], content="bye?"))


def hear_another_kind(history: History, _: Stored) -> None:
    hears(of(history, OTHER), Heard(1, "room.closed"))


def hear_of_a_note(history: History, _: Stored) -> None:
    listening = of(history, OTHER)
    hears(listening, Heard(3, "message.created", "m3", "a note", hidden=True))


def hear_a_note_as_a_message(history: History, _: Stored) -> None:
    hears(of(history, OTHER), Heard(5, "message.created", "m3", "a note"))


def hear_a_number_twice(history: History, _: Stored) -> None:
    listening = of(history, OTHER)
    listening.changed.append((listening.applied[1], replace(listening.applied[1], content="bye?")))


def hear_as_a_stranger(history: History, _: Stored) -> None:
    of(history, "stranger").last_frame_at = 5.0


def hear_of_an_unknown_room(history: History, _: Stored) -> None:
    history.strays.append((OTHER, "typing", "another room"))


def hear_after_removal(history: History, _: Stored) -> None:
    history.removals.append(Removal(OTHER, ROOM, at=54.0))


def read_nothing(history: History, _: Stored) -> None:
    history.reads[0] = replace(history.reads[0], found=False)


def read_a_page_with_a_hole(history: History, _: Stored) -> None:
    of(history, OTHER).pages.append("asked after 2, got [4]")


def begin_anew(history: History, _: Stored) -> None:
    of(history, OTHER).resets.append("epoch")


def be_refused_ones_room(history: History, _: Stored) -> None:
    of(history, OTHER).refused.append((3.0, "not_found"))


def overtake_oneself(history: History, stored: Stored) -> None:
    """The guest's second message, begun after the first was acknowledged, got the smaller number."""
    first, second = history.sends[0], history.sends[3]
    first.acks, second.acks = (
        [replace(ack, id=other.acks[0].id, seq=other.acks[0].seq, created_at="") for ack in one.acks]
        for one, other in ((first, second), (second, first))
    )
    for number, send in (("m5", first), ("m2", second)):
        stored.messages[number] = replace(stored.messages[number], key=send.key, content=send.content)


def answer_what_nobody_should_get(history: History, _: Stored) -> None:
    history.odd.append("internal")


PLANTS: dict[Plant, str] = {
    lose_a_row: "acked and not stored",
    store_other_words: "stored otherwise than sent",
    show_a_note: "stored otherwise than sent",
    ack_another_number: "acked under another number",
    ack_the_other_streams_number: "acked under another number",
    store_twice: "more than one row for a client_msg_id",
    ack_differently: "acks of one message differ",
    ack_as_new_twice: "a message was new twice",
    refuse_and_store: "refused and stored",
    refuse_after_an_ack: "a send was refused",
    never_answer: "a send was never answered",
    skip_a_number: "seq is not dense",
    skip_a_public_number: "public_seq is not dense",
    move_the_head: "the head of public_seq is not its end",
    forget_the_event: "a message has no event of its number",
    leave_a_gap: "applied with a gap or twice",
    apply_twice: "applied with a gap or twice",
    apply_in_another_order: "received and not stored",
    stay_behind: "not converged",
    hear_what_is_not_stored: "received and not stored",
    hear_other_words: "received otherwise than stored",
    hear_another_kind: "received and not stored",
    hear_of_a_note: "a guest received a note",
    hear_a_note_as_a_message: "received and not stored",
    hear_a_number_twice: "one number, two events",
    hear_as_a_stranger: "received by a non-member",
    hear_of_an_unknown_room: "received by a non-member",
    hear_after_removal: "received after removal",
    read_nothing: "an acked message could not be read",
    read_a_page_with_a_hole: "a page of the log has a hole",
    begin_anew: "a stream was reset",
    be_refused_ones_room: "a member was refused their room",
    overtake_oneself: "a sender's messages are out of order",
    answer_what_nobody_should_get: "an answer that nobody should get",
}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_violation_is_found(plant: Plant) -> None:
    history, stored = a_true_story()
    plant(history, stored)
    found = {violation.rule for violation in judge(history, stored)}
    assert PLANTS[plant] in found, found


def test_a_true_story_has_no_violation() -> None:
    assert judge(*a_true_story()) == []


def test_what_a_fault_is_expected_to_do_is_no_violation() -> None:
    history, stored = a_true_story()
    begin_anew(history, stored)
    refused = Send(
        GUEST, staff=False, room=ROOM, key="k", content="c", hidden=False, invoked_at=1, refusals=["not_found"]
    )
    history.sends.append(refused)
    expected = Expected(resets=frozenset({"epoch"}), refusals=frozenset({"not_found"}))
    assert judge(history, stored, expected) == []


def test_whoever_was_taken_out_in_time_need_not_have_everything() -> None:
    history, stored = a_true_story()
    history.removals.append(Removal(OTHER, ROOM, at=58.0))
    of(history, OTHER).refused.append((59.0, "not_found"))
    of(history, OTHER).applied.pop()
    assert judge(history, stored) == []


def test_a_message_of_unknown_fate_may_be_stored_or_not() -> None:
    history, stored = a_true_story()
    settled = history.sends[0]
    settled.acks, settled.unknown, settled.refusals = [], 1, ["not_found"]
    assert judge(history, stored, Expected(refusals=frozenset({"not_found"}))) == []
