"""Cutting: every chunk is a slice of its source, and nothing of the text is lost."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.knowledge.cutting import TARGET, cut, first_heading, front_matter, plain
from supportdesk.knowledge.model import clean

ARTICLE = """You can return an item within **30 days**.

## How do I start a return?

1. Open [your orders](/orders).
2. Choose *Return*.

Keep the box.

## Exceptions

### Gift cards

Gift cards cannot be returned.

## Related

- [How do I cancel?](/help/cancel)
- [Where is my order?](/help/track)
"""


def test_a_chunk_carries_its_headings_and_the_question_that_it_answers() -> None:
    chunk = next(chunk for chunk in cut("Returns", ARTICLE) if "Keep the box" in chunk.content)
    assert chunk.heading == "Returns › How do I start a return?"
    assert chunk.question == "How do I start a return?"
    assert chunk.passage == "Returns\nHow do I start a return?\nOpen your orders.\nChoose Return.\nKeep the box."


def test_a_heading_that_is_no_question_stands_with_what_it_stands_under() -> None:
    questions = [chunk.question for chunk in cut("Returns", ARTICLE)]
    assert questions == ["Returns", "How do I start a return?", "Returns: Exceptions: Gift cards"]


def test_the_title_is_not_repeated_by_the_heading_that_says_the_same() -> None:
    (chunk,) = cut("Returns", "# Returns\n\nWithin 30 days.\n")
    assert (chunk.heading, chunk.passage) == ("Returns", "Returns\nWithin 30 days.")


def test_headings_of_the_same_level_do_not_stack() -> None:
    chunks = cut("T", "# One\n\na\n\n## Two\n\nb\n\n# Three\n\nc\n\n### Four\n\nd\n")
    assert [chunk.heading for chunk in chunks] == ["T › One", "T › One › Two", "T › Three", "T › Three › Four"]


def test_a_list_of_links_is_no_answer_and_makes_no_chunk() -> None:
    assert not any("cancel" in chunk.passage or "Related" in chunk.heading for chunk in cut("Returns", ARTICLE))


def test_a_document_without_text_has_no_chunks() -> None:
    assert cut("Empty", "") == []
    assert cut("Empty", "# Empty\n\n## Nothing\n") == []
    assert cut("Empty", "<!-- hidden -->\n\n---\n") == []


def test_a_comment_never_reaches_a_chunk() -> None:
    chunks = cut("T", "One.\n\n<!-- secret -->\n\nTwo.\n")
    assert [chunk.content for chunk in chunks] == ["One.", "Two."]


def test_headings_inside_code_are_no_headings() -> None:
    chunks = cut("T", "```\n# not a heading\n```\n")
    assert [chunk.heading for chunk in chunks] == ["T"]


def test_long_text_is_cut_at_sentences_into_chunks_of_about_600_characters() -> None:
    source = " ".join(f"Sentence number {number} tells of parcels and their ways." for number in range(100))
    bodies = cut("T", source)
    assert all(300 < len(chunk.content) <= TARGET for chunk in bodies[:-1])
    assert all(chunk.content.endswith(".") for chunk in bodies)
    assert " ".join(chunk.content for chunk in bodies) == source


def test_a_word_without_end_is_cut_all_the_same() -> None:
    assert [len(chunk.content) for chunk in cut("T", "x" * 1500)] == [600, 600, 300]


def test_a_small_last_piece_joins_the_one_before_it() -> None:
    source = "A" * 590 + "\n\nThe end."
    assert [chunk.content for chunk in cut("T", source)] == [source]


def test_hostile_markdown_costs_no_more_than_its_length() -> None:
    for text in ("[" * 50_000, "*a_" * 20_000, "> " * 50_000, "`" * 50_000, "\n".join("######"[: i % 6 + 1] + " h"
                 for i in range(5_000)), "<!--" * 20_000):  # fmt: skip
        assert len(cut("T", text)) <= len(text) // 400


MARKDOWN = [
    *("# A\n", "## B?\n", "text. More text.\n", "\n", "- item\n", "1. step\n", "|a|b|\n|-|-|\n", "```\ncode\n```\n"),
    *("> quote\n", "<b>x</b>\n", "---\n", "\tindented\n", "é…。文 "),
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(MARKDOWN), max_size=40))
def test_every_chunk_is_the_slice_that_it_says_it_is(parts: list[str]) -> None:
    source = "".join(parts)
    chunks = cut("Title", source)
    assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
    assert all(source[chunk.start : chunk.end] == chunk.content and chunk.content.strip() for chunk in chunks)
    assert all(before.end <= after.start for before, after in pairwise(chunks))


@given(st.text())
def test_cleaned_text_can_be_stored(text: str) -> None:
    cleaned = clean(text + "\x00\ud800\r\n")
    assert "\x00" not in cleaned
    assert "\r" not in cleaned
    cleaned.encode("utf-8")


def test_front_matter_is_read_and_taken_off() -> None:
    source = "---\ntitle: 'Returns: how?'\nurl: /help/returns\naudience: staff\nslug: x\n---\n\nText.\n"
    said, body = front_matter(source)
    assert (said.title, said.url, said.audience) == ("Returns: how?", "/help/returns", "staff")
    assert body == "\nText.\n"


def test_a_rule_at_the_top_is_not_front_matter() -> None:
    assert front_matter("---\nnever closed")[1] == "---\nnever closed"
    assert front_matter("Text\n---\nmore")[1] == "Text\n---\nmore"


def test_the_first_heading_names_a_document_without_a_title() -> None:
    assert first_heading("Intro\n\n# The *real* title\n") == "The real title"
    assert first_heading("## Only a lower one\n") is None


def test_plain_text_keeps_the_words_and_drops_the_marks() -> None:
    assert plain("**Account → [Orders](/o)** costs `5` \\* 2 &amp; more <br>") == "Account → Orders costs 5 * 2 & more"
    assert plain("| a | b |\n|---|---|\n| 1 | 2 |") == "a b\n1 2"
    assert plain("snake_case stays, _this_ goes") == "snake_case stays, this goes"
