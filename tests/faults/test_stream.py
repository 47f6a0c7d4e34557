"""What the checker believes of a client is only as good as the client: D4 and D5 on their own."""

from typing import Any

import pytest

from tests.faults.history import Listening
from tests.faults.stream import Stream


def event(seq: int, content: str = "") -> dict[str, Any]:
    return {
        "seq": seq,
        "kind": "message.created",
        "data": {"message": {"id": f"m{seq}", "content": content or f"message {seq}"}},
    }


def page(*seqs: int, head: int) -> dict[str, Any]:
    return {"epoch": "e", "head": head, "events": [event(seq) for seq in seqs]}


@pytest.fixture
def stream() -> Stream:
    return Stream(Listening("client", "user", "room", staff=True))


def numbers(stream: Stream) -> list[int]:
    return [one.seq for one in stream.listening.applied]


def test_what_comes_ahead_waits_for_what_is_missing(stream: Stream) -> None:
    for seq in (1, 3, 4):
        stream.take(event(seq), 0.0)
    assert (numbers(stream), stream.has_gap) == ([1], True)
    stream.take(event(2), 0.0)
    assert (numbers(stream), stream.has_gap) == ([1, 2, 3, 4], False)


def test_what_is_known_is_dropped(stream: Stream) -> None:
    for seq in (1, 1, 2, 1):
        stream.take(event(seq), 0.0)
    assert numbers(stream) == [1, 2]
    assert stream.listening.changed == []


def test_a_known_number_with_other_words_is_kept_as_evidence(stream: Stream) -> None:
    stream.take(event(1), 0.0)
    stream.take(event(1, "other words"), 0.0)
    assert [(one.content, other.content) for one, other in stream.listening.changed] == [("message 1", "other words")]


def test_a_page_fills_the_gap_and_says_whether_there_is_more(stream: Stream) -> None:
    stream.take(event(5), 0.0)
    assert stream.read(page(1, 2, head=5), asked_after=0)
    assert not stream.read(page(3, 4, 5, head=5), asked_after=2)
    assert numbers(stream) == [1, 2, 3, 4, 5]
    assert stream.listening.pages == []


def test_a_page_with_a_hole_is_kept_as_evidence(stream: Stream) -> None:
    stream.read(page(1, 3, head=3), asked_after=0)
    assert stream.listening.pages
    assert numbers(stream) == [1]


def test_a_page_that_brings_nothing_ends_the_asking(stream: Stream) -> None:
    assert not stream.read(page(head=5), asked_after=0)


def test_a_reset_is_kept_as_evidence(stream: Stream) -> None:
    assert not stream.read({"reset": True, "reason": "epoch", "epoch": "f", "head": 1, "events": []}, asked_after=3)
    assert stream.listening.resets == ["epoch"]
