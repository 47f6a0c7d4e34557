"""How grants combine, and which rule decides."""

from hypothesis import given
from hypothesis import strategies as st

from supportdesk.accounts.model import covers
from supportdesk.actor import Permission, allows
from supportdesk.permissions.model import Grant, judge, meet

SEGMENTS = [sorted({str(permission).split(":")[place] for permission in Permission}) for place in range(3)]
PATTERNS = st.builds(lambda *parts: ":".join(parts), *(st.sampled_from(["*", *names]) for names in SEGMENTS))
SETS = st.frozensets(PATTERNS, max_size=5)


def allowed(patterns: frozenset[str]) -> set[Permission]:
    """Everything that a set of patterns covers."""
    return {permission for permission in Permission if any(allows(pattern, permission) for pattern in patterns)}


@given(SETS, SETS)
def test_a_token_met_with_its_owner_does_exactly_what_both_allow(
    grants: frozenset[str], limits: frozenset[str]
) -> None:
    assert allowed(meet(grants, limits)) == allowed(grants) & allowed(limits)


@given(SETS)
def test_no_limit_changes_nothing_and_no_grant_gives_nothing(grants: frozenset[str]) -> None:
    assert allowed(meet(grants, {"*:*:*"})) == allowed(grants)
    assert meet(grants, frozenset()) == meet(frozenset(), grants) == frozenset()


@given(SETS, SETS)
def test_who_covers_a_role_can_do_all_that_it_grants(grants: frozenset[str], role: frozenset[str]) -> None:
    if covers(grants, role):
        assert allowed(role) <= allowed(grants)
    assert covers(grants, grants)
    assert covers({"*:*:*"}, role)


@given(
    st.lists(st.builds(Grant, st.sampled_from(["agent", "manager"]), PATTERNS), max_size=6), st.sampled_from(Permission)
)
def test_the_verdict_is_what_the_actor_would_be_told(grants: list[Grant], permission: Permission) -> None:
    verdict = judge(permission, grants)
    assert verdict.is_allowed == (permission in allowed(frozenset(grant.pattern for grant in grants)))
    if verdict.is_allowed:
        assert verdict.pattern is not None
        assert allows(verdict.pattern, permission)
        assert Grant(str(verdict.role), verdict.pattern) in grants


def test_the_narrowest_rule_is_named() -> None:
    grants = [Grant("admin", "*:*:*"), Grant("agent", "chat:room:*"), Grant("agent", "chat:room:read")]
    assert judge(Permission.ROOM_READ, grants).reason == "The role agent grants chat:room:read."
    assert judge(Permission.ROOM_CLOSE, grants).reason == "The role agent grants chat:room:*."
    assert judge(Permission.JOB_RUN, grants).reason == "The role admin grants *:*:*."
    assert judge(Permission.JOB_RUN, grants[1:]).reason == "No pattern of these roles covers it: agent."
    assert judge(Permission.JOB_RUN, []).reason == "No pattern of these roles covers it: none."
    limited = judge(Permission.ROOM_CLOSE, grants, limits=frozenset({"chat:room:read"}))
    assert not limited.is_allowed
    assert "access token" in limited.reason
