"""Answers from the workspace's documents, asks back once when unsure, or hands off."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

from pydantic import Field

from supportdesk.robots import contract
from supportdesk.robots.contract import (
    Cite,
    Event,
    HandOff,
    Passage,
    QuickReplies,
    Robot,
    Role,
    Say,
    Silent,
    Speaker,
    Turn,
    Why,
    asks_for_person,
    declines_person,
)

from .phrases import SmallTalk, small_talk
from .questions import carried_on, is_asked, is_noise, is_one_word, names_in, questions_of, telling

PIECE: Final = re.compile(r".{1,60}(?:\s+|$)|\s*\S+\s*", re.DOTALL)
"""What is streamed at once: whole words, about half a line."""
LONGEST_QUOTE: Final = 2_000
LONGEST_REMARK: Final = 280
"""Characters of what is said after another robot's answer; the host cuts off the rest."""
SENTENCE_END: Final = re.compile(r"[.!?…](?=\s)")
FOUND: Final = 8
"""Passages that are looked at: enough for three articles."""
MOST_OFFERED: Final = 3
LONGEST_OFFER: Final = 80
LOOKED_BACK: Final = 12
"""Lines of the conversation in which the subject of a question that goes on is looked for."""
STEM: Final = 5
"""Letters that words of one stem begin with alike."""
NEAR: Final = 0.4
"""The part of the threshold from which on an article is near enough to be offered."""
UNKNOWN: Final = HandOff(reason="not in the documents", why=Why.NOT_IN_DOCUMENTS)


class FaqRobot(Robot):
    """Answers from the workspace's documents, or hands off."""

    name, version = "faq", "1.0.0"
    display_name = "Assistant"

    class Settings(contract.Settings):
        """When it answers, and its words for what is no question."""

        threshold: float = Field(default=0.6, ge=0, le=1, title="Answer only above this score")
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
        did_you_mean: str = Field(
            default="I am not sure what you would like to know. Did you mean one of these?",
            min_length=1,
            title="When unsure, above the titles of near articles",
        )
        in_other_words: str = Field(
            default="I did not understand that. Could you tell me in a whole sentence what you would like to know?",
            min_length=1,
            title="When a message says nothing",
        )
        person: str = Field(
            default="I want to talk to a person",
            max_length=LONGEST_OFFER,
            title="Offered below the titles (empty: not offered)",
        )

    settings: Settings

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """A kind word, a person, or the words of a document with their source."""
        if turn.role is Role.FOLLOW:
            async for event in self._remarks(turn):
                yield event
            return
        if any(
            asks_for_person(text, (*self.settings.person_phrases, self.settings.person)) for text in unanswered(turn)
        ):
            yield HandOff(reason="asked for a person", why=Why.GUEST_ASKED)
            return
        if (pleasantry := small_talk(turn.text)) is not None:
            yield Say(delta=self._reply(pleasantry))
            return
        if declines_person(turn.text):
            yield Say(delta=self.settings.okay)
            return
        if is_noise(turn.text):
            yield UNKNOWN if self._has_asked_back(turn) else Say(delta=self.settings.in_other_words)
            return
        found = await self._search(turn)
        if self._is_certain(found) and not self._is_vague(turn, found):
            async for event in self._answers(found):
                yield event
            return
        async for event in self._unsure(turn, next(iter(found.values()), ())):
            yield event

    async def _remarks(self, turn: Turn) -> AsyncIterator[Event]:
        """After another robot's answer: what the documents say for sure, and neither questions nor kind words."""
        found = {} if small_talk(turn.text) or is_noise(turn.text) else await self._search(turn)
        if not found or not self._is_certain(found):
            yield Silent(reason="nothing to add")
            return
        left = LONGEST_REMARK
        for question, passages in found.items():
            quote = whole_sentences(await self.kit.quote(question, passages[0]), left)
            if not quote:
                continue
            yield Cite(document_id=passages[0].document_id, quote=quote)
            yield Say(delta=f" {quote}" if left < LONGEST_REMARK else quote)
            left -= len(quote) + 1
        if left == LONGEST_REMARK:
            yield Silent(reason="what there is to add is too long for a remark")

    async def _search(self, turn: Turn) -> dict[str, Sequence[Passage]]:
        """What was found for each question of the message; for the message, when one of them finds too little.

        What sounds like the rest of an earlier question is asked with that one's subject, too; the nearer one counts.
        """
        asked = questions_of(turn.text)
        if len(asked) > 1:
            found = {question: await self.kit.search(question, limit=FOUND) for question in asked}
            if all(self._is_sure(passages) for passages in found.values()):
                return found
        whole, own = carried_on(turn.text, subject_of(turn)), telling(turn.text)
        if whole is not None and not own:
            return {whole: await self.kit.search(whole, limit=FOUND)}
        alone = await self.kit.search(turn.text, limit=FOUND)
        if whole is not None:
            together = await self.kit.search(whole, limit=FOUND)
            if speaks_of(together, own) and (not alone or together[0].score > alone[0].score):
                return {whole: together}
        return {turn.text: alone}

    def _is_vague(self, turn: Turn, found: dict[str, Sequence[Passage]]) -> bool:
        """Whether the message is a single word that stands in several articles, and nothing was asked back yet."""
        if not is_one_word(turn.text) or self._has_asked_back(turn):
            return False
        return len(self._offers([passage for passages in found.values() for passage in passages])) > 1

    def _is_sure(self, passages: Sequence[Passage]) -> bool:
        return bool(passages) and passages[0].score >= self.settings.threshold

    def _is_certain(self, found: dict[str, Sequence[Passage]]) -> bool:
        return all(self._is_sure(passages) and knows_names(asked, passages) for asked, passages in found.items())

    async def _answers(self, found: dict[str, Sequence[Passage]]) -> AsyncIterator[Event]:
        """One quotation after the other, each with its source; what was quoted already is not quoted again."""
        said: list[str] = []
        for question, passages in found.items():
            quote = await self.kit.quote(question, passages[0])
            if quote in said:
                continue
            for piece in pieces(f"\n\n{quote}" if said else quote):
                yield Say(delta=piece)
            yield Cite(document_id=passages[0].document_id, quote=quote[:LONGEST_QUOTE])
            said.append(quote)

    async def _unsure(self, turn: Turn, passages: Sequence[Passage]) -> AsyncIterator[Event]:
        """Ask back with the titles of near articles, or for a whole sentence; but once, and then a person helps."""
        if self._has_asked_back(turn):
            yield UNKNOWN
        elif offers := self._offers(passages):
            yield Say(delta=self.settings.did_you_mean)
            yield QuickReplies(options=(*offers, *filter(None, [self.settings.person])))
        elif is_one_word(turn.text):
            yield Say(delta=self.settings.in_other_words)
        else:
            yield UNKNOWN

    def _offers(self, passages: Sequence[Passage]) -> list[str]:
        """The titles of the nearest articles, best first."""
        near = [passage.title for passage in passages if passage.score >= NEAR * self.settings.threshold]
        titles = [title for title in dict.fromkeys(near) if title]
        return [title if len(title) <= LONGEST_OFFER else f"{title[: LONGEST_OFFER - 1]}…" for title in titles][
            :MOST_OFFERED
        ]

    def _has_asked_back(self, turn: Turn) -> bool:
        questions = (self.settings.did_you_mean, self.settings.in_other_words)
        return any(line.speaker is Speaker.ROBOT and line.text in questions for line in turn.history)

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


def subject_of(turn: Turn) -> str:
    """What the guest has asked about since a colleague's last word, the latest above all; empty for nothing."""
    subject = ""
    for line in turn.history[-LOOKED_BACK:]:
        if line.speaker is Speaker.AGENT:
            subject = ""
        elif line.speaker is Speaker.GUEST and _is_question(line.text):
            subject = carried_on(line.text, subject) or line.text
    return subject


def _is_question(text: str) -> bool:
    if small_talk(text) or is_noise(text) or asks_for_person(text) or declines_person(text):
        return False
    # "tent pole broke" asks, too; what carries an address or a number tells something, and "that did not help" nothing.
    return is_asked(text) or not re.search(r"[@\d]|^\W*(?:that|this|it|yes|no)\b", text, re.IGNORECASE)


def speaks_of(passages: Sequence[Passage], words: str) -> bool:
    """Whether what was found of the best article holds one of the words: else the earlier answer would come again."""
    article = [one for one in passages if one.document_id == passages[0].document_id]
    return not stems_of(words).isdisjoint(stems_of(" ".join(f"{one.title} {one.text}" for one in article)))


def knows_names(asked: str, passages: Sequence[Passage]) -> bool:
    """Whether each name of the question stands somewhere in what was found: "Bitcoin" may mean the answer is no."""
    names = " ".join(names_in(asked))
    return stems_of(names) <= stems_of(" ".join(f"{one.title} {one.text}" for one in passages)) if names else True


def stems_of(text: str) -> set[str]:
    """The beginnings of its words."""
    return {word[:STEM] for word in re.findall(r"\w+", text.casefold())}


def whole_sentences(text: str, most: int) -> str:
    """The first sentences of the text, as many as have room; empty when not even one has."""
    if len(text) <= most:
        return text
    ends = [found.end() for found in SENTENCE_END.finditer(text) if len(text[: found.end()].rstrip()) <= most]
    return text[: ends[-1]].rstrip() if ends else ""


def pieces(text: str) -> Iterator[str]:
    """The text in parts of about 60 characters that end between words; joined they are the text."""
    for found in PIECE.finditer(text):
        yield found[0]
