"""The proxies that the shares of an entry's cosines were chosen by: how they are drawn, and how they are counted."""

import numpy as np

from supportdesk.evaluation.sets import Entry, Labelled, Query, read_entries
from tests.evaluation.paraphrases import HERE, Proxy, asked_of, drawn

TEXTS = Labelled(tuple(f"text {number}" for number in range(12)), ("open_hours", "refund", "oos") * 4)


def test_there_is_a_page_for_each_intent_that_asks_for_something() -> None:
    assert len(read_entries(HERE / "pages" / "banking77")) == 77
    assert len(read_entries(HERE / "pages" / "clinc150")) == 136


def test_what_makes_an_entry_is_not_asked() -> None:
    entries, queries = drawn(TEXTS, 0)
    told = " ".join(f"{entry.question} {entry.answer}" for entry in entries).split()
    assert len(queries) == 6
    assert not {query.text.split()[1] for query in queries} & set(told)
    assert entries[0].answer.startswith("This is about oos.")
    assert drawn(TEXTS, 0) == (entries, queries)


def test_only_what_an_entry_answers_is_asked() -> None:
    entries = [Entry(id="refund", question="Refund?", answer="Yes.")]
    assert {query.relevant for query in asked_of(entries, TEXTS)} == {("refund",)}


def test_a_query_counts_when_a_right_entry_comes_first() -> None:
    entries = [Entry(id=name, question=name, answer="") for name in ("refund", "delivery")]
    queries = [Query(text="refund", relevant=("refund",)), Query(text="delivery tomorrow", relevant=("delivery",))]
    cosines = np.array([[0.9, 0.1], [0.6, 0.5]])
    proxy = Proxy(entries, queries, cosines, cosines)
    assert proxy.first(proxy.greater) == 50
    assert proxy.first(proxy.greater, np.array([1])) == 100
    assert proxy.words.tolist() == [[1, 0], [0, proxy.words[1, 1]]]
    assert 0 < proxy.words[1, 1] < 1
