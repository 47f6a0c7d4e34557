"""What models may cost a day: by the plan in tokens, by the workspace, its rooms and robots in dollars."""

import asyncio
from decimal import Decimal
from uuid import UUID

import pytest

from supportdesk.core.ids import uuid7
from supportdesk.llm import actions
from supportdesk.llm.faults import ModelUnavailable
from supportdesk.llm.jobs import book_lost_calls
from supportdesk.llm.model import Budgets, Caller, Hold, Usage
from supportdesk.llm.talk import Asked
from tests.llm.scripted import Scripted
from tests.llm.talking import QUESTION, Fallback, Talker, asking, says, talk, usage, with_provider
from tests.robots.conftest import Staging


async def test_without_a_provider_or_a_budget_the_next_robot_answers(staged: Staging) -> None:
    engine = Scripted(says("From the model."), per_token=Decimal("0.001"))
    theatre = await staged(Talker, Fallback, engine=lambda: engine)
    guest = await theatre.guest()
    room = await theatre.opens(guest)
    await theatre.says(guest, room, QUESTION)
    await theatre.settle()
    await with_provider(theatre)
    await theatre.says(guest, room, QUESTION)
    await theatre.settle()
    async with theatre.db.transaction(theatre.system) as tx:
        await actions.set_budgets(tx, theatre.system, Budgets(workspace_daily=Decimal("0.01")))
    await theatre.says(guest, room, QUESTION)
    await theatre.settle()
    answers = [text for text in await theatre.texts(room) if text != QUESTION]
    assert answers == ["From the documents: 25", "From the model.", "From the documents: 25"]
    assert await theatre.owner_of(room) == "robot", "and nobody was troubled"


ROBOT = """
    WITH who AS (
        INSERT INTO users (workspace_id, account_type_informal, current_account_status, username)
        VALUES ($1, 'robot', 'active', $2) RETURNING id
    )
    INSERT INTO robots (workspace_id, user_id, module, version, name) SELECT $1, id, $2, '1', $2 FROM who RETURNING id
"""


@pytest.mark.parametrize("scope", ["workspace_daily", "room_daily", "robot_daily"])
async def test_each_budget_in_dollars_is_of_its_own(staged: Staging, scope: str) -> None:
    theatre = await staged(engine=lambda: Scripted(says("Yes."), per_token=Decimal("0.001")))
    await with_provider(theatre)
    guest = await theatre.guest()
    first, second = await theatre.opens(guest), await theatre.opens(guest)
    robots = [(await theatre.owner.fetchval(ROBOT, theatre.workspace_id, f"r{n}{scope}")) for n in range(2)]
    callers = {
        "workspace_daily": [Caller(workspace_id=theatre.workspace_id)] * 2,
        "room_daily": [Caller(workspace_id=theatre.workspace_id, room_id=room.id) for room in (first, second)],
        "robot_daily": [Caller(workspace_id=theatre.workspace_id, robot_id=robot) for robot in robots],
    }[scope]
    async with theatre.db.transaction(theatre.system) as tx:
        await actions.set_budgets(tx, theatre.system, Budgets(**{scope: Decimal("0.0001")}))
    await talk(theatre, asking(), callers[0])
    with pytest.raises(ModelUnavailable, match="is spent"):
        await talk(theatre, asking(Asked(text="Another")), callers[0])
    assert await theatre.models.ready(callers[1]) is (scope != "workspace_daily")


async def test_a_robot_with_a_smaller_budget_of_its_own_falls_back_while_another_still_asks(staged: Staging) -> None:
    theatre = await staged(engine=lambda: Scripted(says("Yes."), per_token=Decimal("0.001")))
    await with_provider(theatre)
    thrifty, other = [
        Caller(
            workspace_id=theatre.workspace_id,
            robot_id=await theatre.owner.fetchval(ROBOT, theatre.workspace_id, name),
        )
        for name in ("thrifty", "other")
    ]
    assert thrifty.robot_id is not None
    async with theatre.db.transaction(theatre.system) as tx:
        await actions.set_budgets(tx, theatre.system, Budgets(robot_daily=Decimal(1000)))
        await actions.set_robot_budget(tx, thrifty.robot_id, Decimal("0.0001"))
    for caller in (thrifty, other):
        await talk(theatre, asking(), caller)
    with pytest.raises(ModelUnavailable, match="budget of the robot"):
        await talk(theatre, asking(Asked(text="Another")), thrifty)
    assert await theatre.models.ready(other)
    async with theatre.db.transaction(theatre.system) as tx:
        await actions.set_robot_budget(tx, thrifty.robot_id, None)
    assert await theatre.models.ready(thrifty), "with the budget of each robot again"


async def test_two_calls_at_once_cannot_both_spend_the_last_of_a_budget(staged: Staging) -> None:
    theatre = await staged(engine=lambda: Scripted(says("Yes.")))
    await with_provider(theatre)
    await theatre.owner.execute(
        "UPDATE workspaces SET plan_id = (SELECT id FROM plans WHERE name = 'free') WHERE id = $1", theatre.workspace_id
    )
    meter, caller = theatre.models.meter, Caller(workspace_id=theatre.workspace_id)
    most = Usage(input_tokens=50_000, output_tokens=10_000)
    holds = [Hold(id=uuid7(), provider="openai", model="m", most=most, cost=Decimal("0.5")) for _ in range(10)]
    admitted = await asyncio.gather(*(meter.hold(caller, hold) for hold in holds), return_exceptions=True)
    assert admitted.count(None) == 2, "100,000 tokens: two of 60,000 go over by part of one"
    assert sum(isinstance(each, ModelUnavailable) for each in admitted) == 8


async def test_a_call_that_a_crash_left_is_booked_once_as_it_was_held(staged: Staging) -> None:
    theatre = await staged(engine=lambda: Scripted(says("Yes.")))
    await with_provider(theatre)
    room = await theatre.opens(await theatre.guest())
    meter, caller = theatre.models.meter, Caller(workspace_id=theatre.workspace_id, room_id=room.id)
    most = Usage(input_tokens=500, output_tokens=100)
    lost, late = (Hold(id=uuid7(), provider="openai", model="m", most=most, cost=Decimal("0.5")) for _ in range(2))
    for hold in (lost, late):
        await meter.hold(caller, hold)
    assert (await meter.standing(caller)).tokens == 1_200
    await theatre.owner.execute("UPDATE llm_holds SET expires_at = now() WHERE workspace_id = $1", theatre.workspace_id)
    assert (await meter.standing(caller)).tokens == 1_200, "they do not vanish before they are booked"
    await asyncio.gather(*(book_lost_calls(theatre.db) for _ in range(2)))
    await talk(theatre, asking(), Caller(workspace_id=theatre.workspace_id, room_id=room.id))
    await meter.book(caller, late, Usage(input_tokens=500, output_tokens=3), Decimal("0.4"))
    *_, said = rows = await usage(theatre)
    assert {row["id"] for row in rows[:-1]} == {lost.id, late.id}
    for row in rows[:-1]:
        assert (row["input_tokens"], row["output_tokens"], row["cost"]) == (500, 100, Decimal("0.5"))
        assert (row["provider"], row["model"], row["room_id"], row["is_estimate"]) == ("openai", "m", room.id, True)
    assert (await meter.standing(caller)).tokens == 1_200 + said["input_tokens"] + said["output_tokens"]
    assert (
        await theatre.owner.fetchval("SELECT count(*) FROM llm_holds WHERE workspace_id = $1", caller.workspace_id) == 0
    )


async def test_the_next_call_books_what_a_crash_left(staged: Staging) -> None:
    theatre = await staged(engine=lambda: Scripted(says("Yes.")))
    await with_provider(theatre)
    caller = Caller(workspace_id=theatre.workspace_id)
    most = Usage(input_tokens=500, output_tokens=100)
    await theatre.models.meter.hold(caller, Hold(id=uuid7(), provider="openai", model="m", most=most, cost=None))
    await theatre.owner.execute(
        "UPDATE llm_holds SET expires_at = now() - interval '1 second', room_id = $2 WHERE workspace_id = $1",
        theatre.workspace_id,
        UUID(int=1),  # of a room that is gone meanwhile
    )
    await talk(theatre, asking())
    lost, _said = await usage(theatre)
    assert (lost["input_tokens"], lost["output_tokens"], lost["cost"], lost["room_id"]) == (500, 100, None, None)


async def test_the_day_is_the_workspaces_own(staged: Staging) -> None:
    theatre = await staged(engine=lambda: Scripted(says("Yes.")))
    await theatre.owner.execute(
        "UPDATE workspaces SET time_zone = 'Pacific/Kiritimati' WHERE id = $1", theatre.workspace_id
    )
    begins = await theatre.owner.fetchval(
        "SELECT date_trunc('day', now() AT TIME ZONE 'Pacific/Kiritimati') AT TIME ZONE 'Pacific/Kiritimati'"
    )
    for seconds, tokens in ((-1, 5), (0, 7)):
        await theatre.owner.execute(
            "INSERT INTO usage_logs (workspace_id, provider, model, input_tokens, created_at) "
            "VALUES ($1, 'openai', 'm', $2, $3::timestamptz + make_interval(secs => $4))",
            theatre.workspace_id,
            tokens,
            begins,
            seconds,
        )
    assert (await theatre.models.meter.standing(Caller(workspace_id=theatre.workspace_id))).tokens == 7
