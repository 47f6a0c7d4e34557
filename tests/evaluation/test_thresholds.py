"""Where the threshold comes from, and which texts are drawn."""

from supportdesk.evaluation.intents import drawn, threshold_for
from supportdesk.evaluation.sets import Labelled


def test_the_threshold_is_the_highest_that_leaves_the_wanted_share_right() -> None:
    scores, right = [0.9, 0.8, 0.7, 0.6], [True, False, True, True]
    assert threshold_for(scores, right, 0.5) == 0.7
    assert threshold_for(scores, right, 0.75) == 0.6
    assert threshold_for(scores, right, 1) == 0.0
    assert threshold_for(scores, right, 0) == 0.0


def test_a_draw_takes_so_many_of_each_intent_and_the_same_again() -> None:
    texts = Labelled(tuple(f"text {number}" for number in range(40)), ("a", "b") * 20)
    first = drawn(texts, 10, 0)
    assert sorted(first.intents) == ["a"] * 10 + ["b"] * 10
    assert len(set(first.texts)) == 20
    assert drawn(texts, 10, 0) == first
    assert drawn(texts, 10, 1) != first
    assert drawn(texts, 30, 0).intents.count("a") == 20
