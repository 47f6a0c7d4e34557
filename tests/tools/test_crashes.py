"""A process dies while a tool is asked for, runs, or was told of: what may not run twice does not, nothing is lost."""

import asyncio
from typing import Any

import pytest

from supportdesk.errors import Conflict
from supportdesk.robots.decided import sweep_untold
from supportdesk.robots.finishing import CHECKING
from supportdesk.rooms.model import Room
from supportdesk.tools.actions import MAY_HAVE_RUN, WITHDRAWN
from supportdesk.tools.model import ApprovalSettings, Rule, Verdict
from supportdesk.tools.queries import executions as queries
from tests.robots.conftest import Staging
from tests.robots.theatre import Theatre
from tests.tools.calling import allows, asked, calls, decides
from tests.tools.toys import ARGS, ClerkRobot, Till


async def left_executing(desk: Theatre, room: Room) -> dict[str, Any]:
    """The room's call, as a process left it that died while it ran."""
    (call,) = await calls(desk, room)
    await desk.owner.execute(
        "UPDATE tool_executions SET status = 'executing', approved_at = now(), executed_at = now(), attempt = 1, "
        "decided_by = $2, claimed_until = now() - interval '1 second' WHERE id = $1",
        call["id"],
        desk.agent.id,
    )
    return call


async def test_after_a_crash_what_may_not_run_twice_does_not(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    _guest, room = await asked(desk, "refund")
    await left_executing(desk, room)
    await desk.executor.sweep(desk.workspace_id)
    await desk.settle()
    assert till.paid == []
    (call,) = await calls(desk, room)
    assert (call["status"], call["error_message"]) == ("failed", MAY_HAVE_RUN)
    assert (await desk.texts(room))[-1] == f"refund: refund failed {MAY_HAVE_RUN}"


async def test_after_a_crash_what_may_run_twice_is_run_again(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    _guest, room = await asked(desk, "look")
    await left_executing(desk, room)
    await asyncio.gather(*(desk.executor.sweep(desk.workspace_id) for _ in range(3)))
    await desk.settle()
    assert till.looked == 1
    assert (await desk.texts(room))[-1] == "look: look completed {'order': 'A-1', 'looked': 1}"


async def test_what_was_approved_before_a_crash_runs_once(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    _guest, room = await asked(desk, "refund")
    (call,) = await calls(desk, room)
    await desk.owner.execute(
        "UPDATE tool_executions SET status = 'approved', approved_at = now() - interval '1 minute', decided_by = $2 "
        "WHERE id = $1",
        call["id"],
        desk.agent.id,
    )
    async with desk.db.bare() as conn:
        assert desk.workspace_id in await queries.due_workspaces(conn)
    await asyncio.gather(*(desk.executor.sweep(desk.workspace_id) for _ in range(3)))
    await desk.settle()
    assert till.paid == [("A-1", 12.5)]
    assert (await desk.texts(room))[-1] == "refund: refund completed {'paid': 12.5}"


async def test_a_turn_that_is_played_again_does_not_ask_or_pay_again(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    await allows(desk, ApprovalSettings(rules={"refund": Rule(Verdict.RUN)}))
    _guest, room = await asked(desk, "refund")
    (turn,) = await desk.turns(room)
    await desk.forget(turn["id"])
    await desk.runner.sweep()
    await desk.settle()
    assert till.paid == [("A-1", 12.5)]
    assert len(await calls(desk, room)) == 1


async def test_what_is_asked_for_otherwise_in_the_second_attempt_takes_the_place_of_the_first(
    staged: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    _guest, room = await asked(desk, "refund")
    (turn,) = await desk.turns(room)
    await desk.forget(turn["id"])
    monkeypatch.setitem(ARGS, "amount", 13)
    await desk.runner.sweep()
    await desk.settle()
    first, second = await calls(desk, room)
    assert (first["status"], first["error_message"]) == ("cancelled", WITHDRAWN)
    assert second["status"] == "pending"
    told = await desk.owner.fetchval(
        "SELECT data ->> 'decision' FROM room_events WHERE room_id = $1 AND kind = 'tool.decided'", room.id
    )
    assert told == "withdraw"
    with pytest.raises(Conflict, match="interrupted"):
        await decides(desk, first)
    await decides(desk, second)
    assert till.paid == [("A-1", 13)]
    assert len(await desk.turns(room)) == 2, "of what was withdrawn nobody is told"


async def test_who_is_told_nothing_by_a_crash_is_told_by_the_sweep(staged: Staging) -> None:
    till = Till()
    desk = await staged(ClerkRobot, tools=till.tools())
    _guest, room = await asked(desk, "refund")
    (call,) = await calls(desk, room)
    await desk.owner.execute(
        "UPDATE tool_executions SET status = 'denied', completed_at = now() - interval '1 minute' WHERE id = $1",
        call["id"],
    )
    await sweep_untold(desk.db, desk.host)
    await sweep_untold(desk.db, desk.host)
    await desk.settle()
    assert (await desk.texts(room))[1:] == [CHECKING, "refund: refund denied"]
