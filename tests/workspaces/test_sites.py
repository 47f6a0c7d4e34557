"""Sites: which pages carry the widget, and under which key."""

import pytest

from supportdesk.workspaces.access import REMEMBERED_S, Sites
from supportdesk.workspaces.model import origin_of
from tests.accounts.browser import signed_in
from tests.factories import make_workspace
from tests.people import Desk


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://shop.example.org", "https://shop.example.org"),
        (" HTTPS://Shop.Example.ORG/ ", "https://shop.example.org"),
        ("https://shop.example.org:443", "https://shop.example.org"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(typed: str, origin: str) -> None:
    assert origin_of(typed) == origin


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "shop.example.org",
        "https://",
        "https://*.example.org",
        "*",
        "null",
        "https://shop.example.org/path",
        "https://shop.example.org?x",
        "https://user@shop.example.org",
        "javascript:alert(1)",
        "https://shop.example.org; script-src *",
        "https://shop.example.org 'unsafe-inline'",
        "https://a\nb",
        "https://shop.example.org:99999",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_origin_never_gets_into_a_policy(typed: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        origin_of(typed)


async def test_an_admin_adds_and_changes_sites(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    made = await boss.asks("POST", "/api/v1/sites", {"name": "Second shop", "allowed_origins": ["https://Two.test/"]})
    assert made.status == 201
    assert made.body["allowed_origins"] == ["https://two.test"]
    assert len(made.body["site_key"]) >= 16
    sites = desk.resources.get(Sites)
    found = await sites.find_site(made.body["site_key"])
    assert found is not None
    assert (found.name, found.robots_enabled, found.allows("https://two.test")) == ("Second shop", True, True)
    changed = await boss.asks(
        "PATCH",
        f"/api/v1/sites/{made.body['id']}",
        {"allowed_origins": [], "robots_enabled": False, "appearance": {"accent": "#336699"}},
    )
    assert changed.body["appearance"] == {"accent": "#336699"}
    now = await sites.find_site(made.body["site_key"])
    assert now is not None
    assert (now.allowed_origins, now.robots_enabled) == ((), False), f"at once, not after {REMEMBERED_S} s"
    listed = (await boss.asks("GET", "/api/v1/sites")).body["items"]
    assert made.body["id"] in {site["id"] for site in listed}


async def test_bad_sites_are_refused(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    for body in (
        {},
        {"name": ""},
        {"name": "x" * 501},
        {"name": "x", "allowed_origins": ["nowhere"]},
        {"name": "x", "allowed_origins": "https://one.test"},
        {"name": "x", "allowed_origins": ["https://one.test"] * 51},
        {"name": "x", "site_key": "chosen"},
        {"name": "x", "workspace_id": "x"},
    ):
        assert (await boss.asks("POST", "/api/v1/sites", body)).status == 422, body
    site = (await boss.asks("GET", "/api/v1/sites")).body["items"][0]["id"]
    deep: object = "end"
    for _ in range(200):
        deep = [deep]
    changes: list[dict[str, object]] = [
        {"appearance": {"css": "x" * 20_000}},
        {"appearance": {"text": "a\x00b"}},
        {"appearance": {"a\x00": 1}},
        {"appearance": []},
        {"site_key": "other"},
        {"allowed_origins": ["https://shop.test; frame-ancestors *"]},
    ]
    for change in changes:
        assert (await boss.asks("PATCH", f"/api/v1/sites/{site}", change)).status == 422, change
    assert (await boss.asks("PATCH", f"/api/v1/sites/{site}", {"appearance": {"deep": deep}})).status in (200, 422)


async def test_sites_of_others_are_not_there(desk: Desk) -> None:
    other = await make_workspace(desk.owner)
    theirs = await desk.owner.fetchval("SELECT id FROM sites WHERE workspace_id = $1 LIMIT 1", other.id)
    boss = await signed_in(desk, "admin")
    assert str(theirs) not in (await boss.asks("GET", "/api/v1/sites")).text
    assert (await boss.asks("PATCH", f"/api/v1/sites/{theirs}", {"name": "mine"})).status == 404
    for who in ("t1", "supervisor", "manager"):
        member = await signed_in(desk, who)
        assert (await member.asks("GET", "/api/v1/sites")).status == 403
        assert (await member.asks("GET", "/api/v1/identity-secret")).status == 403


async def test_showing_the_identity_secret_is_on_record(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    first = (await boss.asks("GET", "/api/v1/identity-secret")).body["secret"]
    second = (await boss.asks("GET", "/api/v1/identity-secret")).body["secret"]
    assert first == second
    log = (await boss.asks("GET", "/api/v1/audit-log?limit=3")).body["items"]
    assert [line["action"] for line in log][:2] == ["identity_secret.shown", "identity_secret.renewed"]
    assert first not in str(log)
