"""Questions in other words: how often the entry that answers comes first, through the search that guests' robots use.

The entries are written, read and searched as those of a workspace are, in a database of the evaluation's own.
"""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from supportdesk.actor import Actor, ActorKind, WorkspaceId
from supportdesk.core.db import Database, Lane
from supportdesk.core.ids import uuid7
from supportdesk.core.tasks import Tasks
from supportdesk.errors import Invalid
from supportdesk.evaluation.database import own_database
from supportdesk.evaluation.sets import Entry, Query, read_entries, read_queries
from supportdesk.evaluation.sight import PROCESSES, Sight
from supportdesk.knowledge.entries import create_entry
from supportdesk.knowledge.model import MAX_ANSWER, MAX_QUESTION, EntryId, NewEntry
from supportdesk.knowledge.processing import read_next
from supportdesk.knowledge.search import NEAREST, WORDED, Knowledge
from supportdesk.workspaces.actions import Beginnings, create_workspace

FIVE: Final = 5
QUICK_QUERIES: Final = 200
AT_ONCE: Final = 100
"""Entries that are written in one transaction."""


async def retrieval(folder: Path, sight: Sight, *, quick: bool = False) -> dict[str, float]:
    """The share of queries with a relevant entry first, and among the first five, in per cent; and the MRR, 0 to 1.

    A search turns up 50 entries at most; a query whose relevant ones are not among them adds nothing to the MRR.
    """
    entries = read_entries(folder)
    queries = read_queries(folder, entries)
    if quick:
        queries = queries[:QUICK_QUERIES]
    tasks = Tasks()
    async with own_database(tasks) as db:
        workspace_id = WorkspaceId(uuid7())
        names = await _write(db, workspace_id, entries)
        await _read(db, sight, workspace_id, len(entries))
        ranks = await _ask(db, sight, workspace_id, queries, names)
    return {
        "r_at_1": round(100 * sum(rank == 1 for rank in ranks) / len(ranks), 2),
        "r_at_5": round(100 * sum(rank is not None and rank <= FIVE for rank in ranks) / len(ranks), 2),
        "mrr": round(sum(1 / rank for rank in ranks if rank is not None) / len(ranks), 4),
    }


def rank_of(query: Query, found: Sequence[str]) -> int | None:
    """Where the first relevant entry stands, counted from 1; None when it was not found."""
    return next((rank for rank, name in enumerate(found, 1) if name in query.relevant), None)


async def _write(db: Database, workspace_id: WorkspaceId, entries: Sequence[Entry]) -> dict[EntryId, str]:
    """Make a workspace that knows the entries; returns the set's own names of them. Raises Invalid."""
    system = Actor.system(workspace_id)
    async with db.transaction(system) as tx:
        await create_workspace(tx, "retrieval", Beginnings())
    names: dict[EntryId, str] = {}
    for at in range(0, len(entries), AT_ONCE):
        async with db.transaction(system) as tx:
            for entry in entries[at : at + AT_ONCE]:
                # The product takes so much of each and no empty answer; a set may know no such limits.
                question, answer = entry.question[:MAX_QUESTION], (entry.answer.strip() or entry.question)[:MAX_ANSWER]
                made = await create_entry(tx, system, NewEntry(question=question, answer=answer))
                names[made.id] = entry.id
    return names


async def _read(db: Database, sight: Sight, workspace_id: WorkspaceId, number: int) -> None:
    """Embed and store what was written, as the desk's own job does, by as many readers as there are processes."""
    system, done = Actor.system(workspace_id), 0

    async def read() -> None:
        nonlocal done
        while (came := await read_next(db, sight.embeddings, system)) is not None:
            if came.problem is not None:
                raise Invalid(f"An entry cannot be read: {came.problem}")
            done += 1
            sight.progress("reading", done, number)

    await asyncio.gather(*(read() for _ in range(PROCESSES)))


async def _ask(
    db: Database, sight: Sight, workspace_id: WorkspaceId, queries: Sequence[Query], names: Mapping[EntryId, str]
) -> list[int | None]:
    """The rank of each query's first relevant entry, asked as a guest's robot asks."""
    knowledge = Knowledge(db, sight.embeddings)
    guest = Actor(kind=ActorKind.GUEST, id=None, workspace_id=workspace_id)
    ranks: list[int | None] = []
    for query in queries:
        hits = await knowledge.search(guest, query.text, NEAREST + WORDED, lane=Lane.BACKGROUND)
        ranks.append(rank_of(query, [names[hit.entry_id] for hit in hits if hit.entry_id is not None]))
        sight.progress("asking", len(ranks), len(queries))
    return ranks
