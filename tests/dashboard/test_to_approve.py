"""What waits for approval is counted for whoever may decide about it, and listed with the oldest request first."""

from uuid import UUID

from tests.dashboard.test_inbox import names, room, rooms
from tests.people import Desk, later
from tests.tools.test_edges import SHA, waiting

AGED = "UPDATE tool_executions SET approval_requested_at = now() - make_interval(mins => $2) WHERE id = $1"
LAPSED = "UPDATE tool_executions SET expires_at = now() - interval '1 second' WHERE id = $1"
LIST = "?queue=approvals"


async def test_rooms_with_something_to_approve_are_counted_and_listed_the_oldest_request_first(desk: Desk) -> None:
    agent = await desk.agent("t2")
    made = {name: (await room(desk, name))[0] for name in ("newest", "nothing waits", "oldest", "between")}
    for name, minutes in (("newest", 1), ("oldest", 9), ("between", 5)):
        await desk.owner.execute(AGED, UUID(await waiting(desk, made[name], robot=name)), minutes)
    second = await waiting(desk, made["oldest"], robot="second")
    page = await rooms(agent, LIST)
    assert (names(page), page["counts"]["approvals"]) == (["oldest", "between", "newest"], 3)
    assert [line["approvals"] for line in page["items"]] == [2, 1, 1]
    assert second in page["items"][0]["to_decide"]
    assert (await rooms(agent, "?queue=mine"))["counts"]["approvals"] == 3, "whatever list is shown"
    first = await rooms(agent, f"{LIST}&limit=2")
    rest = await rooms(agent, f"{LIST}&limit=2&cursor={first['next_cursor']}")
    assert (names(first), names(rest)) == (["oldest", "between"], ["newest"])


async def test_only_whoever_may_decide_is_told_that_something_waits(desk: Desk) -> None:
    room_id, _ = await room(desk, "for the second level")
    await waiting(desk, room_id, level="T2")
    for role, seen in (("t1", 0), ("t2", 1), ("t3", 1), ("supervisor", 1)):
        agent = await desk.agent(role)
        page = await rooms(agent, LIST)
        assert (len(page["items"]), page["counts"]["approvals"]) == (seen, seen), role
        (line,) = (await rooms(agent, "?queue=all"))["items"]
        assert (line["approvals"], len(line["to_decide"])) == (1, seen), role


async def test_what_is_decided_has_lapsed_or_is_deleted_is_counted_no_more_and_what_is_snoozed_is(desk: Desk) -> None:
    agent = await desk.agent("t2")
    made = [(await room(desk, name))[0] for name in ("decided", "lapsed", "snoozed")]
    calls = [await waiting(desk, room_id, robot=room_id) for room_id in made]
    await agent.asks("tool.decide", tool_execution_id=calls[0], decision="deny", args_sha256=SHA)
    await desk.owner.execute(LAPSED, UUID(calls[1]))
    await agent.asks("room.snooze", room_id=made[2], until=later())
    page = await rooms(agent, LIST)
    assert (names(page), page["counts"]["approvals"]) == (["snoozed"], 1)
    assert (await rooms(agent, f"{LIST}&status=waiting"))["items"] == []
