"""Robots through the whole desk: sockets, HTTP, and a guest who waits."""

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.db import Database
from supportdesk.robots.actions import install_robot
from supportdesk.robots.contract import Why
from supportdesk.robots.finishing import LINES
from supportdesk.robots.host import Host
from tests.people import Desk


async def with_robots(desk: Desk) -> None:
    system = Actor.system(WorkspaceId(desk.workspace.id))
    async with desk.resources.get(Database).transaction(system) as tx:
        for order, module in enumerate(("greeter", "faq")):
            await install_robot(tx, system, desk.resources.get(Host), module, sort_order=order)


async def test_a_guest_is_welcomed_answered_and_passed_on(desk: Desk) -> None:
    await with_robots(desk)
    guest = await desk.guest(desk.workspace.site_key)
    room_id = await guest.opens()
    welcome = await guest.hears(
        "room.event", lambda e: e["kind"] == "message.created" and bool(e["data"]["message"]["quick_replies"])
    )
    assert welcome["data"]["message"]["sender"]["kind"] == "robot"
    await guest.says("thank you")
    delta = await guest.hears("message.delta", lambda d: d["n"] == 0 and d["delta"].startswith("You are welcome"))
    answer = await guest.hears(
        "room.event", lambda e: e["data"].get("message", {}).get("draft_id") == delta["draft_id"]
    )
    assert answer["data"]["message"]["sender"]["id"] == delta["robot_id"]
    await guest.says("I want to talk to a person")
    await guest.sees(LINES[Why.GUEST_ASKED])
    moved = await guest.hears("room.event", lambda e: e["data"].get("reason") == "guest_asked")
    assert moved["data"]["owner"]["kind"] == "queue"

    agent = await desk.agent("t1")
    status, ledger = await agent.fetches("GET", f"/api/v1/interactions?room_id={room_id}")
    assert status == 200
    assert [turn["robot"]["name"] for turn in ledger["items"]] == ["Assistant"] * 3
    status, ledger = await agent.fetches("GET", f"/api/v1/interactions?room_id={room_id}&robot=faq")
    assert [turn["robot"]["module"] for turn in ledger["items"]] == ["faq"] * 2, "both robots have one name"
    status, robots = await agent.fetches("GET", "/api/v1/robots")
    installed = [(robot["module"], robot["status"]) for robot in robots["items"] if robot["id"]]
    assert (status, installed) == (200, [("greeter", "ready"), ("faq", "ready")])


async def test_stopping_takes_a_room_of_ones_own(desk: Desk) -> None:
    await with_robots(desk)
    guest, stranger = await desk.guest(desk.workspace.site_key), await desk.guest(desk.workspace.site_key)
    room_id = await guest.opens()
    assert await guest.asks("robot.stop", room_id=room_id) == {"ok": True}
    assert await stranger.is_refused("robot.stop", room_id=room_id) == "not_found"
    assert await guest.is_refused("robot.stop", room_id="nonsense") == "invalid"
