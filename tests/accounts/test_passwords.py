"""Passwords: good ones, changing them, forgetting them."""

import asyncio
from itertools import pairwise

import pytest

from supportdesk.accounts.model import LONGEST_PASSWORD, weakness_of
from supportdesk.accounts.passwords import WAITING, Passwords
from supportdesk.errors import ServerBusy
from tests.accounts.browser import GOOD, Browser, browser, links_in, path_of, signed_in
from tests.factories import PASSWORD
from tests.people import Desk


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "x" * (LONGEST_PASSWORD + 1),
        "aaaaaaaaaaaaaaaa",
        "abababababab",
        "Password1234!",
        "qwerty123456",
    ],
)
def test_easy_passwords_are_refused_with_a_reason(password: str) -> None:
    assert weakness_of(password)


def test_what_others_know_of_somebody_is_no_password() -> None:
    assert weakness_of("Hildegard-2026", about=["hildegard", "Bingen"])
    assert weakness_of("hildegard.bingen", about=["hildegard.bingen"])


@pytest.mark.parametrize(
    "password", [GOOD, "demo-desk-2026", "правильная лошадь батарея", "12 34 56 78 90 zebra", "pässwörter sind schwer"]
)
def test_good_passwords_are_taken_in_any_script(password: str) -> None:
    assert weakness_of(password, about=["ann", "Smith"]) is None


async def test_hashes_are_argon2id_at_what_owasp_asks_for_at_least() -> None:
    passwords = Passwords()
    kept = await passwords.hash(GOOD)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert kept != await passwords.hash(GOOD)
    assert await passwords.is_right(kept, GOOD)
    assert not await passwords.is_right(kept, GOOD + "x")
    assert not await passwords.is_right(None, "nobody has this password")
    assert not await passwords.is_right("not a hash", GOOD)
    assert not passwords.is_outdated(kept)


async def test_the_same_letters_are_the_same_password_however_they_were_typed() -> None:
    passwords = Passwords()
    kept = await passwords.hash("pa\u0308sswo\u0308rter sind")
    assert await passwords.is_right(kept, "p\u00e4ssw\u00f6rter sind")


async def test_a_flood_of_sign_ins_is_told_to_wait_instead_of_piling_up() -> None:
    passwords = Passwords()
    tried = await asyncio.gather(*(passwords.is_right(None, "x") for _ in range(WAITING + 10)), return_exceptions=True)
    assert sum(isinstance(each, ServerBusy) for each in tried) == 10
    assert sum(each is False for each in tried) == WAITING


async def test_changing_the_password_ends_every_other_session_and_renews_this_one(desk: Desk) -> None:
    ann, phone = await signed_in(desk, "t1"), await signed_in(desk, "t1")
    ticket = await desk.agent("t1")
    before = ann.cookie
    answer = await ann.asks("PUT", "/api/v1/auth/password", {"current_password": PASSWORD, "new_password": GOOD})
    assert answer.status == 200
    ann.csrf = answer.body["csrf_token"]
    assert ann.cookie != before
    assert await ann.is_in
    assert (await ann.asks("POST", "/api/v1/socket-tickets", {})).status == 201
    assert not await phone.is_in
    assert not await browser(desk).holds(before).is_in
    await asyncio.wait_for(ticket.closed.wait(), 5)
    assert (await browser(desk).signs_in(desk.workspace.email("t1"), PASSWORD)).status == 401
    assert (await browser(desk).signs_in(desk.workspace.email("t1"), GOOD)).status == 201


async def test_a_wrong_present_password_changes_nothing(desk: Desk) -> None:
    ann, phone = await signed_in(desk, "t1"), await signed_in(desk, "t1")
    answer = await ann.asks("PUT", "/api/v1/auth/password", {"current_password": "wrong", "new_password": GOOD})
    assert (answer.status, answer.code) == (422, "invalid")
    assert answer.body["error"]["details"]["fields"][0]["field"] == "current_password"
    assert await phone.is_in
    for weak in ("short", "t1-tester-t1-tester"[:11], "aaaaaaaaaaaaaaaa"):
        body = {"current_password": PASSWORD, "new_password": weak}
        answer = await ann.asks("PUT", "/api/v1/auth/password", body)
        assert answer.status == 422
        assert answer.body["error"]["details"]["fields"][0]["field"] == "new_password"


async def reset_link(desk: Desk, who: str, boss: Browser) -> str:
    """A link by which somebody chooses another password, made by an admin."""
    answer = await boss.asks("POST", f"/api/v1/people/{desk.workspace.staff[who]}/password-resets", {})
    assert answer.status == 201, answer.text
    return path_of(answer.body["link"])


async def test_a_reset_link_works_once_and_ends_every_session(desk: Desk) -> None:
    boss, ann = await signed_in(desk, "admin"), await signed_in(desk, "t1")
    path = await reset_link(desk, "t1", boss)
    visitor = browser(desk)
    page = await visitor.asks("GET", path)
    assert page.status == 200
    assert desk.workspace.email("t1") in page.text
    weak = await visitor.asks("POST", path, form={"password": "short"})
    assert weak.status == 422
    assert "12 to" in weak.text
    done = await visitor.asks("POST", path, form={"password": GOOD})
    assert (done.status, done.leads_to) == (303, "/login")
    assert visitor.cookie == "", "a link changes a password; it signs nobody in"
    assert not await ann.is_in
    assert (await browser(desk).signs_in(desk.workspace.email("t1"), GOOD)).status == 201
    for method in ("GET", "POST"):
        again = await visitor.asks(method, path, form={"password": GOOD} if method == "POST" else None)
        assert again.status == 404


async def test_two_who_use_one_link_at_once_change_one_password(desk: Desk) -> None:
    path = await reset_link(desk, "t1", await signed_in(desk, "admin"))
    answers = await asyncio.gather(
        *(browser(desk).asks("POST", path, form={"password": f"{GOOD} {n}"}) for n in range(4))
    )
    assert sorted(answer.status for answer in answers) == [303, 404, 404, 404]


async def test_a_newer_link_takes_the_place_of_an_older_one(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    first, second = await reset_link(desk, "t1", boss), await reset_link(desk, "t1", boss)
    assert (await browser(desk).asks("GET", first)).status == 404
    assert (await browser(desk).asks("GET", second)).status == 200


async def test_links_run_out_and_are_never_for_the_suspended(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    path, who = await reset_link(desk, "t1", boss), desk.workspace.staff["t1"]
    await desk.owner.execute("UPDATE users SET current_account_status = 'suspended' WHERE id = $1", who)
    assert (await browser(desk).asks("POST", path, form={"password": GOOD})).status == 404
    assert (await boss.asks("POST", f"/api/v1/people/{who}/password-resets", {})).status == 409
    await desk.owner.execute("UPDATE users SET current_account_status = 'active' WHERE id = $1", who)
    assert (await browser(desk).asks("GET", path)).status == 200
    await desk.owner.execute("UPDATE verification_tokens SET expires_at = now() WHERE user_id = $1", who)
    assert (await browser(desk).asks("GET", path)).status == 404


async def test_a_link_opens_its_own_door_only(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    code = (await reset_link(desk, "t1", boss)).rpartition("/")[2]
    for other in ("/invitations/", "/email/verify/"):
        assert (await browser(desk).asks("GET", other + code)).status == 404
    for wrong in ("x", "A" * 43, code[:-1] + ("A" if code[-1] != "A" else "B"), "%00", "%ED%A0%80", "x" * 3000):
        assert (await browser(desk).asks("GET", f"/password/reset/{wrong}")).status == 404, wrong


async def test_whoever_asks_for_a_reset_learns_nothing(desk: Desk) -> None:
    known, unknown = desk.workspace.email("t1"), f"nobody-{desk.workspace.tag}@desk.test"
    answers = []
    for email in (known, unknown, "no address", "x" * 200):
        api = await browser(desk).asks("POST", "/api/v1/auth/password-resets", {"email": email})
        page = await browser(desk).asks("POST", "/password/forgotten", form={"email": email})
        answers.append((api.status, api.text, page.status, page.text))
    assert answers[0][0] == 202
    assert all(one == other for one, other in pairwise(answers))
    await desk.settle()
    boss = await signed_in(desk, "admin")
    shown = links_in((await boss.asks("GET", "/admin/people")).text)
    assert shown == [] or all("/password/reset/" in link for link in shown)
    count = await desk.owner.fetchval(
        "SELECT count(*) FROM verification_tokens WHERE user_id = $1", desk.workspace.staff["t1"]
    )
    assert count == 2


async def test_nobodys_mailbox_is_flooded_with_links(desk: Desk) -> None:
    for _ in range(9):
        await browser(desk).asks("POST", "/api/v1/auth/password-resets", {"email": desk.workspace.email("t1")})
    await desk.settle()
    made = await desk.owner.fetchval(
        "SELECT count(*) FROM verification_tokens WHERE user_id = $1", desk.workspace.staff["t1"]
    )
    assert made <= 5
