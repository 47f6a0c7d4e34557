"""Asking for tools that a workspace has added."""

from typing import Any

from pydantic import JsonValue

from supportdesk.actor import Actor, ActorKind, UserId, WorkspaceId
from supportdesk.rooms.model import RoomId
from supportdesk.tools.executor import Asker, Executor
from supportdesk.tools.model import Execution
from tests.people import Agent, Desk
from tests.tools.test_edges import waiting

Json = dict[str, Any]


async def asks(desk: Desk, tool: str, /, **args: JsonValue) -> Execution:
    """Ask for a tool as a robot of some room, with everything that is known allowed to run by itself."""
    guest = await desk.guest()
    room = await guest.opens()
    call = await desk.owner.fetchrow(
        "SELECT e.robot_id, e.room_id, e.requested_by FROM tool_executions e WHERE id = $1::text::uuid",
        await waiting(desk, room, robot=f"Till {room}"),
    )
    assert call is not None
    actor = Actor(kind=ActorKind.ROBOT, id=UserId(call["requested_by"]), workspace_id=WorkspaceId(desk.workspace.id))
    asker = Asker(actor=actor, robot_id=call["robot_id"], room_id=RoomId(call["room_id"]))
    return await desk.resources.get(Executor).request(asker, tool, args)


async def described(desk: Desk, call: Execution) -> Json:
    """The call as somebody is shown it who may decide, but not see the page of the tools."""
    t1 = await desk.agent("t1")
    items = (await t1.fetches("GET", f"/api/v1/tool-executions?room_id={call.room_id}"))[1]["items"]
    return next(item for item in items if item["id"] == str(call.id))


async def allows(boss: Agent, *names: str) -> None:
    rules = {name: {"rule": "run"} for name in names}
    status, _ = await boss.fetches("PUT", "/api/v1/tool-approval", {"rules": rules})
    assert status == 200
