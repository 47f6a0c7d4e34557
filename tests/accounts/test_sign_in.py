"""Signing in, staying in, going out."""

from supportdesk.accounts.model import COOKIE
from tests.accounts.browser import browser, signed_in
from tests.factories import PASSWORD
from tests.people import Desk


async def test_the_right_password_gives_a_cookie_and_says_who_one_is(desk: Desk) -> None:
    ann = browser(desk)
    answer = await ann.signs_in(desk.workspace.email("supervisor"), PASSWORD)
    assert answer.status == 201
    assert set(answer.body) == {"csrf_token", "user"}
    user = answer.body["user"]
    assert user["id"] == str(desk.workspace.staff["supervisor"])
    assert (user["level"], user["account_type"]) == ("T2", "supervisor")
    assert "supervisor:chat:takeover" in user["permissions"]
    assert "desk:people:manage" not in user["permissions"]
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie, "plain HTTP on loopback"
    again = await ann.asks("GET", "/api/v1/auth/sessions")
    assert again.body == answer.body


async def test_the_e_mail_may_be_typed_in_any_case(desk: Desk) -> None:
    assert (await browser(desk).signs_in(f"  {desk.workspace.email('t1').upper()} ", PASSWORD)).status == 201


async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(desk: Desk) -> None:
    wrong = await browser(desk).signs_in(desk.workspace.email("t1"), "not the password")
    unknown = await browser(desk).signs_in(f"nobody-{desk.workspace.tag}@desk.test", "not the password")
    assert wrong.status == unknown.status == 401
    assert wrong.body == unknown.body
    assert wrong.code == "unauthenticated"
    assert "Set-Cookie" not in wrong.headers


async def test_guests_and_robots_have_no_way_to_sign_in(desk: Desk) -> None:
    email = f"guest-{desk.workspace.tag}@desk.test"
    await desk.owner.execute(
        "INSERT INTO users (workspace_id, account_type_informal, current_account_status, email, password_hash) "
        "SELECT $1, 'guest', 'active', $2, password_hash FROM users WHERE id = $3",
        desk.workspace.id,
        email,
        desk.workspace.staff["t1"],
    )
    assert (await browser(desk).signs_in(email, PASSWORD)).status == 401


async def test_bodies_that_are_no_sign_in_are_refused_by_field(desk: Desk) -> None:
    email = desk.workspace.email("t1")
    bad: list[object] = [
        {},
        [],
        None,
        "text",
        {"email": email},
        {"email": email, "password": ""},
        {"email": email, "password": None},
        {"email": email, "password": ["x"]},
        {"email": {"$gt": ""}, "password": PASSWORD},
        {"email": email, "password": "x" * 5000},
        {"email": "x" * 300, "password": PASSWORD},
        {"email": email + "\x00", "password": PASSWORD},
        {"email": email, "password": PASSWORD, "account_type": "admin"},
    ]
    for body in bad:
        answer = await browser(desk).asks("POST", "/api/v1/auth/sessions", body)
        assert answer.status == 422, (body, answer.status)
        assert answer.code == "invalid"
    async with desk.browser().post(
        f"{desk.url}/api/v1/auth/sessions", data=b'{"email": "\\ud800", "password": "x"}'
    ) as response:
        assert response.status == 422


async def test_an_account_that_is_not_active_is_kept_out_with_the_right_password(desk: Desk) -> None:
    for status in ("suspended", "deactivated", "pending-verification"):
        await desk.owner.execute(
            "UPDATE users SET current_account_status = $2 WHERE id = $1", desk.workspace.staff["t1"], status
        )
        answer = await browser(desk).signs_in(desk.workspace.email("t1"), PASSWORD)
        assert (answer.status, answer.code) == (403, "account_not_active")


async def test_a_session_is_always_a_new_one(desk: Desk) -> None:
    ann = browser(desk).holds("chosen-by-an-attacker")
    await ann.signs_in(desk.workspace.email("t1"), PASSWORD)
    first = ann.cookie
    assert first != "chosen-by-an-attacker"
    await ann.signs_in(desk.workspace.email("t2"), PASSWORD)
    assert ann.cookie != first
    assert not await browser(desk).holds(first).is_in, "the browser's session before has ended"


async def test_signing_out_ends_the_session_and_not_only_the_cookie(desk: Desk) -> None:
    ann = await signed_in(desk, "t1")
    stolen = ann.cookie
    answer = await ann.asks("DELETE", "/api/v1/auth/sessions")
    assert answer.status == 204
    assert ann.cookie == ""
    assert not await browser(desk).holds(stolen).is_in


async def test_cookies_that_are_none_of_ours_are_nobody(desk: Desk) -> None:
    for value in ("x", "x" * 5000, "sdp_" + "A" * 43, "%00", "é"):
        answer = await browser(desk).asks("GET", "/api/v1/auth/sessions", Cookie=f"{COOKIE}={value}")
        assert answer.status == 401, value


async def test_a_session_that_ran_out_is_over(desk: Desk) -> None:
    ann = await signed_in(desk, "t1")
    await desk.owner.execute(
        "UPDATE sessions SET expires_at = now() - interval '1 second' WHERE user_id = $1", desk.workspace.staff["t1"]
    )
    assert not await ann.is_in


async def test_use_keeps_a_session_alive_but_not_for_ever(desk: Desk) -> None:
    ann, who = await signed_in(desk, "t1"), desk.workspace.staff["t1"]

    async def used_after(seen: str, born: str) -> float:
        await desk.owner.execute(
            "UPDATE sessions SET last_seen_at = now() - $2::text::interval, created_at = now() - $3::text::interval, "
            "expires_at = now() + interval '1 minute' WHERE user_id = $1",
            who,
            seen,
            born,
        )
        assert await ann.is_in
        days: float = await desk.owner.fetchval(
            "SELECT extract(epoch FROM expires_at - now())::float8 / 86400 FROM sessions WHERE user_id = $1", who
        )
        return days

    assert await used_after("1 minute", "1 day") < 1, "not written on every request"
    assert 29.9 < await used_after("10 minutes", "1 day") <= 30
    assert 4.9 < await used_after("10 minutes", "85 days") <= 5, "ninety days in all"


async def test_the_cookie_is_for_tls_only_where_the_desk_is_reached_by_it(desk: Desk) -> None:
    object.__setattr__(desk.settings, "public_url", "https://desk.example.org/")
    answer = await browser(desk).signs_in(desk.workspace.email("t1"), PASSWORD)
    assert "Secure" in answer.headers["Set-Cookie"]


async def test_sign_ins_are_on_record_and_hold_no_address_of_mail(desk: Desk) -> None:
    await browser(desk).signs_in(desk.workspace.email("t1"), "not the password")
    await signed_in(desk, "t1")
    await desk.settle()
    rows = await desk.owner.fetch(
        "SELECT action, outcome, reason, actor_id, subject_id, host(address) AS address, data::text AS data "
        "FROM audit_log WHERE workspace_id = $1 ORDER BY id",
        desk.workspace.id,
    )
    assert [(row["action"], row["outcome"]) for row in rows] == [
        ("session.refused", "denied"),
        ("session.began", "done"),
    ]
    assert rows[0]["subject_id"] == rows[1]["actor_id"] == desk.workspace.staff["t1"]
    assert all(row["address"] == "127.0.0.1" and "@" not in row["data"] for row in rows)


async def test_an_old_hash_is_renewed_by_signing_in_and_ends_nothing(desk: Desk) -> None:
    first = await signed_in(desk, "t1")
    hashes = await desk.owner.fetch("SELECT password_hash FROM users WHERE id = $1", desk.workspace.staff["t1"])
    assert hashes[0][0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await signed_in(desk, "t1")
    assert await first.is_in
