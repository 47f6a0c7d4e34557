"""Prints how well and how fast the demo's help centre is searched.

`python -m tests.knowledge.measure DSN [CLINC150's data_full.json] [-v]`: DSN names an empty database of a test server,
-v prints every question with its answer. Takes a minute.
"""

import asyncio
import json
import random
import statistics
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import cast

import asyncpg

from supportdesk.actor import Actor, ActorKind, WorkspaceId
from supportdesk.config import Settings
from supportdesk.core import migrations
from supportdesk.core.db import Database
from supportdesk.core.events import Bus
from supportdesk.core.tasks import Tasks
from supportdesk.knowledge.ingest import ingest_folder
from supportdesk.knowledge.model import Hit
from supportdesk.knowledge.pool import Embeddings
from supportdesk.knowledge.search import Knowledge
from tests.factories import make_workspace

DEMO = Path(__file__).parents[2] / "supportdesk" / "demo"
Ask = Callable[[str], Awaitable[list[Hit]]]
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.8, 0.9)


async def measure(dsn: str) -> None:
    """Migrate, take the help centre in, ask everything, print."""
    owner = await asyncpg.connect(dsn)
    await migrations.migrate(owner)
    workspace = WorkspaceId((await make_workspace(owner)).id)
    await owner.close()
    db = Database(Settings.load(_env_file=None, secret_key="x" * 40, db_pool_min=0), dsn, Bus(Tasks()))
    await db.open()
    embeddings = Embeddings()
    began = perf_counter()
    reports = await ingest_folder(db, embeddings, Actor.system(workspace), [DEMO / "help_centre"])
    took, chunks = perf_counter() - began, sum(report.chunks for report in reports)
    print(f"ingest: {len(reports)} files, {chunks} chunks, {took:.1f} s, {chunks / took:.0f} chunks/s")  # noqa: T201
    print([report for report in reports if report.problem])  # noqa: T201
    guest = Actor(kind=ActorKind.GUEST, id=None, workspace_id=workspace)
    await report_on(Knowledge(db, embeddings), guest)
    await embeddings.close()
    await db.close()


async def report_on(knowledge: Knowledge, guest: Actor) -> None:
    """Ask the demo's questions and CLINC150's, and print what came of them."""
    asked = [json.loads(line) for line in (DEMO / "questions.jsonl").read_text("utf-8").splitlines()]
    await knowledge.search(guest, "warm")
    times: list[float] = []

    async def ask(text: str) -> list[Hit]:
        began = perf_counter()
        hits = await knowledge.search(guest, text, 10)
        times.append(1e3 * (perf_counter() - began))
        return hits

    inside = [(await ask(one["question"]), one["slug"]) for one in asked if one["slug"]]
    outside = [(one["question"], await ask(one["question"])) for one in asked if not one["slug"]]
    ranked = [list(dict.fromkeys((hit.url or "").rpartition("/")[2] for hit in hits)) for hits, _ in inside]
    right = [slug in found[:1] for found, (_, slug) in zip(ranked, inside, strict=True)]
    third = [slug in found[:3] for found, (_, slug) in zip(ranked, inside, strict=True)]
    print(f"R@1 {share(right):.3f}  R@3 {share(third):.3f}  of {len(inside)}")  # noqa: T201
    sets = [Path(name) for name in sys.argv[2:] if name.endswith(".json")]
    strange = [score for file in sets for score in await out_of_scope(ask, file)]
    for threshold in THRESHOLDS:
        answered = [top(hits) >= threshold for hits, _ in inside]
        wrongly = [top(hits) >= threshold for _, hits in outside]
        print(  # noqa: T201
            f"threshold {threshold}: answers {share(answered):.3f} of what is in the documents "
            f"({share([r for r, a in zip(right, answered, strict=True) if a]):.3f} from the expected article), "
            f"{share(wrongly):.3f} of the demo's foreign questions, "
            f"{share([score >= threshold for score in strange]):.3f} of CLINC150's; "
            f"gate precision {sum(answered) / max(1, sum(answered) + sum(wrongly)):.3f}"
        )
    print(f"search: median {statistics.median(times):.1f} ms, p95 {statistics.quantiles(times, n=20)[-1]:.1f} ms")  # noqa: T201
    took = []
    for (hits, _), one in zip(inside, (one for one in asked if one["slug"]), strict=True):
        began = perf_counter()
        answer = await knowledge.answer_from(hits, one["question"])
        took.append(1e3 * (perf_counter() - began))
        if "-v" in sys.argv:
            print(f"{top(hits):.2f} {one['question']}\n     {hits[0].heading}\n     {answer.text!r}")  # noqa: T201
    print(f"answer: median {statistics.median(took):.1f} ms, p95 {statistics.quantiles(took, n=20)[-1]:.1f} ms")  # noqa: T201


async def out_of_scope(ask: Ask, file: Path) -> list[float]:
    """The best score of 300 of CLINC150's out-of-scope questions."""
    told = json.loads(await asyncio.to_thread(file.read_text, "utf-8"))
    texts = [text for part in ("oos_train", "oos_val", "oos_test") for text, _ in told[part]]
    chosen = random.Random(0).sample(cast("list[str]", texts), 300)  # noqa: S311 - a sample, no secret
    return [top(await ask(text)) for text in chosen]


def top(hits: Sequence[Hit]) -> float:
    """The score that a robot's threshold is held against."""
    return hits[0].score if hits else 0.0


def share(facts: Sequence[bool]) -> float:
    """How many of them are true, 0..1."""
    return sum(facts) / max(1, len(facts))


if __name__ == "__main__":
    asyncio.run(measure(sys.argv[1]))
