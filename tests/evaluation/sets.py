"""Tiny sets of a shop, written by hand in the formats of the public ones."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ABOUT: Mapping[str, Sequence[str]] = {
    "delivery": (
        "where is my parcel",
        "when will my order arrive",
        "the courier has not come yet",
        "track my delivery please",
        "my package is late",
        "has my order been shipped",
    ),
    "refund": (
        "i want my money back",
        "how do refunds work",
        "when do you pay me back",
        "the refund is not on my account",
        "can i be refunded for this",
        "give me a refund",
    ),
    "password": (
        "i forgot my password",
        "cannot log in to my account",
        "reset my login",
        "my password does not work",
        "how do i change the password",
        "the login page refuses me",
    ),
}
ELSEWHERE = ("how far away is the moon", "who won the match last night", "tell me a joke", "what rhymes with orange")


def write_csv(path: Path, rows: Iterable[tuple[str, str]], head: Sequence[str] = ("text", "category")) -> None:
    """A CSV file with a head."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])


def write_lines(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """An object on each line."""
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")


def write_intents(folder: Path) -> None:
    """Four texts per intent to learn from, two to be asked."""
    write_csv(folder / "train.csv", [(text, about) for about, texts in ABOUT.items() for text in texts[:4]])
    write_csv(folder / "test.csv", [(text, about) for about, texts in ABOUT.items() for text in texts[4:]])


def write_clinc(folder: Path) -> None:
    """The splits of CLINC150."""
    splits = {"train": slice(0, 3), "val": slice(3, 4), "test": slice(4, 6)}
    inside = {
        name: [[text, about] for about, texts in ABOUT.items() for text in texts[of]] for name, of in splits.items()
    }
    outside = {"oos_val": slice(0, 2), "oos_test": slice(2, 4)}
    strange = {name: [[text, "oos"] for text in ELSEWHERE[of]] for name, of in outside.items()}
    (folder / "data_full.json").write_text(json.dumps(inside | strange), "utf-8")
