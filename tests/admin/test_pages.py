"""The admin pages: what they show, who may see them, and what their buttons do."""

import pytest

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.db import Database
from supportdesk.robots.actions import install_robot
from supportdesk.robots.host import Host
from tests.factories import make_workspace
from tests.people import Agent, Desk

PAGES = {"/admin/jobs": "desk:job:read", "/admin/robots": "chat:robot:read", "/admin/knowledge": "desk:knowledge:read"}


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
