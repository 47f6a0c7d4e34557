"""Entries and articles on one score: what meaning and words make of them."""

from uuid import UUID, uuid4

from supportdesk.knowledge.ranking import Place, entry_likeness, rank

ASKED = frozenset({"stock", "b900"})


def place(name: str, *, question: float | None, whole: float | None, words: set[str], entry: UUID | None) -> Place:
    """A place that is a document of its own."""
    return Place(
        document_id=uuid4(),
        chunk_id=uuid4(),
        title=name,
        heading=name,
        text=name,
        url=None,
        position=0,
        likeness=whole,
        question_likeness=question,
        words=frozenset(words),
        entry_id=entry,
    )


def first(*places: Place) -> str:
    return rank(ASKED, places, 1)[0].title


def test_an_entry_is_as_near_as_both_its_cosines_say_and_the_greater_says_most() -> None:
    assert entry_likeness(0.5, 0.5) == 0.5
    assert 0.5 < entry_likeness(0.3, 0.7) < 0.7
    assert entry_likeness(0.3, 0.7) > entry_likeness(0.7, 0.3) > 0.5


def test_of_two_entries_with_one_good_cosine_that_with_the_better_other_one_comes_first() -> None:
    alone = place("alone", question=0.7, whole=0.2, words=set(), entry=uuid4())
    both = place("both", question=0.7, whole=0.6, words=set(), entry=uuid4())
    assert first(alone, both) == "both"


def test_a_telling_word_decides_between_entries_that_mean_the_same() -> None:
    a450 = place("A450", question=0.7, whole=0.7, words={"stock"}, entry=uuid4())
    b900 = place("B900", question=0.7, whole=0.7, words={"stock", "b900"}, entry=uuid4())
    assert first(a450, b900) == "B900"


def test_an_entry_and_an_opening_that_are_as_near_have_the_same_chance() -> None:
    entry = place("entry", question=0.6, whole=0.6, words={"stock"}, entry=uuid4())
    article = place("article", question=0.6, whole=0.6, words={"stock"}, entry=None)
    scores = [hit.score for hit in rank(ASKED, [entry, article], 2)]
    assert scores[0] == scores[1]


def test_without_vectors_words_rank_entries_too() -> None:
    none = place("none", question=None, whole=None, words={"stock"}, entry=uuid4())
    some = place("some", question=None, whole=None, words={"stock", "b900"}, entry=uuid4())
    assert first(none, some) == "some"
