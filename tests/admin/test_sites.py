"""The page that puts the chat on a company's sites: its line to copy, where it may stand, and the identity secret."""

import re
from html import unescape
from uuid import UUID

import pytest

from supportdesk.admin.site_pages import origins_of
from tests.accounts.browser import Answer, Browser, signed_in
from tests.factories import make_workspace
from tests.people import Desk

PAGE = "/admin/sites"


async def first_site(desk: Desk) -> UUID:
    """The site with robots of the desk's workspace."""
    found: UUID = await desk.owner.fetchval("SELECT id FROM sites WHERE site_key = $1", desk.workspace.site_key)
    return found


async def saves(boss: Browser, site_id: object, **fields: str) -> Answer:
    """Send the form of a site as its page does."""
    return await boss.asks("POST", f"{PAGE}/{site_id}", form={"name": "Shop", **fields})


async def test_the_page_has_the_line_for_each_site(desk: Desk) -> None:
    html = (await (await signed_in(desk, "admin")).asks("GET", PAGE)).text
    for key in (desk.workspace.site_key, desk.workspace.plain_site_key):
        assert f'<script async src="{desk.settings.origin}/widget.js" data-key="{key}"></script>' in unescape(html), (
            "one line, ready to be copied"
        )
    assert "https://shop.test" in html
    assert "<title>Sites" in html
    assert 'href="/admin/sites"' in html


async def test_saving_changes_what_the_widget_may_do_at_once(desk: Desk) -> None:
    boss, site_id = await signed_in(desk, "admin"), await first_site(desk)
    queue = await desk.owner.fetchval(
        "SELECT id FROM queues WHERE workspace_id = $1 AND level = 'T2'", desk.workspace.id
    )
    typed = " https://Www.Acme.test/ \n\nhttps://acme.test:443\nhttps://acme.test"
    done = await saves(boss, site_id, name=" Acme ", allowed_origins=typed, queue_id=str(queue), is_active="true")
    assert (done.status, done.leads_to) == (303, f"{PAGE}?saved={site_id}#site-{site_id}")
    assert "Saved." in (await boss.asks("GET", f"{PAGE}?saved={site_id}")).text
    row = await desk.owner.fetchrow("SELECT * FROM sites WHERE id = $1", site_id)
    assert row is not None
    assert (row["name"], row["queue_id"], row["robots_enabled"]) == ("Acme", queue, False)
    assert row["allowed_origins"] == ["https://www.acme.test", "https://acme.test"]
    frame = await boss.asks("GET", f"/widget/{desk.workspace.site_key}")
    assert "https://www.acme.test" in frame.headers["Content-Security-Policy"]
    assert (await saves(boss, site_id, robots_enabled="true")).status == 303
    assert (await boss.asks("GET", f"/widget/{desk.workspace.site_key}")).status == 404, "it is switched off"
    log = (await boss.asks("GET", "/api/v1/audit-log?limit=2")).body["items"]
    assert [line["action"] for line in log] == ["site.changed"] * 2


async def test_a_line_that_is_no_origin_is_named_and_nothing_is_lost(desk: Desk) -> None:
    boss, site_id = await signed_in(desk, "admin"), await first_site(desk)
    typed = "https://shop.test\nwww.acme.test\n*\nhttps://acme.test/contact"
    page = await saves(boss, site_id, name="Another name", allowed_origins=typed, is_active="true")
    assert page.status == 422
    text = unescape(page.text)
    assert "Line 2, www.acme.test: write https://www.acme.test; line 3, *: an origin looks like" in text
    assert "line 4, https://acme.test/contact: write https://acme.test." in text
    assert f"{typed}</textarea>" in text, "it is there to be mended"
    assert 'value="Another name"' in text
    assert page.text.count('aria-invalid="true"') == 1
    assert await desk.owner.fetchval("SELECT name FROM sites WHERE id = $1", site_id) != "Another name"
    for fields in ({"name": " "}, {"name": ""}, {"queue_id": str(site_id)}, {"queue_id": "x"}, {"site_key": "mine"}):
        assert (await saves(boss, site_id, **fields)).status == 422, fields


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("shop.test", "line 1, shop.test: write https://shop.test"),
        ("\nhttp://shop.test:8080/a?b", "line 2, http://shop.test:8080/a?b: write http://shop.test:8080"),
        ("javascript:alert(1)", "line 1"),
        ("https://*.shop.test", "line 1, https://*.shop.test: an origin is scheme, host and port only"),
        ("https://[", "line 1"),
        ("x" * 200, "…: "),
        ("\n".join(f"https://{number}.test" for number in range(51)), "50 origins at most, and these are 51"),
        (f"https://{'a' * 300}.test", "an origin has 300 characters at most"),
        ("x\n" * 10_000, "50 origins of 300 characters at most"),
        ("https://shop.test:99999", "an origin looks like https://shop.example.org"),
        ("https://ü..test", "an origin looks like https://shop.example.org"),
    ],
)
def test_what_is_no_origin_is_said_with_its_line(typed: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        origins_of(typed)


async def test_a_site_is_added_and_a_guest_comes_by_it(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    refused = await boss.asks("POST", PAGE, form={"name": "Blog", "allowed_origins": "blog.test"})
    assert refused.status == 422
    assert "Line 1, blog.test: write https://blog.test." in unescape(refused.text)
    assert (await boss.asks("POST", PAGE, form={"name": "", "allowed_origins": ""})).status == 422
    done = await boss.asks("POST", PAGE, form={"name": "Blog", "allowed_origins": "https://blog.test"})
    assert done.status == 303
    key = await desk.owner.fetchval(
        "SELECT site_key FROM sites WHERE workspace_id = $1 AND name = 'Blog'", desk.workspace.id
    )
    assert key in (await boss.asks("GET", PAGE)).text
    assert await (await desk.guest(key)).opens()


async def test_only_who_manages_the_workspace_sees_or_changes_sites(desk: Desk) -> None:
    site_id = await first_site(desk)
    for who in ("t1", "supervisor", "manager"):
        member = await signed_in(desk, who)
        assert (await member.asks("GET", PAGE)).status == 403
        assert (await saves(member, site_id)).status == 403
        assert (await member.asks("POST", PAGE, form={"name": "x"})).status == 403
        assert (await member.asks("POST", "/admin/identity-secret", form={})).status == 403
        assert 'href="/admin/sites"' not in (await member.asks("GET", "/account")).text
    boss = await signed_in(desk, "admin")
    boss.csrf = ""
    assert (await saves(boss, site_id)).status == 403, "the form proves its page"
    assert (await boss.asks("POST", "/admin/identity-secret", form={})).status == 403


async def test_another_workspaces_site_is_neither_shown_nor_changed(desk: Desk) -> None:
    elsewhere = await make_workspace(desk.owner)
    site_id = await first_site(desk)
    before = await desk.owner.fetchrow("SELECT * FROM sites WHERE id = $1", site_id)
    stranger = await desk.signed_in("admin", workspace=elsewhere)
    async with stranger.http.get(f"{desk.url}{PAGE}") as response:
        assert desk.workspace.site_key not in await response.text()
    form = {"csrf_token": stranger.csrf, "name": "mine", "is_active": "true"}
    for url in (f"{PAGE}/{site_id}", f"{PAGE}/{elsewhere.id}"):
        async with stranger.http.post(desk.url + url, data=form) as response:
            assert response.status == 404
    theirs = await desk.owner.fetchval("SELECT id FROM sites WHERE workspace_id = $1 LIMIT 1", elsewhere.id)
    queue = await desk.owner.fetchval("SELECT id FROM queues WHERE workspace_id = $1 LIMIT 1", desk.workspace.id)
    async with stranger.http.post(f"{desk.url}{PAGE}/{theirs}", data={**form, "queue_id": str(queue)}) as response:
        assert response.status == 422, "nor is another workspace's queue there"
    assert await desk.owner.fetchrow("SELECT * FROM sites WHERE id = $1", site_id) == before


async def test_the_identity_secret_is_shown_when_it_is_made_or_renewed_and_never_again(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    assert "Make the identity secret" in (await boss.asks("GET", PAGE)).text
    made = [(await boss.asks("POST", "/admin/identity-secret", form={})).text for _ in range(2)]
    first, second = (re.findall(r'value="([0-9a-f]{64})"', html) for html in made)
    assert len(first) == len(second) == 1
    assert first != second
    later = (await boss.asks("GET", PAGE)).text
    assert "Renew the secret" in later
    assert "proves nothing from that moment on" in later
    assert second[0] not in later
    assert (await boss.asks("GET", "/api/v1/identity-secret")).body["secret"] == second[0]
