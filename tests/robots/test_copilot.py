"""The copilot proposes replies to the staff, with a model or without."""

import json

from robots.copilot.robot import CopilotRobot
from supportdesk.robots.conformance import check
from supportdesk.robots.contract import Cite, Delta, KitError, Line, Say, Silent, Speaker, Trigger, Whisper
from supportdesk.robots.discovery import Listing
from supportdesk.robots.testing import PracticeKit, passage_of, play
from tests.robots.models import PracticeLlm

REFUNDS = "Refunds take five working days. Gift cards are not refunded."
QUOTED = [Say(delta=REFUNDS), Cite(document_id=passage_of("", REFUNDS).document_id, quote=REFUNDS)]
NOTES = json.dumps({"summary": "Ada waits for a refund.", "next_step": "Look up the order."})


def test_guests_never_see_it() -> None:
    assert CopilotRobot.Settings().visible_to_guest is False
    assert CopilotRobot.hears == {Trigger.SUGGESTION}


async def test_it_drafts_a_reply_with_its_sources() -> None:
    llm = PracticeLlm(Delta(text="In five "), Delta(text="days.", sources=(passage_of("", REFUNDS).id,)))
    events = await play(CopilotRobot, "refund?", kit=PracticeKit([REFUNDS], llm=llm), trigger=Trigger.SUGGESTION)
    assert events == [
        Say(delta="In five days."),
        Cite(document_id=passage_of("", REFUNDS).document_id, quote=REFUNDS),
    ]


async def test_without_a_model_it_proposes_the_best_words_of_a_document() -> None:
    for llm in (None, PracticeLlm(KitError("It has failed.")), PracticeLlm(Delta(text="", hands_over=True))):
        kit = PracticeKit([REFUNDS], llm=llm)
        assert await play(CopilotRobot, "refund?", kit=kit, trigger=Trigger.SUGGESTION) == QUOTED
    [silent] = await play(CopilotRobot, "swallows?", documents=[REFUNDS], trigger=Trigger.SUGGESTION)
    assert isinstance(silent, Silent)


async def test_it_sums_up_and_says_what_to_do_next_when_that_is_wanted() -> None:
    wanted = {"draft": False, "summary": True, "next_step": True}
    told = [Line(speaker=Speaker.GUEST, name="Ada", text="Where is my money?")]
    kit = PracticeKit([REFUNDS], llm=PracticeLlm(facts=NOTES))
    events = await play(CopilotRobot, "refund?", kit=kit, settings=wanted, history=told, trigger=Trigger.SUGGESTION)
    assert events == [Whisper(text="Ada waits for a refund."), Whisper(text="Look up the order.")]
    broken = PracticeKit([REFUNDS], llm=PracticeLlm(facts=""))
    [silent] = await play(CopilotRobot, "refund?", kit=broken, settings=wanted, trigger=Trigger.SUGGESTION)
    assert isinstance(silent, Silent)


async def test_it_conforms() -> None:
    findings = [finding async for finding in check(Listing("copilot", "robots/copilot", CopilotRobot))]
    assert [finding.problem for finding in findings if not finding.holds] == []
