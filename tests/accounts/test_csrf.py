"""A write by cookie must prove that it was meant."""

from typing import Any

import pytest

from tests.accounts.browser import Browser, browser, signed_in
from tests.people import Desk


async def test_a_write_needs_the_token_of_its_session(desk: Desk) -> None:
    ann, bob = await signed_in(desk, "t1"), await signed_in(desk, "t2")
    wrong = ["", "x", "A" * 43, bob.csrf, "é" * 10]
    for token in wrong:
        answer = await ann.asks("POST", "/api/v1/socket-tickets", {}, X_CSRF_Token=token)
        assert (answer.status, answer.code) == (403, "csrf"), token
    assert (await ann.asks("POST", "/api/v1/socket-tickets", {})).status == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1"},  # the right host, another port
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
async def test_a_browser_that_comes_from_elsewhere_is_refused_even_with_the_token(
    desk: Desk, headers: dict[str, Any]
) -> None:
    ann = await signed_in(desk, "t1")
    answer = await ann.asks("POST", "/api/v1/socket-tickets", {}, form=None, **headers)
    assert (answer.status, answer.code) == (403, "csrf")


async def test_a_form_carries_the_token_as_a_field(desk: Desk) -> None:
    ann = await signed_in(desk, "t1")
    token, ann.csrf = ann.csrf, ""
    assert (await ann.asks("POST", "/account/sessions/others/end", form={})).status == 403
    assert (await ann.asks("POST", "/account/sessions/others/end", form={"csrf_token": "x"})).status == 403
    sent = await ann.asks("POST", "/account/sessions/others/end", form={"csrf_token": token})
    assert (sent.status, sent.leads_to) == (303, "/account")


async def test_every_write_by_cookie_asks_for_the_token(desk: Desk) -> None:
    ann = await signed_in(desk, "admin")
    ann.csrf = ""
    assert desk.app is not None
    tried = 0
    for route in desk.app.router.routes():
        path = route.resource.canonical if route.resource is not None else ""
        if route.method in ("GET", "HEAD", "OPTIONS", "*") or not path.startswith(("/api/", "/account", "/admin")):
            continue
        if path in PUBLIC:
            continue
        some = path.replace("{", "0198").replace("}", "")
        answer = await ann.asks(route.method, some, {})
        assert answer.status in (403, 422), (route.method, path, answer.status)
        if answer.status == 403 and answer.body is not None:
            assert answer.code == "csrf", (route.method, path)
        tried += 1
    assert tried > 15


PUBLIC = {"/api/v1/auth/sessions", "/api/v1/auth/password-resets", "/api/v1/guest/sessions"}


async def test_reading_needs_no_token(desk: Desk) -> None:
    ann = await signed_in(desk, "t1")
    ann.csrf = ""
    assert await ann.is_in


async def test_nobody_can_be_signed_in_from_another_site(desk: Desk) -> None:
    elsewhere: list[dict[str, Any]] = [{"Origin": "https://evil.test"}, {"Sec_Fetch_Site": "cross-site"}]
    for headers in elsewhere:
        mallory: Browser = browser(desk)
        body = {"email": desk.workspace.email("t1"), "password": "demo-desk-2026"}
        assert (await mallory.asks("POST", "/api/v1/auth/sessions", body, form=None, **headers)).status == 403
        assert (await mallory.asks("POST", "/login", form=body, **headers)).status == 403
        assert mallory.cookie == ""
