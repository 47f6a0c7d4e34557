"""The assistant asks for tools, people decide, and it goes on: through the runner, with a model over HTTP."""

from robots.assistant.robot import AssistantRobot
from robots.faq.robot import FaqRobot
from supportdesk.llm.engine import Engine
from supportdesk.robots.decided import sweep_untold
from supportdesk.robots.finishing import CHECKING
from supportdesk.rooms import actions as rooms
from supportdesk.rooms.model import OwnerKind
from supportdesk.tools.model import Choice
from tests.llm.servers import Server
from tests.robots.conftest import Staging
from tests.robots.shop import DONE, ISSUE, LOOK, WISH, opened
from tests.tools.calling import calls


async def test_a_look_and_a_voucher_are_approved_one_after_the_other(staged: Staging, model: Server) -> None:
    shop = await opened(staged, model)
    await shop.asks(WISH, {"calls": [LOOK]}, {"calls": [ISSUE]}, {"words": ["Your code is ", "ready."]})
    assert await shop.desk.texts(shop.room) == [WISH, CHECKING]
    assert await shop.outcomes() == [("look_up_order", "pending")], "nothing has run"
    await shop.decides()
    assert "delayed" in shop.heard(1), "the real order"
    assert await shop.outcomes() == [("look_up_order", "completed"), ("issue_voucher", "pending")]
    assert await shop.vouchers() == 0
    await shop.decides()
    code = await shop.desk.owner.fetchval(
        "SELECT code FROM shop_vouchers WHERE workspace_id = $1", shop.desk.workspace_id
    )
    assert code in shop.heard(2)
    assert (await shop.desk.texts(shop.room))[-1] == "Your code is ready."
    assert (await shop.desk.texts(shop.room)).count(CHECKING) == 2
    assert await shop.fates() == ["waiting", "waiting", "posted"]
    assert await shop.vouchers() == 1
    assert await shop.desk.owner_of(shop.room) == "robot"
    turns = await shop.desk.turns(shop.room)
    assert [turn["trigger_kind"] for turn in turns] == ["message", "tool_decided", "tool_decided"]
    assert all(turn["tokens"] == 127 for turn in turns)


async def test_what_is_denied_is_not_done_and_the_model_says_so(staged: Staging, model: Server) -> None:
    shop = await opened(staged, model)
    await shop.asks(WISH, {"calls": [ISSUE]}, {"words": ["A colleague said no."]})
    await shop.decides(Choice.DENY, why="Not late yet.")
    assert "Not late yet." in shop.heard()
    assert (await shop.desk.texts(shop.room))[-1] == "A colleague said no."
    assert (await shop.vouchers(), await shop.outcomes()) == (0, [("issue_voucher", "denied")])


async def test_what_nobody_decides_lapses_and_the_guest_hears_of_it(staged: Staging, model: Server) -> None:
    shop = await opened(staged, model)
    await shop.asks(WISH, {"calls": [ISSUE]}, {"words": ["Nobody could look at it."]})
    await shop.desk.owner.execute(
        "UPDATE tool_executions SET expires_at = now() - interval '1 second' WHERE room_id = $1", shop.room.id
    )
    await shop.desk.executor.sweep(shop.desk.workspace_id)
    await shop.desk.settle()
    assert "Nobody decided in time" in shop.heard()
    assert (await shop.desk.texts(shop.room))[-1] == "Nobody could look at it."
    assert (await shop.vouchers(), await shop.outcomes()) == (0, [("issue_voucher", "cancelled")])


async def test_another_process_goes_on_after_a_restart(staged: Staging, model: Server) -> None:
    shop = await opened(staged, model)
    await shop.asks(WISH, {"calls": [ISSUE]}, {"words": [DONE]})
    shop.desk.runner.stop()
    other = await staged(AssistantRobot, FaqRobot, engine=Engine)
    await shop.decides(desk=other)
    assert (await other.texts(shop.room))[-1] == DONE
    assert (await shop.vouchers(), await shop.fates()) == (1, ["waiting", "posted"])


async def test_two_calls_of_one_answer_are_decided_one_by_one(staged: Staging, model: Server) -> None:
    shop = await opened(staged, model)
    await shop.asks(WISH, {"calls": [LOOK, ISSUE]}, {"words": [DONE]})
    assert len(await shop.pending()) == 2
    await shop.decides()
    assert len(model.asked) == 1, "the other one waits still"
    assert await shop.desk.texts(shop.room) == [WISH, CHECKING]
    assert await shop.desk.owner_of(shop.room) == "robot"
    await shop.decides()
    assert (await shop.desk.texts(shop.room)) == [WISH, CHECKING, DONE]
    assert await shop.vouchers() == 1
    assert await shop.fates() == ["waiting", "waiting", "posted"]


async def test_a_guest_who_writes_on_is_answered_and_then_hears_the_outcome(staged: Staging, model: Server) -> None:
    shop = await opened(staged, model)
    await shop.asks(WISH, {"calls": [ISSUE]})
    await shop.asks("Are you there?", {"words": ["Yes, one moment."]})
    await shop.decides()
    texts = await shop.desk.texts(shop.room)
    assert texts[:4] == [WISH, CHECKING, "Are you there?", "Yes, one moment."]
    assert await shop.vouchers() == 1
    assert len(texts) == 5


async def test_what_waits_is_not_asked_for_twice(staged: Staging, model: Server) -> None:
    shop = await opened(staged, model)
    await shop.asks(WISH, {"calls": [ISSUE]})
    await shop.asks("Where is my voucher?", {"calls": [ISSUE]}, {"words": [DONE]})
    assert len(await calls(shop.desk, shop.room)) == 1
    said = [WISH, CHECKING, "Where is my voucher?", CHECKING]
    assert await shop.desk.texts(shop.room) == said, "whoever asks again is not met with silence"
    await shop.decides()
    assert (await shop.desk.texts(shop.room))[-1] == DONE
    assert await shop.vouchers() == 1
    assert (await shop.desk.texts(shop.room)).count(CHECKING) == 2
    assert await shop.pending() == []


async def test_two_conversations_that_wait_are_both_told(staged: Staging, model: Server) -> None:
    shop = await opened(staged, model)
    await shop.asks(WISH, {"calls": [ISSUE]})
    await shop.asks("And where is it?", {"calls": [LOOK]}, {"words": [DONE]})
    for call in await shop.pending():
        await shop.desk.owner.execute(
            "UPDATE tool_executions SET status = 'denied', decided_by = $2, decision_note = $3, "
            "completed_at = now() - interval '1 minute' WHERE id = $1",
            call["id"],
            shop.clerk.id,
            f"no {call['tool_name']}",
        )
    await sweep_untold(shop.desk.db, shop.desk.host)
    await shop.desk.settle()
    assert "no look_up_order" in shop.heard()
    assert "no issue_voucher" in shop.heard()


async def test_who_takes_over_is_not_talked_over(staged: Staging, model: Server) -> None:
    shop = await opened(staged, model)
    await shop.asks(WISH, {"calls": [ISSUE]}, {"words": ["never said"]})
    clerk = shop.clerk
    assert clerk.id is not None
    async with shop.desk.db.transaction(clerk) as tx:
        assignee = (clerk.id, clerk.name)
        await rooms.set_owner(tx, clerk, shop.room, OwnerKind.HUMAN, assignee=assignee, reason="claimed")
    await shop.decides()
    assert await shop.desk.texts(shop.room) == [WISH, CHECKING]
    assert (await shop.vouchers(), len(model.asked)) == (1, 1)
    assert await shop.desk.owner_of(shop.room) == "human"
