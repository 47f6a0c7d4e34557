"""What waits is called off when its room is closed or its robot is stopped: an approval comes too late then."""

import pytest

from supportdesk.errors import Conflict
from supportdesk.robots.actions import stop_turns
from supportdesk.rooms.actions import Closings, close_room
from supportdesk.tools.executor import Asker
from tests.robots.conftest import Staging
from tests.tools.calling import asked, calls, decides
from tests.tools.toys import ARGS, ClerkRobot, Till


async def test_stopping_the_robot_calls_off_what_it_has_asked_for_just_now(staged: Staging) -> None:
    desk = await staged(ClerkRobot, tools=Till().tools())
    _, room = await asked(desk, "refund")
    async with desk.db.transaction(desk.system) as tx:
        assert await stop_turns(tx, room, "stopped by the guest") == 0, "the turn is over: it has asked"
    (call,) = await calls(desk, room)
    assert (call["status"], call["error_message"]) == ("cancelled", "It was stopped by the guest.")
    with pytest.raises(Conflict) as late:
        await decides(desk, call)
    assert late.value.specific_code == "tool_lapsed"
    await desk.settle()
    assert len(await desk.texts(room)) == 2, "whoever has stopped it is not told that it is over"


async def test_stopping_a_robot_leaves_what_an_earlier_message_has_asked_for(staged: Staging) -> None:
    desk = await staged(ClerkRobot, tools=Till().tools())
    guest, room = await asked(desk, "refund")
    await desk.says(guest, room, "Something else.")
    await desk.settle()
    async with desk.db.transaction(desk.system) as tx:
        await stop_turns(tx, room, "stopped by the guest")
    assert [call["status"] for call in await calls(desk, room)] == ["pending"]


async def test_nothing_is_asked_for_in_a_room_that_is_closed(staged: Staging) -> None:
    desk = await staged(ClerkRobot, tools=Till().tools())
    _, room = await asked(desk, "hello")
    async with desk.db.transaction(desk.agent) as tx:
        await close_room(tx, desk.agent, room.id, Closings())
    robot = await desk.owner.fetchval("SELECT id FROM robots WHERE workspace_id = $1", desk.workspace_id)
    asker = Asker(actor=desk.system, robot_id=robot, room_id=room.id)
    with pytest.raises(Conflict) as late:
        await desk.executor.request(asker, "refund", ARGS)
    assert late.value.specific_code == "tool_lapsed"
    assert await calls(desk, room) == []
