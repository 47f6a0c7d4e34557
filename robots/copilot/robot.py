"""Helps the staff of a room: a draft of the next reply, what has happened so far, and what to do next."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from pydantic import BaseModel, Field

from supportdesk.robots import contract
from supportdesk.robots.contract import (
    Cite,
    Delta,
    Event,
    KitError,
    Passage,
    Robot,
    Say,
    Silent,
    Speaker,
    Trigger,
    Turn,
    Whisper,
)

LONGEST_QUOTE: Final = 2_000
NAMES: Final = {Speaker.GUEST: "Guest", Speaker.AGENT: "Agent", Speaker.ROBOT: "Robot", Speaker.SYSTEM: "Desk"}
INSTRUCTIONS: Final = (
    "You draft replies for a support agent, who reads and corrects them before the customer sees anything. Write the "
    "reply itself, in the customer's language, friendly, short and exact."
)


class Notes(BaseModel):
    """What an agent who has just come to the conversation needs."""

    summary: str = Field(max_length=1_500, description="What has happened so far, in at most four sentences.")
    next_step: str = Field(max_length=500, description="What the agent should do next, in one sentence.")


class CopilotRobot(Robot):
    """Proposes replies to the staff; guests never see it. Without a model it proposes the best words of a document."""

    name, version = "copilot", "1.0.0"
    display_name = "Copilot"
    hears = frozenset({Trigger.SUGGESTION})

    class Settings(contract.Settings):
        """What it proposes."""

        visible_to_guest: bool = Field(default=False, title="Guests see what it says")
        draft: bool = Field(default=True, title="Draft the next reply")
        summary: bool = Field(default=False, title="Sum up the conversation in a note")
        next_step: bool = Field(default=False, title="Propose the next step in a note")
        instructions: str = Field(
            default=INSTRUCTIONS, min_length=1, max_length=8_000, title="Instructions for the model"
        )
        model: str = Field(default="", max_length=100, title="Model (empty: the provider's default)")
        max_tokens: int = Field(default=400, ge=50, le=4_000, title="Longest draft in tokens")
        temperature: float | None = Field(
            default=None,
            ge=0,
            le=2,
            title="Temperature (empty: the model's own)",
            description="0 keeps to the likeliest words, 1 is freer. Some models refuse to be told.",
        )
        search_limit: int = Field(default=4, ge=1, le=20, title="Passages of documents that it reads")
        threshold: float = Field(default=0.3, ge=0, le=1, title="Quote a document only above this score")
        timeout_s: float = Field(default=60, gt=0, le=120, title="Give up after this many seconds")

    settings: Settings

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """A draft, and notes when they are wanted; silent when there is nothing worth an agent's glance."""
        passages = await self.kit.search(turn.text, limit=self.settings.search_limit) if turn.text.strip() else ()
        has_model = await self.kit.llm.ready()
        proposed = False
        if has_model and (self.settings.summary or self.settings.next_step):
            async for note in self._notes(turn):
                proposed = True
                yield note
        if self.settings.draft:
            draft = await self._draft(turn, passages) if has_model else []
            for event in draft or await self._quoted(turn, passages):
                proposed = True
                yield event
        if not proposed:
            yield Silent(reason="nothing to propose")

    async def _draft(self, turn: Turn, passages: Sequence[Passage]) -> list[Event]:
        """A reply in the model's words with its sources; nothing when the model fails or leaves it to the agent."""
        text, used = "", set()
        try:
            async for piece in self.kit.llm.answer(
                self.settings.instructions,
                turn,
                passages=passages,
                model=self.settings.model or None,
                max_tokens=self.settings.max_tokens,
                temperature=self.settings.temperature,
            ):
                if not isinstance(piece, Delta) or piece.hands_over:
                    return []
                text += piece.text
                used |= set(piece.sources)
        except KitError as failed:
            self.kit.log("draft failed", why=str(failed))
            return []
        if not text.strip():
            return []
        cited = {each.document_id: each for each in passages if each.id in used}
        return [
            Say(delta=text.strip()),
            *(Cite(document_id=each.document_id, quote=each.text[:LONGEST_QUOTE]) for each in cited.values()),
        ]

    async def _quoted(self, turn: Turn, passages: Sequence[Passage]) -> list[Event]:
        """The best words of the best passage, when it is near enough."""
        if not passages or passages[0].score < self.settings.threshold:
            return []
        quote = (await self.kit.quote(turn.text, passages[0]))[:LONGEST_QUOTE]
        return [Say(delta=quote), Cite(document_id=passages[0].document_id, quote=quote)]

    async def _notes(self, turn: Turn) -> AsyncIterator[Event]:
        lines = [f"{NAMES[line.speaker]}: {line.text}" for line in turn.history]
        try:
            notes = await self.kit.llm.extract(
                "Help a support agent who has just come to this conversation.",
                "\n".join([*lines, f"Guest: {turn.text}"]),
                Notes,
                model=self.settings.model or None,
            )
        except KitError as failed:
            self.kit.log("notes failed", why=str(failed))
            return
        if self.settings.summary:
            yield Whisper(text=notes.summary)
        if self.settings.next_step:
            yield Whisper(text=notes.next_step)
