"""Answers: whole parts of an article, word for word, where they stand."""

from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from supportdesk.knowledge.answering import answer_of, choose, joined, parts_to_quote, rows_asked_for
from supportdesk.knowledge.blocks import blocks, rows, sentences
from supportdesk.knowledge.model import ChunkId, DocumentId, Hit, Part, Why

TABLE = "| Place | Price |\n|---|---|\n| Norway | €12 |\n| Sweden | €5 |\n| Spain | €5 |\n| Italy | €5 |"


def parts(text: str) -> list[str]:
    return [text[start:end] for start, end in blocks(text)]


def part(text: str, fit: float, *, position: int = 40, is_lead: bool = False) -> Part:
    return Part(ChunkId(UUID(int=position)), text, position, is_lead, fit, frozenset())


def hit(text: str) -> Hit:
    return Hit(DocumentId(UUID(int=1)), ChunkId(UUID(int=2)), "T", "H", text, "/u", 0.9, 40, Why(0.8, 0.5))


def asked_for(words: set[str], text: str = TABLE) -> str:
    return "\n".join(text[slice(*span)] for span in rows_asked_for(text, (0, len(text)), words))


def test_sentences_end_at_full_stops_but_not_at_abbreviations_numbers_or_addresses() -> None:
    text = "It costs €4.95, e.g. for Mr. Smith. See https://a.test/b.html for more! Really? Yes."
    assert [text[start:end] for start, end in sentences(text)] == [
        "It costs €4.95, e.g. for Mr. Smith.",
        "See https://a.test/b.html for more!",
        "Really?",
        "Yes.",
    ]


def test_a_sentence_never_breaks_inside_bold_text_or_a_link() -> None:
    text = "Press **Go. Now.** Then [wait. A bit](/x). Done."
    assert [text[start:end] for start, end in sentences(text)] == [
        "Press **Go. Now.**",
        "Then [wait. A bit](/x).",
        "Done.",
    ]


def test_a_paragraph_stays_whole_unless_it_is_long() -> None:
    assert parts("One. Two.\n\nThree.") == ["One. Two.", "Three."]
    assert len(parts("This is one of many sentences. " * 20)) == 20


def test_a_list_stays_whole_and_so_does_one_with_its_introduction() -> None:
    assert parts("1. Open it.\n2. Close it.\n\nThat is all.") == ["1. Open it.\n2. Close it.", "That is all."]
    assert parts("Text here.\n\n- One thing.\n- Another.\n  Its second line.") == [
        "Text here.",
        "- One thing.\n- Another.\n  Its second line.",
    ]
    assert parts("You need:\n\n- a box\n\n- tape\n\nThat is all.") == ["You need:\n\n- a box\n\n- tape", "That is all."]
    assert parts("You need:\n- a box\n- tape") == ["You need:\n- a box\n- tape"]


def test_of_a_long_table_the_head_and_the_rows_are_quoted_that_the_question_names() -> None:
    assert asked_for({"norway", "price"}) == "| Place | Price |\n|---|---|\n| Norway | €12 |"
    assert asked_for({"greec"}) == TABLE
    assert asked_for({"norway"}, TABLE.replace("| Spain | €5 |\n| Italy | €5 |", "").strip()) != ""
    assert asked_for({"text"}, "No table with text.") == "No table with text."


def test_the_best_block_takes_its_good_neighbours_along_as_far_as_there_is_room() -> None:
    spans = [(0, 5), (6, 10), (11, 15), (16, 20), (21, 25)]
    assert choose(spans, [0.1, 0.2, 0.9, 0.3, 0.1], keep=0.8, most=25) == (11, 15)
    assert choose(spans, [0.1, 0.8, 0.9, 0.85, 0.84], keep=0.8, most=25) == (6, 25)
    assert choose(spans, [0.1, 0.8, 0.9, 0.85, 0.84], keep=0.8, most=14) == (11, 25)
    assert choose(spans, [0.9, 0.1, 0.9, 0.1, 0.1], keep=0.8, most=25) == (0, 5)


def test_a_section_that_is_hardly_better_comes_after_the_opening_of_its_article() -> None:
    opening = part("Report it at once.", 0.6, position=0, is_lead=True)
    later = part("Later than 7 days it is a claim.", 0.7)
    assert parts_to_quote([opening, later]) == [opening, later]
    assert parts_to_quote([opening, part("Quite another matter.", 1.1)]) == [part("Quite another matter.", 1.1)]


def test_the_opening_stands_alone_unless_a_section_is_as_good() -> None:
    opening = part("Report it at once.", 0.7, position=0, is_lead=True)
    near = part("Later.", 0.69)
    assert parts_to_quote([opening, part("Later.", 0.5)]) == [opening]
    assert parts_to_quote([near, opening]) == [opening, near]


def test_two_parts_are_never_longer_together_than_a_chat_window() -> None:
    opening = part("x" * 300, 0.6, position=0, is_lead=True)
    section = part("y" * 500, 0.7)
    assert parts_to_quote([opening, section]) == [section]


def test_an_answer_is_a_quotation_and_each_piece_has_its_place() -> None:
    answer = answer_of(hit("One. Two. Three."), [(part("One. Two. Three.", 1), [(5, 9)]), (part("Four.", 1), [(0, 5)])])
    assert answer.text == "Two.\n\nFour."
    first, second = answer.citations
    assert (first.quote, first.position, first.url) == ("Two.", 45, "/u")
    assert second.quote == "Four."


def test_rows_of_a_table_are_a_table_again() -> None:
    spans = rows_asked_for(TABLE, (0, len(TABLE)), {"spain"})
    answer = answer_of(hit(TABLE), [(part(TABLE, 1), spans)])
    assert answer.text == "| Place | Price |\n|---|---|\n| Spain | €5 |"


def test_blocks_that_stand_side_by_side_are_one_piece() -> None:
    assert joined([(0, 4), (5, 9), (15, 21)], "One. Two. Four Three.") == [(0, 9), (15, 21)]


@given(st.text(alphabet="aB. !?*`[]()\n-1|#é。", max_size=700))
def test_blocks_are_in_order_and_lose_no_word(text: str) -> None:
    spans = blocks(text)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    kept = "".join(text[start:end] for start, end in spans)
    assert "".join(kept.split()) == "".join(text.split())


@given(st.text(alphabet="ab|\n- ", max_size=80))
def test_any_table_can_be_cut_to_rows(text: str) -> None:
    table = "|" + text
    for start, end in rows_asked_for(table, (0, len(table)), {"a", "b"}):
        assert 0 <= start <= end <= len(table)


@given(st.text(alphabet="aB. !?*`。", max_size=100))
def test_sentences_of_a_paragraph_lose_no_word(text: str) -> None:
    kept = "".join(text[start:end] for start, end in sentences(text))
    assert "".join(kept.split()) == "".join(text.split())


def test_rows_that_go_on_from_an_earlier_chunk_have_no_head() -> None:
    table = "\n".join(f"| Country{n} | {n} days |" for n in range(10, 20))
    assert rows(table, (0, len(table)))[0] is None
    spans = rows_asked_for(table, (0, len(table)), {"country16"})
    assert [table[slice(*span)] for span in spans] == ["| Country16 | 16 days |"]
