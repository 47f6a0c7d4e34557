"""The pages of the way in, and those about accounts."""

from html.parser import HTMLParser

import pytest

from supportdesk.accounts.pages import local_path
from tests.accounts.browser import GOOD, browser, links_in, path_of, signed_in
from tests.factories import PASSWORD
from tests.people import Desk


@pytest.mark.parametrize(
    "path", ["/inbox", "/inbox?room=1", "/admin/people", "/rooms/0198#last", "/a/b/c?x=https%3A%2F%2Fevil.test"]
)
def test_a_path_of_this_desk_is_gone_on_to(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "https://evil.test/",
        "//evil.test/",
        "///evil.test",
        "/\\evil.test",
        "\\/evil.test",
        "/\t/evil.test",
        "/\n/evil.test",
        "/ //evil.test\r\nSet-Cookie: x=y",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.test",
        " /inbox",
        "/login",
        "/logout",
        "/login?next=/login",
        "/api/v1/tokens",
        "/é",
        "/" + "x" * 600,
        "http:/evil.test",
        "?next=//evil.test",
    ],
)
def test_whatever_leads_elsewhere_leads_to_the_inbox(path: str) -> None:
    assert local_path(path) == "/inbox"


async def test_whoever_is_not_signed_in_is_led_to_the_sign_in_and_back(desk: Desk) -> None:
    ann = browser(desk)
    away = await ann.asks("GET", "/account")
    assert (away.status, away.leads_to) == (303, "/login?next=/account")
    page = await ann.asks("GET", away.leads_to)
    assert 'name="next" value="/account"' in page.text
    form = {"email": desk.workspace.email("t1"), "password": PASSWORD, "next": "/account"}
    done = await ann.asks("POST", "/login", form=form)
    assert (done.status, done.leads_to) == (303, "/account")
    assert (await ann.asks("GET", "/account")).status == 200
    assert (await ann.asks("GET", "/login?next=/account")).leads_to == "/account", "already in"


async def test_no_sign_in_leads_to_another_site(desk: Desk) -> None:
    form = {"email": desk.workspace.email("t1"), "password": PASSWORD, "next": "//evil.test/"}
    done = await browser(desk).asks("POST", "/login", form=form)
    assert (done.status, done.leads_to) == (303, "/inbox")
    page = await browser(desk).asks("GET", "/login?next=https://evil.test/")
    assert "evil.test" not in page.text


async def test_the_sign_in_form_says_what_is_wrong_and_never_shows_a_password(desk: Desk) -> None:
    page = await browser(desk).asks(
        "POST", "/login", form={"email": desk.workspace.email("t1"), "password": "wrong one"}
    )
    assert page.status == 401
    assert "E-mail or password is wrong." in page.text
    assert desk.workspace.email("t1") in page.text
    assert "wrong one" not in page.text
    empty = await browser(desk).asks("POST", "/login", form={"email": "", "password": ""})
    assert empty.status == 422
    assert empty.text.count('aria-invalid="true"') == 2
    odd = await browser(desk).asks("POST", "/login", form={"email": '"><script>alert(1)</script>', "password": "x"})
    assert "<script>alert" not in odd.text
    assert (await browser(desk).asks("POST", "/login", {"email": "x"})).status == 400


class Fields(HTMLParser):
    """The attributes of a page's inputs by name, as a browser reads them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str | None]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "input":
            self.found[dict(attrs).get("name") or ""] = dict(attrs)


async def test_fields_are_required_and_the_first_has_the_focus(desk: Desk) -> None:
    email = Fields((await browser(desk).asks("GET", "/login")).text).found["email"]
    assert {"required", "autofocus", "autocomplete"} <= set(email)
    wrong = Fields((await browser(desk).asks("POST", "/login", form={"email": "", "password": ""})).text)
    for name in ("email", "password"):
        assert {"required", "aria-invalid", "aria-describedby"} <= set(wrong.found[name])


async def test_pages_are_private_and_stay_out_of_frames_and_caches(desk: Desk) -> None:
    ann = await signed_in(desk, "admin")
    for path in ("/login", "/account", "/admin/people"):
        page = await (browser(desk) if path == "/login" else ann).asks("GET", path)
        assert page.status == 200, path
        assert page.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["X-Frame-Options"] == "DENY"


async def test_signing_out_takes_a_form_and_not_a_link(desk: Desk) -> None:
    ann = await signed_in(desk, "t1")
    assert (await ann.asks("GET", "/logout")).status == 405
    assert await ann.is_in
    done = await ann.asks("POST", "/logout", form={})
    assert (done.status, done.leads_to) == (303, "/login")
    assert not await ann.is_in


async def test_the_account_page_lists_devices_and_tokens_and_changes_the_password(desk: Desk) -> None:
    ann, phone = await signed_in(desk, "t1"), await signed_in(desk, "t1")
    assert (await ann.asks("GET", "/account/security")).leads_to == "/account"
    page = await ann.asks("GET", "/account")
    assert page.text.count("/account/sessions/") == 2, "one other device, and the button that ends all others"
    made = await ann.asks("POST", "/account/tokens", form={"name": "nightly export"})
    assert made.status == 200
    assert "sdp_" in made.text
    after = await ann.asks("GET", "/account")
    assert "nightly export" in after.text
    assert "sdp_" not in after.text, "shown once"
    token = (await ann.asks("GET", "/api/v1/tokens")).body["items"][0]["id"]
    assert (await ann.asks("POST", f"/account/tokens/{token}/revoke", form={})).status == 303
    wrong = await ann.asks("POST", "/account/password", form={"current_password": "x", "new_password": GOOD})
    assert wrong.status == 422
    assert "present password" in wrong.text
    done = await ann.asks("POST", "/account/password", form={"current_password": PASSWORD, "new_password": GOOD})
    assert (done.status, done.leads_to) == (303, "/account")
    assert (await ann.asks("GET", "/account")).status == 200
    assert not await phone.is_in


async def test_the_people_page_invites_and_shows_the_link_where_there_is_no_mail(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    page = await boss.asks(
        "POST", "/admin/people/invitations", form={"email": "new@acme.test", "role": "agent", "level": "T1"}
    )
    assert page.status == 200
    [link] = [link for link in links_in(page.text) if "/invitations/" in link]
    assert (await browser(desk).asks("GET", path_of(link))).status == 200
    wrong = await boss.asks(
        "POST", "/admin/people/invitations", form={"email": "nobody", "role": "agent", "level": "T1"}
    )
    assert wrong.status == 422
    assert "It is no e-mail address." in wrong.text
    taken = {"email": desk.workspace.email("t1"), "role": "agent", "level": "T1"}
    assert "belongs to an account already" in (await boss.asks("POST", "/admin/people/invitations", form=taken)).text
    waiting = (await boss.asks("GET", "/api/v1/invitations")).body["items"]
    gone = await boss.asks("POST", f"/admin/people/invitations/{waiting[0]['id']}/withdraw", form={})
    assert gone.leads_to == "/admin/people"


async def test_the_people_page_suspends_changes_roles_and_makes_reset_links(desk: Desk) -> None:
    boss, path = await signed_in(desk, "admin"), f"/admin/people/{desk.workspace.staff['t1']}"
    assert (await boss.asks("POST", f"{path}/role", form={"role": "supervisor", "level": ""})).status == 303
    person = (await boss.asks("GET", f"/api/v1/people/{desk.workspace.staff['t1']}")).body
    assert (person["roles"], person["level"]) == (["supervisor"], None)
    page = await boss.asks("POST", f"{path}/reset-link", form={})
    assert any("/password/reset/" in link for link in links_in(page.text))
    assert (await boss.asks("POST", f"{path}/status", form={"status": "suspended"})).status == 303
    assert (await boss.asks("POST", f"{path}/status", form={"status": "emperor"})).status == 422
    assert "Suspended" in (await boss.asks("GET", "/admin/people")).text


async def test_a_manager_sees_the_people_but_neither_invites_nor_manages(desk: Desk) -> None:
    manager = await signed_in(desk, "manager")
    page = await manager.asks("GET", "/admin/people")
    assert page.status == 200
    assert "/admin/people/invitations" not in page.text
    assert "reset-link" not in page.text
    assert links_in(page.text) == []
    t1 = desk.workspace.staff["t1"]
    for path in ("/admin/people/invitations", f"/admin/people/{t1}/status", f"/admin/people/{t1}/reset-link"):
        assert (await manager.asks("POST", path, form={"status": "suspended"})).status == 403, path
    ann = await signed_in(desk, "t1")
    assert (await ann.asks("GET", "/admin/people")).status == 403


async def test_an_address_is_confirmed_by_a_button_behind_the_link(desk: Desk) -> None:
    ann, who = await signed_in(desk, "t1"), desk.workspace.staff["t1"]
    assert (await ann.asks("POST", "/api/v1/auth/email-verifications", {})).status == 409
    await desk.owner.execute("UPDATE users SET is_email_verified = false WHERE id = $1", who)
    assert (await ann.asks("POST", "/api/v1/auth/email-verifications", {})).status == 202
    boss = await signed_in(desk, "admin")
    listed = await boss.asks("GET", "/api/v1/people/links")
    [link] = [path_of(each["link"]) for each in listed.body["items"] if each["purpose"] == "email_verification"]
    page = await browser(desk).asks("GET", link)
    assert page.status == 200
    assert await desk.owner.fetchval("SELECT is_email_verified FROM users WHERE id = $1", who) is False
    assert (await browser(desk).asks("POST", link, form={})).status == 303
    assert await desk.owner.fetchval("SELECT is_email_verified FROM users WHERE id = $1", who) is True
    assert (await browser(desk).asks("POST", link, form={})).status == 404
