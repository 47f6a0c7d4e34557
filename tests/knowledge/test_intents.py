"""The classifier: what it learns, that it always learns the same, and how sure it is."""

import numpy as np
import pytest

from supportdesk.knowledge.embedding import DIMENSIONS, TRAITS, Embedder
from supportdesk.knowledge.intents.chance import auroc, calibrate, signals
from supportdesk.knowledge.intents.classifier import WITH_FEW, WITH_MANY, Classifier, weights_for
from supportdesk.knowledge.intents.regression import fit, softmax
from supportdesk.knowledge.operating import operating_points
from supportdesk.knowledge.pool import Embeddings
from supportdesk.knowledge.sorting import Sorter
from tests.evaluation.sets import ABOUT, ELSEWHERE

TRAIN = [(text, about) for about, texts in ABOUT.items() for text in texts[:4]]
TEST = [(text, about) for about, texts in ABOUT.items() for text in texts[4:]]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder.load()


def learnt(embedder: Embedder) -> Classifier:
    texts = [text for text, _ in TRAIN]
    return Classifier.learn(texts, embedder.traits(texts), [about for _, about in TRAIN])


def test_the_first_of_the_traits_is_the_vector_of_the_text(embedder: Embedder) -> None:
    traits = embedder.traits(["where is my parcel"])
    assert traits.shape == (1, TRAITS)
    assert np.array_equal(traits[:, :DIMENSIONS], embedder.embed(["where is my parcel"]))
    lengths = np.linalg.norm(traits.reshape(-1, DIMENSIONS), axis=1)
    assert np.allclose(lengths, 1, atol=1e-5)


def test_a_few_examples_are_enough_to_tell_intents_apart(embedder: Embedder) -> None:
    classifier = learnt(embedder)
    texts = [text for text, _ in TEST]
    readings = classifier.read(texts, embedder.traits(texts))
    told = [classifier.intents[at] for at in readings.best.tolist()]
    assert sum(one == about for one, (_, about) in zip(told, TEST, strict=True)) >= len(TEST) - 1
    assert np.allclose(np.exp(readings.log_probabilities).sum(axis=1), 1, atol=1e-4)


def test_the_same_examples_make_the_same_classifier(embedder: Embedder) -> None:
    texts = [text for text, _ in TEST]
    traits = embedder.traits(texts)
    first, second = (learnt(embedder).read(texts, traits) for _ in range(2))
    assert np.array_equal(first.log_probabilities, second.log_probabilities)


def test_what_is_about_none_of_them_is_known_by_its_chance(embedder: Embedder) -> None:
    classifier = learnt(embedder)
    inside = classifier.read([text for text, _ in TEST], embedder.traits([text for text, _ in TEST]))
    outside = classifier.read(ELSEWHERE, embedder.traits(ELSEWHERE))
    chance = calibrate(
        np.concatenate([signals(inside), signals(outside)]), [True] * len(TEST) + [False] * len(ELSEWHERE)
    )
    known, strange = chance.of(inside).tolist(), chance.of(outside).tolist()
    assert auroc(known, strange) == 1
    assert min(known) > max(strange)


def test_the_regression_finds_the_line_between_two_classes() -> None:
    features = np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]], dtype=np.float32) * 4
    weights = fit(features, np.array([0, 0, 1, 1]), 2)
    assert softmax(features @ weights).argmax(axis=1).tolist() == [0, 0, 1, 1]
    assert np.allclose(weights[:, 0], -weights[:, 1], atol=1e-3)


def test_words_weigh_more_where_there_are_many_examples() -> None:
    assert weights_for(np.repeat([0, 1], 4)) == WITH_FEW
    assert weights_for(np.repeat([0, 1], 1000)) == pytest.approx(WITH_MANY)


def test_auroc_counts_pairs_and_half_of_ties() -> None:
    assert auroc([3, 2], [1, 0]) == 1
    assert auroc([1], [1]) == 0.5
    assert auroc([2, 0], [1]) == 0.5


def test_an_operating_point_has_two_sides() -> None:
    points = operating_points([0.9, 0.8, 0.3, 0.2], [True, False, True, False], thresholds=(0, 0.5, 0.95))
    assert [(point.answered, point.wrong) for point in points] == [(1, 0.5), (0.5, 0.5), (0, 0)]


async def test_a_text_is_sorted_by_phrases_with_a_chance() -> None:
    embeddings = Embeddings(workers=1)
    try:
        sorter = Sorter(embeddings)
        phrases = {about: texts[:4] for about, texts in ABOUT.items()}
        told = await sorter.sort("why has my parcel not been delivered", phrases)
        strange = await sorter.sort("how far away is the moon", phrases)
        assert told is not None
        assert strange is not None
        assert told.intent == "delivery"
        assert told.chance > 0.6 > strange.chance
        assert await sorter.sort("  ", phrases) is None
        assert await sorter.sort("hello", {"nothing": [" "]}) is None
    finally:
        await embeddings.close()
