"""Whether a call of a tool runs, waits for a person, or is refused. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from supportdesk.tools.declaration import Tool
from supportdesk.tools.model import ApprovalSettings, Args, Facts, Risk, Rule, Verdict


@dataclass(frozen=True, slots=True)
class Run:
    """It runs by itself; `why` names what allows it."""

    why: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A person decides; `why` names what asks for one."""

    why: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """It does not run, whoever agrees; `why` is a sentence."""

    why: str


Decision: TypeAlias = Run | Ask | Refuse


def decide(tool: Tool, args: Args, settings: ApprovalSettings, facts: Facts) -> Decision:
    """The first of these that has something to say: denial, budget, newness, the tool's rule, its risk; else ask."""
    rule = settings.rules.get(tool.name)
    if rule is not None and rule.verdict is Verdict.DENY:
        return Refuse(f"The tool {tool.name} is switched off in this workspace.")
    if _is_spent(tool, settings, facts):
        return Ask("the hour's budget is spent")
    if tool.needs_no_approval:
        return Run("needs no approval")
    if settings.asks_for_new and not facts.is_known:
        return Ask("the tool is new here")
    if rule is not None:
        return _by_rule(rule, args)
    if tool.risk is Risk.READ and settings.read_only:
        return Run("reading runs by itself")
    if tool.risk is Risk.LOW and settings.low_risk:
        return Run("low risk runs by itself")
    return Ask(f"risk {tool.risk}")


def _is_spent(tool: Tool, settings: ApprovalSettings, facts: Facts) -> bool:
    return tool.cost > 0 and (
        facts.spent_on_tool + tool.cost > settings.max_cost_per_tool
        or facts.spent_in_all + tool.cost > settings.max_cost_per_hour
    )


def _by_rule(rule: Rule, args: Args) -> Decision:
    if rule.verdict is Verdict.ASK:
        return Ask("the rule for this tool asks")
    for name, limit in rule.at_most.items():
        given = args.get(name)
        if isinstance(given, bool) or not isinstance(given, int | float) or Decimal(str(given)) > limit:
            return Ask(f"{name} is above {limit}")
    return Run("the rule for this tool allows it")
