"""Answers by rules that an admin has written: the first that matches, else it is silent."""

from collections.abc import AsyncIterator
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from supportdesk.robots import contract
from supportdesk.robots.contract import Event, HandOff, QuickReplies, Robot, Role, Say, Silent, Turn

from .patterns import LONGEST_PATTERN, escaped, matches, problem

LONGEST_ANSWER = 4_000
LONGEST_REASON = 200
GUEST_NAME = "{guest_name}"


class Rule(BaseModel):
    """What a message must say, and what the guest gets for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: str = Field(
        min_length=1,
        max_length=LONGEST_PATTERN,
        title="Words or pattern",
        description="What a message must contain, such as: opening hours",
    )
    is_pattern: bool = Field(
        default=False, title="It is a pattern", description="A regular expression of RE2, such as: order #?[0-9]{4,}"
    )
    whole_words: bool = Field(
        default=True, title="Whole words only", description="Otherwise “hour” is found in “hours”, too."
    )
    match_case: bool = Field(default=False, title="Capitals count")
    answer: str = Field(
        default="",
        max_length=LONGEST_ANSWER,
        title="Answer (Markdown)",
        description="{guest_name} is replaced by the guest's name.",
    )
    quick_replies: list[Annotated[str, Field(min_length=1, max_length=80)]] = Field(
        default_factory=list, max_length=10, title="Quick replies", description="Offered below the answer."
    )
    hand_off: bool = Field(default=False, title="Then hand over to a person")

    @model_validator(mode="after")
    def _can_be_used(self) -> "Rule":
        if not self.words.strip():
            raise ValueError("a rule needs words that are more than blanks")
        if not self.answer.strip() and not self.hand_off:
            raise ValueError(f"the rule for “{self.words}” needs an answer, or has to hand over to a person")
        if self.is_pattern and (wrong := problem(self.words)):
            raise ValueError(wrong)
        return self


class RulesRobot(Robot):
    """Answers by rules that an admin has written; without one that fits it is silent."""

    name, version = "rules", "1.0.0"
    display_name = "Assistant"
    example_settings: ClassVar[contract.StoredSettings] = {
        "rules": [
            {"words": "refund", "answer": "Within five days, {guest_name}.", "quick_replies": ["Thanks"]},
            {"words": "instructions|script", "is_pattern": True, "hand_off": True},
        ]
    }

    class Settings(contract.Settings):
        """The rules, in the order in which they are tried."""

        rules: list[Rule] = Field(
            default_factory=list,
            max_length=100,
            title="Rules",
            description="The first rule that matches a message answers it.",
        )
        nameless: str = Field(
            default="there", max_length=80, title="In place of a guest's name that is not known", min_length=1
        )

    settings: Settings

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """What the first rule says that matches."""
        rule = None if turn.role is Role.FOLLOW else self._rule_for(turn.text)
        if rule is None:
            yield Silent(reason="no rule matches")
            return
        said = rule.answer.strip().replace(GUEST_NAME, escaped(turn.guest_name) or self.settings.nameless)
        if said:
            yield Say(delta=said)
            if rule.quick_replies:
                yield QuickReplies(options=tuple(rule.quick_replies))
        if rule.hand_off:
            yield HandOff(reason=f"the rule for: {rule.words}"[:LONGEST_REASON])

    def _rule_for(self, text: str) -> Rule | None:
        return next((rule for rule in self.settings.rules if self._fits(rule, text)), None)

    def _fits(self, rule: Rule, text: str) -> bool:
        return matches(
            text,
            rule.words,
            is_pattern=rule.is_pattern,
            whole_words=rule.whole_words,
            match_case=rule.match_case,
        )
