"""Counting in this process."""

import pytest

from supportdesk.core.clock import Clock
from supportdesk.core.limits import Limit
from supportdesk.errors import RateLimited


class Watch(Clock):
    def __init__(self) -> None:
        self.at = 100.0

    def monotonic(self) -> float:
        return self.at


def test_so_many_at_once_and_then_so_many_a_minute() -> None:
    watch = Watch()
    limit = Limit(60, watch)
    for _ in range(60):
        limit.take("one", "Wait.")
    with pytest.raises(RateLimited) as refusal:
        limit.take("one", "Wait.")
    assert refusal.value.details["retry_after"] == pytest.approx(1.0)
    limit.take("another", "Wait.")
    watch.at += 1.0
    limit.take("one", "Wait.")
    with pytest.raises(RateLimited):
        limit.take("one", "Wait.")


def test_being_refused_costs_nothing_more() -> None:
    watch = Watch()
    limit = Limit(60, watch)
    for _ in range(60):
        limit.take("one", "Wait.")
    for _ in range(1000):
        with pytest.raises(RateLimited):
            limit.take("one", "Wait.")
    watch.at += 1.01
    limit.take("one", "Wait.")


def test_nothing_a_minute_is_no_limit() -> None:
    none, one = Limit(0, Watch()), Limit(1, Watch())
    for _ in range(10_000):
        none.take("one", "Wait.")
    one.take("one", "Wait.")
    with pytest.raises(RateLimited):
        one.take("one", "Wait.")


def test_memory_does_not_grow_with_those_who_come() -> None:
    limit = Limit(60, Watch(), remembered=100)
    for visitor in range(10_000):
        limit.take(str(visitor), "Wait.")
    assert len(limit._left) == 100
