"""How good the faq robot's answers are: asked.jsonl put to the robot, over the demo's whole help centre.

`python -m tests.knowledge.answers [-v]` starts a PostgreSQL of its own, takes a minute and prints the figures of both
halves; -v prints what became of every question, and --calibration writes what each threshold would do with the
held-out half, which the admin sees, to supportdesk/knowledge/calibration.json. The questions were written before the
way of answering was chosen and are parted by article: the weights were fitted on `tuned`, and `held out` was only
looked at in the end. `trial` are the questions that a trial of the demo had shown to go wrong. test_answers.py holds
the robot to a floor.
"""

import asyncio
import json
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from time import perf_counter
from types import SimpleNamespace
from typing import cast
from uuid import uuid4

import asyncpg
from pydantic import BaseModel

from robots.faq.robot import FaqRobot
from supportdesk.actor import Actor, ActorKind, WorkspaceId
from supportdesk.config import Settings
from supportdesk.core import migrations
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.core.embedded import EmbeddedServer
from supportdesk.core.events import Bus
from supportdesk.core.tasks import Tasks
from supportdesk.knowledge import operating
from supportdesk.knowledge.cutting import front_matter
from supportdesk.knowledge.ingest import ingest_folder
from supportdesk.knowledge.operating import operating_points
from supportdesk.knowledge.pool import Embeddings
from supportdesk.knowledge.search import Knowledge
from supportdesk.robots.contract import Cite, Event, Line, QuickReplies, Say, Speaker, Turn
from supportdesk.robots.kit import TurnKit
from supportdesk.robots.model import Claim
from tests.factories import make_workspace

HELP_CENTRE = Path(__file__).parents[2] / "supportdesk" / "demo" / "help_centre"
ASKED = Path(__file__).parent / "asked.jsonl"
CALIBRATION = Path(operating.__file__).parent / "calibration.json"
HALVES = ("tuned", "held out", "trial")


class Asked(BaseModel):
    """One question `after` others: of `needs` each line must be met by one of its phrases; without, nothing answers."""

    half: str
    kind: str
    ask: str
    after: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    needs: tuple[tuple[str, ...], ...] = ()


class Fate(StrEnum):
    """What became of a question."""

    ANSWERED = "answered"
    REPLIED = "replied"
    ASKED_BACK = "asked back"
    HANDED_OVER = "handed over"


@dataclass(frozen=True, slots=True)
class Told:
    """What the robot did with a question."""

    asked: Asked
    fate: Fate
    text: str
    offered: tuple[str, ...]
    score: float
    first_ms: float
    """From the question to the first event."""

    @property
    def is_right(self) -> bool:
        """Whether all that had to be said was said."""
        said = flat(self.text)
        needs = self.asked.needs
        return self.fate is Fate.ANSWERED and bool(needs) and all(any(flat(p) in said for p in need) for need in needs)

    @property
    def is_offered(self) -> bool:
        """Whether it asked back, and an article that answers was among those it offered."""
        return any(title_of(article) in self.offered for article in self.asked.articles)

    @property
    def is_wrong(self) -> bool:
        """Whether it answered, and not what was asked."""
        return self.fate is Fate.ANSWERED and not self.is_right


def read() -> list[Asked]:
    """All questions."""
    return [Asked.model_validate_json(line) for line in ASKED.read_text("utf-8").splitlines()]


async def tell(
    knowledge: Knowledge, workspace: WorkspaceId, asked: Asked, settings: FaqRobot.Settings | None = None
) -> Told:
    """Put one question to the robot, as the first of a conversation or after others that it did not answer."""
    voice = Actor(kind=ActorKind.ROBOT, id=None, workspace_id=workspace)
    claim = SimpleNamespace(voice=voice, room_id=uuid4(), robot=SimpleNamespace(name="faq"))
    kit = TurnKit(cast("Claim", claim), knowledge, Clock())
    before = tuple(Line(speaker=Speaker.GUEST, name="Ada", text=text) for text in asked.after)
    began, first_ms, events = perf_counter(), 0.0, list[Event]()
    async for event in FaqRobot(settings or FaqRobot.Settings(), kit).answer(Turn(text=asked.ask, history=before)):
        first_ms = first_ms or 1e3 * (perf_counter() - began)
        events.append(event)
    return Told(
        asked,
        fate_of(events),
        "".join(event.delta for event in events if isinstance(event, Say)),
        next((event.options for event in events if isinstance(event, QuickReplies)), ()),
        score_of(kit),
        first_ms,
    )


@cache
def title_of(article: str) -> str:
    """The title of an article of the help centre."""
    said, _ = front_matter((HELP_CENTRE / f"{article}.md").read_text("utf-8"))
    return said.title or ""


def fate_of(events: Sequence[Event]) -> Fate:
    """What the events came to."""
    if any(isinstance(event, Cite) for event in events):
        return Fate.ANSWERED
    if any(isinstance(event, QuickReplies) for event in events):
        return Fate.ASKED_BACK
    return Fate.REPLIED if any(isinstance(event, Say) for event in events) else Fate.HANDED_OVER


def score_of(kit: TurnKit) -> float:
    """The best score of the turn's first search; 0 where nothing was searched or found."""
    calls = cast("list[dict[str, list[dict[str, float]]]]", kit.observed["calls"])
    found = next((call["found"] for call in calls if "found" in call), [])
    return found[0]["score"] if found else 0.0


def flat(text: str) -> str:
    """The text as it is compared: no bold marks, single spaces, lower case."""
    return " ".join(text.replace("**", "").split()).casefold()


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float:
    """The chance that a question with an answer scores higher than one without."""
    wins = sum((i > o) + (i == o) / 2 for i in inside for o in outside)
    return wins / max(1, len(inside) * len(outside))


def figures(told: Sequence[Told]) -> dict[str, float]:
    """The figures of one half, each a share 0..1."""
    inside = [one for one in told if one.asked.needs]
    outside = [one for one in told if one.asked.kind in ("foreign", "language")]
    small = [one for one in told if one.asked.kind == "small talk"]
    noise = [one for one in told if one.asked.kind == "noise"]
    return {
        "right": share([one.is_right for one in inside]),
        "wrong": share([one.is_wrong for one in inside]),
        "asked back": share([one.fate in (Fate.ASKED_BACK, Fate.REPLIED) for one in inside]),
        "right or offered": share([one.is_right or one.is_offered for one in inside]),
        "handed over": share([one.fate is Fate.HANDED_OVER for one in inside]),
        "foreign answered": share([one.is_wrong for one in outside]),
        "foreign handed over": share([one.fate is Fate.HANDED_OVER for one in outside]),
        "wrong of all": share([one.is_wrong for one in [*inside, *outside]]),
        "auroc": auroc([one.score for one in inside], [one.score for one in outside]),
        "small talk": share([one.fate is Fate.REPLIED for one in small]),
        "noise": share([one.fate in (Fate.REPLIED, Fate.ASKED_BACK) for one in noise]),
    }


def share(facts: Sequence[bool]) -> float:
    """How many of them are true, 0..1."""
    return sum(facts) / max(1, len(facts))


async def over_the_help_centre(dsn: str, work: Callable[[Knowledge, WorkspaceId], Awaitable[None]]) -> None:
    """Migrate an empty database, take the help centre in, and do the work over it."""
    owner = await asyncpg.connect(dsn)
    await migrations.migrate(owner)
    workspace = WorkspaceId((await make_workspace(owner)).id)
    await owner.close()
    db = Database(Settings.load(_env_file=None, secret_key="x" * 40, db_pool_min=0), dsn, Bus(Tasks()))
    await db.open()
    embeddings = Embeddings()
    await ingest_folder(db, embeddings, Actor.system(workspace), [HELP_CENTRE])
    await work(Knowledge(db, embeddings), workspace)
    await embeddings.close()
    await db.close()


async def report(knowledge: Knowledge, workspace: WorkspaceId) -> None:
    """Ask everything and print."""
    told = [await tell(knowledge, workspace, asked) for asked in read()]
    for half in HALVES:
        of_half = [one for one in told if one.asked.half == half]
        print(half, dict(Counter(f"{one.asked.kind}: {one.fate}" for one in of_half)))  # noqa: T201
        print(json.dumps({name: round(value, 3) for name, value in figures(of_half).items()}))  # noqa: T201
    times = [one.first_ms for one in told if one.fate is Fate.ANSWERED]
    p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    print(f"first words of an answer: median {p50:.1f} ms, p95 {p95:.1f} ms")  # noqa: T201
    if "-v" in sys.argv:
        for one in told:
            mark = "right" if one.is_right else "WRONG" if one.is_wrong else one.fate
            print(f"{one.asked.half} | {mark} | {one.score:.2f} | {one.asked.ask} | {one.text!r} {one.offered}")  # noqa: T201


async def calibrate(knowledge: Knowledge, workspace: WorkspaceId) -> None:
    """Answer the held-out half at any price, and write what each threshold would have let through."""
    asked = [one for one in read() if one.half == "held out" and one.kind not in ("noise", "small talk")]
    at_any_price = FaqRobot.Settings(threshold=0)
    told = [await tell(knowledge, workspace, one, at_any_price) for one in asked]
    points = operating_points([one.score for one in told], [one.is_right for one in told])
    rounded = [{name: round(value, 4) for name, value in asdict(point).items()} for point in points]
    CALIBRATION.write_text(json.dumps({"questions": len(told), "points": rounded}, indent=1) + "\n", "utf-8")


async def main() -> None:
    """A server for the occasion."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder), durable=False)
        async with server.attach():
            await server.create_database("answers")
            await over_the_help_centre(server.dsn("answers"), calibrate if "--calibration" in sys.argv else report)


if __name__ == "__main__":
    asyncio.run(main())
