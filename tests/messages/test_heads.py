"""D7: what another process committed reaches the sockets of this one, whether anybody told it or not."""

from uuid import UUID

import pytest

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.db import Connection, Database
from supportdesk.core.events import Bus
from supportdesk.core.sockets import Emitter, Sockets
from supportdesk.messages import heads as heads_module
from supportdesk.messages.heads import COMPARE_S, Heads
from supportdesk.messages.stream import Hydrators, Missed, read_missed
from supportdesk.rooms.model import Room, RoomId
from supportdesk.rooms.queries import find_room
from tests.people import Desk
from tests.streams import head_of, numbers, said, verify_live


async def compares(desk: Desk, *, times: int = 2) -> None:
    """What the sweep does every two seconds."""
    for _ in range(times):
        await desk.resources.get(Heads).compare()
    await desk.settle()


async def room_of(desk: Desk, room_id: str) -> Room:
    """The room as it stands."""
    async with desk.resources.get(Database).read(Actor.system(WorkspaceId(desk.workspace.id))) as conn:
        room = await find_room(conn, UUID(room_id))
    assert room is not None
    return room


def test_it_is_often_enough_for_the_contract() -> None:
    assert COMPARE_S <= 2


async def test_each_side_hears_its_own_stream_of_what_happened_elsewhere(desk: Desk, elsewhere: Desk) -> None:
    guest, agent = await desk.guest(), await elsewhere.agent("t1")
    room_id = await guest.opens()
    await agent.asks("room.claim", room_id=room_id)
    await agent.joins(room_id)
    await agent.says("hello from elsewhere")
    await agent.says("between us", note=True)
    last = await agent.says("and once more")
    await compares(desk)
    await guest.sees("and once more")
    events = await verify_live(guest, room_id, await head_of(desk, guest, room_id))
    assert said(events) == ["hello from elsewhere", "and once more"]
    await guest.says("an answer")
    await compares(elsewhere)
    await agent.sees("an answer")
    assert numbers(agent.events(room_id)) == list(range(last["seq"] - 2, last["seq"] + 2))


async def test_what_was_told_here_is_not_told_again(desk: Desk) -> None:
    guest, agent = await desk.guest(), await desk.agent("t1")
    room_id = await guest.opens()
    await agent.joins(room_id)
    for n in range(3):
        await guest.says(f"message {n}")
        await compares(desk)
    await guest.says("the last")
    await agent.sees("the last")
    heard = numbers(agent.events(room_id))
    assert heard == sorted(set(heard))


async def test_what_is_just_being_told_is_given_until_the_next_time(desk: Desk, elsewhere: Desk) -> None:
    guest, agent = await desk.guest(), await elsewhere.agent("t1")
    room_id = await guest.opens()
    await agent.joins(room_id)
    have = elsewhere.resources.get
    apart = Heads(have(Database), have(Sockets), have(Emitter), have(Bus), have(Hydrators))  # beats with no clock
    apart.joined(await room_of(elsewhere, room_id))
    await guest.says("hello")
    await apart.compare()
    await elsewhere.settle()
    assert agent.events(room_id) == []
    await apart.compare()
    await agent.sees("hello")


async def test_who_joined_earlier_misses_nothing_because_another_joined_later(desk: Desk, elsewhere: Desk) -> None:
    guest, first, second = await desk.guest(), await elsewhere.agent("t1"), await elsewhere.agent("t1b")
    room_id = await guest.opens()
    await first.joins(room_id)
    await guest.says("between the two")
    await second.joins(room_id)
    await compares(elsewhere)
    await first.sees("between the two")


async def test_a_room_that_is_gone_stops_nobody(desk: Desk, elsewhere: Desk) -> None:
    guest, other, agent = await desk.guest(), await desk.guest(), await elsewhere.agent("t1")
    rooms = [await guest.opens(), await other.opens()]
    for room_id in rooms:
        await agent.joins(room_id)
    for who in (guest, other):
        await who.says("hello")
    await compares(elsewhere, times=1)
    await desk.owner.execute("DELETE FROM chat_rooms WHERE id = $1::text::uuid", rooms[0])
    await compares(elsewhere, times=1)
    await agent.hears("room.event", lambda event: event["room_id"] == rooms[1])


async def test_a_room_that_cannot_be_read_keeps_no_other_from_its_news(
    desk: Desk, elsewhere: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest, other, agent = await desk.guest(), await desk.guest(), await elsewhere.agent("t1")
    rooms = [await guest.opens(), await other.opens()]
    for room_id in rooms:
        await agent.joins(room_id)
    read = read_missed

    async def broken(conn: Connection, room_id: RoomId, hydrators: Hydrators, *, after_seq: int) -> Missed:
        if str(room_id) == rooms[0]:
            raise LookupError("an event of a newer desk")
        return await read(conn, room_id, hydrators, after_seq=after_seq)

    monkeypatch.setattr(heads_module, "read_missed", broken)
    for who in (guest, other):
        await who.says("hello")
    heads = elsewhere.resources.get(Heads)
    await heads.compare()
    with pytest.raises(LookupError):
        await heads.compare()
    await agent.hears("room.event", lambda event: event["room_id"] == rooms[1])
