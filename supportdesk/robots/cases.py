"""Regression cases: what a robot was asked, from which documents, and what must come of it, in one JSON file.

    {"robot": "faq",
     "settings": {"threshold": 0.5},
     "documents": [{"title": "Refunds", "text": "Refunds take five working days."}],
     "turns": [{"text": "How long do refunds take?",
                "expect": {"ending": "answered", "contains": ["five working days"], "cites": ["Refunds"]}}]}

The turns of a case are one conversation: each sees what was said before it. They are played without a server, searched
and quoted with the desk's own model. Whatever `expect` leaves out may be anything.
"""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from supportdesk.core.wire import invalid
from supportdesk.errors import Invalid
from supportdesk.knowledge.pool import Embeddings
from supportdesk.robots.conformance import Finding
from supportdesk.robots.contract import Line, Robot, Speaker, Trigger, Turn
from supportdesk.robots.model import Claim
from supportdesk.robots.play import Ending, Played
from supportdesk.robots.queries.replay import StoredText
from supportdesk.robots.records import Kept
from supportdesk.robots.replay import outcome_then
from supportdesk.robots.shelf import Shelf, ShelfKit, Text
from supportdesk.robots.testing import perform

LONGEST_FACT = 200


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CaseDocument(_Part):
    """Something to answer from, in Markdown."""

    title: Annotated[str, Field(min_length=1, max_length=500)]
    text: Annotated[str, Field(min_length=1, max_length=1_000_000)]
    url: str | None = None


class Expected(_Part):
    """What must come of a turn: how it ends, words that are said and words that are not, titles that are cited."""

    ending: Ending | None = None
    contains: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()


class CaseTurn(_Part):
    """One message of the guest."""

    text: str = ""
    trigger: Trigger = Trigger.MESSAGE
    expect: Expected = Expected()


class Case(_Part):
    """One conversation with a robot."""

    robot: str
    settings: dict[str, JsonValue] = Field(default_factory=dict)
    documents: tuple[CaseDocument, ...] = Field(default=(), max_length=200)
    guest_name: str = ""
    locale: str = ""
    turns: tuple[CaseTurn, ...] = Field(min_length=1, max_length=200)


def read_case(path: Path) -> Case:
    """The case of a file; raises Invalid that names the file and what is wrong in it."""
    try:
        return Case.model_validate_json(path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Invalid(f"{path} is not text in UTF-8: byte {error.start} cannot be read.") from None
    except ValidationError as error:
        raise Invalid(f"{path} is no case. {invalid(error).sentence}") from None
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from None


async def check_case(robot: type[Robot], case: Case, embeddings: Embeddings) -> AsyncIterator[Finding]:
    """Play the conversation, one finding for each turn."""
    shelf = Shelf(embeddings, [Text(title=each.title, text=each.text, url=each.url) for each in case.documents])
    titles = {Text(title=each.title, text="").id: each.title for each in case.documents}
    history: list[Line] = []
    for number, asked in enumerate(case.turns, start=1):
        turn = Turn(
            text=asked.text,
            trigger=asked.trigger,
            history=tuple(history),
            guest_name=case.guest_name,
            locale=case.locale,
        )
        played = await perform(robot, turn, kit=ShelfKit(shelf), settings=case.settings)
        cited = [titles.get(cite.document_id, str(cite.document_id)) for cite in played.citations]
        yield Finding(f"turn {number}: {asked.text or asked.trigger}", " ".join(_wrong(asked.expect, played, cited)))
        if asked.text:
            history.append(Line(speaker=Speaker.GUEST, name=case.guest_name, text=asked.text))
        if played.text:
            history.append(Line(speaker=Speaker.ROBOT, name=robot.display_name or robot.name, text=played.text))


def _wrong(expect: Expected, played: Played, cited: Sequence[str]) -> list[str]:
    wrong = []
    if expect.ending not in (None, played.ending):
        because = f": {played.reason}" if played.reason else ""
        wrong.append(f"It was to end {expect.ending} and ended {played.ending}{because}.")
    said = played.text.casefold()
    wrong += [f"It did not say {words!r}." for words in expect.contains if words.casefold() not in said]
    wrong += [f"It said {words!r}." for words in expect.lacks if words.casefold() in said]
    wrong += [f"It did not cite {title!r}." for title in expect.cites if title not in cited]
    if wrong and played.text:
        wrong.append(f"What it said: {played.text}")
    return wrong


def case_of(module: str, turns: Sequence[tuple[Claim, Kept]], texts: Sequence[StoredText]) -> Case:
    """A stored conversation as a case that expects of the robot what it did then; of turns that others led, nothing.

    Raises Invalid when it has led on none.
    """
    if all(kept.answered_by for _, kept in turns):
        raise Invalid(f"The robot {module} has led on no message of this conversation, so there is nothing to expect.")
    first = turns[0][0]
    workspace, room = first.settings
    return Case(
        robot=module,
        settings={**workspace, **room},
        documents=tuple(CaseDocument(title=each.title, text=each.content, url=each.source_url) for each in texts),
        guest_name=first.guest_name,
        locale=first.locale,
        turns=tuple(
            CaseTurn(text=claim.text, expect=Expected() if kept.answered_by else _expected(kept))
            for claim, kept in turns
        ),
    )


def _expected(kept: Kept) -> Expected:
    then = outcome_then(kept)
    fact = then.text.split("\n", 1)[0][:LONGEST_FACT]
    return Expected(ending=Ending(then.ending), contains=(fact,) if fact else (), cites=then.cites)
