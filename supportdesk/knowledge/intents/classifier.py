"""The classifier: three heads over a text's traits and words, and how familiar the text is at all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, Self

import numpy as np

from supportdesk.knowledge.embedding import DIMENSIONS
from supportdesk.knowledge.intents.regression import Floats, Ints, fit, softmax
from supportdesk.knowledge.intents.words import Words

TRAITS_SCALE: Final = 6.0
"""Vectors of length 1 are multiplied before regression, so that the penalty on the weights leaves them room."""
WORDS_SCALE: Final = 4.0
SHARPNESS: Final = 20.0
"""What an example says for its intent falls by a factor e with each 0.05 of cosine."""
NEIGHBOURS: Final = 3
FEW, MANY = 10, 100
"""Examples per intent between which the weights of the heads move from those of few to those of many."""
WITH_FEW: Final = (0.60, 0.15, 0.25)
WITH_MANY: Final = (0.45, 0.35, 0.20)
"""Weights of traits, words and neighbours; by cross-validation on Banking77's training split (docs/evaluation.md)."""
AT_ONCE: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What the classifier makes of some texts."""

    log_probabilities: Floats
    """Of each intent, shape (texts, intents); a row's probabilities add up to one."""
    logit: Floats
    """The greatest of the regressions' mean logits: high when the text is like the examples of one intent."""
    nearness: Floats
    """Mean cosine with the three nearest examples, -1 to 1."""

    @property
    def best(self) -> Ints:
        """The likeliest intent of each text, by its number."""
        return np.asarray(self.log_probabilities.argmax(axis=1), dtype=np.int64)

    @property
    def probability(self) -> Floats:
        """How likely the likeliest is, should the text be about one of the intents at all."""
        return np.asarray(np.exp(self.log_probabilities.max(axis=1)), dtype=np.float32)


class Classifier:
    """Intents as they were learnt."""

    def __init__(self, intents: Sequence[str], *, examples: Floats, labels: Ints, words: Words) -> None:
        self.intents = tuple(intents)
        self._examples = np.ascontiguousarray(examples[:, :DIMENSIONS])
        self._members = np.eye(len(intents), dtype=np.float32)[labels]
        self._words = words
        self._by_traits = fit(TRAITS_SCALE * examples, labels, len(intents))
        self._by_words = fit(WORDS_SCALE * words.examples, labels, len(intents))
        words.forget()
        self._weights = weights_for(labels)

    @classmethod
    def learn(cls, texts: Sequence[str], traits: Floats, intents: Sequence[str]) -> Self:
        """Learn from examples with their traits and what each is about: seconds for hundreds, a minute for 15,000."""
        names = sorted(set(intents))
        numbers = {name: number for number, name in enumerate(names)}
        labels = np.array([numbers[intent] for intent in intents], dtype=np.int64)
        return cls(names, examples=traits, labels=labels, words=Words(texts))

    def read(self, texts: Sequence[str], traits: Floats) -> Readings:
        """What the texts are about."""
        parts = [
            self._read(texts[at : at + AT_ONCE], traits[at : at + AT_ONCE]) for at in range(0, len(texts), AT_ONCE)
        ]
        return Readings(
            log_probabilities=np.concatenate([part.log_probabilities for part in parts]),
            logit=np.concatenate([part.logit for part in parts]),
            nearness=np.concatenate([part.nearness for part in parts]),
        )

    def _read(self, texts: Sequence[str], traits: Floats) -> Readings:
        by_traits = _product(TRAITS_SCALE * traits, self._by_traits)
        by_words = _product(WORDS_SCALE * self._words.of(texts), self._by_words)
        cosines = _product(traits[:, :DIMENSIONS], self._examples.T)
        told = _product(np.exp(SHARPNESS * (cosines - cosines.max(axis=1, keepdims=True))), self._members)
        of_traits, of_words, of_neighbours = self._weights
        votes = of_traits * _log(softmax(by_traits)) + of_words * _log(softmax(by_words))
        votes += of_neighbours * _log(told / told.sum(axis=1, keepdims=True))
        share = of_words / (of_traits + of_words)
        return Readings(
            log_probabilities=_log(softmax(votes)),
            logit=((1 - share) * by_traits + share * by_words).max(axis=1),
            nearness=np.sort(cosines, axis=1)[:, -NEIGHBOURS:].mean(axis=1),
        )


def weights_for(labels: Ints) -> tuple[float, float, float]:
    """Of traits, words and neighbours: words say the more, the more examples an intent has."""
    size = median(Counter(labels.tolist()).values())
    way = float(np.clip(np.log(size / FEW) / np.log(MANY / FEW), 0, 1))
    traits, words, neighbours = (few + way * (many - few) for few, many in zip(WITH_FEW, WITH_MANY, strict=True))
    return traits, words, neighbours


def _product(rows: Floats, columns: Floats) -> Floats:
    return np.asarray(rows @ columns, dtype=np.float32)


def _log(probabilities: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(probabilities, 1e-9)), dtype=np.float32)
