"""Telling intents apart by an admin's phrases: learnt when they are first used, and kept while they stay the same."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from supportdesk.knowledge.model import clean
from supportdesk.knowledge.pool import Embeddings

if TYPE_CHECKING:
    from supportdesk.knowledge.intents.chance import Chance
    from supportdesk.knowledge.intents.classifier import Classifier

KEPT: Final = 16
"""Sets of intents that are kept, about 30 kB per intent."""
AT_ONCE: Final = 32
LONGEST: Final = 1_000
"""Characters of a text that are looked at: as many as the model reads."""
Phrases = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a text is most likely about, and the chance, 0 to 1, that it is about just that."""

    intent: str
    chance: float


class Sorter:
    """Sorts texts into intents."""

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings
        self._kept: OrderedDict[tuple[tuple[str, str], ...], Classifier] = OrderedDict()
        self._learning = asyncio.Lock()

    async def sort(self, text: str, phrases: Phrases) -> Sorted | None:
        """What the text is about; None where there is no text or no phrase.

        The first time takes a second and about 10 ms for each phrase, all of it beside the loop. Raises WorkerLost, and
        StartError for a wrong model file.
        """
        asked = clean(text).strip()[:LONGEST]
        examples = tuple(
            (clean(phrase).strip()[:LONGEST], intent) for intent, told in sorted(phrases.items()) for phrase in told
        )
        examples = tuple((phrase, intent) for phrase, intent in examples if phrase)
        if not asked or not examples:
            return None
        async with self._learning:  # of two that come with the same phrases, one learns them
            classifier = self._kept.get(examples) or await self._learn(examples)
            self._kept[examples] = classifier
            self._kept.move_to_end(examples)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        traits = await self._embeddings.traits_of_question(asked)
        readings = classifier.read([asked], traits)
        return Sorted(classifier.intents[int(readings.best[0])], float(_few_examples().of(readings)[0]))

    async def _learn(self, examples: tuple[tuple[str, str], ...]) -> "Classifier":
        import numpy as np

        from supportdesk.knowledge.intents.classifier import Classifier

        texts = [phrase for phrase, _ in examples]
        traits = [await self._embeddings.traits_of(texts[at : at + AT_ONCE]) for at in range(0, len(texts), AT_ONCE)]
        return await asyncio.to_thread(
            Classifier.learn, texts, np.concatenate(traits), [intent for _, intent in examples]
        )


def _few_examples() -> "Chance":
    """The chance for 3 to 30 intents with 3 to 20 phrases each, as an admin gives them.

    Fitted on draws of so many intents from CLINC150's training split; of other draws, a chance of 0.6 let through 91 %
    of what was right and 6 % of what was not (docs/evaluation.md).
    """
    from supportdesk.knowledge.intents.chance import Chance

    return Chance(weights=(0.599, 5.309, 2.360), middle=-2.950)
