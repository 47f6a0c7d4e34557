"""All SQL of what expires by itself, and of the months that are made ahead."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from supportdesk.actor import WorkspaceId
from supportdesk.core.db import Connection

EXPIRE_OP_RESULTS: Final = """
    DELETE FROM op_results
     WHERE workspace_id = $1 AND created_at < $2::timestamptz - interval '1 day'
"""

EXPIRE_DEDUP: Final = """
    DELETE FROM message_dedup
     WHERE workspace_id = $1 AND created_at < $2::timestamptz - make_interval(days => (
         SELECT online_days FROM retention_policies WHERE workspace_id = $1 AND subject = 'dedup' AND is_active))
"""

EXPIRE_AI_CACHE: Final = """
    DELETE FROM ai_cache
     WHERE workspace_id = $1 AND ttl < $2
"""

# least() passes over what is NULL: whichever of the ends came first counts, and what never ends is never older.
EXPIRE_SESSIONS: Final = """
    DELETE FROM sessions
     WHERE workspace_id = $1 AND least(expires_at, revoked_at) < $2::timestamptz - interval '7 days'
"""

EXPIRE_GUEST_SESSIONS: Final = """
    DELETE FROM guest_sessions
     WHERE workspace_id = $1 AND least(expires_at, revoked_at) < $2::timestamptz - interval '7 days'
"""

EXPIRE_ACCESS_TOKENS: Final = """
    DELETE FROM personal_access_tokens
     WHERE workspace_id = $1 AND least(expires_at, revoked_at) < $2::timestamptz - interval '30 days'
"""

EXPIRE_TICKETS: Final = """
    DELETE FROM socket_tickets
     WHERE workspace_id = $1 AND least(expires_at, used_at) < $2::timestamptz - interval '1 hour'
"""

EXPIRE_VERIFICATIONS: Final = """
    DELETE FROM verification_tokens
     WHERE workspace_id = $1 AND least(expires_at, used_at) < $2::timestamptz - interval '7 days'
"""

EXPIRE_INVITATIONS: Final = """
    DELETE FROM invitations
     WHERE workspace_id = $1
       AND least(expires_at, accepted_at, revoked_at) < $2::timestamptz - interval '30 days'
"""

EXPIRE_OUTBOX: Final = """
    DELETE FROM outbox
     WHERE workspace_id = $1
       AND (done_at < $2::timestamptz - interval '7 days' OR failed_at < $2::timestamptz - interval '30 days')
"""

EXPIRE_ATTEMPTS: Final = """
    DELETE FROM sign_in_attempts
     WHERE attempted_at < $1::timestamptz - interval '30 days'
"""

EXPIRE_JOB_RUNS: Final = """
    DELETE FROM job_runs
     WHERE greatest(started_at, claimed_until) < $1::timestamptz - interval '90 days'
"""

EXPIRING: Final = {
    "op_results": EXPIRE_OP_RESULTS,
    "message_dedup": EXPIRE_DEDUP,
    "ai_cache": EXPIRE_AI_CACHE,
    "sessions": EXPIRE_SESSIONS,
    "guest_sessions": EXPIRE_GUEST_SESSIONS,
    "personal_access_tokens": EXPIRE_ACCESS_TOKENS,
    "socket_tickets": EXPIRE_TICKETS,
    "verification_tokens": EXPIRE_VERIFICATIONS,
    "invitations": EXPIRE_INVITATIONS,
    "outbox": EXPIRE_OUTBOX,
}

LASTS: Final[Mapping[str, str]] = {
    "llm_holds": "the next call of the workspace, or the clock, books those whose time is over",
    "tool_executions": "when an approval lapses; the row is part of its conversation and leaves with it",
}
"""Tables whose rows have an end and outlive it, and why; a test compares this and EXPIRING with the catalogue."""

MISSING_PARTITIONS: Final = """
    SELECT parent, month
      FROM desk_missing_partitions($1)
"""

MAKE_PARTITION: Final = """
    SELECT desk_make_partition($1, $2)
"""


async def expire(conn: Connection, table: str, workspace_id: WorkspaceId, now: datetime) -> int:
    """Delete a table's rows whose time is over; returns how many."""
    return _count(await conn.execute(EXPIRING[table], workspace_id, now))


async def expire_common(conn: Connection, now: datetime) -> dict[str, int]:
    """The same for the tables that belong to no workspace."""
    return {
        "sign_in_attempts": _count(await conn.execute(EXPIRE_ATTEMPTS, now)),
        "job_runs": _count(await conn.execute(EXPIRE_JOB_RUNS, now)),
    }


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])


async def missing_partitions(conn: Connection, ahead: int) -> list[tuple[str, date]]:
    """Tables and months that lack their partition."""
    return [(row["parent"], row["month"]) for row in await conn.fetch(MISSING_PARTITIONS, ahead)]


async def make_partition(conn: Connection, parent: str, month: date) -> None:
    """Make one month's partition; waits two seconds for its lock."""
    await conn.execute(MAKE_PARTITION, parent, month)
