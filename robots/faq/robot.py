"""Answers from the workspace's documents, or hands off."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Final

from pydantic import Field

from supportdesk.robots import contract
from supportdesk.robots.contract import Cite, Event, HandOff, Robot, Say, Speaker, Turn, Why

from .phrases import SmallTalk, asks_for_person, small_talk

PIECE: Final = re.compile(r".{1,60}(?:\s+|$)|\s*\S+\s*", re.DOTALL)
"""What is streamed at once: whole words, about half a line."""
LONGEST_QUOTE: Final = 2_000


class FaqRobot(Robot):
    """Answers from the workspace's documents, or hands off."""

    name, version = "faq", "1.0.0"
    display_name = "Assistant"

    class Settings(contract.Settings):
        """When it answers, and its words for what is no question."""

        threshold: float = Field(default=0.65, ge=0, le=1, title="Answer only above this score")
        person_phrases: tuple[str, ...] = Field(
            default=(), max_length=100, title="Other ways to ask for a person, in your guests' language"
        )
        hello: str = Field(default="Hello. What would you like to know?", min_length=1, title="When greeted")
        thanks: str = Field(
            default="You are welcome. Is there anything else I can help you with?", min_length=1, title="When thanked"
        )
        goodbye: str = Field(
            default="Thank you for writing to us. Have a good day.", min_length=1, title="When the guest leaves"
        )
        okay: str = Field(
            default="I am here. Is there anything else you would like to know?",
            min_length=1,
            title="When the guest only agrees",
        )
        who: str = Field(
            default="I am a robot and answer from our help pages. If you would rather talk to a person, just say so.",
            min_length=1,
            title="When asked who it is",
        )

    settings: Settings

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """A kind word, a person, or the words of a document with their source."""
        if any(asks_for_person(text, self.settings.person_phrases) for text in unanswered(turn)):
            yield HandOff(reason="asked for a person", why=Why.GUEST_ASKED)
            return
        if (pleasantry := small_talk(turn.text)) is not None:
            yield Say(delta=self._reply(pleasantry))
            return
        passages = await self.kit.search(turn.text, limit=3)
        if not passages or passages[0].score < self.settings.threshold:
            yield HandOff(reason="not in the documents", why=Why.NOT_IN_DOCUMENTS)
            return
        best = passages[0]
        quote = await self.kit.quote(turn.text, best)
        for piece in pieces(quote):
            yield Say(delta=piece)
        yield Cite(document_id=best.document_id, quote=quote[:LONGEST_QUOTE])

    def _reply(self, pleasantry: SmallTalk) -> str:
        match pleasantry:
            case SmallTalk.WHO:
                return self.settings.who
            case SmallTalk.HELLO:
                return self.settings.hello
            case SmallTalk.THANKS:
                return self.settings.thanks
            case SmallTalk.GOODBYE:
                return self.settings.goodbye
            case SmallTalk.OKAY:
                return self.settings.okay


def unanswered(turn: Turn) -> list[str]:
    """What the guest has written since anybody replied: a wish for a person holds, whatever is written after it."""
    texts = [turn.text]
    for line in reversed(turn.history):
        if line.speaker is not Speaker.GUEST:
            break
        texts.append(line.text)
    return texts


def pieces(text: str) -> Iterator[str]:
    """The text in parts of about 60 characters that end between words; joined they are the text."""
    for found in PIECE.finditer(text):
        yield found[0]
