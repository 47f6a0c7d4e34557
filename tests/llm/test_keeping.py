"""Answers are kept for the very same prompt, and not when somebody can be told from it."""

from decimal import Decimal

import pytest
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo

from supportdesk.llm.prompts import Source
from supportdesk.llm.talk import Asked
from tests.llm.scripted import Scripted
from tests.llm.talking import PASSAGE, QUESTION, asking, says, talk, with_provider
from tests.robots.conftest import Staging


async def test_the_same_prompt_is_answered_once_and_a_changed_document_is_another(staged: Staging) -> None:
    engine = Scripted(says("Five days."), per_token=Decimal("0.001"))
    theatre = await staged(engine=lambda: engine)
    await with_provider(theatre)
    for _ in range(3):
        assert (await talk(theatre, asking(sources=[PASSAGE])))[0] == "Five days."
    assert len(engine.asked) == 1
    changed = Source(id=PASSAGE.id, title="Refunds", text="Refunds take six days.")
    await talk(theatre, asking(sources=[changed]))
    assert len(engine.asked) == 2
    row = await theatre.owner.fetchrow(
        "SELECT * FROM ai_cache WHERE workspace_id = $1 ORDER BY hits DESC", theatre.workspace_id
    )
    assert row is not None
    assert (row["hits"], row["prompt_summary"]) == (2, QUESTION)
    await theatre.owner.execute("UPDATE ai_cache SET ttl = now() WHERE workspace_id = $1", theatre.workspace_id)
    await talk(theatre, asking(sources=[PASSAGE]))
    assert len(engine.asked) == 3, "it is kept for a day"


@pytest.mark.parametrize(
    ("text", "names"),
    [("My mail is ada@example.org", ()), ("Order 123-456 is late", ()), ("I am Ada Lovelace", ("Ada Lovelace",))],
)
async def test_answers_to_what_is_personal_are_not_kept(staged: Staging, text: str, names: tuple[str, ...]) -> None:
    engine = Scripted(says("I see."))
    theatre = await staged(engine=lambda: engine)
    await with_provider(theatre)
    for _ in range(2):
        await talk(theatre, asking(Asked(text=text), names=names))
    assert len(engine.asked) == 2


async def test_a_handover_is_not_kept(staged: Staging) -> None:
    def unsure(_messages: list[ModelMessage], info: AgentInfo) -> str:
        return str(info.instructions).partition("write nothing but ")[2].partition(" and")[0]

    engine = Scripted(unsure)
    theatre = await staged(engine=lambda: engine)
    await with_provider(theatre)
    for _ in range(2):
        assert await talk(theatre, asking()) == ("", [], True)
    assert len(engine.asked) == 2
