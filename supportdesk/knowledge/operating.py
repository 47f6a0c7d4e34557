"""What each threshold on a score would do: how much is answered, and how much of that is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from pydantic import TypeAdapter

STEP: Final = 0.05
THRESHOLDS: Final = tuple(round(number * STEP, 2) for number in range(20))
"""From answering all to answering what is all but certain."""


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A threshold with the share of all questions that is answered, and the share of the answers that is wrong."""

    threshold: float
    answered: float
    wrong: float


def operating_points(
    scores: Sequence[float], right: Sequence[bool], thresholds: Sequence[float] = THRESHOLDS
) -> list[OperatingPoint]:
    """Both sides of every threshold, for questions with the best answer's score and whether that answer was right."""
    points = []
    for threshold in thresholds:
        answered = [good for score, good in zip(scores, right, strict=True) if score >= threshold]
        wrong = answered.count(False) / len(answered) if answered else 0.0
        points.append(OperatingPoint(threshold, len(answered) / len(scores) if scores else 0.0, wrong))
    return points


@dataclass(frozen=True, slots=True)
class Calibration:
    """The operating points of questions whose right answers are known, and how many questions those were."""

    questions: int
    points: tuple[OperatingPoint, ...]


@cache
def known_questions() -> Calibration:
    """What the thresholds do with the demo's help pages and the held-out half of tests/knowledge/asked.jsonl.

    Written by `python -m tests.knowledge.answers --calibration`; for a workspace that has no answers of its own yet.
    """
    return TypeAdapter(Calibration).validate_json(files(__package__).joinpath("calibration.json").read_bytes())
