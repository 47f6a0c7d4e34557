"""Guessing passwords gets slower, whatever the guesser does."""

import asyncio
from collections import Counter
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.accounts import model
from supportdesk.accounts.model import (
    FREE_TRIES,
    FREE_TRIES_ON_THIS_MACHINE,
    FREE_TRIES_PER_ADDRESS,
    LONGEST_WAIT_S,
    wait_s,
)
from supportdesk.config import Settings
from tests.accounts.browser import browser, signed_in
from tests.factories import PASSWORD
from tests.people import Desk


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A desk behind a proxy on this machine, so that each test comes from addresses of its own."""
    return settings.model_copy(update={"trusted_proxies": Settings.load(trusted_proxies="127.0.0.0/8").trusted_proxies})


def new_address() -> str:
    """An address nobody else has come from, in a network of its own."""
    digits = uuid4().hex
    return f"2001:db8:{digits[:4]}:{digits[4:8]}::{digits[8:12]}"


async def ages(desk: Desk, seconds: float) -> None:
    """Let so much time pass for every attempt."""
    await desk.owner.execute(
        "UPDATE sign_in_attempts SET attempted_at = attempted_at - make_interval(secs => $1)", seconds
    )


@given(st.integers(0, 10_000), st.integers(1, 100), st.floats(0, 10_000))
def test_waiting_grows_with_failures_and_has_an_end(failures: int, free: int, since: float) -> None:
    wait = wait_s(failures, free, since)
    assert 0 <= wait <= LONGEST_WAIT_S
    assert wait_s(failures + 1, free, since) >= wait
    if failures < free or since >= LONGEST_WAIT_S:
        assert wait == 0


async def test_after_some_wrong_tries_even_the_right_password_has_to_wait(desk: Desk) -> None:
    email = desk.workspace.email("t1")
    for _ in range(FREE_TRIES):
        assert (await browser(desk, X_Forwarded_For=new_address()).signs_in(email, "wrong")).status == 401
    refused = await browser(desk, X_Forwarded_For=new_address()).signs_in(email, PASSWORD)
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert 0 < refused.body["error"]["details"]["retry_after"] <= 1
    assert int(refused.headers["Retry-After"]) >= 1
    await ages(desk, 1.1)
    assert (await browser(desk, X_Forwarded_For=new_address()).signs_in(email, PASSWORD)).status == 201


async def test_each_further_failure_doubles_the_wait(desk: Desk) -> None:
    email, waits = desk.workspace.email("t1"), []
    for _ in range(FREE_TRIES):
        await browser(desk, X_Forwarded_For=new_address()).signs_in(email, "wrong")
    for _ in range(4):
        refused = await browser(desk, X_Forwarded_For=new_address()).signs_in(email, "wrong")
        waits.append(refused.body["error"]["details"]["retry_after"])
        await ages(desk, waits[-1] + 0.5)
        assert (await browser(desk, X_Forwarded_For=new_address()).signs_in(email, "wrong")).status == 401
    assert all(later > 1.5 * earlier for earlier, later in pairwise(waits)), waits


async def test_being_refused_does_not_make_it_worse(desk: Desk) -> None:
    email = desk.workspace.email("t1")
    for _ in range(FREE_TRIES):
        await browser(desk, X_Forwarded_For=new_address()).signs_in(email, "wrong")
    for _ in range(10):
        assert (await browser(desk, X_Forwarded_For=new_address()).signs_in(email, "wrong")).status == 429
    await ages(desk, 1.1)
    assert (await browser(desk, X_Forwarded_For=new_address()).signs_in(email, PASSWORD)).status == 201


async def test_a_success_forgives_what_was_before(desk: Desk) -> None:
    email = desk.workspace.email("t1")
    for _ in range(3):
        for _ in range(FREE_TRIES - 1):
            await browser(desk, X_Forwarded_For=new_address()).signs_in(email, "wrong")
        assert (await browser(desk, X_Forwarded_For=new_address()).signs_in(email, PASSWORD)).status == 201


async def test_thirty_tries_at_once_are_no_more_than_one_after_the_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where thirty take longer than a second, one more would be right.
    monkeypatch.setattr(model, "FIRST_WAIT_S", LONGEST_WAIT_S)
    email = desk.workspace.email("t1")
    guesses = [browser(desk, X_Forwarded_For=new_address()).signs_in(email, f"wrong {n}") for n in range(30)]
    seen = Counter(answer.status for answer in await asyncio.gather(*guesses))
    assert seen[401] <= FREE_TRIES
    assert seen[401] + seen[429] == 30


async def test_an_address_that_guesses_at_many_accounts_is_slowed_too(desk: Desk) -> None:
    network = new_address().rpartition("::")[0]
    statuses = Counter[int]()
    for number in range(FREE_TRIES_PER_ADDRESS + 3):
        # One customer of IPv6 has all these addresses.
        guesser = browser(desk, X_Forwarded_For=f"{network}::{number + 1:x}")
        statuses[(await guesser.signs_in(f"{number}-{uuid4().hex}@desk.test", "wrong")).status] += 1
    assert statuses == {401: FREE_TRIES_PER_ADDRESS, 429: 3}
    elsewhere = browser(desk, X_Forwarded_For=new_address())
    assert (await elsewhere.signs_in(desk.workspace.email("t1"), PASSWORD)).status == 201


async def test_many_who_sign_in_rightly_from_one_address_do_not_slow_each_other(desk: Desk) -> None:
    address = new_address()
    for _ in range(FREE_TRIES_PER_ADDRESS + 2):
        fresh = browser(desk, X_Forwarded_For=address)
        assert (await fresh.signs_in(desk.workspace.email("t1"), PASSWORD)).status == 201
    assert FREE_TRIES_ON_THIS_MACHINE > FREE_TRIES_PER_ADDRESS


async def test_the_present_password_cannot_be_guessed_from_inside_either(desk: Desk) -> None:
    ann = await signed_in(desk, "t1")
    ann.more["X-Forwarded-For"] = new_address()
    body = {"current_password": "wrong", "new_password": "a sentence nobody guesses"}
    statuses = [(await ann.asks("PUT", "/api/v1/auth/password", body)).status for _ in range(FREE_TRIES + 2)]
    assert statuses == [422] * FREE_TRIES + [429] * 2


async def test_the_sign_in_page_says_it_too(desk: Desk) -> None:
    form = {"email": desk.workspace.email("t1"), "password": "wrong"}
    for _ in range(FREE_TRIES):
        page = await browser(desk, X_Forwarded_For=new_address()).asks("POST", "/login", form=form)
        assert page.status == 401
        assert "E-mail or password is wrong." in page.text
    page = await browser(desk, X_Forwarded_For=new_address()).asks("POST", "/login", form=form)
    assert page.status == 429
    assert "Too many tries" in page.text
    assert "Retry-After" in page.headers


class TestBehindNothing:
    """A desk that trusts no proxy."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"trusted_proxies": ()})

    async def test_rotating_forwarded_headers_change_nothing(self, desk: Desk) -> None:
        for _ in range(3):
            await browser(desk, X_Forwarded_For=new_address()).signs_in(f"{uuid4().hex}@desk.test", "wrong")
        counted = await desk.owner.fetch(
            "SELECT DISTINCT host(address) AS address FROM sign_in_attempts WHERE attempted_at > now() - interval '9 s'"
        )
        assert "127.0.0.1" in {row["address"] for row in counted}
        email = desk.workspace.email("t1")
        statuses = [
            (await browser(desk, X_Forwarded_For=new_address()).signs_in(email, "wrong")).status
            for _ in range(FREE_TRIES + 2)
        ]
        assert statuses == [401] * FREE_TRIES + [429] * 2
