"""One's sessions, tickets and access tokens; and that nobody reaches another's."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from socketio.exceptions import ConnectionError as SocketRefused

from tests.accounts.browser import GOOD, browser, signed_in
from tests.factories import PASSWORD, make_workspace
from tests.people import Agent, Desk


async def test_one_sees_and_ends_ones_own_sessions(desk: Desk) -> None:
    ann, phone = await signed_in(desk, "t1"), browser(desk, User_Agent="Mozilla/5.0 (Android 16) Firefox/150.0")
    await phone.signs_in(desk.workspace.email("t1"), PASSWORD)
    await signed_in(desk, "t2")
    found = (await ann.asks("GET", "/api/v1/auth/sessions/all")).body
    assert found["next_cursor"] is None
    assert len(found["items"]) == 2
    assert [session["current"] for session in found["items"]].count(True) == 1
    other = next(session for session in found["items"] if not session["current"])
    assert other["device"] == "Firefox on Android"
    assert other["address"] == "127.0.0.1"
    assert (await ann.asks("DELETE", f"/api/v1/auth/sessions/{other['id']}")).status == 204
    assert not await phone.is_in
    assert await ann.is_in
    assert (await ann.asks("DELETE", f"/api/v1/auth/sessions/{other['id']}")).status == 404


async def test_nobody_ends_somebody_elses_session(desk: Desk) -> None:
    ann, boss = await signed_in(desk, "t1"), await signed_in(desk, "admin")
    mine = (await ann.asks("GET", "/api/v1/auth/sessions/all")).body["items"][0]["id"]
    missing = await boss.asks("DELETE", f"/api/v1/auth/sessions/{uuid4()}")
    others = await boss.asks("DELETE", f"/api/v1/auth/sessions/{mine}")
    assert missing.status == others.status == 404
    assert missing.body == others.body
    assert await ann.is_in
    for odd in ("x", "0", "%00", "..", mine.upper() + "0"):
        assert (await boss.asks("DELETE", f"/api/v1/auth/sessions/{odd}")).status in (404, 405)


async def test_all_other_sessions_end_by_one_button(desk: Desk) -> None:
    ann, phone, tablet = [await signed_in(desk, "t1") for _ in range(3)]
    assert (await ann.asks("POST", "/account/sessions/others/end", form={})).status == 303
    assert await ann.is_in
    assert not await phone.is_in
    assert not await tablet.is_in


async def test_a_ticket_opens_one_socket_once(desk: Desk) -> None:
    ann = await signed_in(desk, "t1")
    ticket = (await ann.asks("POST", "/api/v1/socket-tickets", {})).body["token"]
    socket = await Agent(desk, ann.http).connect(ticket)
    with pytest.raises(SocketRefused):
        await Agent(desk, ann.http).connect(ticket)
    await socket.leaves()


async def test_a_ticket_is_good_for_half_a_minute_and_dies_with_its_session(desk: Desk) -> None:
    ann = await signed_in(desk, "t1")
    late = (await ann.asks("POST", "/api/v1/socket-tickets", {})).body["token"]
    seconds = await desk.owner.fetchval(
        "SELECT extract(epoch FROM expires_at - created_at) FROM socket_tickets WHERE user_id = $1",
        desk.workspace.staff["t1"],
    )
    assert seconds == 30
    await desk.owner.execute("UPDATE socket_tickets SET expires_at = now() - interval '1 second'")
    with pytest.raises(SocketRefused):
        await Agent(desk, ann.http).connect(late)
    orphan = (await ann.asks("POST", "/api/v1/socket-tickets", {})).body["token"]
    await ann.asks("DELETE", "/api/v1/auth/sessions")
    with pytest.raises(SocketRefused):
        await Agent(desk, ann.http).connect(orphan)


async def test_an_access_token_acts_as_its_owner_and_is_shown_once(desk: Desk) -> None:
    ann = await signed_in(desk, "t1")
    made = await ann.asks("POST", "/api/v1/tokens", {"name": " nightly  export "})
    assert made.status == 201
    secret = made.body["token"]
    assert secret.startswith("sdp_")
    assert made.body["name"] == "nightly export"
    assert secret.startswith(made.body["prefix"])
    listed = await ann.asks("GET", "/api/v1/tokens")
    assert [token["id"] for token in listed.body["items"]] == [made.body["id"]]
    assert secret not in listed.text
    script = browser(desk, Authorization=f"Bearer {secret}")
    script.origin = None
    answer = await script.asks("GET", "/api/v1/auth/sessions")
    assert answer.status == 200
    assert answer.body["user"]["id"] == str(desk.workspace.staff["t1"])
    assert answer.body["csrf_token"] is None
    kept = await desk.owner.fetchval(
        "SELECT count(*) FROM personal_access_tokens WHERE token_hash = $1", secret.encode()
    )
    assert kept == 0, "only a digest is kept"
    assert (await ann.asks("DELETE", f"/api/v1/tokens/{made.body['id']}")).status == 204
    assert (await script.asks("GET", "/api/v1/auth/sessions")).status == 401


async def test_an_access_token_opens_a_socket_by_itself(desk: Desk) -> None:
    ann = await signed_in(desk, "t1")
    secret = (await ann.asks("POST", "/api/v1/tokens", {"name": "bot"})).body["token"]
    socket = await Agent(desk, ann.http).connect(secret)
    assert await socket.is_refused("guest.block", guest_id=str(uuid4()), reason="spam") == "forbidden"


async def test_a_narrow_token_does_no_more_than_it_says(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    secret = (await boss.asks("POST", "/api/v1/tokens", {"name": "reader", "grants": ["desk:people:read"]})).body[
        "token"
    ]
    script = browser(desk, Authorization=f"Bearer {secret}")
    assert (await script.asks("GET", "/api/v1/people")).status == 200
    for method, path, body in (
        ("GET", "/api/v1/auth/sessions", None),
        ("POST", "/api/v1/invitations", {"email": "x@desk.test"}),
        ("PATCH", f"/api/v1/people/{desk.workspace.staff['t1']}", {"status": "suspended"}),
        ("GET", "/api/v1/audit-log", None),
    ):
        answer = await script.asks(method, path, body)
        assert (answer.status, answer.code) == (403, "forbidden"), path


async def test_a_token_cannot_make_other_credentials(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    secret = (await boss.asks("POST", "/api/v1/tokens", {"name": "all"})).body["token"]
    script = browser(desk, Authorization=f"Bearer {secret}")
    password = {"current_password": PASSWORD, "new_password": GOOD}
    for method, path, body in (
        ("POST", "/api/v1/tokens", {"name": "more"}),
        ("POST", "/api/v1/socket-tickets", {}),
        ("PUT", "/api/v1/auth/password", password),
        ("DELETE", "/api/v1/auth/sessions", None),
    ):
        assert (await script.asks(method, path, body)).status == 403, path


async def test_a_token_never_reaches_beyond_its_owner(desk: Desk) -> None:
    ann = await signed_in(desk, "t1")
    refused = await ann.asks("POST", "/api/v1/tokens", {"name": "more", "grants": ["desk:people:manage"]})
    assert refused.status == 403
    secret = (await ann.asks("POST", "/api/v1/tokens", {"name": "all", "grants": ["*:*:*"]})).body["token"]
    script = browser(desk, Authorization=f"Bearer {secret}")
    assert (await script.asks("GET", "/api/v1/people")).status == 403


async def test_bad_tokens_are_not_made(desk: Desk) -> None:
    ann = await signed_in(desk, "t1")
    past = (datetime.now(UTC) - timedelta(days=1)).isoformat()  # noqa: TID251 - an instant to send
    bad = [
        {},
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 101},
        {"name": "x\x00"},
        {"name": "x", "grants": []},
        {"name": "x", "grants": ["everything"]},
        {"name": "x", "grants": ["*:*"]},
        {"name": "x", "grants": ["chat:room:read; DROP TABLE users"]},
        {"name": "x", "expires_at": past},
        {"name": "x", "expires_at": "2030-01-01T00:00:00"},
        {"name": "x", "user_id": str(desk.workspace.staff["admin"])},
        {"name": "x", "token": "sdp_chosen"},
    ]
    for body in bad:
        assert (await ann.asks("POST", "/api/v1/tokens", body)).status == 422, body


async def test_a_token_that_ran_out_or_whose_owner_is_suspended_is_refused(desk: Desk) -> None:
    ann = await signed_in(desk, "t1")
    secret = (await ann.asks("POST", "/api/v1/tokens", {"name": "x"})).body["token"]
    script = browser(desk, Authorization=f"Bearer {secret}")
    who = desk.workspace.staff["t1"]
    await desk.owner.execute("UPDATE users SET current_account_status = 'suspended' WHERE id = $1", who)
    assert (await script.asks("GET", "/api/v1/tokens")).status == 401
    assert not await ann.is_in
    await desk.owner.execute("UPDATE users SET current_account_status = 'active' WHERE id = $1", who)
    await desk.owner.execute("UPDATE personal_access_tokens SET expires_at = now() WHERE user_id = $1", who)
    assert (await script.asks("GET", "/api/v1/tokens")).status == 401


async def test_another_workspaces_people_reach_nothing_here(desk: Desk) -> None:
    other = await make_workspace(desk.owner)
    stranger = browser(desk)
    await stranger.signs_in(other.email("admin"), PASSWORD)
    people = (await stranger.asks("GET", "/api/v1/people")).body["items"]
    assert {person["id"] for person in people} == {str(id_) for id_ in other.staff.values()}
    ann = await signed_in(desk, "t1")
    token = (await ann.asks("POST", "/api/v1/tokens", {"name": "x"})).body["id"]
    for method, path, body in (
        ("DELETE", f"/api/v1/tokens/{token}", None),
        ("PATCH", f"/api/v1/people/{desk.workspace.staff['t1']}", {"level": "T3"}),
        ("GET", f"/api/v1/people/{desk.workspace.staff['t1']}", None),
        ("POST", f"/api/v1/people/{desk.workspace.staff['t1']}/password-resets", {}),
    ):
        assert (await stranger.asks(method, path, body)).status == 404, path
