"""How grants combine, and why a permission is given or not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from supportdesk.actor import Permission, allows


def meet(grants: Iterable[str], limits: Iterable[str]) -> frozenset[str]:
    """What both allow: patterns that cover exactly the permissions which a grant and a limit cover."""
    known = list(limits)
    pairs = [_meet_two(grant, limit) for grant in grants for limit in known]
    return frozenset(pattern for pattern in pairs if pattern is not None)


def _meet_two(one: str, other: str) -> str | None:
    met = []
    for a, b in zip(one.split(":"), other.split(":"), strict=True):
        if a != b and "*" not in (a, b):
            return None
        met.append(b if a == "*" else a)
    return ":".join(met)


@dataclass(frozen=True, slots=True)
class Grant:
    """A pattern, and the role that grants it."""

    role: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a permission is given, and the rule that decided."""

    permission: str
    is_allowed: bool
    role: str | None
    pattern: str | None
    reason: str


def judge(permission: Permission, grants: Sequence[Grant], *, limits: frozenset[str] | None = None) -> Verdict:
    """The rule that decides: the narrowest pattern of any role, unless an access token's limits leave it out."""
    covering = [grant for grant in grants if allows(grant.pattern, permission)]
    if not covering:
        held = ", ".join(sorted({grant.role for grant in grants})) or "none"
        return Verdict(permission, False, None, None, f"No pattern of these roles covers it: {held}.")
    rule = min(covering, key=lambda grant: (grant.pattern.count("*"), grant.role))
    if limits is not None and not any(allows(limit, permission) for limit in limits):
        reason = f"The role {rule.role} grants {rule.pattern}, but the access token is limited to less."
        return Verdict(permission, False, rule.role, rule.pattern, reason)
    return Verdict(permission, True, rule.role, rule.pattern, f"The role {rule.role} grants {rule.pattern}.")
