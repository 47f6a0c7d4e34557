"""For a robot author's tests: play one turn without a server.

async def test_it_answers_from_the_documents() -> None:
    events = await play(FaqRobot, "refund?", documents=["Refunds take five days."])
    assert Say(delta="Refunds take five days.") in events
"""

import asyncio
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid5

from pydantic import JsonValue

from supportdesk.core.clock import Clock
from supportdesk.core.tasks import Tasks
from supportdesk.robots.contract import Event, Http, Intent, Line, Llm, Passage, Robot, Tools, Trigger, Turn
from supportdesk.robots.play import Ending, Limits, Performance, Played
from supportdesk.robots.settings import settings_for
from supportdesk.robots.unequipped import NoHttp, NoLlm, NoTools

T = TypeVar("T")
WORD = re.compile(r"\w+")
SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s)|$)", re.DOTALL)
FILLER = frozenset(
    WORD.findall(
        "a an and any are be can could did do does for from get had has have how i if in is it me my no not of on or "
        "please should so that the there they this to was we what when where which who why will with would you your"
    )
)
NAMESPACE = UUID("6f1d0a52-3c1e-4f0e-9d55-7a0e51c2b9d4")


class PracticeKit:
    """A kit over the documents of a test. Its score is the share of the question's words that the text contains."""

    def __init__(
        self,
        documents: Sequence[str | Passage] = (),
        *,
        llm: Llm | None = None,
        tools: Tools | None = None,
        http: Http | None = None,
    ) -> None:
        self._documents = documents
        self.llm: Llm = llm or NoLlm()
        self.tools: Tools = tools or NoTools()
        self.http: Http = http or NoHttp()
        self.searched: list[str] = []
        self.logged: list[tuple[str, dict[str, JsonValue]]] = []

    async def search(self, text: str, *, limit: int = 5) -> Sequence[Passage]:
        """The documents with the most words in common; a given Passage keeps its own score."""
        self.searched.append(text)
        passages = [
            document if isinstance(document, Passage) else passage_of(text, document) for document in self._documents
        ]
        return sorted((hit for hit in passages if hit.score > 0), key=lambda hit: -hit.score)[:limit]

    async def quote(self, text: str, passage: Passage) -> str:
        """The sentence with the most of the question's words, and the one after it."""
        sentences = SENTENCE.findall(passage.text)
        best = max(range(len(sentences)), key=lambda at: likeness(text, sentences[at]), default=0)
        return " ".join(sentence.strip() for sentence in sentences[best : best + 2])

    async def intent_of(self, text: str, phrases: Mapping[str, Sequence[str]]) -> Intent | None:
        """The intent of the phrase with the most of the text's words, whose share is the chance."""
        fits = [(likeness(text, phrase), name) for name, told in phrases.items() for phrase in told]
        chance, name = max(fits, default=(0.0, ""))
        return Intent(name=name, chance=chance) if fits else None

    async def blocking(self, work: Callable[..., T], *args: object) -> T:
        """Run it in a thread, as a desk does."""
        return await asyncio.to_thread(work, *args)

    def now(self) -> datetime:
        """The time, in UTC."""
        return Clock().now()

    def log(self, fact: str, **keys: JsonValue) -> None:
        """Keep the line for the test to look at."""
        self.logged.append((fact, keys))


async def play(
    robot: type[Robot],
    text: str,
    *,
    documents: Sequence[str | Passage] = (),
    settings: Mapping[str, JsonValue] | None = None,
    history: Sequence[Line] = (),
    trigger: Trigger = Trigger.MESSAGE,
    kit: PracticeKit | None = None,
) -> list[Event]:
    """The robot's events for one turn, under the host's limits. Raises what the robot raised, or why it failed."""
    turn = Turn(text=text, trigger=trigger, history=tuple(history))
    played = await perform(robot, turn, settings=settings, kit=kit or PracticeKit(documents))
    if played.ending is Ending.FAILED:
        raise played.error or AssertionError(played.reason)
    return list(played.events)


async def perform(
    robot: type[Robot],
    turn: Turn,
    *,
    kit: PracticeKit,
    settings: Mapping[str, JsonValue] | None = None,
    limits: Limits | None = None,
) -> Played:
    """As `play`, with everything the host notes about the turn, failures included."""
    tasks = Tasks()
    performance = Performance(
        robot(settings_for(robot, settings or {}), kit), turn, tasks=tasks, clock=Clock(), limits=limits
    )
    played = await performance.run(_unheard)
    await performance.gone()
    return played


def passage_of(question: str, text: str) -> Passage:
    """A text as the search would find it."""
    name = uuid5(NAMESPACE, text)
    return Passage(id=name, document_id=name, title="", text=text, score=likeness(question, text))


async def _unheard(_event: Event) -> None:
    """Nobody sits in the rooms of a test."""


def likeness(question: str, text: str) -> float:
    """The share, 0 to 1, of the question's telling words that begin a word of the text, or the other way round."""
    asked = telling_words(question)
    return len(words_held(asked, text)) / len(asked) if asked else 0.0


def telling_words(question: str) -> frozenset[str]:
    """The words of a question that say what it is about."""
    return frozenset(word for word in WORD.findall(question.casefold()) if word not in FILLER)


def words_held(asked: Collection[str], text: str) -> frozenset[str]:
    """Those of the words that begin a word of the text, or the other way round."""
    there = set(WORD.findall(text.casefold()))
    return frozenset(word for word in asked if any(_same(word, other) for other in there))


def _same(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return longer.startswith(shorter) and (len(shorter) > 3 or shorter == longer)  # noqa: PLR2004 - refund, refunds
