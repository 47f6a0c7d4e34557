"""Whoever changes a room's state and whoever writes into it never wait for each other in a circle."""

import asyncio
from uuid import UUID

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.db import Database
from supportdesk.escalations import actions, queries
from supportdesk.rooms import access
from tests.people import Desk
from tests.streams import said


async def test_messages_pass_while_waiting_rooms_are_matched_with_people(desk: Desk) -> None:
    guest = await desk.guest()
    await guest.opens()
    agent = await desk.agent("t1")
    other = await desk.guest()
    room_id = await other.opens()
    await agent.asks("room.claim", room_id=room_id)
    system = Actor.system(WorkspaceId(desk.workspace.id))
    await desk.owner.execute("UPDATE users SET current_status = 'online' WHERE id = $1", agent.id)
    async with desk.resources.get(Database).transaction(system) as tx:
        assert await queries.match_waiting(tx.conn, system, 20)
        # Both refer to rows that the matching looked at: were those locked against that too, whoever matches would
        # hold them and wait for the rooms' heads, which the flight of these messages holds.
        async with asyncio.timeout(5):
            await guest.says("said while the room is about to be given away")
            await agent.says("said by somebody who is about to get another room", room_id=room_id)


async def test_a_room_that_somebody_has_in_hand_is_not_waited_for(desk: Desk) -> None:
    guest = await desk.guest()
    room_id = UUID(await guest.opens())
    agent = await desk.agent("t1")
    system, db = Actor.system(WorkspaceId(desk.workspace.id)), desk.resources.get(Database)
    await desk.owner.execute("UPDATE users SET current_status = 'online' WHERE id = $1", agent.id)
    async with db.transaction(system) as claiming:
        await access.room_to_change(claiming, system, room_id)
        async with asyncio.timeout(5), db.transaction(system) as tx:
            assert (await actions.assign_waiting(tx)).given == 0
    async with db.transaction(system) as tx:
        assert (await actions.assign_waiting(tx)).given == 1


async def test_claims_and_messages_at_once_are_all_accepted(desk: Desk) -> None:
    guest = await desk.guest()
    room_id = await guest.opens()
    agent = await desk.agent("t1")

    async def chat() -> None:
        other = await guest.again()
        for number in range(20):
            await other.says(f"message {number}")

    async def pass_on() -> None:
        for _ in range(10):
            await agent.asks("room.claim", room_id=room_id)
            await agent.asks("room.handback", room_id=room_id)

    await asyncio.gather(chat(), chat(), pass_on())
    assert sorted(said(await guest.reads())) == sorted(2 * [f"message {number}" for number in range(20)])
