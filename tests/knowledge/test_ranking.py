"""Entries and articles on one score: what meaning and words make of them."""

from uuid import UUID, uuid4

from supportdesk.knowledge.ranking import MOST_CONTESTED, Place, contested, entry_likeness, rank, settled

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


def test_of_entries_that_are_about_as_near_the_closer_in_words_takes_the_first_place_and_its_score() -> None:
    near = place("near", question=0.70, whole=0.70, words=set(), entry=uuid4())
    about = place("about", question=0.69, whole=0.69, words=set(), entry=uuid4())
    page = place("page", question=0.68, whole=0.68, words=set(), entry=None)
    hits = rank(ASKED, [near, about, page], 3)
    rivals = contested(hits)
    assert [hit.title for hit in rivals] == ["near", "about"]
    after = settled(hits, rivals, [0.5, 0.6])
    assert [hit.title for hit in after if hit.entry_id] == ["about", "near"]
    assert [hit.score for hit in after] == [hit.score for hit in hits]
    assert [hit.title for hit in settled(hits, rivals, [0.5, 0.5])] == [hit.title for hit in hits]
    assert {hit.title: hit.why.closeness for hit in after} == {"near": 0.5, "about": 0.6, "page": None}


def test_what_is_clear_is_not_looked_at_again() -> None:
    clear = place("clear", question=0.8, whole=0.8, words=set(), entry=uuid4())
    far = place("far", question=0.7, whole=0.7, words=set(), entry=uuid4())
    page = place("page", question=0.95, whole=0.95, words=set(), entry=None)
    assert contested(rank(ASKED, [clear, far], 3)) == []
    assert contested(rank(ASKED, [clear, page], 3)) == []
    assert contested([]) == []
    alike = [place(f"{n}", question=0.8, whole=0.8, words=set(), entry=uuid4()) for n in range(9)]
    assert len(contested(rank(ASKED, alike, 9))) == MOST_CONTESTED
