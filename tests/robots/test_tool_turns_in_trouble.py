"""The assistant between a question and a decision, and what may go wrong there: the guest is told, nothing hangs."""

import asyncio
from decimal import Decimal

import pytest

from supportdesk.llm import actions
from supportdesk.llm.model import Budgets
from supportdesk.robots.actions import stop_turns
from supportdesk.robots.decided import sweep_untold
from supportdesk.robots.finishing import CHECKING, SORRY
from supportdesk.tools.model import ApprovalSettings, Choice
from tests.llm.servers import Json, Server
from tests.robots.conftest import Staging
from tests.robots.shop import DONE, ISSUE, LOOK, WHOSE, WISH, opened
from tests.tools.calling import allows, calls

READS = ApprovalSettings(read_only=True, asks_for_new=False)


async def test_a_budget_that_is_spent_meanwhile_leaves_it_to_a_person(staged: Staging, model: Server) -> None:
    shop = await opened(staged, model)
    await shop.asks(WISH, {"calls": [ISSUE]})
    async with shop.desk.db.transaction(shop.desk.system) as tx:
        await actions.set_budgets(tx, shop.desk.system, Budgets(workspace_daily=Decimal("0.0000001")))
    await shop.desk.owner.execute("UPDATE usage_logs SET cost = 1 WHERE workspace_id = $1", shop.desk.workspace_id)
    await shop.decides()
    assert (await shop.vouchers(), len(model.asked)) == (1, 1)
    assert await shop.desk.texts(shop.room) == [WISH, CHECKING, SORRY]
    assert await shop.fates() == ["waiting", "handed_over"]
    assert await shop.desk.owner_of(shop.room) == "queue"


@pytest.mark.parametrize(
    "trouble", [{"status": 429}, {"status": 500}, {"words": ["Your ", "voucher ", "is"], "breaks": True}]
)
async def test_a_provider_that_fails_after_the_decision_leaves_it_to_a_person(
    staged: Staging, model: Server, trouble: Json
) -> None:
    shop = await opened(staged, model)
    await shop.asks(WISH, {"calls": [ISSUE]}, trouble, {"words": ["never said"]})
    await shop.decides()
    assert (await shop.vouchers(), len(model.asked)) == (1, 2)
    assert await shop.desk.texts(shop.room) == [WISH, CHECKING, SORRY]
    assert (await shop.fates())[-1] == "handed_over"
    assert await shop.desk.owner_of(shop.room) == "queue"


async def test_whoever_stops_it_while_it_goes_on_hears_the_outcome_after_the_next_word(
    staged: Staging, model: Server
) -> None:
    shop = await opened(staged, model)
    gate = asyncio.Event()
    begun = asyncio.Event()
    shop.desk.ears.on_delta = begun.set
    await shop.asks(WISH, {"calls": [ISSUE]}, {"words": ["Your ", "voucher ", "is ", "here "], "pauses": gate})
    async with asyncio.TaskGroup() as both:
        both.create_task(shop.decides())
        await begun.wait()
        async with shop.desk.db.transaction(shop.guest) as tx:
            assert await stop_turns(tx, shop.room, "stopped by the guest") == 1
    await model.closed.wait()
    assert await shop.desk.texts(shop.room) == [WISH, CHECKING]
    assert (await shop.vouchers(), await shop.fates()) == (1, ["waiting", "dropped"])
    gate.set()
    shop.model.answers.clear()
    await shop.asks("And now?", {"words": ["You stopped me."]}, {"words": [DONE]})
    await shop.desk.owner.execute(
        "UPDATE tool_executions SET completed_at = now() - interval '1 minute' WHERE room_id = $1", shop.room.id
    )
    await sweep_untold(shop.desk.db, shop.desk.host)
    await shop.desk.settle()
    assert (await shop.desk.texts(shop.room))[2:] == ["And now?", "You stopped me.", DONE]
    assert await shop.vouchers() == 1


async def test_a_tool_that_fails_is_told_to_the_model(staged: Staging, model: Server) -> None:
    shop = await opened(staged, model)
    wrong = (ISSUE[0], {**ISSUE[1], "email": "other@example.com"})
    await shop.asks(WISH, {"calls": [wrong]}, {"words": ["That is not your order."]})
    await shop.decides()
    assert await shop.outcomes() == [("issue_voucher", "failed")]
    assert "There is no order of this number" in shop.heard()
    assert (await shop.desk.texts(shop.room))[-1] == "That is not your order."


@pytest.mark.parametrize(
    ("call", "heard"),
    [
        (("rob_a_bank", {}), "There is no tool called rob_a_bank"),
        (("issue_voucher", '{"order_number": '), "no JSON object"),
        (("issue_voucher", "[1, 2]"), "no JSON object"),
        (("issue_voucher", WHOSE), "amount"),
        (("issue_voucher", {**WHOSE, "amount": 10, "reason": "a\x00b"}), "no JSON that can be stored"),
        (("issue_voucher", {**ISSUE[1], "amount": 1e9}), "amount"),
        (("issue_voucher", '{"a":' * 2000 + "1" + "}" * 2000), "no JSON object"),
    ],
)
async def test_a_call_that_cannot_be_made_is_told_to_the_model(
    staged: Staging, model: Server, call: tuple[str, Json | str], heard: str
) -> None:
    shop = await opened(staged, model)
    await shop.asks(WISH, {"calls": [call]}, {"words": ["Let me ask you something."]})
    assert heard in shop.heard()
    assert await calls(shop.desk, shop.room) == []
    assert (await shop.desk.texts(shop.room))[-1] == "Let me ask you something."
    assert (await shop.fates())[0] == "posted"


async def test_a_megabyte_of_arguments_is_no_answer(staged: Staging, model: Server) -> None:
    shop = await opened(staged, model, texts=["Refunds take five working days."])
    long = (ISSUE[0], {**ISSUE[1], "reason": "x" * 1_000_000})
    await shop.asks("How long do refunds take?", {"calls": [long]})
    assert await calls(shop.desk, shop.room) == []
    texts = await shop.desk.texts(shop.room)
    assert texts[1:] == ["Refunds take five working days."], "faq has answered instead"
    turn = (await shop.desk.turns(shop.room))[0]
    assert "beyond measure" in turn["response_data"]["reason"]
    assert len(str(turn["observation_data"])) < 50_000


async def test_a_thousand_calls_are_no_answer(staged: Staging, model: Server) -> None:
    shop = await opened(staged, model, texts=["Refunds take five working days."])
    await shop.asks("How long do refunds take?", {"calls": [LOOK] * 1_000})
    assert await calls(shop.desk, shop.room) == []
    assert (await shop.desk.texts(shop.room))[1:] == ["Refunds take five working days."], "faq has answered instead"
    assert "more tools" in (await shop.desk.turns(shop.room))[0]["response_data"]["reason"]


async def test_of_many_calls_eight_are_made_and_each_is_decided(staged: Staging, model: Server) -> None:
    shop = await opened(staged, model)
    await shop.asks(WISH, {"calls": [LOOK] * 60}, {"words": [DONE]})
    assert len(await shop.pending()) == 8
    for _ in range(8):
        await shop.decides(Choice.DENY)
    assert await shop.pending() == []
    assert (await shop.desk.texts(shop.room)) == [WISH, CHECKING, DONE]
    assert "This cannot be called now" in shop.heard()


async def test_a_model_that_only_calls_tools_comes_to_an_end(staged: Staging, model: Server) -> None:
    shop = await opened(staged, model)
    await allows(shop.desk, READS)
    model.words, model.calls = (), [LOOK]
    await shop.asks(WISH)
    assert len(model.asked) == 6
    assert await shop.fates() == ["promoted", "handed_over"]
    assert await shop.desk.owner_of(shop.room) == "queue"
