"""Which robots take part in a room, in which order, and how they are set there: also in rooms that are open already."""

from uuid import uuid4

from supportdesk.robots import configuring
from tests.accounts.browser import signed_in
from tests.admin.conftest import installed
from tests.people import Desk
from tests.robots.conftest import Staging
from tests.robots.strange import EchoRobot, SilentRobot
from tests.robots.test_followers import Adder, Leader


async def test_open_rooms_follow_when_the_order_changes(staged: Staging) -> None:
    desk = await staged(Leader, Adder)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "How do refunds work?")
    await desk.settle()
    first = [turn["robot_id"] for turn in await desk.turns(room)]
    async with desk.db.transaction(desk.system) as tx:
        await configuring.move_robot(tx, first[1], -1)
    await desk.says(guest, room, "And returns?")
    await desk.settle()
    assert (await desk.texts(room))[3:] == ["And returns?", "Ben leads.", "Refunds take five working days."]


async def test_open_rooms_follow_when_a_robot_is_switched_off_or_removed(staged: Staging) -> None:
    desk = await staged(SilentRobot, EchoRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "one")
    await desk.settle()
    (echo,) = [turn["robot_id"] for turn in await desk.turns(room) if turn["module"] == "echo"]
    async with desk.db.transaction(desk.system) as tx:
        await configuring.remove_robot(tx, echo)
    await desk.says(guest, room, "two")
    await desk.settle()
    assert await desk.owner_of(room) == "queue", "nobody else had anything to say"


async def test_a_turn_that_waits_when_its_robot_is_removed_goes_to_somebody_else(staged: Staging) -> None:
    desk = await staged(EchoRobot, seats=0)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "one")
    (turn,) = await desk.turns(room)
    async with desk.db.transaction(desk.system) as tx:
        await configuring.remove_robot(tx, turn["robot_id"])
    other = await staged(EchoRobot)
    await other.runner.sweep()
    await other.settle()
    assert await other.owner_of(room) == "queue"


async def test_an_agent_switches_a_robot_off_and_on_in_one_room(rich_desk: Desk) -> None:
    robot_id = await installed(rich_desk, "echo")
    guest = await rich_desk.guest(rich_desk.workspace.site_key)
    room = await guest.opens()
    agent = await signed_in(rich_desk, "t1")
    at = f"/api/v1/rooms/{room}/robots"
    (listed,) = (await agent.asks("GET", at)).body["items"]
    assert (listed["id"], listed["active"], listed["order"], listed["staff_only"]) == (robot_id, True, None, False)
    off = await agent.asks("PUT", f"{at}/{robot_id}", {"active": False})
    assert (off.status, off.body["active"]) == (200, False)
    await guest.says("anybody?")
    await rich_desk.settle()
    assert (
        await rich_desk.owner.fetchval("SELECT owner_kind FROM chat_rooms WHERE id = $1::text::uuid", room) == "queue"
    )
    refused = await agent.asks("PUT", f"{at}/{robot_id}", {"active": True, "settings": {"prefix": "x"}})
    assert (refused.status, refused.code) == (403, "forbidden"), "to set robots is another right"


async def test_a_rooms_settings_outrank_the_workspaces(rich_desk: Desk) -> None:
    robot_id = await installed(rich_desk, "rich", settings={"prefix": "workspace ", "tries": 4})
    guest = await rich_desk.guest(rich_desk.workspace.site_key)
    room = await guest.opens()
    boss = await signed_in(rich_desk, "admin")
    at = f"/api/v1/rooms/{room}/robots/{robot_id}"
    put = await boss.asks("PUT", at, {"active": True, "order": 3, "settings": {"prefix": "room "}})
    assert (put.status, put.body["settings"], put.body["order"]) == (200, {"prefix": "room "}, 3)
    await guest.says("hello")
    await guest.sees("room hello (0)")
    for settings in ({"tries": 10}, {"nonsense": True}, {"token": "x"}):
        assert (await boss.asks("PUT", at, {"active": True, "settings": settings})).status == 422, settings
    kept = await boss.asks("PUT", at, {"active": True})
    assert kept.body["settings"] == {"prefix": "room "}
    assert (await boss.asks("PUT", at, {"active": True, "settings": {}})).body["settings"] == {}
    await guest.says("again")
    await guest.sees("workspace again (0)")


async def test_a_robot_that_was_installed_later_comes_into_an_open_room(rich_desk: Desk) -> None:
    await installed(rich_desk, "echo", sort_order=2)
    guest = await rich_desk.guest(rich_desk.workspace.site_key)
    room = await guest.opens()
    later = await installed(rich_desk, "rich", sort_order=1)
    agent = await signed_in(rich_desk, "t1")
    assert [one["active"] for one in (await agent.asks("GET", f"/api/v1/rooms/{room}/robots")).body["items"]] == [
        False,
        True,
    ]
    assert (await agent.asks("PUT", f"/api/v1/rooms/{room}/robots/{later}", {"active": True})).status == 200
    await guest.says("hello")
    await guest.sees("hello (0)")
    assert (await agent.asks("PUT", f"/api/v1/rooms/{room}/robots/{uuid4()}", {"active": True})).status == 404
    assert (await agent.asks("PUT", f"/api/v1/rooms/{uuid4()}/robots/{later}", {"active": True})).status == 404


async def test_a_robot_for_the_staff_steps_before_guests_in_new_rooms_only(rich_desk: Desk) -> None:
    robot_id = await installed(rich_desk, "staff_only", settings={"prefix": "now "})
    key = rich_desk.workspace.site_key
    early = await rich_desk.guest(key)
    room = await early.opens()
    boss = await signed_in(rich_desk, "admin")
    patch = {"settings": {"visible_to_guest": True}}
    assert (await boss.asks("PATCH", f"/api/v1/robots/{robot_id}", patch)).body["staff_only"] is False
    await early.says("hello")
    late = await rich_desk.guest(key)
    await late.opens()
    await late.says("hello")
    await late.sees("now hello")
    await rich_desk.settle()
    assert not any("now hello" in str(event) for event in early.events())
    at = f"/api/v1/rooms/{room}/robots/{robot_id}"
    put = await boss.asks("PUT", at, {"active": True, "settings": {"visible_to_guest": True}})
    assert put.body["staff_only"] is False
    hand = await rich_desk.owner.fetchval("SELECT count(*) FROM room_participants WHERE room_id = $1::text::uuid", room)
    assert hand == 2, "it has come in, and the guest is told"
