"""What an approval is bound to, and which arguments no tool takes."""

import json

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from supportdesk.errors import DeskError
from supportdesk.tools.model import canonical, checked, sealed

NUMBERS = st.integers(-(2**53), 2**53) | st.floats(-(2**53), 2**53)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=10)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
ARGS = st.dictionaries(TEXTS, VALUES, max_size=5)


@given(ARGS)
def test_the_order_of_keys_and_the_spelling_of_numbers_seal_alike(args: dict[str, JsonValue]) -> None:
    back = dict(reversed(json.loads(json.dumps(args)).items()))
    assert sealed("refund", back) == sealed("refund", args)
    assert sealed("other", args) != sealed("refund", args)
    assert json.loads(canonical(args)) == args


def test_a_whole_number_is_one_with_and_without_a_point() -> None:
    assert sealed("t", {"n": 10.0}) == sealed("t", {"n": 10})
    assert sealed("t", {"n": 1}) != sealed("t", {"n": True})
    assert sealed("t", {"n": 1}) != sealed("t", {"n": "1"})
    assert sealed("t", {"n": [1, 2]}) != sealed("t", {"n": [2, 1]})


async def test_postgresql_gives_back_what_was_sealed(owner: "asyncpg.Connection[asyncpg.Record]") -> None:
    odd: list[dict[str, JsonValue]] = [
        {"n": 1e15}, {"n": 1e-7}, {"n": 0.1 + 0.2}, {"n": 1.0}, {"n": -0.0}, {"n": 5e-324},
        {"b": 1, "aa": 2, "a": "é\u2028\U0001f600"}, {"": {"deep": [None, True, "\\u0000"]}},
    ]  # fmt: skip
    for args in odd:
        plain = checked(args)
        stored = json.loads(await owner.fetchval("SELECT $1::jsonb", json.dumps(plain)))
        assert sealed("t", stored) == sealed("t", args), args


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"text": "x" * 1_000_000}, "too_large"),
        ({"many": ["x"] * 1_000_000}, "too_large"),
        ({"text": "é" * 20_000}, "too_large"),
        ({"text": "a\x00b"}, "bad_arguments"),
        ({"text": "\ud800"}, "bad_arguments"),
        ({"n": float("nan")}, "bad_arguments"),
        ({"n": float("inf")}, "bad_arguments"),
        ({"n": 2**70}, "bad_arguments"),
        ({"n": 1.7e308}, "bad_arguments"),
        ({"what": {1, 2}}, "bad_arguments"),
        ({1: "a"}, "bad_arguments"),
        ([1], "bad_arguments"),
        ("refund", "bad_arguments"),
        (None, "bad_arguments"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_no_tool_takes_is_refused_with_a_sentence(args: object, code: str) -> None:
    with pytest.raises(DeskError) as refused:
        checked(args)  # type: ignore[arg-type]
    assert refused.value.specific_code == code
    assert refused.value.sentence.endswith(".")


def test_arguments_nested_without_end_are_refused() -> None:
    deep: JsonValue = "bottom"
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(DeskError):
        checked({"deep": deep})
