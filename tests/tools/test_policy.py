"""What runs, what waits and what is refused: the order of the policy, for any settings."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from supportdesk.errors import Invalid
from supportdesk.tools.declaration import MOST_STEPS, Asking, Tool
from supportdesk.tools.model import ApprovalSettings, Args, Facts, Risk, Rule, Verdict
from supportdesk.tools.policy import Ask, Refuse, Run, decide

MONEY = st.decimals(0, 20, places=2)


async def nothing(_asking: Asking, _args: Args) -> JsonValue:
    return None


def tool(**more: object) -> Tool:
    plain = Tool(name="refund", description="", parameters={"type": "object"}, run=nothing)
    return Tool(**{name: getattr(plain, name) for name in Tool.__slots__} | more)


TOOLS = st.builds(
    tool,
    risk=st.sampled_from(Risk),
    cost=MONEY,
    needs_no_approval=st.booleans(),
)
RULES = st.builds(Rule, st.sampled_from(Verdict), st.dictionaries(st.just("amount"), MONEY))
SETTINGS = st.builds(
    ApprovalSettings,
    read_only=st.booleans(),
    low_risk=st.booleans(),
    rules=st.dictionaries(st.sampled_from(["refund", "other"]), RULES),
    max_cost_per_tool=MONEY,
    max_cost_per_hour=MONEY,
    asks_for_new=st.booleans(),
)
FACTS = st.builds(Facts, spent_on_tool=MONEY, spent_in_all=MONEY, is_known=st.booleans())
ARGS = st.dictionaries(st.sampled_from(["amount", "other"]), st.integers(0, 20) | st.text() | st.booleans())


@given(TOOLS, ARGS, SETTINGS, FACTS)
def test_the_first_reason_that_applies_decides(one: Tool, args: Args, settings: ApprovalSettings, facts: Facts) -> None:
    decision = decide(one, args, settings, facts)
    rule = settings.rules.get("refund")
    spent = one.cost > 0 and (
        facts.spent_on_tool + one.cost > settings.max_cost_per_tool
        or facts.spent_in_all + one.cost > settings.max_cost_per_hour
    )
    if rule is not None and rule.verdict is Verdict.DENY:
        assert isinstance(decision, Refuse)
    elif spent:
        assert isinstance(decision, Ask)
    elif one.needs_no_approval:
        assert isinstance(decision, Run)
    elif settings.asks_for_new and not facts.is_known:
        assert isinstance(decision, Ask)
    elif rule is not None:
        assert isinstance(decision, Ask) or rule.verdict is Verdict.RUN
    else:
        by_class = {Risk.READ: settings.read_only, Risk.LOW: settings.low_risk, Risk.HIGH: False}
        assert isinstance(decision, Run) is by_class[one.risk]


@given(TOOLS, ARGS, FACTS)
def test_as_a_workspace_begins_nothing_runs_by_itself_but_what_needs_no_approval(
    one: Tool, args: Args, facts: Facts
) -> None:
    assert isinstance(decide(one, args, ApprovalSettings(), facts), Run) <= one.needs_no_approval


@given(TOOLS, ARGS, SETTINGS, FACTS, MONEY)
def test_more_money_spent_never_lets_more_run(
    one: Tool, args: Args, settings: ApprovalSettings, facts: Facts, more: Decimal
) -> None:
    later = Facts(
        spent_on_tool=facts.spent_on_tool + more, spent_in_all=facts.spent_in_all + more, is_known=facts.is_known
    )
    order: Sequence[type] = (Run, Ask)
    before, after = decide(one, args, settings, facts), decide(one, args, settings, later)
    if type(before) is not Refuse:
        assert order.index(type(before)) <= order.index(type(after))


@given(st.one_of(st.integers(-100, 100), st.floats(allow_nan=False), st.text(), st.booleans(), st.none()))
def test_a_limit_lets_only_numbers_within_it_run(amount: JsonValue) -> None:
    settings = ApprovalSettings(rules={"refund": Rule(Verdict.RUN, {"amount": Decimal(10)})})
    decision = decide(tool(), {"amount": amount}, settings, Facts())
    fits = isinstance(amount, int | float) and not isinstance(amount, bool) and amount <= 10
    assert isinstance(decision, Run) is fits
    assert isinstance(decide(tool(), {}, settings, Facts()), Ask), "what is not given is not within a limit"


def test_a_strangers_schema_is_checked_against_so_many_arguments_and_no_more() -> None:
    many: dict[str, JsonValue] = {f"p{n}": {"type": "integer"} for n in range(MOST_STEPS // 400)}
    stranger = tool(parameters={"type": "object", "properties": many})
    stranger.check({"list": list(range(100))})
    with pytest.raises(Invalid, match="too many to be checked"):
        stranger.check({"list": list(range(400))})
