"""Sets of intents: learnt from the training split, threshold from the validation split; the test split is only read."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from supportdesk.errors import Invalid
from supportdesk.evaluation.sets import Labelled, read_clinc, read_csv
from supportdesk.evaluation.sight import Sight

if TYPE_CHECKING:
    from supportdesk.knowledge.intents.classifier import Classifier, Readings

SEEDS: Final = (0, 1, 2)
SHOTS: Final = 10
IN_SCOPE: Final = 0.955
"""The threshold is the highest that leaves this accuracy on the validation split's questions in scope."""
GIVEN_UP = 0.015
"""Of an accuracy that is lower without any threshold, the threshold may cost so much."""
QUICK_TRAIN, QUICK_TEST, QUICK_OUTSIDE = 20, 3, 100
"""Texts per intent, and texts out of scope, of a quick look."""


async def banking77(folder: Path, sight: Sight, *, quick: bool = False) -> dict[str, float]:
    """Accuracy in per cent: with the whole training split, and with ten texts per intent (mean of three draws)."""
    train, test = _splits(folder, quick=quick)
    await sight.see([*train.texts, *test.texts])
    few = [await _accuracy(drawn(train, SHOTS, seed), test, sight) for seed in SEEDS]
    return {"accuracy_full": await _accuracy(train, test, sight), "accuracy_10": round(sum(few) / len(few), 2)}


async def intents(folder: Path, sight: Sight, *, quick: bool = False) -> dict[str, float]:
    """Accuracy on the test split, in per cent."""
    train, test = _splits(folder, quick=quick)
    await sight.see([*train.texts, *test.texts])
    return {"accuracy": await _accuracy(train, test, sight)}


async def clinc150(folder: Path, sight: Sight, *, quick: bool = False) -> dict[str, float]:
    """In-scope accuracy and recall of what is out of scope, both in per cent at one threshold, and the AUROC.

    What is taken for out of scope counts as an error in scope. Chance and threshold come from the validation splits.
    """
    import numpy as np

    from supportdesk.knowledge.intents.chance import auroc, calibrate, signals

    splits = _thin(read_clinc(folder)) if quick else read_clinc(folder)
    train, test = splits["train"], splits["test"]
    await sight.see([text for name in ("train", "val", "oos_val", "test", "oos_test") for text in splits[name].texts])
    learnt = await _learnt(train, sight)
    known, unknown = (_read(learnt, splits[name], sight) for name in ("val", "oos_val"))
    values = np.concatenate([signals(known), signals(unknown)])
    chance = calibrate(values, [True] * len(known.best) + [False] * len(unknown.best))
    well = _right(learnt, known, splits["val"])
    threshold = threshold_for(chance.of(known).tolist(), well, min(IN_SCOPE, sum(well) / len(well) - GIVEN_UP))
    inside, outside = (_read(learnt, splits[name], sight) for name in ("test", "oos_test"))
    sure, strange = chance.of(inside).tolist(), chance.of(outside).tolist()
    right = [good and score >= threshold for good, score in zip(_right(learnt, inside, test), sure, strict=True)]
    return {
        "in_scope": share(right),
        "oos_recall": share([score < threshold for score in strange]),
        "auroc": round(auroc(sure, strange), 4),
    }


def drawn(train: Labelled, shots: int, seed: int) -> Labelled:
    """So many texts of each intent, drawn by numpy's generator of that seed, intents in order of their names."""
    import numpy as np

    draw = np.random.default_rng(seed)
    names = sorted(set(train.intents))
    where = {name: [at for at, intent in enumerate(train.intents) if intent == name] for name in names}
    return train.at([int(at) for name in names for at in draw.permutation(where[name])[:shots]])


def threshold_for(scores: Sequence[float], right: Sequence[bool], wanted: float) -> float:
    """The highest score at which the wanted share of all is right and not below it; 0 where none is."""
    good = sorted((score for score, is_right in zip(scores, right, strict=True) if is_right), reverse=True)
    needed = round(wanted * len(scores))
    return good[needed - 1] if 0 < needed <= len(good) else 0.0


def share(hits: Sequence[bool]) -> float:
    """How many of them, in per cent."""
    return round(100 * sum(hits) / len(hits), 2)


async def _accuracy(train: Labelled, test: Labelled, sight: Sight) -> float:
    learnt = await _learnt(train, sight)
    return share(_right(learnt, _read(learnt, test, sight), test))


async def _learnt(train: Labelled, sight: Sight) -> "Classifier":
    from supportdesk.knowledge.intents.classifier import Classifier

    sight.says(f"learning {len(set(train.intents))} intents from {len(train.texts)} texts")
    return await asyncio.to_thread(Classifier.learn, train.texts, sight.of(train.texts), train.intents)


def _read(learnt: "Classifier", texts: Labelled, sight: Sight) -> "Readings":
    return learnt.read(texts.texts, sight.of(texts.texts))


def _right(learnt: "Classifier", readings: "Readings", truth: Labelled) -> list[bool]:
    return [learnt.intents[at] == intent for at, intent in zip(readings.best.tolist(), truth.intents, strict=True)]


def _splits(folder: Path, *, quick: bool) -> tuple[Labelled, Labelled]:
    train, test = read_csv(folder, "train.csv"), read_csv(folder, "test.csv")
    if len(set(train.intents)) < 2:  # noqa: PLR2004 - one intent is no choice
        raise Invalid(f"{folder / 'train.csv'} has a single category; two or more are expected.")
    return (train.thinned(QUICK_TRAIN), test.thinned(QUICK_TEST)) if quick else (train, test)


def _thin(splits: dict[str, Labelled]) -> dict[str, Labelled]:
    most = {"train": QUICK_TRAIN, "val": QUICK_TEST, "test": QUICK_TEST}
    return {name: split.thinned(most.get(name, QUICK_OUTSIDE)) for name, split in splits.items()}
