"""Tools that wait for a person: the conversation with the model goes on later, in whichever process."""

import pytest

from supportdesk.llm.conversing import Conversations
from supportdesk.robots.asked import Role, ToolResult, ToolStatus, Trigger, Turn
from supportdesk.robots.contract import Delta, KitError, Waiting
from supportdesk.robots.kit import TurnKit
from supportdesk.robots.language import TurnLlm
from supportdesk.robots.model import Claim
from supportdesk.robots.queries import turns
from tests.llm.scripted import Scripted, ToolCalls, told
from tests.llm.talking import QUESTION, Shelf, Talker, says, with_provider
from tests.robots.conftest import Staging
from tests.robots.theatre import Theatre


async def asked_by_a_guest(theatre: Theatre) -> Claim:
    """A turn of a robot that waits to be played."""
    guest = await theatre.guest()
    await theatre.says(guest, await theatre.opens(guest), QUESTION)
    async with theatre.db.transaction(theatre.system) as tx:
        [claim] = await turns.claim_turns(tx.conn, "test", 1)
    return claim


async def plays(theatre: Theatre, claim: Claim, shelf: Shelf, turn: Turn) -> list[Delta | Waiting]:
    """What the model comes to in a turn."""
    kit = TurnKit(claim, theatre.shelf, theatre.clock)
    kit.tools = shelf
    llm = TurnLlm(kit, claim, Conversations(theatre.models, theatre.db, theatre.keys))
    return [piece async for piece in llm.answer("Be kind.", turn, tools=True)]


async def test_a_tool_that_waits_ends_the_turn_and_another_process_goes_on(staged: Staging) -> None:
    calls = ToolCalls([("look_up", '{"order": "7"}'), ("refund", '{"order": "7"}'), ("nothing", "{}"), ("refund", "{")])
    engine = Scripted(says(calls, "Your refund is on its way."))
    theatre = await staged(Talker, seats=0, engine=lambda: engine)
    await with_provider(theatre)
    claim, shelf = await asked_by_a_guest(theatre), Shelf()
    [waiting] = await plays(theatre, claim, shelf, Turn(text=QUESTION))
    assert isinstance(waiting, Waiting)
    assert (waiting.result.execution_id, waiting.result.name) == (shelf.ids[0], "refund")
    assert [name for name, _ in shelf.called] == ["look_up", "refund"]

    elsewhere = await staged(Talker, seats=0, engine=lambda: engine)
    undecided = ToolResult(execution_id=shelf.ids[0], name="refund", status=ToolStatus.WAITING)
    still = await plays(elsewhere, claim, shelf, Turn(text="", tool_results=(undecided,)))
    assert still == [Waiting(result=undecided)]
    done = ToolResult(execution_id=shelf.ids[0], name="refund", status=ToolStatus.COMPLETED, result={"paid": True})
    for _attempt in range(2):  # a turn may be played again after a crash
        pieces = await plays(elsewhere, claim, shelf, Turn(text="", trigger=Trigger.TOOL_DECIDED, tool_results=(done,)))
        assert "".join(piece.text for piece in pieces if isinstance(piece, Delta)) == "Your refund is on its way."
    words = told(engine.asked[-1])
    assert '{"paid":true}' in words
    assert '{"order":"lost"}' in words
    assert "There is no tool called nothing" in words
    assert "no JSON object" in words
    assert len(shelf.called) == 2, "nothing was called anew"


async def test_two_conversations_that_are_decided_at_once_are_both_told(staged: Staging) -> None:
    asks = says(ToolCalls([("refund", '{"order": "7"}')]), ToolCalls([("refund", '{"order": "8"}')]), "Both are paid.")
    engine = Scripted(asks)
    theatre = await staged(Talker, seats=0, engine=lambda: engine)
    await with_provider(theatre)
    claim, shelf = await asked_by_a_guest(theatre), Shelf()
    for _turn in range(2):
        [waiting] = await plays(theatre, claim, shelf, Turn(text=QUESTION))
        assert isinstance(waiting, Waiting)
    results = tuple(
        ToolResult(execution_id=one, name="refund", status=ToolStatus.COMPLETED, result={"paid": order})
        for one, order in zip(shelf.ids, ("seven", "eight"), strict=True)
    )
    await plays(theatre, claim, shelf, Turn(text="", trigger=Trigger.TOOL_DECIDED, tool_results=results))
    words = told(engine.asked[-1])
    assert "seven" in words
    assert "eight" in words


@pytest.mark.parametrize(("status", "says_so"), [(ToolStatus.DENIED, "denied"), (ToolStatus.CANCELLED, "in time")])
async def test_a_denied_tool_is_told_to_the_model(staged: Staging, status: ToolStatus, says_so: str) -> None:
    engine = Scripted(says(ToolCalls([("refund", "{}")], text="Let me see. "), "I am sorry."))
    theatre = await staged(Talker, seats=0, engine=lambda: engine)
    await with_provider(theatre)
    claim, shelf = await asked_by_a_guest(theatre), Shelf()
    first = await plays(theatre, claim, shelf, Turn(text=QUESTION))
    assert first[0] == Delta(text="Let me see.")
    no = ToolResult(execution_id=shelf.ids[0], name="refund", status=status)
    await plays(theatre, claim, shelf, Turn(text="", trigger=Trigger.TOOL_DECIDED, tool_results=(no,)))
    assert says_so in told(engine.asked[-1])


async def test_a_model_that_only_calls_tools_is_stopped(staged: Staging) -> None:
    engine = Scripted(says(ToolCalls([("look_up", "{}")] * 1_000)))
    theatre = await staged(Talker, seats=0, engine=lambda: engine)
    await with_provider(theatre)
    claim, shelf = await asked_by_a_guest(theatre), Shelf()
    with pytest.raises(KitError):
        await plays(theatre, claim, shelf, Turn(text=QUESTION))
    assert len(shelf.called) <= 6 * 8


async def test_a_follower_knows_what_the_leader_said(staged: Staging) -> None:
    engine = Scripted(says("And gift cards take ten."))
    theatre = await staged(Talker, seats=0, engine=lambda: engine)
    await with_provider(theatre)
    claim = await asked_by_a_guest(theatre)
    await plays(theatre, claim, Shelf(), Turn(text=QUESTION, role=Role.FOLLOW, lead_text="Five days."))
    assert "Five days." in told(engine.asked[0])
