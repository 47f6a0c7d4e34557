"""Guests' sessions: begun, renewed, refused."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from socketio.exceptions import ConnectionError as SocketRefused

from supportdesk.actor import UserId, WorkspaceId
from supportdesk.config import Settings
from supportdesk.core.secrets import Keyring, digest
from supportdesk.guests.model import RENEWABLE_FOR, TOKEN_LASTS, GuestToken, read_token
from supportdesk.workspaces.model import SiteId
from tests.accounts.browser import Answer, Browser, browser, signed_in
from tests.factories import make_workspace
from tests.people import Agent, Desk, Guest

SESSIONS = "/api/v1/guest/sessions"


async def comes(desk: Desk, token: str | None = None, *, frame: Browser | None = None, **body: Any) -> Answer:
    """A widget that asks for a session, with the token it holds."""
    headers: dict[str, Any] = {"Authorization": f"Bearer {token}"} if token is not None else {}
    asked = {"site_key": desk.workspace.plain_site_key, **body}
    return await (frame or browser(desk)).asks("POST", SESSIONS, asked, **headers)


async def connects(desk: Desk, token: str) -> Guest:
    """A socket of a guest."""
    return await Guest(desk).connect(token)


async def reaches(desk: Desk, token: str) -> int:
    """What the guest's own room says over HTTP: 404 for one who came in, for there is no such room."""
    return (
        await browser(desk, Authorization=f"Bearer {token}").asks("GET", f"/api/v1/rooms/{uuid4()}/messages")
    ).status


async def test_a_session_is_a_token_a_guest_and_an_end(desk: Desk) -> None:
    answer = await comes(desk, locale="de-AT", page="https://shop.test/shoes")
    assert answer.status == 201
    assert set(answer.body) == {"token", "guest_id", "expires_at"}
    until = datetime.fromisoformat(answer.body["expires_at"])
    assert abs(until - datetime.now(UTC) - TOKEN_LASTS) < timedelta(minutes=1)  # noqa: TID251 - as seen from outside
    row = await desk.owner.fetchrow("SELECT * FROM users WHERE id = $1", UUID(answer.body["guest_id"]))
    assert row is not None
    assert row["account_type_informal"] == "guest"
    assert row["workspace_id"] == desk.workspace.id
    assert row["email"] is None
    assert await reaches(desk, answer.body["token"]) == 404
    kept = await desk.owner.fetchval(
        "SELECT count(*) FROM guest_sessions WHERE token_hash = $1", digest(answer.body["token"])
    )
    assert kept == 1, "as a digest"
    await connects(desk, answer.body["token"])


async def test_what_the_widget_knows_of_its_page_may_come_along(desk: Desk) -> None:
    pages: list[Any] = [
        {"url": "https://shop.test/", "title": "Shop", "attributes": {"plan": "pro"}},
        {},
        "https://shop.test/",
        "x" * 5000,
        "\x00",
        7,
        None,
    ]
    for page in pages:
        assert (await comes(desk, page=page)).status == 201, page


async def test_renewing_keeps_the_guest_and_gives_another_token(desk: Desk) -> None:
    first = (await comes(desk)).body
    second = (await comes(desk, first["token"])).body
    third = (await comes(desk, second["token"])).body
    assert first["guest_id"] == second["guest_id"] == third["guest_id"]
    assert len({first["token"], second["token"], third["token"]}) == 3
    assert await reaches(desk, third["token"]) == 404
    assert await reaches(desk, second["token"]) == 404, "another tab may still hold it"
    assert await reaches(desk, first["token"]) == 401
    assert (await comes(desk, first["token"])).status == 401
    users = await desk.owner.fetchval(
        "SELECT count(*) FROM users WHERE workspace_id = $1 AND account_type_informal = 'guest'", desk.workspace.id
    )
    assert users == 1


async def test_renewing_again_with_the_same_token_gives_the_same_answer(desk: Desk) -> None:
    first = (await comes(desk)).body
    lost = (await comes(desk, first["token"])).body
    again = (await comes(desk, first["token"])).body
    assert again == lost
    tabs = await asyncio.gather(*(comes(desk, lost["token"]) for _ in range(5)))
    assert {answer.status for answer in tabs} == {201}
    assert len({answer.body["token"] for answer in tabs}) == 1


async def test_a_token_that_ran_out_opens_nothing_but_its_own_renewal(desk: Desk) -> None:
    session = await ran_out(desk, timedelta(days=1))
    assert await reaches(desk, session["token"]) == 401
    with pytest.raises(SocketRefused):
        await connects(desk, session["token"])
    back = await comes(desk, session["token"])
    assert back.status == 201
    assert back.body["guest_id"] == session["guest_id"], "who comes back after a week finds their conversation"
    assert await reaches(desk, back.body["token"]) == 404


async def test_after_the_time_of_grace_a_token_is_stale(desk: Desk) -> None:
    session = await ran_out(desk, RENEWABLE_FOR + timedelta(seconds=1))
    answer = await comes(desk, session["token"])
    assert (answer.status, answer.code) == (401, "unauthenticated")


async def ran_out(desk: Desk, ago: timedelta) -> dict[str, Any]:
    """A session whose token ran out some time ago."""
    session: dict[str, Any] = (await comes(desk)).body
    keys = desk.resources.get(Keyring)
    token = read_token(keys, session["token"])
    old = GuestToken(
        workspace_id=token.workspace_id,
        site_id=token.site_id,
        guest_id=token.guest_id,
        session_id=token.session_id,
        expires_at=datetime.now(UTC) - ago,  # noqa: TID251 - a moment in the past
    )
    await desk.owner.execute(
        "UPDATE guest_sessions SET token_hash = $2, expires_at = $3 WHERE id = $1",
        token.session_id,
        digest(old.signed(keys)),
        old.expires_at + RENEWABLE_FOR,
    )
    return {**session, "token": old.signed(keys)}


async def test_a_revoked_session_is_over(desk: Desk) -> None:
    session = (await comes(desk)).body
    await desk.owner.execute(
        "UPDATE guest_sessions SET revoked_at = now() WHERE guest_id = $1", UUID(session["guest_id"])
    )
    assert await reaches(desk, session["token"]) == 401
    assert (await comes(desk, session["token"])).status == 401
    with pytest.raises(SocketRefused):
        await connects(desk, session["token"])


async def test_a_signature_alone_is_no_session(desk: Desk) -> None:
    guest = (await comes(desk)).body
    keys = desk.resources.get(Keyring)
    real = read_token(keys, guest["token"])

    def signed(**other: Any) -> str:
        facts = {
            name: getattr(real, name) for name in ("workspace_id", "site_id", "guest_id", "session_id", "expires_at")
        }
        return GuestToken(**{**facts, **other}).signed(keys)

    for token in (
        signed(session_id=uuid4()),
        signed(guest_id=UserId(uuid4())),
        signed(workspace_id=WorkspaceId(uuid4())),
        signed(site_id=SiteId(uuid4())),
        signed(expires_at=real.expires_at + timedelta(days=365)),
    ):
        assert await reaches(desk, token) == 401


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "sdg_",
        "sdg_x.y.z",
        "x" * 5000,
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
        "sdg_" + "A" * 8 + "." + "A" * 20 + "." + "A" * 43,
    ],
)
async def test_what_is_no_token_is_refused(desk: Desk, token: str) -> None:
    assert (await comes(desk, token)).status == 401
    assert await reaches(desk, token) == 401
    if token:
        with pytest.raises(SocketRefused):
            await connects(desk, token)


async def test_tokens_open_their_own_doors_only(desk: Desk) -> None:
    guest = (await comes(desk)).body["token"]
    boss = await signed_in(desk, "admin")
    access = (await boss.asks("POST", "/api/v1/tokens", {"name": "x"})).body["token"]
    ticket = (await boss.asks("POST", "/api/v1/socket-tickets", {})).body["token"]
    with pytest.raises(SocketRefused):
        await Agent(desk, boss.http).connect(guest)
    for token in (access, ticket, boss.cookie, boss.csrf):
        with pytest.raises(SocketRefused):
            await connects(desk, token)
        assert (await comes(desk, token)).status == 401
    for token in (ticket, boss.cookie, boss.csrf):
        assert await reaches(desk, token) == 401


async def test_a_guest_has_no_business_in_the_interface_of_the_staff(desk: Desk) -> None:
    token = (await comes(desk)).body["token"]
    guest = browser(desk, Authorization=f"Bearer {token}")
    for method, path, body in (
        ("GET", "/api/v1/auth/sessions", None),
        ("GET", "/api/v1/auth/sessions/all", None),
        ("GET", "/api/v1/people", None),
        ("POST", "/api/v1/tokens", {"name": "x"}),
        ("POST", "/api/v1/socket-tickets", {}),
        ("POST", "/api/v1/invitations", {"email": "x@desk.test"}),
        ("GET", "/api/v1/sites", None),
        ("GET", "/api/v1/identity-secret", None),
        ("PUT", f"/api/v1/guests/{uuid4()}/block", {"reason": "x"}),
    ):
        answer = await guest.asks(method, path, body)
        assert (answer.status, answer.code) == (403, "forbidden"), path


async def test_a_token_of_another_site_or_workspace_is_no_use_here(desk: Desk) -> None:
    other = await make_workspace(desk.owner)
    there = (await comes(desk, site_key=other.plain_site_key)).body["token"]
    assert (await comes(desk, there)).status == 401
    here = (await comes(desk)).body["token"]
    assert (await comes(desk, here, site_key=desk.workspace.site_key)).status == 401


async def test_sites_that_are_not_there_have_no_guests(desk: Desk) -> None:
    for key in ("nothing", "' OR 1=1", "é", "\u2028"):
        assert (await comes(desk, site_key=key)).status == 404, key
    boss = await signed_in(desk, "admin")
    sites = (await boss.asks("GET", "/api/v1/sites")).body["items"]
    [site] = [site for site in sites if site["site_key"] == desk.workspace.plain_site_key]
    assert (await comes(desk)).status == 201
    await boss.asks("PATCH", f"/api/v1/sites/{site['id']}", {"is_active": False})
    assert (await comes(desk)).status == 404, "switched off at once"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 201),  # a program; browsers always name their origin
        ("", 201),  # the desk's own, where the widget's frame lives
        ("https://shop.test", 201),
        ("https://shop.test.evil.test", 403),
        ("https://evil-shop.test", 403),
        ("http://shop.test", 403),
        ("https://shop.test:8443", 403),
        ("https://shop.test/", 403),
        ("HTTPS://SHOP.TEST", 403),
        ("null", 403),
        ("https://*", 403),
        ("x" * 1000, 403),
    ],
)
async def test_the_page_that_carries_the_widget_has_to_be_allowed(desk: Desk, origin: str | None, status: int) -> None:
    frame = browser(desk)
    frame.origin = origin
    answer = await comes(desk, frame=frame)
    assert answer.status == status
    if status == 403:
        assert answer.code == "origin_not_allowed"


async def test_bodies_that_are_no_visit_are_refused(desk: Desk) -> None:
    for body in (
        {"site_key": ""},
        {"site_key": "x" * 65},
        {"site_key": None},
        {"site_key": "demo\x00"},
        {"locale": "x" * 100},
        {"locale": "../../etc"},
        {"email": "typed@customer.test"},
        {"guest_id": str(uuid4())},
        {"identity": {"user_id": "7"}},
        {"identity": {"user_id": "7", "hash": "short"}},
        {"identity": {"user_id": "", "hash": "0" * 64}},
        {"identity": {"user_id": "7", "hash": "0" * 64, "is_verified": True}},
    ):
        assert (await comes(desk, **body)).status == 422, body
    bare = await browser(desk, Authorization="Basic eDp5").asks(
        "POST", SESSIONS, {"site_key": desk.workspace.plain_site_key}
    )
    assert bare.status == 401


class TestFlood:
    """A desk behind a proxy on this machine, so that visitors come from addresses."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        proxies = Settings.load(trusted_proxies="127.0.0.0/8").trusted_proxies
        limits = {"guest_sessions_per_minute": 5, "site_sessions_per_minute": 8, "trusted_proxies": proxies}
        return settings.model_copy(update=limits)

    async def test_one_address_begins_so_many_sessions_and_no_more(self, desk: Desk) -> None:
        frame = browser(desk, X_Forwarded_For="203.0.113.7")
        statuses = [(await comes(desk, frame=frame)).status for _ in range(6)]
        assert statuses == [201] * 5 + [429]
        refused = await comes(desk, frame=frame)
        assert refused.code == "rate_limited"
        assert refused.body["error"]["details"]["retry_after"] > 0
        assert (await comes(desk, frame=browser(desk, X_Forwarded_For="203.0.113.8"))).status == 201

    async def test_one_site_has_so_many_visits_from_anywhere(self, desk: Desk) -> None:
        statuses = [
            (await comes(desk, frame=browser(desk, X_Forwarded_For=f"198.51.100.{n}"))).status for n in range(10)
        ]
        assert statuses == [201] * 8 + [429] * 2
        other = {"site_key": desk.workspace.site_key}
        assert (await comes(desk, frame=browser(desk, X_Forwarded_For="198.51.100.99"), **other)).status == 201

    async def test_this_machine_is_exempt(self, desk: Desk) -> None:
        assert {(await comes(desk)).status for _ in range(12)} == {201}
