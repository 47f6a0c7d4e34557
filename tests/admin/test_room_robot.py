"""The page on which a robot is set otherwise for one conversation: what it keeps, gives back, and refuses."""

from html import unescape
from typing import Any

import orjson

from tests.accounts.browser import Browser, signed_in
from tests.admin.conftest import installed
from tests.admin.test_robot_pages import SECRET, inputs, saves
from tests.factories import make_workspace
from tests.people import Desk, Guest


async def in_a_room(desk: Desk) -> tuple[Browser, Guest, str, str]:
    """An admin, a guest with a conversation, the robot's page in the workspace, and the one for the conversation."""
    robot_id = await installed(desk, "rich")
    guest = await desk.guest(desk.workspace.site_key)
    room = await guest.opens()
    return (
        await signed_in(desk, "admin"),
        guest,
        f"/admin/robots/{robot_id}",
        f"/admin/rooms/{room}/robots/{robot_id}",
    )


async def kept(desk: Desk, at: str) -> dict[str, Any]:
    """What the room has of its own."""
    _, _, _, room, _, robot = at.split("/")
    stored = await desk.owner.fetchval(
        "SELECT settings FROM room_robots WHERE room_id = $1::text::uuid AND robot_id = $2::text::uuid", room, robot
    )
    found: dict[str, Any] = orjson.loads(stored)
    found.pop("settings_version", None)
    return found


async def test_only_what_is_not_as_in_the_workspace_is_kept_and_the_next_turn_follows(rich_desk: Desk) -> None:
    boss, guest, workspace, at = await in_a_room(rich_desk)
    await saves(boss, workspace, s__prefix="Ours: ", s__tries="5", s__server__key=SECRET)
    done = await saves(boss, at)
    assert (done.status, done.leads_to) == (303, f"{at}?saved=true")
    assert await kept(rich_desk, at) == {}, "sent as it is, nothing is set"
    done = await saves(boss, at, s__prefix="Here: ", s__server__url="https://here.test")
    assert done.status == 303, done.text
    assert await kept(rich_desk, at) == {"prefix": "Here: ", "server": {"url": "https://here.test"}}
    page = unescape((await boss.asks("GET", done.leads_to)).text)
    for told in ("Saved.", 'value="Here: "', 'value="5"', ">set here<", "In the workspace: <bdi>Ours: </bdi>"):
        assert told in page, told
    await guest.says("hello")
    await guest.sees("Here: hello (0)")
    await saves(boss, workspace, s__tries="7", s__prefix="Theirs: ")
    assert 'value="7"' in (await boss.asks("GET", at)).text, "what is not set here changes with the workspace"
    assert await kept(rich_desk, at) == {"prefix": "Here: ", "server": {"url": "https://here.test"}}


async def test_one_setting_or_all_are_as_in_the_workspace_again(rich_desk: Desk) -> None:
    boss, _, workspace, at = await in_a_room(rich_desk)
    await saves(boss, workspace, s__prefix="Ours: ")
    await saves(boss, at, s__prefix="Here: ", s__tries="4", s__visible_to_guest=None)
    assert (await saves(boss, at, reset="prefix", s__tries="6")).status == 303
    assert await kept(rich_desk, at) == {"tries": 6, "visible_to_guest": False}
    assert (await saves(boss, at, reset="*", s__tries="nonsense")).status == 303
    assert await kept(rich_desk, at) == {}
    page = (await boss.asks("GET", at)).text
    assert "All as in the workspace" not in page
    assert 'value="Ours: "' in page


async def test_a_value_that_does_not_fit_is_said_beside_its_field_and_secrets_are_not_asked_for(
    rich_desk: Desk,
) -> None:
    boss, _, workspace, at = await in_a_room(rich_desk)
    await saves(boss, workspace, s__token=SECRET)
    page = (await boss.asks("GET", at)).text
    assert 'type="password"' not in page
    assert SECRET not in page
    refused = await saves(boss, at, s__prefix="x" * 21, s__tries="many", s__words="kept")
    text = unescape(refused.text)
    assert refused.status == 422
    for line in (
        "Said first: It has more than 20",
        "Tries: It is no whole",
        'value="many"',
        "kept</text",
    ):
        assert line in text, line
    assert (await saves(boss, at, s__extra="{")).status == 422
    assert await kept(rich_desk, at) == {}


async def test_a_form_that_is_out_of_date_overwrites_nothing(rich_desk: Desk) -> None:
    boss, _, workspace, at = await in_a_room(rich_desk)
    opened = inputs((await boss.asks("GET", at)).text)
    await saves(boss, at, s__prefix="Mine: ")
    late = await boss.asks("POST", at, form={**opened, "s.prefix": "Theirs: "})
    assert late.status == 409
    assert "Somebody has changed these settings since you opened the form." in unescape(late.text)
    assert 'value="Theirs: "' in late.text, "what was typed is still there"
    opened = inputs((await boss.asks("GET", at)).text)
    await saves(boss, workspace, s__tries="8")
    late = await boss.asks("POST", at, form=opened)
    assert late.status == 409, "what stood in the form was the workspace's of before"
    assert await kept(rich_desk, at) == {"prefix": "Mine: "}


async def test_what_cannot_be_read_is_said_and_mended_by_saving(rich_desk: Desk) -> None:
    boss, _, _, at = await in_a_room(rich_desk)
    _, _, _, room, _, robot = at.split("/")
    await rich_desk.owner.execute(
        'UPDATE room_robots SET settings = \'{"prefix": "new", "settings_version": 9}\' '
        "WHERE room_id = $1::text::uuid AND robot_id = $2::text::uuid",
        room,
        robot,
    )
    assert "are version 9, this server knows 2" in unescape((await boss.asks("GET", at)).text)
    assert (await saves(boss, at)).status == 303
    assert await kept(rich_desk, at) == {}


async def test_only_who_may_configure_robots_and_change_the_room_opens_it_in_their_own_workspace(
    rich_desk: Desk,
) -> None:
    _, _, _, at = await in_a_room(rich_desk)
    agent = await signed_in(rich_desk, "t1")
    assert (await agent.asks("GET", at)).status == 403
    assert (await agent.asks("POST", at, form={"seen": "x", "reset": "*"})).status == 403
    other = await make_workspace(rich_desk.owner)
    stranger = await rich_desk.signed_in("admin", workspace=other)
    async with stranger.http.get(rich_desk.url + at) as response:
        assert response.status == 404
    form = {"csrf_token": stranger.csrf, "seen": "x", "reset": "*"}
    async with stranger.http.post(rich_desk.url + at, data=form) as response:
        assert response.status == 404
