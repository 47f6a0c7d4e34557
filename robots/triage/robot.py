"""Says what a conversation is about, in which language and how urgent; guests never hear it."""

import re
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from supportdesk.robots import contract
from supportdesk.robots.contract import Classify, Event, KitError, Robot, Silent, Trigger, Turn

from .languages import language_of

READ: Final = 1_000
"""Characters that are looked at: who writes more has said before what it is about."""

Phrase = Annotated[str, Field(min_length=1, max_length=300)]
Skill = Annotated[str, Field(min_length=1, max_length=50)]
Priority = Annotated[int, Field(ge=1, le=5)]


class IntentSetting(BaseModel):
    """Something that guests write about, by examples of how they do."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=100, title="Name")
    phrases: tuple[Phrase, ...] = Field(min_length=1, max_length=100, title="What guests write, one phrase a line")
    priority: Priority | None = Field(default=None, title="Priority, 1 is the most urgent (empty: left as it is)")
    skills: tuple[Skill, ...] = Field(default=(), max_length=10, title="Skills it needs")


class TriageRobot(Robot):
    """Sorts conversations for the staff: intent, language, priority and skills."""

    name, version = "triage", "1.0.0"
    display_name = "Triage"
    hears = frozenset({Trigger.SUGGESTION})

    class Settings(contract.Settings):
        """The intents, and the words that make a conversation urgent."""

        visible_to_guest: bool = Field(default=False, title="Guests see what it says")
        intents: tuple[IntentSetting, ...] = Field(default=(), max_length=100, title="Intents")
        certainty: float = Field(default=0.6, ge=0, le=1, title="Name an intent only above this chance")
        urgent_words: tuple[Phrase, ...] = Field(
            default=("urgent", "urgently", "emergency", "immediately", "asap", "fraud", "hacked", "stolen"),
            max_length=200,
            title="Words that make it urgent",
        )
        urgent_priority: Priority = Field(default=1, title="Priority of what is urgent, 1 is the most urgent")
        title_by_intent: bool = Field(default=False, title="Name the conversation after its intent")
        detect_language: bool = Field(default=True, title="Say which language the guest writes")

    settings: Settings

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """What the message tells of the conversation, as one event; silent when it tells nothing."""
        text = turn.text[:READ]
        intent = await self._intent_of(text)
        language = await self._language_of(text)
        found = Classify(
            intent=intent.name if intent else None,
            language=language,
            priority=self._priority_of(text, intent),
            skills=intent.skills if intent else (),
            title=intent.name if intent and self.settings.title_by_intent else None,
        )
        yield Silent(reason="nothing to go by") if found == Classify() else found

    async def _intent_of(self, text: str) -> IntentSetting | None:
        known = {intent.name: intent for intent in self.settings.intents}
        if not known:
            return None
        try:
            told = await self.kit.intent_of(text, {name: intent.phrases for name, intent in known.items()})
        except KitError:  # it is on record; language and urgency can still be told
            return None
        return known[told.name] if told is not None and told.chance >= self.settings.certainty else None

    async def _language_of(self, text: str) -> str | None:
        if not self.settings.detect_language:
            return None
        try:
            return await self.kit.blocking(language_of, text)
        except KitError:  # as above
            return None

    def _priority_of(self, text: str, intent: IntentSetting | None) -> int | None:
        """The most urgent of what the words and the intent say."""
        said = [self.settings.urgent_priority] if holds_any(text, self.settings.urgent_words) else []
        said += [intent.priority] if intent is not None and intent.priority is not None else []
        return min(said, default=None)


def holds_any(text: str, phrases: Sequence[str]) -> bool:
    """Whether one of the phrases stands in the text, as whole words, however it is spelt in capitals."""
    told = f" {_plain(text)} "
    return any(f" {plain} " in told for plain in map(_plain, phrases) if plain)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
