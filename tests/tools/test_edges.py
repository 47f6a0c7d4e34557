"""Deciding over HTTP and sockets, as the inbox and programs do it."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from supportdesk.tools.model import sealed
from tests.people import Agent, Desk, Guest

ARGS = '{"order": "A-1", "amount": 10}'
SHA = sealed("refund", {"order": "A-1", "amount": 10})


RUNS = """
    UPDATE tool_executions
       SET status = 'executing', approved_at = now(), executed_at = now(), claimed_until = now() + interval '1 minute'
     WHERE id = $1
"""


async def waiting(desk: Desk, room_id: str, **columns: Any) -> str:
    """A call of a tool that waits in a room."""
    robot = await desk.owner.fetchrow(
        "WITH who AS (INSERT INTO users (workspace_id, account_type_informal, current_account_status, username) "
        "VALUES ($1, 'robot', 'active', $2) RETURNING id) "
        "INSERT INTO robots (workspace_id, user_id, module, version, name) "
        "SELECT $1, id, 'till', '1', $3 FROM who RETURNING id, user_id",
        desk.workspace.id,
        f"till-{uuid4().hex}",
        columns.get("robot", "Till"),
    )
    assert robot is not None
    found = await desk.owner.fetchval(
        "INSERT INTO tool_executions (workspace_id, room_id, robot_id, requested_by, tool_name, parameters, "
        "args_sha256, approval_requested_at, expires_at, required_level, routed_level) "
        "VALUES ($1, $2, $3, $4, 'refund', $5, $6, now(), now() + interval '1 hour', $7, $7) RETURNING id",
        desk.workspace.id,
        UUID(room_id),
        robot["id"],
        robot["user_id"],
        ARGS,
        SHA,
        columns.get("level", "T1"),
    )
    return str(found)


@pytest.fixture
async def room(desk: Desk) -> tuple[Guest, str]:
    guest = await desk.guest()
    return guest, await guest.opens()


async def status_of(desk: Desk, call: str) -> str:
    return str(await desk.owner.fetchval("SELECT status FROM tool_executions WHERE id = $1", UUID(call)))


async def test_what_waits_is_listed_with_everything_that_is_needed_to_decide(
    desk: Desk, room: tuple[Guest, str]
) -> None:
    call = await waiting(desk, room[1])
    agent = await desk.agent("t1")
    status, page = await agent.fetches("GET", f"/api/v1/tool-executions?room_id={room[1]}&status=pending")
    assert status == 200
    (item,) = page["items"]
    assert (item["id"], item["tool"], item["args"], item["args_sha256"]) == (
        call,
        "refund",
        {"order": "A-1", "amount": 10},
        SHA,
    )
    assert (item["robot"]["name"], item["status"], item["risk"], item["required_level"]) == (
        "Till",
        "pending",
        "high",
        "T1",
    )
    for query, found in (("waits_for_me=true", 1), ("status=denied", 0), ("tool=other", 0)):
        status, page = await agent.fetches("GET", f"/api/v1/tool-executions?{query}")
        assert (status, len(page["items"])) == (200, found), query
    t2 = await desk.agent("t2")
    assert (await t2.fetches("GET", "/api/v1/tool-executions?waits_for_me=true"))[1]["items"] == []
    lines = (await agent.fetches("GET", "/api/v1/rooms?queue=all"))[1]["items"]
    assert [line["approvals"] for line in lines if line["id"] == room[1]] == [1]


async def test_a_denial_by_http_is_seen_live_by_the_staff_and_by_no_guest(desk: Desk, room: tuple[Guest, str]) -> None:
    guest, room_id = room
    call = await waiting(desk, room_id)
    agent = await desk.agent("t1")
    await agent.joins(room_id)
    path = f"/api/v1/tool-executions/{call}/denial"
    status, denied = await agent.fetches("POST", path, {"args_sha256": SHA, "note": "Not this one."})
    assert (status, denied["status"], denied["decision_note"]) == (200, "denied", "Not this one.")
    assert denied["decided_by"]["id"] == str(agent.id)
    event = await agent.sees_kind("tool.decided")
    assert (event["data"]["execution_id"], event["data"]["decision"]) == (call, "deny")
    assert "args" not in event["data"]
    assert not any(event["kind"].startswith("tool.") for event in guest.events())
    assert not any(event["kind"].startswith("tool.") for event in await guest.reads())
    status, refused = await agent.fetches("POST", path.replace("denial", "approval"), {"args_sha256": SHA})
    assert (status, refused["error"]["code"]) == (409, "already_decided")
    assert refused["error"]["message"] == "T1 Tester has denied this already."


async def test_an_approval_by_socket_runs_it(desk: Desk, room: tuple[Guest, str]) -> None:
    call = await waiting(desk, room[1])
    agent = await desk.agent("t1")
    await agent.joins(room[1])
    ack = await agent.asks("tool.decide", tool_execution_id=call, decision="approve", args_sha256=SHA)
    assert ack["status"] == "approved"
    await agent.sees_kind("tool.completed")
    assert await status_of(desk, call) == "failed", "the workspace has no tool of this name"


async def test_guests_and_tokens_without_the_right_decide_nothing(desk: Desk, room: tuple[Guest, str]) -> None:
    guest, room_id = room
    call = await waiting(desk, room_id)
    for what in ("approval", "denial"):
        status, _ = await guest.fetches("POST", f"/api/v1/tool-executions/{call}/{what}", {"args_sha256": SHA})
        assert status == 403
    assert (await guest.fetches("GET", f"/api/v1/tool-executions?room_id={room_id}"))[0] == 403
    refused = await guest.is_refused("tool.decide", tool_execution_id=call, decision="approve", args_sha256=SHA)
    assert refused in ("unknown_event", "forbidden")
    assert await status_of(desk, call) == "pending"


async def test_a_level_below_the_required_one_is_refused(desk: Desk, room: tuple[Guest, str]) -> None:
    call = await waiting(desk, room[1], level="T3")
    low, high = await desk.agent("t2"), await desk.agent("t3")

    async def approves(who: Agent) -> int:
        return (await who.fetches("POST", f"/api/v1/tool-executions/{call}/approval", {"args_sha256": SHA}))[0]

    assert await approves(low) == 403
    assert await status_of(desk, call) == "pending"
    assert await approves(high) == 200


async def test_an_admin_says_what_runs_by_itself_in_the_workspace_and_in_a_room(
    desk: Desk, room: tuple[Guest, str]
) -> None:
    boss, agent = await desk.agent("admin"), await desk.agent("t1")
    want = {"read_only": True, "rules": {"refund": {"rule": "run", "at_most": {"amount": "10"}}}}
    status, saved = await boss.fetches("PUT", "/api/v1/tool-approval", want)
    assert (status, saved["read_only"], saved["rules"]["refund"]["at_most"]) == (200, True, {"amount": "10"})
    assert (await agent.fetches("PUT", "/api/v1/tool-approval", want))[0] == 403
    path = f"/api/v1/rooms/{room[1]}/tool-approval"
    assert (await agent.fetches("GET", path))[1]["own"] is False
    assert (await boss.fetches("PUT", path, {"low_risk": True}))[1]["own"] is True
    assert (await agent.fetches("GET", path))[1]["read_only"] is False, "a room's settings take the workspace's place"
    assert (await boss.fetches("DELETE", path))[0] == 204
    assert (await agent.fetches("GET", path))[1]["read_only"] is True
    log = (await boss.fetches("GET", "/api/v1/audit-log?limit=5"))[1]["items"]
    assert [line["action"] for line in log].count("tool.approval_changed") == 3


async def test_closing_a_room_calls_off_what_waits_in_it_and_an_approval_comes_too_late(
    desk: Desk, room: tuple[Guest, str]
) -> None:
    _, room_id = room
    call, running = await waiting(desk, room_id), await waiting(desk, room_id, robot="Other")
    await desk.owner.execute(RUNS, UUID(running))
    boss = await desk.agent("supervisor")
    await boss.asks("room.takeover", room_id=room_id)
    await boss.joins(room_id)
    await boss.asks("room.close", room_id=room_id)
    assert (await status_of(desk, call), await status_of(desk, running)) == ("cancelled", "executing")
    event = await boss.sees_kind("tool.decided")
    assert (event["data"]["execution_id"], event["data"]["decision"]) == (call, "withdraw")
    agent = await desk.agent("t2")
    status, refused = await agent.fetches("POST", f"/api/v1/tool-executions/{call}/approval", {"args_sha256": SHA})
    assert (status, refused["error"]["code"]) == (409, "tool_lapsed")
    assert refused["error"]["message"] == "This request is over. The conversation was closed."
    assert await status_of(desk, call) == "cancelled"
    admin = await desk.agent("admin")
    log = (await admin.fetches("GET", "/api/v1/audit-log"))[1]["items"]
    assert "tool.called_off" in [line["action"] for line in log]
