"""How people come, rise, fall and go; and that nobody gives what they do not have."""

import asyncio
from uuid import uuid4

from tests.accounts.browser import GOOD, Browser, browser, path_of, signed_in
from tests.factories import PASSWORD, make_staff
from tests.people import Desk

JOIN = {"first_name": "New", "last_name": "Comer", "password": GOOD}


async def invites(boss: Browser, **want: object) -> str:
    """Invite somebody; the path of the link."""
    answer = await boss.asks("POST", "/api/v1/invitations", want)
    assert answer.status == 201, answer.text
    return path_of(answer.body["link"])


async def test_an_invitation_becomes_an_account_with_role_and_level(desk: Desk) -> None:
    boss, email = await signed_in(desk, "admin"), f"new-{desk.workspace.tag}@desk.test"
    path = await invites(boss, email=email.upper(), role="supervisor", level="T2")
    newcomer = browser(desk)
    page = await newcomer.asks("GET", path)
    assert page.status == 200
    assert email in page.text
    joined = await newcomer.asks("POST", path, form=JOIN)
    assert (joined.status, joined.leads_to) == (303, "/inbox")
    user = (await newcomer.asks("GET", "/api/v1/auth/sessions")).body["user"]
    assert (user["name"], user["email"], user["account_type"], user["level"]) == (
        "New Comer",
        email,
        "supervisor",
        "T2",
    )
    assert "supervisor:chat:takeover" in user["permissions"]
    person = (await boss.asks("GET", f"/api/v1/people/{user['id']}")).body
    assert person["roles"] == ["supervisor"]
    assert person["is_email_verified"] is False, "an admin passed the link on: that proves no mailbox"
    assert (await browser(desk).asks("POST", path, form=JOIN)).status == 404


async def test_one_invitation_makes_one_account(desk: Desk) -> None:
    path = await invites(await signed_in(desk, "admin"), email=f"race-{desk.workspace.tag}@desk.test")
    answers = await asyncio.gather(*(browser(desk).asks("POST", path, form=JOIN) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [303, 404, 404, 404]


async def test_an_invitation_can_be_withdrawn_and_runs_out_after_a_week(desk: Desk) -> None:
    boss, email = await signed_in(desk, "admin"), f"new-{desk.workspace.tag}@desk.test"
    first = await invites(boss, email=email)
    second = await invites(boss, email=email)
    assert (await browser(desk).asks("GET", first)).status == 404, "a newer one takes its place"
    waiting = (await boss.asks("GET", "/api/v1/invitations")).body["items"]
    assert [each["email"] for each in waiting] == [email]
    assert waiting[0]["link"] is None
    days = await desk.owner.fetchval(
        "SELECT extract(epoch FROM expires_at - created_at) / 86400 FROM invitations WHERE id = $1::text::uuid",
        waiting[0]["id"],
    )
    assert days == 7
    assert (await boss.asks("DELETE", f"/api/v1/invitations/{waiting[0]['id']}")).status == 204
    assert (await boss.asks("DELETE", f"/api/v1/invitations/{waiting[0]['id']}")).status == 404
    assert (await browser(desk).asks("GET", second)).status == 404
    third = await invites(boss, email=email)
    await desk.owner.execute("UPDATE invitations SET expires_at = now() WHERE workspace_id = $1", desk.workspace.id)
    assert (await browser(desk).asks("POST", third, form=JOIN)).status == 404


async def test_the_form_of_an_invitation_takes_nothing_but_name_and_password(desk: Desk) -> None:
    path = await invites(await signed_in(desk, "admin"), email=f"new-{desk.workspace.tag}@desk.test")
    for more in ({"role": "admin"}, {"email": "other@desk.test"}, {"level": "manager"}, {"workspace_id": str(uuid4())}):
        assert (await browser(desk).asks("POST", path, form={**JOIN, **more})).status == 422, more
    for bad in (
        {"first_name": ""},
        {"first_name": "  "},
        {"last_name": "x" * 101},
        {"password": "short"},
        {"first_name": "a\x00"},
    ):
        page = await browser(desk).asks("POST", path, form={**JOIN, **bad})
        assert page.status == 422, bad
        assert "aria-invalid" in page.text
        assert GOOD not in page.text
    assert (await browser(desk).asks("POST", path, form=JOIN)).status == 303


async def test_whoever_has_an_account_cannot_be_invited_again(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    answer = await boss.asks("POST", "/api/v1/invitations", {"email": desk.workspace.email("t1")})
    assert (answer.status, answer.code) == (409, "email_taken")


async def test_bad_invitations_are_refused(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    for body in (
        {},
        {"email": "no address"},
        {"email": "a@b@c"},
        {"email": "a b@c.test"},
        {"email": "x@desk.test\r\nBcc: y@desk.test"},
        {"email": "x@desk.test", "role": "guest"},
        {"email": "x@desk.test", "role": "robot"},
        {"email": "x@desk.test", "role": "no such role"},
        {"email": "x@desk.test", "level": "T9"},
        {"email": "x@desk.test", "account_type": "admin"},
    ):
        assert (await boss.asks("POST", "/api/v1/invitations", body)).status == 422, body


async def recruiter(desk: Desk) -> Browser:
    """Somebody whose role lets them invite and manage, but no more than agents may do."""
    who = await make_staff(desk.owner, desk.workspace, "recruiter", "agent", "T1")
    role = await desk.owner.fetchval(
        "INSERT INTO roles (workspace_id, name) VALUES ($1, 'recruiter') RETURNING id", desk.workspace.id
    )
    await desk.owner.execute(
        "INSERT INTO role_permissions (workspace_id, role_id, pattern) SELECT $1, $2, unnest($3::text[])",
        desk.workspace.id,
        role,
        ["desk:people:*"],
    )
    await desk.owner.execute(
        "INSERT INTO user_roles (workspace_id, user_id, role_id) VALUES ($1, $2, $3)", desk.workspace.id, who, role
    )
    return await signed_in(desk, "recruiter")


async def test_nobody_gives_what_their_own_role_does_not_include(desk: Desk) -> None:
    rita = await recruiter(desk)
    assert (await rita.asks("POST", "/api/v1/invitations", {"email": "a@new.test", "role": "agent"})).status == 201
    for role in ("supervisor", "manager", "admin"):
        answer = await rita.asks("POST", "/api/v1/invitations", {"email": "b@new.test", "role": role})
        assert (answer.status, answer.code) == (403, "outranked"), role
    t1 = f"/api/v1/people/{desk.workspace.staff['t1']}"
    assert (await rita.asks("PATCH", t1, {"role": "admin"})).code == "outranked"
    assert (await rita.asks("PATCH", t1, {"level": "T2"})).status == 200
    for who in ("supervisor", "admin"):
        path = f"/api/v1/people/{desk.workspace.staff[who]}"
        for body in ({"role": "agent"}, {"level": "T1"}, {"status": "suspended"}):
            assert (await rita.asks("PATCH", path, body)).code == "outranked", (who, body)
        assert (await rita.asks("POST", path + "/password-resets", {})).code == "outranked"


async def test_nobody_changes_themselves_and_the_last_admin_stays(desk: Desk) -> None:
    boss, me = await signed_in(desk, "admin"), desk.workspace.staff["admin"]
    for body in ({"role": "agent"}, {"status": "suspended"}, {"level": "manager"}):
        answer = await boss.asks("PATCH", f"/api/v1/people/{me}", body)
        assert (answer.status, answer.code) == (403, "own_account")
    second = await make_staff(desk.owner, desk.workspace, "second", "admin", "T3")
    deputy = await signed_in(desk, "second")
    both = await asyncio.gather(
        boss.asks("PATCH", f"/api/v1/people/{second}", {"role": "agent"}),
        deputy.asks("PATCH", f"/api/v1/people/{me}", {"role": "agent"}),
    )
    assert min(answer.status for answer in both) == 200
    left = await desk.owner.fetchval(
        "SELECT count(*) FROM users WHERE workspace_id = $1 AND account_type_informal = 'admin'", desk.workspace.id
    )
    assert left >= 1, "two admins who demote each other at once leave one"


async def test_a_role_that_takes_something_ends_the_sessions(desk: Desk) -> None:
    boss, manager = await signed_in(desk, "admin"), await signed_in(desk, "manager")
    path = f"/api/v1/people/{desk.workspace.staff['manager']}"
    answer = await boss.asks("PATCH", path, {"role": "agent"})
    assert (answer.body["roles"], answer.body["account_type"]) == (["agent"], "agent")
    assert not await manager.is_in
    manager = await signed_in(desk, "manager")
    assert (await manager.asks("GET", "/api/v1/people")).status == 403
    await boss.asks("PATCH", path, {"role": "supervisor", "level": "T2"})
    assert await manager.is_in, "a role that only gives takes nobody's session"
    assert (await manager.asks("GET", "/api/v1/people")).status == 403
    await boss.asks("PATCH", path, {"role": "admin"})
    assert not await manager.is_in, "whoever becomes an admin proves anew who they are"


async def test_whoever_is_suspended_is_out_of_everything_until_they_are_let_in_again(desk: Desk) -> None:
    boss, ann = await signed_in(desk, "admin"), await signed_in(desk, "t1")
    secret = (await ann.asks("POST", "/api/v1/tokens", {"name": "x"})).body["token"]
    script = browser(desk, Authorization=f"Bearer {secret}")
    path = f"/api/v1/people/{desk.workspace.staff['t1']}"
    assert (await boss.asks("PATCH", path, {"status": "suspended"})).body["status"] == "suspended"
    assert not await ann.is_in
    assert (await script.asks("GET", "/api/v1/tokens")).status == 401
    assert (await browser(desk).signs_in(desk.workspace.email("t1"), PASSWORD)).status == 403
    assert (await boss.asks("PATCH", path, {"status": "active"})).body["status"] == "active"
    assert not await ann.is_in, "what was ended stays ended"
    assert (await browser(desk).signs_in(desk.workspace.email("t1"), PASSWORD)).status == 201
    assert (await boss.asks("PATCH", path, {"status": "pending-verification"})).status == 422


async def test_what_a_suspended_person_invited_others_to_is_withdrawn(desk: Desk) -> None:
    rita = await recruiter(desk)
    path = await invites(rita, email=f"backdoor-{desk.workspace.tag}@desk.test")
    boss = await signed_in(desk, "admin")
    me = (await rita.asks("GET", "/api/v1/auth/sessions")).body["user"]["id"]
    await boss.asks("PATCH", f"/api/v1/people/{me}", {"status": "suspended"})
    assert (await browser(desk).asks("POST", path, form=JOIN)).status == 404


async def test_changes_of_people_take_only_what_they_name(desk: Desk) -> None:
    boss, path = await signed_in(desk, "admin"), f"/api/v1/people/{desk.workspace.staff['t1']}"
    for body in (
        {},
        {"workspace_id": str(uuid4())},
        {"email": "x@desk.test"},
        {"password_hash": "x"},
        {"role": "agent", "is_email_verified": True},
        {"permissions": ["*:*:*"]},
        {"level": "T9"},
        {"status": "god"},
        {"role": ""},
    ):
        assert (await boss.asks("PATCH", path, body)).status == 422, body
    cleared = await boss.asks("PATCH", path, {"level": None})
    assert cleared.body["level"] is None


async def test_people_who_are_no_staff_are_nobody_here(desk: Desk) -> None:
    boss, guest = await signed_in(desk, "admin"), await desk.guest()
    for id_ in (guest.id, uuid4()):
        for method, body in (("GET", None), ("PATCH", {"level": "T1"})):
            answer = await boss.asks(method, f"/api/v1/people/{id_}", body)
            assert (answer.status, answer.code) == (404, "not_found")


async def test_the_staff_come_in_pages(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    seen, cursor = [], None
    while True:
        page = (await boss.asks("GET", f"/api/v1/people?limit=3{f'&cursor={cursor}' if cursor else ''}")).body
        seen += [person["id"] for person in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(str(id_) for id_ in desk.workspace.staff.values())
    for query in ("limit=0", "limit=201", "limit=x", "cursor=%00", "cursor=abc", "cursor=' OR 1=1", "order=email"):
        assert (await boss.asks("GET", f"/api/v1/people?{query}")).status == 422, query
