"""The waiting go to the free: by level, urgency and time, within capacity, also when two look at once."""

import asyncio
from uuid import UUID

import asyncpg

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.db import Database, Lane
from supportdesk.escalations import actions
from tests.people import Agent, Desk, Guest
from tests.transports import on_both_ways


async def rooms_waiting(desk: Desk, count: int) -> list[tuple[str, Guest]]:
    found = []
    for _ in range(count):
        guest = await desk.guest()
        found.append((await guest.opens(), guest))
    await desk.settle()
    return found


async def capacity(desk: Desk, who: str, rooms: int) -> None:
    await desk.owner.execute("UPDATE users SET capacity = $2 WHERE id = $1", desk.workspace.staff[who], rooms)


async def owners(desk: Desk) -> dict[str, str | None]:
    """Who has which room of the workspace, by room."""
    names = {user_id: who for who, user_id in desk.workspace.staff.items()}
    rows = await desk.owner.fetch(
        "SELECT id, assignee_id FROM chat_rooms WHERE workspace_id = $1 ORDER BY created_at", desk.workspace.id
    )
    return {str(row["id"]): names.get(row["assignee_id"]) for row in rows}


async def goes_online(desk: Desk, who: str) -> Agent:
    agent = await desk.agent(who)
    await agent.asks("presence.set", status="online")
    await desk.settle()
    return agent


async def test_who_comes_online_gets_the_longest_waiting_up_to_capacity(desk: Desk) -> None:
    rooms = [room for room, _ in await rooms_waiting(desk, 4)]
    await capacity(desk, "t1", 2)
    await goes_online(desk, "t1")
    assert await owners(desk) == dict(zip(rooms, ["t1", "t1", None, None], strict=True))
    await goes_online(desk, "t1b")
    assert await owners(desk) == dict(zip(rooms, ["t1", "t1", "t1b", "t1b"], strict=True))


async def test_the_most_urgent_is_first_and_a_free_hand_takes_the_next(desk: Desk) -> None:
    rooms = await rooms_waiting(desk, 3)
    await desk.owner.execute("UPDATE chat_rooms SET priority = 1 WHERE id = $1", UUID(rooms[2][0]))
    await capacity(desk, "t1", 1)
    agent = await goes_online(desk, "t1")
    assert await owners(desk) == {rooms[0][0]: None, rooms[1][0]: None, rooms[2][0]: "t1"}
    told = await rooms[2][1].sees_kind("room.owner_changed")
    assert told["data"]["reason"] == "assigned"
    await agent.asks("room.close", room_id=rooms[2][0])
    await desk.settle()
    assert (await owners(desk))[rooms[0][0]] == "t1"


async def test_a_guest_who_comes_goes_to_the_least_busy(desk: Desk) -> None:
    for who in ("t1", "t1b"):
        await capacity(desk, who, 2)
        await goes_online(desk, who)
    await rooms_waiting(desk, 4)
    given = list((await owners(desk)).values())
    assert sorted(str(who) for who in given[:2]) == ["t1", "t1b"]
    assert sorted(str(who) for who in given) == ["t1", "t1", "t1b", "t1b"]


async def test_levels_do_not_mix_and_one_levels_crowd_keeps_nobody_else_waiting(desk: Desk) -> None:
    rooms = await rooms_waiting(desk, 25)
    urgent = [UUID(room) for room, _ in rooms[:24]]
    await desk.owner.execute("UPDATE chat_rooms SET level = 'T3', priority = 1 WHERE id = ANY ($1)", urgent)
    await goes_online(desk, "t2")
    assert set((await owners(desk)).values()) == {None}
    await goes_online(desk, "t1")
    assert (await owners(desk))[rooms[24][0]] == "t1"


async def test_the_away_the_busy_and_the_suspended_get_nothing(desk: Desk) -> None:
    await rooms_waiting(desk, 1)
    agent = await desk.agent("t1")
    for status in ("away", "busy", "offline"):
        await agent.asks("presence.set", status=status)
        await desk.settle()
    assert set((await owners(desk)).values()) == {None}
    suspended = desk.workspace.staff["t1b"]
    await desk.owner.execute(
        "UPDATE users SET current_status = 'online', current_account_status = 'suspended' WHERE id = $1", suspended
    )
    await desk.job("mark_absent")
    assert set((await owners(desk)).values()) == {None}


async def test_a_queue_may_leave_the_choice_to_people(desk: Desk) -> None:
    await desk.owner.execute("UPDATE queues SET auto_assign = false WHERE workspace_id = $1", desk.workspace.id)
    await rooms_waiting(desk, 1)
    await goes_online(desk, "t1")
    assert set((await owners(desk)).values()) == {None}


async def test_two_who_give_at_once_overfill_nobody(desk: Desk) -> None:
    await desk.owner.execute("UPDATE queues SET auto_assign = false WHERE workspace_id = $1", desk.workspace.id)
    await rooms_waiting(desk, 8)
    await capacity(desk, "t1", 3)
    await goes_online(desk, "t1")
    await desk.owner.execute("UPDATE queues SET auto_assign = true WHERE workspace_id = $1", desk.workspace.id)
    db, system = desk.resources.get(Database), Actor.system(WorkspaceId(desk.workspace.id))

    async def give() -> int:
        async with db.transaction(system, lane=Lane.REALTIME) as tx:
            return (await actions.assign_waiting(tx)).given

    given = await asyncio.gather(*(give() for _ in range(5)))
    assert sorted(given) == [0, 0, 0, 0, 3]
    assert list((await owners(desk)).values()).count("t1") == 3


async def test_a_room_in_somebodys_hands_is_given_when_they_let_go(desk: Desk) -> None:
    (room, _), *_ = await rooms_waiting(desk, 1)
    other = await asyncpg.connect(desk.dsn)
    async with other.transaction():
        await other.execute("SELECT 1 FROM room_heads WHERE room_id = $1 FOR UPDATE", UUID(room))
        agent = await desk.agent("t1")
        await agent.asks("presence.set", status="online")
        assert (await owners(desk))[room] is None
    await other.close()
    await desk.settle()
    assert (await owners(desk))[room] == "t1"


async def test_a_room_that_takes_nobody_keeps_no_other_waiting(desk: Desk) -> None:
    rooms = [room for room, _ in await rooms_waiting(desk, 4)]
    full = [UUID(rooms[0]), UUID(rooms[2])]
    await desk.owner.execute("UPDATE chat_rooms SET max_participants = 1 WHERE id = ANY ($1)", full)
    await capacity(desk, "t1", 1)
    await goes_online(desk, "t1")
    assert await owners(desk) == dict(zip(rooms, [None, "t1", None, None], strict=True))
    await goes_online(desk, "t1b")
    assert await owners(desk) == dict(zip(rooms, [None, "t1", None, "t1b"], strict=True))


async def test_who_opens_the_dashboard_is_away_until_they_say_so(desk: Desk) -> None:
    await rooms_waiting(desk, 1)
    await desk.agent("t1")
    await desk.settle()
    status = await desk.owner.fetchval("SELECT current_status FROM users WHERE id = $1", desk.workspace.staff["t1"])
    assert status == "away"
    assert set((await owners(desk)).values()) == {None}


@on_both_ways
async def test_whose_dashboard_is_gone_is_offline_and_gets_nothing_more(desk: Desk) -> None:
    here, gone = await goes_online(desk, "t1b"), await goes_online(desk, "t1")
    await gone.leaves()
    await desk.owner.execute(
        "UPDATE users SET last_seen_at = now() - interval '5 minutes' WHERE id = $1", desk.workspace.staff["t1"]
    )
    await desk.job("mark_absent")
    await here.hears("presence", lambda data: data == {"user_id": str(gone.id), "status": "offline"})
    await rooms_waiting(desk, 2)
    assert set((await owners(desk)).values()) == {"t1b"}


async def test_the_expected_wait_follows_those_on_duty_and_is_none_while_nobody_is(desk: Desk) -> None:
    rooms = await rooms_waiting(desk, 2)
    room_id, guest = rooms[1]

    async def wait() -> int | None:
        place = await guest.asks("room.request_person", room_id=room_id)
        assert place["queue_position"] == 2
        found: int | None = place["expected_wait_s"]
        return found

    first, second, other = await desk.agent("t1"), await desk.agent("t1b"), await desk.agent("t2")
    await desk.settle()
    assert await wait() is None, "they look, but they take no rooms yet"
    await other.asks("presence.set", status="busy")
    alone = await wait()
    await first.asks("presence.set", status="busy")
    assert (alone, await wait()) == (180, 180)
    await second.asks("presence.set", status="busy")
    assert await wait() == 90
    told = await guest.hears("queue.position", lambda data: data["expected_wait_s"] == 90)
    assert told["queue_position"] == 2
    for agent in (first, second, other):
        await agent.asks("presence.set", status="away")
    guest.forgets()
    await desk.settle()
    assert await wait() is None
