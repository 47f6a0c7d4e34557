"""Searching a hundred thousand pieces of documents: how long it takes, and whether the graph finds what is there.

The whole search as robots ask for it, through the product's own pools and policies, in workspaces of different sizes
that share one graph. What the search by meaning finds is held against every piece compared with the question.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Final
from uuid import UUID

import asyncpg
import numpy as np

from bench.data import Connection, server, superuser_of
from bench.figures import Figure, Run, at_most, median, spread
from bench.queries import database
from bench.shelves import Asking, Desk, World, as_sent, shelves
from supportdesk.actor import Actor, ActorKind
from supportdesk.core.db import Database
from supportdesk.knowledge.model import Audience, Reach
from supportdesk.knowledge.pool import Embeddings
from supportdesk.knowledge.search import NEAREST, Knowledge

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNKS: Final = 100_000
QUICK_CHUNKS: Final = 20_000
QUESTIONS: Final = 150
QUICK_QUESTIONS: Final = 60
WARM: Final = 10
BEST: Final = 5
MOST_MS: Final = 40
LEAST_RECALL: Final = 0.95

BY_MEANING: Final = "SELECT chunk_id FROM desk_search_vectors($1, $2, $3, $4, desk_teams_of_search($4, '{}'))"
EVERY_PIECE: Final = """
    SELECT c.id
      FROM document_chunks c
      JOIN documents d ON d.id = c.document_id
     WHERE c.workspace_id = $1 AND d.audience = ANY ($2)
       AND (d.scope = 'workspace' OR d.team_id IN (SELECT r.team_id FROM chat_rooms r WHERE r.id = $3))
     ORDER BY least(c.embedding <=> $4, c.question_embedding <=> $4), c.id
     LIMIT $5
"""


@dataclass(frozen=True, slots=True)
class Case:
    """Who asks where."""

    name: str
    desk: Desk
    reach: Reach

    @property
    def robot(self) -> Actor:
        """Whoever asks for a guest."""
        return Actor(kind=ActorKind.ROBOT, id=None, workspace_id=self.desk.workspace_id)


class Placed(Embeddings):
    """The model runs as it does, and its vector is exchanged for the place that a made-up question has."""

    def __init__(self) -> None:
        super().__init__(workers=1)
        self.places: dict[str, NDArray[np.float32]] = {}
        self.runs_model = False

    async def of_questions(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """The places, at once or after the model has read the texts."""
        if self.runs_model:
            await super().of_questions(texts)
        return np.stack([self.places[text] for text in texts])

    def forget(self) -> None:
        """Let the model read every question anew."""
        self._remembered.clear()


@dataclass(slots=True)
class Found:
    """Of one case: a p50 and a p95 of each round, without and with the embedding, and what was found."""

    bare: list[tuple[float, float]] = field(default_factory=list)
    whole: list[tuple[float, float]] = field(default_factory=list)
    recall: float = 0.0


async def measure(run: Run) -> Sequence[Figure]:
    """Milliseconds of a search, and the share of the best places that the search by meaning finds."""
    world = World()
    async with server() as running, AsyncExitStack() as stack:
        dsn, desks = await shelves(running, QUICK_CHUNKS if run.quick else CHUNKS)
        exact: Connection = await asyncpg.connect(superuser_of(dsn))
        stack.push_async_callback(exact.close)
        await exact.set_type_codec("vector", schema="public", encoder=bytes, decoder=bytes, format="binary")
        db = await stack.enter_async_context(database(dsn))
        embeddings = Placed()
        stack.push_async_callback(embeddings.close)
        figures = []
        for case in cases(desks):
            asked = world.questions(QUICK_QUESTIONS if run.quick else QUESTIONS)
            embeddings.places = {one.text: one.vector for one in asked}
            found = Found(recall=await _recall(db, exact, case, asked))
            for _ in range(run.rounds):
                for runs_model, kept in ((False, found.bare), (True, found.whole)):
                    embeddings.runs_model = runs_model
                    kept.append(await _timed(Knowledge(db, embeddings), case, asked))
                    embeddings.forget()
            figures += _figures(case, found)
        return figures


def cases(desks: dict[str, Desk]) -> list[Case]:
    """Every shelf, for guests, in a team's room, and for staff."""
    guests, everybody = frozenset({Audience.GUESTS}), frozenset(Audience)
    return [
        *(Case(name, desk, Reach(guests)) for name, desk in desks.items()),
        Case("room", desks["large"], Reach(guests, room_id=desks["large"].room_id)),
        Case("staff", desks["large"], Reach(everybody)),
    ]


async def _timed(knowledge: Knowledge, case: Case, asked: Sequence[Asking]) -> tuple[float, float]:
    for one in asked[:WARM]:
        await knowledge.search(case.robot, one.text, BEST, reach=case.reach)
    taken = []
    for one in asked[WARM:]:
        began = perf_counter()
        await knowledge.search(case.robot, one.text, BEST, reach=case.reach)
        taken.append(1000 * (perf_counter() - began))
    taken.sort()
    return taken[len(taken) // 2], taken[len(taken) * 95 // 100]


async def _recall(db: Database, exact: Connection, case: Case, asked: Sequence[Asking]) -> float:
    """Of the best places that there are, how many are the first ones of the search by meaning, 0 to 1."""
    hits = wanted = 0
    for one in asked:
        async with db.read(case.robot) as conn:
            rows = await conn.fetch(
                BY_MEANING, one.vector.tolist(), list(case.reach.audiences), NEAREST, case.reach.room_id
            )
        best = await _best(exact, case, one)
        hits += len(best & {row["chunk_id"] for row in rows[:BEST]})
        wanted += len(best)
    return hits / wanted


async def _best(exact: Connection, case: Case, one: Asking) -> set[UUID]:
    audiences = list(case.reach.audiences)
    place = (case.desk.workspace_id, audiences, case.reach.room_id, as_sent(one.vector), BEST)
    return {row["id"] for row in await exact.fetch(EVERY_PIECE, *place)}


def _figures(case: Case, found: Found) -> list[Figure]:
    (bare50, bare95), (whole50, whole95) = (
        (median([one[0] for one in some]), median([one[1] for one in some])) for some in (found.bare, found.whole)
    )
    of = f"{case.desk.chunks:,} chunks in the workspace"
    return [
        at_most(
            *(f"retrieval.{case.name}", bare95, MOST_MS, "ms p95"),
            note=f"p50 {bare50:.1f}, without the embedding; {of}; {spread([one[1] for one in found.bare])}",
        ),
        at_most(
            *(f"retrieval.{case.name}_embedded", whole95, MOST_MS, "ms p95"),
            note=f"p50 {whole50:.1f}, with the embedding; {spread([one[1] for one in found.whole])}",
        ),
        Figure(
            figure=f"retrieval.{case.name}_recall",
            value=found.recall,
            unit=f"of the best {BEST}",
            target=f"≥ {LEAST_RECALL:g}",
            met=found.recall >= LEAST_RECALL,
            note="against every piece compared",
        ),
    ]
