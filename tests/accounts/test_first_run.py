"""The first visit of an empty desk, and accounts made at the command line."""

import asyncio
from uuid import uuid4

import pytest

from supportdesk.accounts.actions.people import NewPerson
from supportdesk.accounts.actions.setup import FirstRun, create_user, first_run_code
from supportdesk.accounts.passwords import Passwords
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.errors import Conflict, Forbidden, Invalid, RateLimited
from supportdesk.workspaces.actions import Beginnings
from tests.accounts.browser import GOOD, browser
from tests.people import Desk


async def code_of(desk: Desk) -> str:
    """What `serve` prints."""
    code = await first_run_code(desk.resources.get(Database), desk.resources.get(FirstRun))
    assert code is not None
    return code


def form(code: str, **other: str) -> dict[str, str]:
    """A first-run form that is filled in rightly, but for what is given."""
    return {
        "code": code,
        "workspace_name": "Acme Store",
        "first_name": "Ada",
        "last_name": "Admin",
        "email": f"ada-{uuid4().hex[:8]}@acme.test",
        "password": GOOD,
        **other,
    }


async def test_the_code_of_the_terminal_makes_workspace_admin_and_a_first_site(empty: Desk) -> None:
    visitor, code = browser(empty), await code_of(empty)
    assert (await visitor.asks("GET", "/login")).leads_to == "/first-run"
    assert (await visitor.asks("GET", "/setup")).leads_to == "/first-run"
    assert (await visitor.asks("GET", "/first-run")).status == 200
    done = await visitor.asks("POST", "/first-run", form=form(code.lower().replace("-", " ")))
    assert (done.status, done.leads_to) == (303, "/admin/sites")
    me = (await visitor.asks("GET", "/api/v1/auth/sessions")).body
    assert me["user"]["account_type"] == "admin"
    visitor.csrf = me["csrf_token"]
    sites = (await visitor.asks("GET", "/api/v1/sites")).body["items"]
    assert len(sites) == 1
    guest = await browser(empty).asks("POST", "/api/v1/guest/sessions", {"site_key": sites[0]["site_key"]})
    assert guest.status == 201, "a widget can start on it at once"
    for method in ("GET", "POST"):
        sent = form(code) if method == "POST" else None
        assert (await browser(empty).asks(method, "/first-run", form=sent)).status == 404
    assert await first_run_code(empty.resources.get(Database), empty.resources.get(FirstRun)) is None


async def test_of_many_first_visits_at_once_one_sets_the_desk_up(empty: Desk) -> None:
    code = await code_of(empty)
    answers = await asyncio.gather(*(browser(empty).asks("POST", "/first-run", form=form(code)) for _ in range(4)))
    assert min(answer.status for answer in answers) == 303
    assert all(answer.status in (403, 404) for answer in answers if answer.status != 303)
    assert await empty.owner.fetchval("SELECT count(*) FROM workspaces WHERE deleted_at IS NULL") == 1


async def test_a_wrong_code_or_a_bad_form_makes_nothing(empty: Desk) -> None:
    code = await code_of(empty)
    wrong = await browser(empty).asks("POST", "/first-run", form=form("ABCD-EFGH-JKMN-PQRS"))
    assert wrong.status == 403
    assert "one-time code" in wrong.text
    for other in (
        {"email": "no address"},
        {"password": "short"},
        {"workspace_name": ""},
        {"first_name": " "},
        {"account_type": "admin"},
    ):
        page = await browser(empty).asks("POST", "/first-run", form=form(code, **other))
        assert page.status == 422, other
        assert code not in page.text, "a code is not shown again"
    assert await empty.owner.fetchval("SELECT count(*) FROM workspaces WHERE deleted_at IS NULL") == 0


async def test_a_desk_that_is_set_up_has_no_first_run(desk: Desk) -> None:
    assert (await browser(desk).asks("GET", "/first-run")).status == 404
    assert (await browser(desk).asks("POST", "/first-run", form=form("ABCD-EFGH-JKMN-PQRS"))).status == 404


def test_without_a_code_nothing_is_one_and_guessing_is_limited() -> None:
    first_run = FirstRun(Clock())
    for code in ("", "----", "x"):
        with pytest.raises(Forbidden):
            first_run.must_be(code)
    code = first_run.new_code()
    assert len(code.replace("-", "")) == 16
    first_run.must_be(code)
    first_run.used()
    with pytest.raises(Forbidden):
        first_run.must_be(code)
    refusals = []
    for _ in range(20):
        with pytest.raises((Forbidden, RateLimited)) as refusal:
            first_run.must_be("ABCD-EFGH-JKMN-PQRS")
        refusals.append(refusal.type)
    assert refusals[-1] is RateLimited


async def test_the_command_line_makes_the_workspace_of_an_empty_desk_and_then_needs_to_know_which(empty: Desk) -> None:
    things = empty.resources
    db, beginnings, passwords = things.get(Database), things.get(Beginnings), things.get(Passwords)

    def ada(**other: str) -> NewPerson:
        return NewPerson(
            **{"email": f"{uuid4().hex}@acme.test", "first_name": "Ada", "last_name": "A", "password": GOOD, **other}
        )

    first = ada()
    await create_user(db, beginnings, passwords, first, role_name="admin", workspace_name="Acme")
    ann = browser(empty)
    assert (await ann.signs_in(first.email, GOOD)).status == 201
    await create_user(db, beginnings, passwords, ada(), role_name="agent")
    await create_user(db, beginnings, passwords, ada(), role_name="agent", workspace_name="Acme")
    with pytest.raises(Invalid, match="Acme"):
        await create_user(db, beginnings, passwords, ada(), workspace_name="Another")
    with pytest.raises(Invalid, match="no role called"):
        await create_user(db, beginnings, passwords, ada(), role_name="guest")
    with pytest.raises(Invalid, match="cannot be used"):
        await create_user(db, beginnings, passwords, ada(password="short"))
    with pytest.raises(Conflict):
        await create_user(db, beginnings, passwords, ada(email=first.email))
    assert len((await ann.asks("GET", "/api/v1/people")).body["items"]) == 3
