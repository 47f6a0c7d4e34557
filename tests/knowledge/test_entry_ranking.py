"""The order of entries: what meaning, words and both say."""

import numpy as np

from supportdesk.knowledge.entry_ranking import Entries, rank_entries, stems


def entries(question_cosines: list[float], whole_cosines: list[float], questions: list[str]) -> Entries:
    """Entries whose cosines with the vector (1, 0) are these."""

    def vectors(cosines: list[float]) -> "np.typing.NDArray[np.float32]":
        return np.array([[cosine, (1 - cosine**2) ** 0.5] for cosine in cosines], dtype=np.float32)

    return Entries(
        questions,
        [""] * len(questions),
        question_vectors=vectors(question_cosines),
        whole_vectors=vectors(whole_cosines),
    )


ASKED = np.array([1, 0], dtype=np.float32)


def test_the_nearest_in_meaning_comes_first_and_all_are_ranked() -> None:
    known = entries([0.9, 0.2, 0.5], [0.8, 0.3, 0.5], ["one", "two", "three"])
    ranked = rank_entries("something else", ASKED, known)
    assert [one.place for one in ranked] == [0, 2, 1]
    assert ranked[0].score > ranked[1].score > ranked[2].score


def test_an_exact_word_decides_between_like_meanings() -> None:
    known = entries([0.7, 0.7], [0.7, 0.7], ["Is the A450 in stock?", "Is the B900 in stock?"])
    assert rank_entries("stock of B900", ASKED, known)[0].place == 1


def test_of_equal_entries_the_first_comes_first() -> None:
    known = entries([0.5, 0.5], [0.5, 0.5], ["same", "same"])
    assert [one.place for one in rank_entries("", ASKED, known)] == [0, 1]


def test_most_endings_make_no_other_word() -> None:
    assert stems("delivers delivery") == stems("Delivered!")
    assert stems("bags") == stems("bag")
