"""Multinomial logistic regression: exact, by L-BFGS over all examples at once, so that nothing depends on luck."""

from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.int64]

REMEMBERED: Final = 10
"""Steps that L-BFGS remembers."""
STEPS: Final = 80
ENOUGH: Final = 3e-5
"""A step that betters the loss by less than this part of it is the last one."""
SMALLEST: Final = 1e-6
"""A step that is shorter than this part of the first try leads nowhere."""
PENALTY: Final = 1.0


def softmax(logits: Floats) -> Floats:
    """Rows that add up to one."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), dtype=np.float32)


def fit(features: Floats, labels: Ints, classes: int) -> Floats:
    """Weights of shape (features, classes) that make the labels most likely, with a quadratic penalty on them."""
    examples, width = features.shape
    rows = np.arange(examples)

    def loss(weights: Floats) -> tuple[float, Floats]:
        shape = weights.reshape(width, classes)
        probabilities = softmax(features @ shape)
        likelihood = np.log(np.maximum(probabilities[rows, labels], 1e-30)).sum(dtype=np.float64)
        probabilities[rows, labels] -= 1
        gradient = features.T @ probabilities + PENALTY * shape
        return 0.5 * PENALTY * float(weights @ weights) - float(likelihood), gradient.ravel()

    return minimise(loss, np.zeros(width * classes, dtype=np.float32)).reshape(width, classes)


def minimise(loss: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Floats:
    """Where a smooth convex function is least, by L-BFGS (Nocedal 1980) with halved steps."""
    here, (height, slope) = start, loss(start)
    kept: deque[tuple[Floats, Floats]] = deque(maxlen=REMEMBERED)
    for _ in range(STEPS):
        direction = _direction(slope, kept)
        descent, length = float(slope @ direction), 1.0
        there, (lower, next_slope) = here - direction, loss(here - direction)
        while lower > height - 1e-4 * length * descent and length > SMALLEST:
            length /= 2
            there = here - length * direction
            lower, next_slope = loss(there)
        if lower >= height:
            return here
        step, bend = there - here, next_slope - slope
        if float(step @ bend) > 0:
            kept.append((step, bend))
        is_enough = height - lower < ENOUGH * abs(height)
        here, height, slope = there, lower, next_slope
        if is_enough:
            break
    return here


def _direction(slope: Floats, kept: "deque[tuple[Floats, Floats]]") -> Floats:
    """The two loops of L-BFGS: the slope, seen through the bends of the last steps."""
    if not kept:
        return np.asarray(slope / max(float(np.linalg.norm(slope)), 1e-12), dtype=np.float32)
    direction = slope.copy()
    shares: list[float] = []
    for step, bend in reversed(kept):
        shares.append(float(step @ direction) / float(step @ bend))
        direction -= shares[-1] * bend
    step, bend = kept[-1]
    direction *= float(step @ bend) / float(bend @ bend)
    for (step, bend), share in zip(kept, reversed(shares), strict=True):
        direction += (share - float(bend @ direction) / float(step @ bend)) * step
    return direction
