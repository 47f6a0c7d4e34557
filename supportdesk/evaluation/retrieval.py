"""Questions in other words: how often the entry that answers comes first, by the product's own ranking."""

from collections.abc import Sequence
from pathlib import Path

from supportdesk.evaluation.sets import Query, read_entries, read_queries
from supportdesk.evaluation.sight import Sight
from supportdesk.knowledge.embedding import DIMENSIONS
from supportdesk.knowledge.entry_ranking import Entries, rank_entries, whole_text

FIVE = 5
QUICK_QUERIES = 200


async def retrieval(folder: Path, sight: Sight, *, quick: bool = False) -> dict[str, float]:
    """The share of queries with a relevant entry first, and among the first five, in per cent; and the MRR, 0 to 1."""
    entries = read_entries(folder)
    queries = read_queries(folder, entries)
    if quick:
        queries = queries[:QUICK_QUERIES]
    questions = [entry.question for entry in entries]
    wholes = [whole_text(entry.question, entry.answer) for entry in entries]
    asked = [query.text for query in queries]
    await sight.see([*questions, *wholes, *asked])
    known = Entries(
        questions,
        [entry.answer for entry in entries],
        question_vectors=sight.of(questions)[:, :DIMENSIONS],
        whole_vectors=sight.of(wholes)[:, :DIMENSIONS],
    )
    names = [entry.id for entry in entries]
    ranks = [
        rank_of(query, [names[one.place] for one in rank_entries(query.text, vector, known)])
        for query, vector in zip(queries, sight.of(asked)[:, :DIMENSIONS], strict=True)
    ]
    return {
        "r_at_1": round(100 * sum(rank == 1 for rank in ranks) / len(ranks), 2),
        "r_at_5": round(100 * sum(rank <= FIVE for rank in ranks) / len(ranks), 2),
        "mrr": round(sum(1 / rank for rank in ranks) / len(ranks), 4),
    }


def rank_of(query: Query, found: Sequence[str]) -> int:
    """Where the first relevant entry stands, counted from 1."""
    return next(rank for rank, name in enumerate(found, 1) if name in query.relevant)
