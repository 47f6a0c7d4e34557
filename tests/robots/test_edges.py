"""Robots and their turns as clients see them: lists, the ledger, the stop button, and what an admin may install."""

from typing import Any

import pytest

from supportdesk.actor import Actor, ActorKind, UserId
from supportdesk.audit.reading import AccessLog
from supportdesk.core.breaker import Breaker
from supportdesk.core.clock import Clock
from supportdesk.errors import Conflict, Invalid, NotFound
from supportdesk.robots import http, sockets
from supportdesk.robots.actions import install_robot
from supportdesk.robots.contract import Trigger
from supportdesk.robots.discovery import Catalogue, Listing
from supportdesk.robots.host import Host
from supportdesk.robots.watchdog import Blocked
from supportdesk.robots.wire import InteractionsOut, InteractionsQuery, StopRobots
from tests.robots.conftest import Staging
from tests.robots.strange import EchoRobot, GatedRobot, SilentRobot
from tests.robots.theatre import Theatre


def colleague(desk: Theatre, *grants: str) -> Actor:
    return Actor(
        kind=ActorKind.AGENT,
        id=UserId(desk.workspace.staff["t1b"]),
        workspace_id=desk.workspace_id,
        grants=frozenset({"chat:room:read", "chat:robot:read", *grants}),
    )


async def test_the_list_shows_what_is_installed_what_could_be_and_what_is_broken(staged: Staging) -> None:
    broken = Listing("broken", "robots/broken", problem="RuntimeError: on import")
    desk = await staged(EchoRobot, SilentRobot, missing=[broken], install=False)
    installed = await desk.installs("echo", order=7)
    async with desk.db.transaction(desk.agent) as tx:
        listed = (await http.list_robots(tx, desk.host)).items
    assert [(robot.name, robot.status, robot.problem) for robot in listed] == [
        ("echo", "ready", None),
        ("silent", "available", None),
        ("broken", "not_loaded", "RuntimeError: on import"),
    ]
    assert (listed[0].id, listed[0].order, listed[0].version) == (installed.id, 7, "1.2.3")
    assert listed[0].description == "Says what it hears, word by word."


async def test_the_ledger_is_paged_newest_first_and_filtered_by_room_and_robot(staged: Staging) -> None:
    desk = await staged(SilentRobot, EchoRobot)
    guest = await desk.guest()
    room, other = await desk.opens(guest), await desk.opens(guest)
    for place, text in ((room, "one"), (other, "two"), (room, "three")):
        await desk.says(guest, place, text)
        await desk.settle()
    looks = AccessLog(desk.db, Clock())

    async def listed(**query: Any) -> InteractionsOut:
        found: InteractionsOut = await http.list_interactions(desk.agent, InteractionsQuery(**query), desk.db, looks)
        return found

    first = await listed(robot="echo", limit=2)
    assert [turn.request_data["text"] for turn in first.items] == ["three", "two"]
    rest = await listed(robot="echo", limit=2, cursor=first.next_cursor)
    assert [turn.request_data["text"] for turn in rest.items] == ["one"]
    assert rest.next_cursor is None
    of_room = await listed(room_id=room.id)
    assert [(turn.robot.name, turn.request_data["text"]) for turn in of_room.items] == [
        ("echo", "three"),
        ("silent", "three"),
        ("echo", "one"),
        ("silent", "one"),
    ]


async def test_turns_of_private_rooms_are_for_those_who_may_enter(staged: Staging) -> None:
    desk = await staged(EchoRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "secret")
    await desk.settle()
    await desk.owner.execute("UPDATE chat_rooms SET is_private = true WHERE id = $1", room.id)
    stranger, supervisor = colleague(desk), colleague(desk, "supervisor:chat:*")
    looks = AccessLog(desk.db, Clock())
    assert (await http.list_interactions(stranger, InteractionsQuery(), desk.db, looks)).items == []
    with pytest.raises(NotFound):
        await http.list_interactions(stranger, InteractionsQuery(room_id=room.id), desk.db, looks)
    assert len((await http.list_interactions(supervisor, InteractionsQuery(), desk.db, looks)).items) == 1


async def test_a_guest_stops_robots_in_their_own_room_only(staged: Staging) -> None:
    desk = await staged(GatedRobot)
    GatedRobot.shut()
    guest, other = await desk.guest(), await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "refunds")
    await GatedRobot.begun.wait()
    with pytest.raises(NotFound):
        async with desk.db.transaction(other) as tx:
            await sockets.stop(tx, other, StopRobots(room_id=room.id))
    async with desk.db.transaction(guest) as tx:
        await sockets.stop(tx, guest, StopRobots(room_id=room.id))
    await desk.settle()
    (turn,) = await desk.turns(room)
    assert turn["response_data"]["reason"] == "stopped by the guest"


async def test_only_a_robot_that_works_with_settings_that_fit_can_be_installed(staged: Staging) -> None:
    broken = Listing("broken", "robots/broken", problem="RuntimeError: on import")
    desk = await staged(EchoRobot, missing=[broken])
    async with desk.db.transaction(desk.system) as tx:
        with pytest.raises(Conflict, match="RuntimeError: on import"):
            await install_robot(tx, desk.system, desk.host, "broken")
        with pytest.raises(Conflict, match="not installed on this server"):
            await install_robot(tx, desk.system, desk.host, "nobody")
        with pytest.raises(Invalid, match="colour"):
            await install_robot(tx, desk.system, desk.host, "echo", name="second", settings={"colour": "red"})
        with pytest.raises(Conflict, match="installed already under the name echo"):
            await install_robot(tx, desk.system, desk.host, "echo")
        second = await install_robot(tx, desk.system, desk.host, "echo", name="Second echo")
    assert (second.module, second.name) == ("echo", "Second echo")


def test_a_robot_that_keeps_everybody_waiting_rests() -> None:
    host = Host(Catalogue((Listing("echo", "tests", EchoRobot),)), Breaker(Clock()))
    host.blame(Blocked("echo", "robot.py:1", 0.4))
    assert host.ready(Trigger.MESSAGE) == ["echo"]
    host.blame(Blocked("echo", "robot.py:1", 1.2))
    assert host.ready(Trigger.MESSAGE) == []
