"""The rules robot: the first rule that matches answers, patterns cannot run away, and nobody's name becomes markup."""

import time
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from robots.rules.patterns import escaped, matches, problem
from robots.rules.robot import RulesRobot
from supportdesk.errors import Invalid
from supportdesk.robots.contract import Event, HandOff, QuickReplies, Role, Say, Silent, Turn
from supportdesk.robots.settings import settings_for
from supportdesk.robots.testing import PracticeKit, perform, play

Rule: TypeAlias = dict[str, JsonValue]
HOURS: Rule = {"words": "opening hours", "answer": "Hello {guest_name}, we open at nine."}
ORDER: Rule = {"words": r"order #?[0-9]{4,}", "is_pattern": True, "hand_off": True}


async def answers(text: str, *rules: Rule) -> list[Event]:
    return await play(RulesRobot, text, settings={"rules": list(rules)})


async def test_the_first_rule_that_matches_answers() -> None:
    late: Rule = {"words": "hours", "answer": "Later."}
    assert await answers("What are your OPENING  hours?", HOURS, late) == [Say(delta="Hello there, we open at nine.")]
    assert await answers("hours?", HOURS, late) == [Say(delta="Later.")]
    assert await answers("anything else", HOURS, late) == [Silent(reason="no rule matches")]


async def test_a_rule_offers_replies_and_hands_over() -> None:
    rule: Rule = {"words": "complaint", "answer": "I am sorry.", "quick_replies": ["Call me"], "hand_off": True}
    assert await answers("I have a complaint", rule) == [
        Say(delta="I am sorry."),
        QuickReplies(options=("Call me",)),
        HandOff(reason="the rule for: complaint"),
    ]
    assert await answers("It is about order #12345", ORDER) == [HandOff(reason=r"the rule for: order #?[0-9]{4,}")]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("Wann ist die Größe da?", True),
        ("GRÖßE", True),
        ("Größenordnung", False),
        ("Schuhgröße", False),
        ("größe!", True),
    ],
)
async def test_whole_words_are_whole_in_any_script(text: str, *, fits: bool) -> None:
    assert matches(text, "Größe", is_pattern=False, whole_words=True, match_case=False) is fits
    assert matches(text, "größe", is_pattern=False, whole_words=False, match_case=False)


def test_blanks_of_any_kind_part_words() -> None:
    for blank in ("\u00a0", " \n ", "\u2003"):
        assert matches(f"opening{blank}hours", "opening hours", is_pattern=False, whole_words=True, match_case=False)


async def test_words_are_no_pattern_and_capitals_count_when_told_to() -> None:
    assert not matches("abc", "a.c", is_pattern=False, whole_words=True, match_case=False)
    assert matches("a.c", "a.c", is_pattern=False, whole_words=True, match_case=False)
    assert not matches("acme", "ACME", is_pattern=False, whole_words=True, match_case=True)


async def test_a_guests_name_is_words_only() -> None:
    turn = Turn(text="opening hours", guest_name="[Ann](https://evil.test)\n# <b>{guest_name}")
    played = await perform(RulesRobot, turn, kit=PracticeKit(), settings={"rules": [HOURS]})
    assert played.text == (r"Hello \[Ann\]\(https://evil\.test\) \# \<b\>\{guest\_name\}, we open at nine.")
    assert escaped("x" * 500) == "x" * 80


async def test_it_leads_and_does_not_follow() -> None:
    turn = Turn(text="opening hours", role=Role.FOLLOW, lead_text="We open at nine.")
    played = await perform(RulesRobot, turn, kit=PracticeKit(), settings={"rules": [HOURS]})
    assert played.ending == "silent"


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("a(?=b)", "invalid perl operator at character 2, “(?=”"),
        (r"(a)\1", r"invalid escape sequence at character 4, “\1”"),
        ("(a", "missing ) at character 1, “(a”"),
        ("a)|(b", "unexpected )"),
        ("[z-a]", "invalid character class range at character 2, “z-a”"),
        ("((a{100}){100}){100}", "cannot be used"),
        ("a{1001}", "invalid repetition"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_by_its_place(pattern: str, says: str) -> None:
    assert says in problem(pattern)
    with pytest.raises(Invalid) as refused:
        settings_for(RulesRobot, {"rules": [HOURS, {"words": pattern, "is_pattern": True, "answer": "x"}]})
    assert "Rules 2: " in refused.value.sentence
    assert f"“{pattern}”" in refused.value.sentence


@pytest.mark.parametrize("rule", [{"words": "a"}, {"words": "  ", "answer": "x"}, {"words": "a", "answer": " "}])
def test_a_rule_that_does_nothing_is_refused(rule: Rule) -> None:
    with pytest.raises(Invalid, match="Rules 1: "):
        settings_for(RulesRobot, {"rules": [rule]})


async def test_no_message_and_no_pattern_keeps_it_busy() -> None:
    patterns = (r"(a+)+\$", r"(a|aa)*\$", r"(.*a){20}")
    evil: list[JsonValue] = [{"words": pattern, "is_pattern": True, "answer": "x"} for pattern in patterns]
    settings: Rule = {"rules": evil * 33}
    robot = settings_for(RulesRobot, settings)
    began = time.process_time()
    played = await perform(RulesRobot, Turn(text="a" * 16_000 + "!"), kit=PracticeKit(), settings=settings)
    assert played.ending in ("silent", "answered")
    assert time.process_time() - began < 1
    assert len(RulesRobot.Settings.model_validate(robot.model_dump()).rules) == 99


@given(st.text(max_size=300), st.text(min_size=1, max_size=80))
def test_any_words_can_be_looked_for_in_any_text(text: str, words: str) -> None:
    if words.split() and "\x00" not in words:
        assert problem("") == ""
        found = matches(f"{text} {words} ", words, is_pattern=False, whole_words=False, match_case=True)
        assert found
