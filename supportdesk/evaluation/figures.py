"""Which sets there are, what each measures, and what others have reached on it."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from supportdesk.evaluation.intents import banking77, clinc150, intents
from supportdesk.evaluation.retrieval import retrieval
from supportdesk.evaluation.sight import Progress, Sight, sight


class Measure(Protocol):
    """Measures a set in a folder."""

    def __call__(self, folder: Path, sight: Sight, *, quick: bool = False) -> Awaitable[dict[str, float]]:
        """The figures by name; raises Invalid for files that are not what they should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure: what it is called, what it should come to, and what is known of others."""

    says: str
    reach: float | None = None
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSet:
    """A kind of set that can be measured."""

    says: str
    measure: Measure
    figures: Mapping[str, Figure] = field(default_factory=dict)


async def tau2_retail(folder: Path, sight: Sight, *, quick: bool = False) -> dict[str, float]:
    """Tasks, and how many of them the executor held and then carried out exactly; `quick` changes nothing.

    `folder` is the shop's own or the one above it.
    """
    from supportdesk.evaluation.tau2 import run_tau2_retail

    del quick
    shop = folder / "retail" if (folder / "retail" / "db.json").is_file() else folder
    return dict(await run_tau2_retail(shop, lambda done, of: sight.progress("tasks", done, of)))


SETS: Final[Mapping[str, EvaluationSet]] = {
    "banking77": EvaluationSet(
        says="77 intents of a bank's customers: train.csv and test.csv",
        measure=banking77,
        figures={
            "accuracy_full": Figure(says="accuracy, %", reach=93.6, anchor="fine-tuned BERT 93.66"),
            "accuracy_10": Figure(says="accuracy, 10 per intent, %", reach=85.0, anchor="USE+ConveRT 85.19"),
        },
    ),
    "clinc150": EvaluationSet(
        says="150 intents and what is out of scope: data_full.json",
        measure=clinc150,
        figures={
            "in_scope": Figure(says="in-scope accuracy, %", reach=94.5, anchor="BERT 96.2, Rasa 91.5"),
            "oos_recall": Figure(says="out-of-scope recall, %", reach=60.0, anchor="BERT 52.3, Rasa 45.3"),
            "auroc": Figure(says="AUROC", reach=0.975, anchor=""),
        },
    ),
    "tau2-retail": EvaluationSet(
        says="tau2-bench's shop, every gold action through approval: db.json and tasks.json",
        measure=tau2_retail,
        figures={"tasks": Figure(says="tasks"), "passed": Figure(says="passed, all that there are")},
    ),
    "intents": EvaluationSet(
        says="any intents: train.csv and test.csv with the columns text, category",
        measure=intents,
        figures={"accuracy": Figure(says="accuracy, %")},
    ),
    "retrieval": EvaluationSet(
        says="questions in other words: entries.jsonl and queries.jsonl",
        measure=retrieval,
        figures={
            "r_at_1": Figure(says="right entry first, %", reach=95.5, anchor="BM25 64.9, MiniLM 94.4"),
            "r_at_5": Figure(says="right entry among five, %"),
            "mrr": Figure(says="mean reciprocal rank"),
        },
    ),
}


async def evaluate(name: str, folder: Path, progress: Progress, *, quick: bool = False) -> dict[str, float]:
    """Measure a set; raises Invalid for files that are not what they should be."""
    async with sight(progress) as eyes:
        return await SETS[name].measure(folder, eyes, quick=quick)
