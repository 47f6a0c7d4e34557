"""Three failures, thirty seconds, one trial."""

from supportdesk.core.breaker import Breaker
from supportdesk.core.clock import Clock


class StandingClock(Clock):
    def __init__(self) -> None:
        self.at = 1000.0

    def monotonic(self) -> float:
        return self.at


def failing(times: int) -> tuple[Breaker, StandingClock]:
    clock = StandingClock()
    breaker = Breaker(clock)
    for _ in range(times):
        assert breaker.admits("faq")
        breaker.failed("faq")
    return breaker, clock


def test_two_failures_are_borne() -> None:
    breaker, _clock = failing(2)
    assert breaker.admits("faq")


def test_the_third_failure_in_a_row_opens_for_thirty_seconds() -> None:
    breaker, clock = failing(3)
    clock.at += 29.9
    assert breaker.is_open("faq")
    assert not breaker.admits("faq")
    assert breaker.admits("greeter")


def test_a_success_in_between_starts_the_count_again() -> None:
    breaker, _clock = failing(2)
    breaker.succeeded("faq")
    breaker.failed("faq")
    assert breaker.admits("faq")


def test_after_the_cool_down_there_is_one_trial() -> None:
    breaker, clock = failing(3)
    clock.at += 30
    assert not breaker.is_open("faq")
    assert breaker.admits("faq")
    assert not breaker.admits("faq")


def test_a_trial_that_goes_well_closes_it() -> None:
    breaker, clock = failing(3)
    clock.at += 30
    assert breaker.admits("faq")
    breaker.succeeded("faq")
    assert breaker.admits("faq")
    assert breaker.admits("faq")


def test_a_trial_that_fails_opens_it_again() -> None:
    breaker, clock = failing(3)
    clock.at += 30
    assert breaker.admits("faq")
    breaker.failed("faq")
    clock.at += 29
    assert not breaker.admits("faq")
    clock.at += 1
    assert breaker.admits("faq")


def test_a_trial_that_never_reports_is_followed_by_another() -> None:
    breaker, clock = failing(3)
    clock.at += 30
    assert breaker.admits("faq")
    clock.at += 30
    assert breaker.admits("faq")


def test_tripping_opens_it_at_once() -> None:
    breaker, _clock = failing(0)
    breaker.trip("faq")
    assert not breaker.admits("faq")


def test_a_trial_that_nobody_waits_for_is_given_to_the_next() -> None:
    breaker, clock = failing(3)
    clock.at += 30
    assert breaker.admits("faq")
    breaker.gave_up("faq")
    assert breaker.admits("faq")
    assert not breaker.admits("faq")
    breaker.gave_up("never failed")
    assert breaker.admits("never failed")
