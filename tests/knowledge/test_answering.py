"""Answers: whole sentences, word for word, where they stand."""

from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from supportdesk.knowledge.answering import answer_of, choose, sentences, units
from supportdesk.knowledge.model import ChunkId, DocumentId, Hit, Why


def parts(text: str) -> list[str]:
    return [text[start:end] for start, end in units(text)]


def hit(text: str) -> Hit:
    return Hit(DocumentId(UUID(int=1)), ChunkId(UUID(int=2)), "T", "H", text, "/u", 0.9, 40, Why(0.8, 0.5))


def test_sentences_end_at_full_stops_but_not_at_abbreviations_numbers_or_addresses() -> None:
    text = "It costs €4.95, e.g. for Mr. Smith. See https://a.test/b.html for more! Really? Yes."
    assert parts(text) == [
        "It costs €4.95, e.g. for Mr. Smith.",
        "See https://a.test/b.html for more!",
        "Really?",
        "Yes.",
    ]


def test_a_sentence_never_breaks_inside_bold_text_or_a_link() -> None:
    assert parts("Press **Go. Now.** Then [wait. A bit](/x). Done.") == [
        "Press **Go. Now.**",
        "Then [wait. A bit](/x).",
        "Done.",
    ]


def test_steps_stay_together_and_so_does_a_list_with_its_introduction() -> None:
    assert parts("1. Open it.\n2. Close it.\n\nThat is all.") == ["1. Open it.\n2. Close it.", "That is all."]
    assert parts("You need:\n\n- a box\n\n- tape\n\nThat is all.") == ["You need:\n\n- a box\n\n- tape", "That is all."]
    assert parts("You need:\n- a box\n- tape") == ["You need:\n- a box\n- tape"]


def test_the_items_of_a_free_list_and_a_table_are_parts() -> None:
    assert parts("Text here.\n\n- One thing.\n- Another.\n  Its second line.") == [
        "Text here.",
        "- One thing.",
        "- Another.\n  Its second line.",
    ]
    assert parts("| a | b |\n|---|---|\n| 1. x | 2 |") == ["| a | b |\n|---|---|\n| 1. x | 2 |"]


def test_the_best_sentence_takes_its_good_neighbours_along_up_to_three() -> None:
    spans = [(0, 5), (6, 10), (11, 15), (16, 20), (21, 25)]
    assert choose(spans, [0.1, 0.2, 0.9, 0.3, 0.1], keep=0.8) == (11, 15)
    assert choose(spans, [0.1, 0.8, 0.9, 0.85, 0.84], keep=0.8) == (11, 25)
    assert choose(spans, [0.9, 0.1, 0.9, 0.1, 0.1], keep=0.8) == (0, 5)


def test_an_answer_is_a_quotation_with_its_place() -> None:
    answer = answer_of(hit("One. Two. Three."), (5, 9))
    assert answer.text == "Two."
    (citation,) = answer.citations
    assert (citation.quote, citation.position, citation.url) == ("Two.", 45, "/u")


@given(st.text(alphabet="aB. !?*`[]()\n-1|#é。", max_size=200))
def test_parts_are_in_order_and_lose_no_word(text: str) -> None:
    spans = units(text)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    kept = "".join(text[start:end] for start, end in spans)
    assert "".join(kept.split()) == "".join(text.split())


@given(st.text(alphabet="aB. !?*`。", max_size=100))
def test_sentences_of_a_paragraph_lose_no_word(text: str) -> None:
    kept = "".join(text[start:end] for start, end in sentences(text))
    assert "".join(kept.split()) == "".join(text.split())
