"""Writes its own answers from the workspace's documents with a language model, and calls tools when it may."""

from collections.abc import AsyncIterator, Sequence
from typing import Final
from uuid import UUID

from pydantic import Field

from supportdesk.robots import contract
from supportdesk.robots.contract import (
    Cite,
    Event,
    HandOff,
    KitError,
    Passage,
    Robot,
    Say,
    Silent,
    Speaker,
    Trigger,
    Turn,
    Waiting,
    Why,
)

LONGEST_QUOTE: Final = 2_000
LONGEST_REASON: Final = 200
INSTRUCTIONS: Final = (
    "You answer customers of a company in a support chat. Be friendly, short and exact; write in the customer's "
    "language, in plain Markdown without headings."
)


class AssistantRobot(Robot):
    """Answers with a language model from the documents and cites them; without a model the next robot answers."""

    name, version = "assistant", "1.0.0"
    display_name = "Assistant"
    hears = frozenset({Trigger.MESSAGE, Trigger.TOOL_DECIDED})

    class Settings(contract.Settings):
        """How it speaks, and what it may use."""

        instructions: str = Field(
            default=INSTRUCTIONS, min_length=1, max_length=8_000, title="Instructions for the model"
        )
        model: str = Field(default="", max_length=100, title="Model (empty: the provider's default)")
        use_tools: bool = Field(default=False, title="May call tools, within the workspace's rules")
        max_tokens: int = Field(default=800, ge=50, le=8_000, title="Longest answer in tokens")
        temperature: float | None = Field(
            default=None,
            ge=0,
            le=2,
            title="Temperature (empty: the model's own)",
            description="0 keeps to the likeliest words, 1 is freer. Some models refuse to be told.",
        )
        search_limit: int = Field(default=5, ge=1, le=20, title="Passages of documents that it reads")
        least_score: float = Field(default=0.05, ge=0, le=1, title="Leave out passages below this score")
        timeout_s: float = Field(default=60, gt=0, le=120, title="Give up after this many seconds")

    settings: Settings

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """Answer word for word with sources, wait for a tool, hand over, or leave it to the next robot."""
        if not await self.kit.llm.ready():
            yield Silent(reason="no language model can be asked")
            return
        passages = await self._passages(turn)
        cited: dict[UUID, Passage] = {}
        said = False
        try:
            async for piece in self.kit.llm.answer(
                self.settings.instructions,
                turn,
                passages=passages,
                tools=self.settings.use_tools,
                model=self.settings.model or None,
                max_tokens=self.settings.max_tokens,
                temperature=self.settings.temperature,
            ):
                if isinstance(piece, Waiting):
                    break
                if piece.hands_over:
                    yield HandOff(reason="the model leaves it to a person", why=Why.OTHER)
                    return
                if piece.text:
                    said = said or bool(piece.text.strip())
                    yield Say(delta=piece.text)
                cited |= {each.document_id: each for each in passages if each.id in piece.sources}
        except KitError as failed:
            if said:
                raise  # half an answer is taken back
            yield Silent(reason=str(failed)[:LONGEST_REASON])
            return
        if not said:
            yield Silent(reason="a tool waits for a person, or the model had nothing to say")
            return
        for passage in cited.values():
            yield Cite(document_id=passage.document_id, quote=await self._quote(turn, passage))

    async def _passages(self, turn: Turn) -> Sequence[Passage]:
        question = turn.text or next(
            (line.text for line in reversed(turn.history) if line.speaker is Speaker.GUEST), ""
        )
        if not question.strip():
            return ()
        found = await self.kit.search(question, limit=self.settings.search_limit)
        return [passage for passage in found if passage.score >= self.settings.least_score]

    async def _quote(self, turn: Turn, passage: Passage) -> str:
        try:
            quote = await self.kit.quote(turn.text, passage)
        except KitError:
            quote = ""  # the answer has been given: its source is shown all the same
        return (quote or passage.text)[:LONGEST_QUOTE]
