"""The admin pages: what they show, who may see them, and what their buttons do."""

from pathlib import Path

import pytest

from supportdesk import app as wiring
from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.db import Database
from supportdesk.robots.actions import install_robot
from supportdesk.robots.discovery import discover
from supportdesk.robots.host import Host
from supportdesk.robots.watchdog import KeptTheLoop
from tests.factories import make_workspace
from tests.people import Agent, Desk

PAGES = {
    "/admin/jobs": "desk:job:read",
    "/admin/robots": "chat:robot:read",
    "/admin/knowledge": "desk:knowledge:read",
    "/admin/knowledge/threshold": "desk:knowledge:read",
}


async def page(agent: Agent, path: str) -> tuple[int, str]:
    async with agent.http.get(agent.desk.url + path, allow_redirects=False) as response:
        return response.status, await response.text()


async def presses(agent: Agent, path: str, **fields: str) -> int:
    form = {"csrf_token": agent.csrf, **fields}
    async with agent.http.post(agent.desk.url + path, data=form, allow_redirects=False) as response:
        return response.status


async def faq(desk: Desk) -> str:
    actor = Actor.system(WorkspaceId(desk.workspace.id))
    async with desk.resources.get(Database).transaction(actor) as tx:
        return str((await install_robot(tx, actor, desk.resources.get(Host), "faq")).id)


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_shown_to_an_admin_and_not_to_a_stranger(desk: Desk, path: str) -> None:
    admin = await desk.signed_in("admin")
    status, html = await page(admin, path)
    assert status == 200
    assert "<h1>" in html
    admin.http.cookie_jar.clear()
    assert (await page(admin, path))[0] == 303, "the way to the sign-in"


async def test_an_agent_may_not_open_the_jobs(desk: Desk) -> None:
    agent = await desk.signed_in("t1")
    assert (await page(agent, "/admin/jobs"))[0] == 403
    assert await presses(agent, "/admin/jobs/make_partitions/run") == 403


async def test_a_job_runs_by_hand_and_the_page_tells_how_it_went(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    assert await presses(admin, "/admin/jobs/make_partitions/run") == 303
    await desk.settle()
    _, html = await page(admin, "/admin/jobs")
    assert "make_partitions" in html
    assert "made 0" in html
    assert await presses(admin, "/admin/jobs/no_such_job/run") == 404


async def test_who_runs_jobs_archives_and_purges_with_a_right_of_its_own_only(desk: Desk) -> None:
    boss = await desk.signed_in("manager")
    await desk.owner.execute(
        "INSERT INTO role_permissions (workspace_id, role_id, pattern) "
        "SELECT workspace_id, id, 'desk:job:run' FROM roles WHERE workspace_id = $1 AND name = 'manager'",
        desk.workspace.id,
    )
    assert await presses(boss, "/admin/jobs/make_partitions/run") == 303
    assert await presses(boss, "/admin/jobs/keep_by_policy/run") == 403
    _, html = await page(boss, "/admin/jobs")
    assert "/admin/jobs/make_partitions/run" in html
    assert "/admin/jobs/keep_by_policy/run" not in html
    assert "/admin/jobs/keep_by_policy/run" in (await page(await desk.signed_in("admin"), "/admin/jobs"))[1]


async def test_a_robot_is_switched_off_and_on(desk: Desk) -> None:
    robot_id = await faq(desk)
    admin = await desk.signed_in("admin")
    path = f"/admin/robots/{robot_id}/state"
    for active, word in (("false", "Switch on"), ("true", "Switch off")):
        assert await presses(admin, path, active=active) == 303
        assert word in (await page(admin, "/admin/robots"))[1]
    assert await presses(await desk.signed_in("t1"), path, active="false") == 403


async def test_a_robot_of_the_server_is_installed_from_its_page_or_by_a_program(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    _, html = await page(admin, "/admin/robots")
    assert "No robots installed" in html
    assert html.count("Install<") == len(desk.resources.get(Host).catalogue.usable) >= 2
    assert await presses(admin, "/admin/robots", module="faq") == 303
    _, html = await page(admin, "/admin/robots")
    assert "Switch off" in html
    assert 'name="module" value="faq"' not in html
    assert 'name="module" value="greeter"' in html
    status, made = await admin.fetches("POST", "/api/v1/robots", {"module": "greeter"})
    assert (status, made["module"], made["name"], made["status"]) == (201, "greeter", "Assistant", "ready")
    for module, code in (("greeter", "conflict"), ("nobody", "robot_not_loaded")):
        status, refused = await admin.fetches("POST", "/api/v1/robots", {"module": module})
        assert (status, refused["error"]["code"]) == (409, code)
        assert await presses(admin, "/admin/robots", module=module) == 409
    log = (await admin.fetches("GET", "/api/v1/audit-log?limit=2"))[1]["items"]
    assert [line["action"] for line in log] == ["robot.installed"] * 2


async def test_a_robot_that_kept_the_desk_waiting_is_shown_with_when_and_what_to_do(desk: Desk) -> None:
    await faq(desk)
    admin, guest = await desk.signed_in("admin"), await desk.guest(desk.workspace.site_key)
    room_id = await guest.opens()
    await guest.says("What does shipping cost?")
    await desk.settle()
    assert "kept the whole desk waiting" not in (await page(admin, "/admin/robots"))[1]
    turn_id = await desk.owner.fetchval(
        "UPDATE robot_interactions SET status = 'failed', error_message = $2 "
        "WHERE id = (SELECT id FROM robot_interactions WHERE room_id = $1::text::uuid ORDER BY id DESC LIMIT 1) "
        "RETURNING id",
        room_id,
        f"{KeptTheLoop.__name__}: {KeptTheLoop()}",
    )
    _, html = await page(admin, "/admin/robots")
    assert html.count("It kept the whole desk waiting and was stopped") == 1
    assert f'href="/admin/ledger/{turn_id}"' in html
    await desk.owner.execute(
        "UPDATE robot_interactions SET created_at = now() - interval '8 days' WHERE id = $1", turn_id
    )
    assert "kept the whole desk waiting" not in (await page(admin, "/admin/robots"))[1]


async def test_a_robot_that_rests_is_shown_as_resting(desk: Desk) -> None:
    await faq(desk)
    admin = await desk.signed_in("admin")
    assert "rests after failing" not in (await page(admin, "/admin/robots"))[1]
    desk.resources.get(Host).breaker.trip("faq")
    assert (await page(admin, "/admin/robots"))[1].count("rests after failing") == 1


async def test_only_who_may_configure_robots_installs_one(desk: Desk) -> None:
    agent = await desk.signed_in("t1")
    assert await presses(agent, "/admin/robots", module="faq") == 403
    assert (await agent.fetches("POST", "/api/v1/robots", {"module": "faq"}))[0] == 403
    admin = await desk.signed_in("admin")
    admin.csrf = ""
    assert await presses(admin, "/admin/robots", module="faq") == 403, "the form proves its page"
    _, html = await page(agent, "/admin/robots")
    assert "Not installed" in html
    assert 'name="module"' not in html


async def test_a_folder_that_cannot_be_loaded_is_shown_with_the_reason(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "weather").mkdir()
    (tmp_path / "weather" / "robot.py").write_text("raise RuntimeError('no barometer')")
    monkeypatch.setattr(wiring, "discover", lambda: discover(tmp_path, ()))
    node = Desk(desk.settings, desk.dsn, desk.owner, desk.workspace)
    await node.start()
    _, html = await page(await node.signed_in("admin"), "/admin/robots")
    await node.stop()
    assert "RuntimeError: no barometer" in html
    assert 'name="module"' not in html


async def test_another_workspaces_robot_cannot_be_switched(desk: Desk) -> None:
    elsewhere = await make_workspace(desk.owner)
    robot_id = await faq(desk)
    stranger = await desk.signed_in("admin", workspace=elsewhere)
    assert await presses(stranger, f"/admin/robots/{robot_id}/state", active="false") == 404


async def test_lists_hear_of_new_messages(desk: Desk) -> None:
    agent = await desk.agent("t1")
    guest = await desk.guest()
    room = await guest.opens()
    await guest.says("hello")
    told = await agent.hears("inbox.changed", lambda data: room in data.get("room_ids", []))
    assert told == {"room_ids": [room]}
