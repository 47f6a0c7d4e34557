"""`supportdesk eval` on tiny sets: the figures it prints, and what it says of sets that are none."""

import json
from pathlib import Path

import pytest

from tests.commands.shell import Ended, run
from tests.evaluation.sets import write_clinc, write_csv, write_intents, write_lines


def measured(folder: Path, name: str, *words: str) -> tuple[dict[str, float], Ended]:
    """The object that comes last, and all that was said."""
    ended = run(folder, "eval", name, str(folder), "--json", *words)
    assert ended.status == 0, ended.err
    figures: dict[str, float] = json.loads(ended.out.splitlines()[-1])
    return figures, ended


def test_intents_are_measured_with_a_table_and_one_object_last(tmp_path: Path) -> None:
    write_intents(tmp_path)
    figures, ended = measured(tmp_path, "intents")
    assert figures.keys() == {"accuracy"}
    assert figures["accuracy"] >= 80
    assert ended.out.startswith("measure")
    assert ended.err == ""  # no terminal, no bar


def test_banking77_is_measured_in_full_and_with_ten_per_intent(tmp_path: Path) -> None:
    write_intents(tmp_path)
    figures, ended = measured(tmp_path, "banking77", "--quick")
    assert figures.keys() == {"accuracy_full", "accuracy_10"}
    assert figures["accuracy_full"] == figures["accuracy_10"]  # there are but four of each
    assert "USE+ConveRT 85.19" in ended.out
    assert "A small part of the set was looked at." in ended.out


def test_clinc150_is_measured_with_what_is_out_of_scope(tmp_path: Path) -> None:
    write_clinc(tmp_path)
    figures, _ = measured(tmp_path, "clinc150")
    assert figures.keys() == {"in_scope", "oos_recall", "auroc"}
    assert figures["auroc"] >= 0.8
    assert 0 <= figures["oos_recall"] <= 100


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    ended = run(tmp_path, "eval", "intents", str(tmp_path / "nowhere"))
    assert ended.status == 1
    assert ended.sentence.startswith(f"There is no folder {tmp_path / 'nowhere'}; one with train.csv")


def test_a_missing_file_is_named_with_what_it_should_be(tmp_path: Path) -> None:
    ended = run(tmp_path, "eval", "clinc150", str(tmp_path))
    assert ended.status == 1
    assert ended.sentence.startswith(f"The folder {tmp_path} has no data_full.json; an object like")


@pytest.mark.parametrize(
    ("head", "rows", "says"),
    [
        (("text", "label"), [("hello", "greeting")], "line 1: the columns text and category are expected"),
        (("text", "category"), [("hello", "greeting"), ("", "empty")], "line 3: a text and a category are expected"),
        (("text", "category"), [], "has no rows below its head"),
        (("text", "category"), [("hello", "greeting")], "has a single category; two or more are expected"),
    ],
)
def test_a_wrong_csv_is_told_with_its_line(
    tmp_path: Path, head: tuple[str, str], rows: list[tuple[str, str]], says: str
) -> None:
    write_intents(tmp_path)
    write_csv(tmp_path / "train.csv", rows, head)
    ended = run(tmp_path, "eval", "intents", str(tmp_path))
    assert ended.status == 1
    assert says in ended.sentence
    assert str(tmp_path / "train.csv") in ended.sentence


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "data_full.json, at its beginning: Invalid JSON"),
        ('{"train": [["text"]]}', "data_full.json, at train.0.1: Field required"),
        ('{"train": [["text", "intent"]]}', "has no split val, or an empty one"),
    ],
)
def test_a_wrong_clinc_file_is_told_with_its_place(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "data_full.json").write_text(content)
    ended = run(tmp_path, "eval", "clinc150", str(tmp_path))
    assert ended.status == 1
    assert says in ended.sentence


SHOP = Path(__file__).parent / "shop"
ENTRY = {"id": "a", "question": "When do you open?", "answer": "At ten."}


def test_retrieval_is_measured_by_the_products_own_ranking() -> None:
    ended = run(SHOP, "eval", "retrieval", str(SHOP), "--json")
    assert ended.status == 0, ended.err
    figures = json.loads(ended.out.splitlines()[-1])
    assert figures.keys() == {"r_at_1", "r_at_5", "mrr"}
    assert figures["r_at_1"] >= 74  # the set is hard on purpose: many entries are about the same things
    assert figures["r_at_5"] >= 92


@pytest.mark.parametrize(
    ("entries", "queries", "says"),
    [
        ([{"id": "a", "question": "When?"}], [], "entries.jsonl, line 1: answer: Field required"),
        ([ENTRY, ENTRY], [], "entries.jsonl, line 2: the id a is that of line 1, too"),
        ([ENTRY], [{"text": "hours", "relevant": ["b"]}], "line 1: entries.jsonl has no entry with the id b"),
        ([ENTRY], [{"text": "hours", "relevant": []}], "queries.jsonl, line 1: relevant: List should have at least 1"),
        ([ENTRY], [{"text": "hours", "relevant": "a"}], "line 1: relevant: Input should be a valid list"),
        ([ENTRY], [], "queries.jsonl is empty"),
    ],
)
def test_wrong_lines_are_told(
    tmp_path: Path, entries: list[dict[str, object]], queries: list[dict[str, object]], says: str
) -> None:
    write_lines(tmp_path / "entries.jsonl", entries)
    write_lines(tmp_path / "queries.jsonl", queries)
    ended = run(tmp_path, "eval", "retrieval", str(tmp_path))
    assert ended.status == 1
    assert says in ended.sentence


def test_a_line_that_is_no_json_is_told_with_its_number(tmp_path: Path) -> None:
    write_lines(tmp_path / "entries.jsonl", [ENTRY])
    (tmp_path / "queries.jsonl").write_text('\n{"text": \n')
    ended = run(tmp_path, "eval", "retrieval", str(tmp_path))
    assert ended.status == 1
    assert "queries.jsonl, line 2: not JSON" in ended.sentence
