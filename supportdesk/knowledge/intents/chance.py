"""How sure to be that a text is about any of the intents: signals made a chance by logistic regression."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from supportdesk.knowledge.intents.classifier import Readings
from supportdesk.knowledge.intents.regression import Floats, minimise

GENTLE: Final = 1e-2
"""Penalty on the weights per example: enough that signals which separate perfectly stay finite."""


@dataclass(frozen=True, slots=True)
class Chance:
    """Weights of the signals and what is added to them."""

    weights: tuple[float, ...]
    middle: float

    def of(self, readings: Readings) -> Floats:
        """The chance, 0 to 1, that each text is about one of the intents."""
        return self.given(signals(readings))

    def given(self, values: Floats) -> Floats:
        """The chance for rows of signals."""
        return np.asarray(1 / (1 + np.exp(-(values @ np.array(self.weights, dtype=np.float32) + self.middle))))


def signals(readings: Readings) -> Floats:
    """What tells known from unknown: logit, nearness, and the log-probability of the likeliest; shape (texts, 3)."""
    return np.stack([readings.logit, readings.nearness, np.log(readings.probability)], axis=1)


def calibrate(values: Floats, known: Sequence[bool]) -> Chance:
    """Fit the chance to texts of which it is known whether they are about an intent; both kinds weigh alike."""
    mean, spread = values.mean(axis=0), np.maximum(values.std(axis=0), 1e-6)
    scaled = np.column_stack([(values - mean) / spread, np.ones(len(values))]).astype(np.float32)
    truth = np.array(known, dtype=np.float32)
    share = np.where(truth == 1, 1 / max(truth.sum(), 1), 1 / max((1 - truth).sum(), 1)).astype(np.float32)

    def loss(weights: Floats) -> tuple[float, Floats]:
        height = scaled @ weights
        missed = 1 / (1 + np.exp(-height)) - truth
        likelihood = share @ (np.logaddexp(0, height) - truth * height)
        return float(likelihood + GENTLE / 2 * (weights @ weights)), scaled.T @ (share * missed) + GENTLE * weights

    *weights, middle = minimise(loss, np.zeros(scaled.shape[1], dtype=np.float32)).tolist()
    plain = tuple(float(weight / one) for weight, one in zip(weights, spread, strict=True))
    return Chance(plain, float(middle - sum(weight * one for weight, one in zip(plain, mean, strict=True))))


def auroc(known: Sequence[float], unknown: Sequence[float]) -> float:
    """The chance that a known text scores above an unknown one; equal scores count half."""
    scores = np.concatenate([np.asarray(known, dtype=np.float64), np.asarray(unknown, dtype=np.float64)])
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    above = ranks[: len(known)].sum() - len(known) * (len(known) + 1) / 2
    return float(above / (len(known) * len(unknown)))
