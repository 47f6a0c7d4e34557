"""From a robot's request to its outcome: what runs, what waits, who is told, and that nothing runs twice."""

import asyncio
import json
from uuid import UUID

import pytest
from pydantic import JsonValue

from supportdesk.actor import Actor, ActorKind, Level, UserId
from supportdesk.errors import DeskError
from supportdesk.escalations.actions import claim
from supportdesk.robots.finishing import CHECKING, SORRY
from supportdesk.rooms.model import Room
from supportdesk.tools.actions import LAPSED, save_settings
from supportdesk.tools.declaration import Asking, declare
from supportdesk.tools.model import ApprovalSettings, Choice, Risk, Rule, Verdict, sealed
from tests.robots.conftest import Staging
from tests.robots.strange import EchoRobot
from tests.robots.theatre import Theatre
from tests.tools.calling import allows, asked, calls, decides
from tests.tools.toys import ARGS, BROKEN, CirclingRobot, ClerkRobot, DeafClerkRobot, EventRobot, Refund, Till

READS = ApprovalSettings(read_only=True)


async def kinds(desk: Theatre, room: Room) -> list[tuple[str, bool]]:
    rows = await desk.owner.fetch(
        "SELECT kind, public_seq IS NULL AS hidden FROM room_events WHERE room_id = $1 AND kind LIKE 'tool.%' "
        "ORDER BY seq",
        room.id,
    )
    return [(row["kind"], row["hidden"]) for row in rows]


async def test_what_needs_approval_waits_and_the_guest_is_told_once(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    _guest, room = await asked(desk, "refund x2")
    assert till.paid == []
    assert await desk.texts(room) == ["refund x2", CHECKING]
    waiting = await calls(desk, room)
    assert [call["status"] for call in waiting] == ["pending", "pending"]
    assert waiting[0]["args_sha256"] == sealed("refund", ARGS)
    assert (waiting[0]["required_level"], waiting[0]["risk"], waiting[0]["told_at"]) == ("T1", "high", None)
    assert await desk.owner_of(room) == "robot"
    (turn,) = await desk.turns(room)
    assert turn["response_data"]["fate"] == "waiting"
    assert await kinds(desk, room) == [("tool.requested", True)] * 2


async def test_an_approved_call_runs_and_the_robot_goes_on_with_its_result(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    _guest, room = await asked(desk, "refund")
    (call,) = await calls(desk, room)
    await decides(desk, call)
    assert till.paid == [("A-1", 12.5)]
    assert await desk.texts(room) == ["refund", CHECKING, "refund: refund completed {'paid': 12.5}"]
    (done,) = await calls(desk, room)
    assert (done["status"], done["decided_by"]) == ("completed", desk.agent.id)
    assert done["told_at"] is not None
    assert [turn["trigger_kind"] for turn in await desk.turns(room)] == ["message", "tool_decided"]
    seen = [kind for kind, hidden in await kinds(desk, room) if hidden]
    assert seen == ["tool.requested", "tool.decided", "tool.completed"]
    audit = await desk.owner.fetch(
        "SELECT action FROM audit_log WHERE workspace_id = $1 AND action LIKE 'tool.%' ORDER BY id", desk.workspace_id
    )
    assert [row["action"] for row in audit] == ["tool.requested", "tool.approved"]


async def test_a_denied_call_never_runs_and_the_robot_learns_why(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    _guest, room = await asked(desk, "refund")
    (call,) = await calls(desk, room)
    await decides(desk, call, Choice.DENY, why="too late for that")
    assert till.paid == []
    assert (await desk.texts(room))[-1] == "refund: refund denied A colleague has denied it: too late for that"


async def test_what_nobody_decides_lapses_by_the_clock_of_the_database(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    _guest, room = await asked(desk, "refund")
    (call,) = await calls(desk, room)
    await desk.owner.execute("UPDATE tool_executions SET expires_at = now() WHERE id = $1", call["id"])
    with pytest.raises(DeskError) as refused:
        await decides(desk, call)
    assert refused.value.specific_code == "tool_lapsed", "also before the job has come by"
    await desk.executor.sweep(desk.workspace_id)
    await desk.settle()
    (lapsed,) = await calls(desk, room)
    assert (lapsed["status"], lapsed["error_message"]) == ("cancelled", LAPSED)
    assert (await desk.texts(room))[-1] == f"refund: refund cancelled {LAPSED}"
    with pytest.raises(DeskError):
        await decides(desk, call)
    assert till.paid == []


async def test_a_request_goes_up_level_by_level_while_nobody_decides(staged: Staging) -> None:
    desk = await staged(ClerkRobot, tools=Till().tools())
    _guest, room = await asked(desk, "refund")
    for level in ("T2", "T3", "manager", "manager"):
        await desk.owner.execute("UPDATE tool_executions SET rises_at = now() WHERE rises_at > now()")
        await desk.executor.sweep(desk.workspace_id)
        (call,) = await calls(desk, room)
        assert (call["routed_level"], call["required_level"]) == (level, "T1")
    await decides(desk, call)
    assert (await calls(desk, room))[0]["status"] == "completed", "whoever may decide still may"


@pytest.mark.parametrize("who", ["guest", "robot", "requester", "lower", "stranger", "no_grant", "no_level", "system"])
async def test_nobody_decides_who_may_not(staged: Staging, who: str) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    guest, room = await asked(desk, "refund")
    (call,) = await calls(desk, room)
    fields = {name: getattr(desk.agent, name) for name in Actor.__slots__}
    if who == "lower":
        await desk.owner.execute("UPDATE tool_executions SET required_level = 'T2' WHERE id = $1", call["id"])
    robot_user = call["requested_by"]
    actor = {
        "guest": Actor(kind=ActorKind.GUEST, id=guest.id, workspace_id=desk.workspace_id, grants=desk.agent.grants),
        "robot": Actor(kind=ActorKind.ROBOT, id=robot_user, workspace_id=desk.workspace_id, grants=desk.agent.grants),
        "requester": Actor(**fields | {"id": UserId(robot_user)}),
        "lower": desk.agent,
        "stranger": Actor(**fields | {"workspace_id": UUID(int=7)}),
        "no_grant": Actor(**fields | {"grants": frozenset({"chat:room:read", "chat:tool:read"})}),
        "no_level": Actor(**fields | {"level": None}),
        "system": desk.system,
    }[who]
    with pytest.raises(DeskError) as refused:
        await decides(desk, call, actor=actor)
    assert refused.value.status in (403, 404)
    assert (await calls(desk, room))[0]["status"] == "pending"
    assert till.paid == []


async def test_an_approval_is_bound_to_the_arguments_and_serves_once(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    _guest, room = await asked(desk, "refund")
    (call,) = await calls(desk, room)
    for forged in (sealed("refund", ARGS | {"amount": 999}), sealed("look", ARGS), "0" * 64):
        with pytest.raises(DeskError) as refused:
            await decides(desk, call, args_sha256=forged)
        assert refused.value.specific_code == "args_changed"
    await decides(desk, call)
    with pytest.raises(DeskError) as refused:
        await decides(desk, call, Choice.DENY)
    assert refused.value.specific_code == "already_decided"
    assert "T1 Tester has approved this already" in refused.value.sentence
    assert refused.value.details["winner"] == {"id": str(desk.agent.id), "name": "T1 Tester"}
    assert till.paid == [("A-1", 12.5)]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_arguments_that_were_edited_in_the_database_never_run(staged: Staging, when: str) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    _guest, room = await asked(desk, "refund")
    (call,) = await calls(desk, room)
    edit = """UPDATE tool_executions SET parameters = '{"order": "A-1", "amount": 999}' WHERE id = $1"""
    if when == "before":
        await desk.owner.execute(edit, call["id"])
        with pytest.raises(DeskError):
            await decides(desk, call)
    else:
        await desk.owner.execute(
            "UPDATE tool_executions SET status = 'approved', approved_at = now() - interval '1 minute' WHERE id = $1",
            call["id"],
        )
        await desk.owner.execute(edit, call["id"])
        await desk.executor.sweep(desk.workspace_id)
        assert (await calls(desk, room))[0]["status"] == "failed"
    assert till.paid == []


async def test_of_two_who_decide_at_once_one_does_and_the_other_is_told_who(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    _guest, room = await asked(desk, "refund")
    (call,) = await calls(desk, room)
    other = Actor(
        kind=ActorKind.AGENT,
        id=UserId(desk.workspace.staff["t2"]),
        workspace_id=desk.workspace_id,
        name="T2 Tester",
        level=Level.T2,
        grants=desk.agent.grants,
    )
    done = await asyncio.gather(decides(desk, call), decides(desk, call, Choice.DENY, other), return_exceptions=True)
    refusals = [one for one in done if isinstance(one, DeskError)]
    assert len(refusals) == 1
    assert refusals[0].specific_code == "already_decided"
    assert len(till.paid) == (1 if "T1" in refusals[0].sentence else 0)


async def test_reading_runs_by_itself_once_that_is_allowed(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    await allows(desk, READS)
    _guest, room = await asked(desk, "look")
    assert await desk.texts(room) == ["look", "look completed {'order': 'A-1', 'looked': 1}"]
    (call,) = await calls(desk, room)
    assert (call["status"], call["decided_by"], call["why"]) == ("completed", None, "reading runs by itself")
    assert await kinds(desk, room) == [("tool.completed", True)]


async def test_the_hours_budget_holds_also_when_calls_come_at_once(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    await allows(desk, READS)  # 1.00 for a tool in an hour, and a call costs 0.60
    guests = [await desk.guest() for _ in range(3)]
    rooms = [await desk.opens(guest) for guest in guests]
    await asyncio.gather(*(desk.says(guest, room, "dear") for guest, room in zip(guests, rooms, strict=True)))
    await desk.settle()
    made = [call for room in rooms for call in await calls(desk, room)]
    assert sorted(call["status"] for call in made) == ["completed", "pending", "pending"]
    assert {call["why"] for call in made if call["status"] == "pending"} == {"the hour's budget is spent"}


async def test_a_denied_tool_is_not_offered_and_does_not_run(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    await allows(desk, ApprovalSettings(rules={"refund": Rule(Verdict.DENY)}))
    _guest, room = await asked(desk, "refund")
    assert (await desk.texts(room))[-1].startswith("refund denied The tool refund is switched off")
    assert "refund" not in {tool.name for tool in await desk.executor.tools_in(desk.workspace_id, room.id)}
    assert till.paid == []
    (call,) = await calls(desk, room)
    assert call["completed_at"] is not None


async def test_what_is_denied_after_it_was_asked_for_does_not_run_when_it_is_approved(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    _guest, room = await asked(desk, "refund")
    await allows(desk, ApprovalSettings(rules={"refund": Rule(Verdict.DENY)}))
    (call,) = await calls(desk, room)
    await decides(desk, call)
    assert till.paid == []
    assert (await desk.texts(room))[-1].endswith("The tool was switched off before it ran; nothing was done.")


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ({"id": 1234567890123456789}, {"id": 1234567890123456789}),
        ({"id": 2**70, "text": "a\x00b"}, {"id": hex(2**70), "text": "a\ufffdb"}),
        ({"share": float("nan")}, {"share": "nan"}),
    ],
)
async def test_the_answer_of_a_tool_that_has_run_is_kept_as_far_as_it_can_be(
    staged: Staging, answer: JsonValue, kept: JsonValue
) -> None:
    async def tells(_asking: Asking, _want: Refund) -> JsonValue:
        return answer

    desk = await staged(ClerkRobot, tools=[declare("look", "Looks.", Refund, tells, risk=Risk.READ)])
    await allows(desk, READS)
    _guest, room = await asked(desk, "look")
    (call,) = await calls(desk, room)
    assert (call["status"], json.loads(call["result"])) == ("completed", kept)


async def test_a_rooms_own_settings_take_the_place_of_the_workspaces(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    guest = await desk.guest()
    room = await desk.opens(guest)
    await allows(desk, READS)
    async with desk.db.transaction(desk.system) as tx:
        await save_settings(tx, room.id, ApprovalSettings(rules={"refund": Rule(Verdict.RUN)}))
    await desk.says(guest, room, "look")
    await desk.settle()
    assert (await calls(desk, room))[0]["status"] == "pending"
    await desk.says(guest, room, "refund")
    await desk.settle()
    assert till.paid == [("A-1", 12.5)]


@pytest.mark.parametrize("text", ["unknown", "look x1000"])
async def test_what_cannot_be_called_is_refused_in_a_sentence_and_on_record(staged: Staging, text: str) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    await allows(desk, READS)
    _guest, room = await asked(desk, text)
    answer = (await desk.texts(room))[-1]
    (turn,) = await desk.turns(room)
    if text == "unknown":
        assert answer == "refused: tool failed: There is no tool called unknown in this workspace."
        assert turn["observation_data"]["calls"][0]["error"] == "There is no tool called unknown in this workspace."
    else:
        assert answer == "refused: A turn may call 20 tools; this robot wants more."
        assert till.looked == 20


async def test_an_event_asks_like_the_kit_and_its_result_comes_in_another_turn(staged: Staging) -> None:
    till = Till()
    desk = await staged(EventRobot, tools=till.tools())
    await allows(desk, READS)
    _guest, room = await asked(desk, "look")
    assert await desk.texts(room) == ["look", "look: look completed {'order': 'A-1', 'looked': 1}"]
    _guest, room = await asked(desk, "refund")
    assert await desk.texts(room) == ["refund", CHECKING]
    (call,) = await calls(desk, room)
    await decides(desk, call)
    assert (await desk.texts(room))[-1] == "refund: refund completed {'paid': 12.5}"


async def test_an_event_that_names_no_tool_leads_to_a_person(staged: Staging) -> None:
    desk = await staged(EventRobot, tools=Till().tools())
    _guest, room = await asked(desk, "unknown")
    assert (await desk.texts(room))[-1] == SORRY
    (turn,) = await desk.turns(room)
    assert "no tool called unknown" in turn["observation_data"]["calls"][0]["error"]


async def test_a_robot_that_asks_in_a_circle_ends_with_a_person(staged: Staging) -> None:
    desk = await staged(CirclingRobot, tools=Till().tools())
    await allows(desk, READS)
    _guest, room = await asked(desk, "go")
    assert await desk.handed_over(room) == [("system", "tool_decided")]
    assert len(await desk.turns(room)) == 9


async def test_a_robot_that_hears_of_no_decisions_leaves_it_to_a_person(staged: Staging) -> None:
    till = Till()
    desk = await staged(DeafClerkRobot, tools=till.tools())
    _guest, room = await asked(desk, "refund")
    (call,) = await calls(desk, room)
    await decides(desk, call)
    assert len(till.paid) == 1
    assert await desk.handed_over(room) == [("system", "tool_decided")]


async def test_once_a_person_has_the_room_no_robot_speaks_but_the_result_is_kept(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    _guest, room = await asked(desk, "refund")
    (call,) = await calls(desk, room)
    async with desk.db.transaction(desk.agent) as tx:
        await claim(tx, desk.agent, room.id)
    await desk.settle()
    await decides(desk, call)
    assert len(till.paid) == 1
    assert await desk.texts(room) == ["refund", CHECKING]
    assert [turn["trigger_kind"] for turn in await desk.turns(room)] == ["message"]
    assert (await calls(desk, room))[0]["status"] == "completed"


async def test_a_guest_who_writes_on_still_gets_the_result(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, EchoRobot, tools=till.tools())
    guest, room = await asked(desk, "refund")
    (call,) = await calls(desk, room)
    await desk.says(guest, room, "unknown")
    await desk.settle()
    await decides(desk, call)
    texts = await desk.texts(room)
    assert texts.count("refund: refund completed {'paid': 12.5}") == 1


async def test_a_tool_that_breaks_or_refuses_says_so(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    await allows(desk, READS)
    till.broken = BROKEN
    _guest, room = await asked(desk, "look")
    assert (await desk.texts(room))[-1] == "look failed The till did not answer."
    till.broken = ZeroDivisionError("secret words of a library")
    _guest, room = await asked(desk, "look")
    assert (await desk.texts(room))[-1] == "look failed The tool broke: ZeroDivisionError."


async def test_a_tool_that_takes_too_long_may_have_run(staged: Staging) -> None:
    till = Till()
    till.door = asyncio.Event()
    desk = await staged(ClerkRobot, tools=till.tools(timeout_s=0.05))
    _guest, room = await asked(desk, "refund")
    await decides(desk, (await calls(desk, room))[0])
    (call,) = await calls(desk, room)
    assert call["status"] == "failed"
    assert call["error_message"] == "The tool had no answer within 0.05 seconds; it may have run."
