"""Whatever a setting may be refused for is said in plain words that name it and what to do."""

import re
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, HttpUrl, JsonValue, SecretStr

from supportdesk.errors import Invalid
from supportdesk.robots import contract
from supportdesk.robots.complaints import UNFIT
from supportdesk.robots.conformance import TEXTS
from supportdesk.robots.contract import Robot
from supportdesk.robots.discovery import discover
from supportdesk.robots.extremes import extremes
from supportdesk.robots.settings import settings_for
from tests.robots.strange import EchoRobot

PYDANTIC = re.compile(
    r"Input should|Field required|Extra inputs|String should|List should|unable to|should have at|should match|"
    r"valid (string|integer|number|boolean|list|tuple)|URL scheme"
)


class Choice(BaseModel, extra="forbid"):
    """A thing within a list."""

    words: str = Field(min_length=1, max_length=5, title="Words")


class PickyRobot(Robot):
    """Has every kind of setting."""

    name = "picky"

    class Settings(contract.Settings):
        """One of each."""

        whole: int = Field(default=1, ge=1, le=9, title="Whole number")
        share: float = Field(default=0.5, gt=0, lt=1, title="Share")
        on: bool = Field(default=True, title="On")
        short: str = Field(default="ab", min_length=2, max_length=4, title="Short text")
        code: str = Field(default="a1", pattern=r"^[a-z]\d$", title="Code")
        shape: Literal["round", "square"] = Field(default="round", title="Shape")
        address: HttpUrl | None = Field(default=None, title="Address")
        choices: list[Choice] = Field(default_factory=list, max_length=2, title="Choices")
        few: list[Annotated[str, Field(max_length=3)]] = Field(default=["a"], min_length=1, title="Few")
        group: Choice = Field(default=Choice(words="x"), title="Group")
        key: SecretStr = Field(default=SecretStr(""), title="Key")

    answer = EchoRobot.answer


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"whole": "many"}, "Whole number: it is no whole number; enter one, such as 3."),
        ({"whole": 1.5}, "Whole number: it is no whole number; enter one, such as 3."),
        ({"whole": 0}, "Whole number: it is too small; enter at least 1."),
        ({"whole": 10}, "Whole number: it is too large; enter at most 9."),
        ({"share": 0}, "Share: it is too small; enter more than 0."),
        ({"share": 1}, "Share: it is too large; enter less than 1."),
        ({"share": "half"}, "Share: it is no number; enter one, such as 0.5."),
        ({"on": "perhaps"}, "On: it is neither on nor off; choose true or false."),
        ({"on": []}, "On: it is neither on nor off; choose true or false."),
        ({"short": "a"}, "Short text: it is too short; enter at least 2 characters."),
        ({"short": "abcde"}, "Short text: it has more than 4 characters; shorten it."),
        ({"short": 3}, "Short text: it is no text; enter words."),
        ({"code": "1a"}, r"Code: it has another form than ^[a-z]\d$ asks for; enter it anew."),
        ({"shape": "oval"}, "Shape: it is none of the choices; choose 'round' or 'square'."),
        ({"address": "nowhere"}, "Address: it is no address; enter one, such as https://example.com/path."),
        ({"address": "ftp://a.test"}, "Address: another kind of address is needed; begin it with 'http'"),
        ({"choices": "none"}, "Choices: it is no list; enter its items one by one."),
        ({"choices": [{"words": "a"}] * 3}, "Choices: it has more than 2 entries; take some out."),
        ({"choices": [{}]}, "Choices 1: Words: it is needed; enter it."),
        ({"choices": [{"words": "a"}, {"words": ""}]}, "Choices 2: Words: it is empty; enter something."),
        ({"choices": [3]}, "Choices 1: it is no group of settings; name each of them with its value."),
        ({"few": []}, "Few: it has too few entries; add some until there are 1."),
        ({"few": ["long"]}, "Few 1: it has more than 3 characters; shorten it."),
        ({"group": {"words": "a", "more": 1}}, "Group: more: there is no such setting; check how it is written"),
        ({"colour": "red"}, "colour: there is no such setting; check how it is written, or leave it out."),
        ({"key": 3}, "Key: it is no text; enter words."),
        ({"timeout_s": 0}, "Give up after this many seconds: it is too small; enter more than 0."),
    ],
)
def test_each_kind_of_error_names_the_setting_and_what_to_do(values: dict[str, JsonValue], told: str) -> None:
    with pytest.raises(Invalid) as refused:
        settings_for(PickyRobot, values)
    assert f"cannot be used. {told}" in refused.value.sentence
    assert not PYDANTIC.search(str(refused.value.details))


@pytest.mark.parametrize("name", sorted(discover(installed=()).usable))
def test_no_robot_that_ships_speaks_pydantics_words(name: str) -> None:
    robot = discover(installed=()).usable[name]
    wrong: list[JsonValue] = ["many", -1, 10**9, 0.5, [], [{}], {}, None, True, TEXTS[-1], [TEXTS[-1]] * 200]
    tried: list[dict[str, JsonValue]] = [{field: value} for field in robot.Settings.model_fields for value in wrong]
    tried += [*extremes(robot), {"no_such_setting": 1}]
    told = [refusal(robot, values) for values in tried]
    assert any(told)
    assert [says for says in told if PYDANTIC.search(says)] == []
    assert [says for says in told if UNFIT in says] == [], "refused for a reason that has no words yet"


def refusal(robot: type[Robot], values: dict[str, JsonValue]) -> str:
    try:
        settings_for(robot, values)
    except Invalid as refused:
        return f"{values}: {refused.sentence} {refused.details}"
    return ""
