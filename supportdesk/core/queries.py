"""The core's own SQL: claimed job runs, the outbox, remembered acknowledgements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.core.wire import to_json

CLAIM_JOB_RUNS: Final = """
    INSERT INTO job_runs AS r (job, due_at, claimed_by, claimed_until)
         SELECT w.job, w.due_at, $3, now() + make_interval(secs => $4)
           FROM unnest($1::text[], $2::timestamptz[]) AS w (job, due_at)
          WHERE NOT EXISTS (SELECT 1 FROM job_pauses p WHERE p.job = w.job)
    ON CONFLICT (job, due_at) DO UPDATE
            SET claimed_by = excluded.claimed_by, claimed_until = excluded.claimed_until, attempt = r.attempt + 1
          WHERE r.status = 'running' AND r.claimed_until < now() -- its node died
      RETURNING job, due_at, attempt
"""

INSERT_MANUAL_RUN: Final = """
    INSERT INTO job_runs (job, due_at, claimed_by, claimed_until)
         VALUES ($1, clock_timestamp(), $2, now() + make_interval(secs => $3))
      RETURNING due_at, attempt
"""

EXTEND_JOB_RUN: Final = """
    UPDATE job_runs
       SET claimed_until = now() + make_interval(secs => $3)
     WHERE job = $1 AND due_at = $2 AND attempt = $4 AND status = 'running' -- a later attempt is somebody else's
 RETURNING attempt
"""

FINISH_JOB_RUN: Final = """
    UPDATE job_runs
       SET status = $4, result = $5, error_message = $6, finished_at = now()
     WHERE job = $1 AND due_at = $2 AND attempt = $3 AND status = 'running'
 RETURNING attempt
"""

ABANDON_JOB_RUNS: Final = """
    UPDATE job_runs
       SET status = 'abandoned', error_message = $2, finished_at = now()
     WHERE job = ANY ($1::text[]) AND status = 'running'
       AND claimed_until < now() - interval '1 minute' -- long enough for whoever would take it over
 RETURNING job
"""

LIST_LAST_RUNS: Final = """
    SELECT DISTINCT ON (job) job, due_at, status, started_at, finished_at, result, error_message,
           status = 'running' AND claimed_until < now() - interval '1 minute' AS is_abandoned -- and not yet swept
      FROM job_runs
     ORDER BY job, started_at DESC
"""

ABANDONED: Final = "The process that ran this ended without finishing it. Run it now, or wait for the next run."

LIST_PAUSED: Final = """
    SELECT job
      FROM job_pauses
"""

PAUSE_JOB: Final = """
    INSERT INTO job_pauses (job, paused_by)
         VALUES ($1, $2)
    ON CONFLICT (job) DO NOTHING
"""

RESUME_JOB: Final = """
    DELETE FROM job_pauses
     WHERE job = $1
"""

FIND_OP_RESULT: Final = """
    SELECT command, body_sha256, result
      FROM op_results
     WHERE workspace_id = $1 AND actor_id = $2 AND op_id = $3
"""

LOCK_OP: Final = """
    SELECT pg_advisory_xact_lock($1) -- two retries of one command at once: the second waits and gets the first's answer
"""

INSERT_OP_RESULT: Final = """
    INSERT INTO op_results (workspace_id, actor_id, op_id, command, body_sha256, result)
         VALUES ($1, $2, $3, $4, $5, $6)
"""

INSERT_OUTBOX: Final = """
    INSERT INTO outbox (workspace_id, kind, payload, dedup_key)
         VALUES ($1, $2, $3, $4)
    ON CONFLICT (workspace_id, kind, dedup_key) WHERE dedup_key IS NOT NULL DO NOTHING
"""

CLAIM_OUTBOX: Final = """
    UPDATE outbox o
       SET claimed_by = $1, claimed_until = now() + make_interval(secs => $2), attempt = o.attempt + 1
     WHERE o.id IN (
         SELECT id
           FROM outbox
          WHERE done_at IS NULL AND failed_at IS NULL AND available_at <= now()
            AND (claimed_until IS NULL OR claimed_until < now())
          ORDER BY available_at
          LIMIT $3
            FOR UPDATE SKIP LOCKED -- another node takes others
     )
 RETURNING o.id, o.kind, o.payload, o.attempt
"""

FINISH_OUTBOX: Final = """
    UPDATE outbox
       SET done_at = now(), error_message = NULL, claimed_until = NULL
     WHERE id = $1
"""

RETRY_OUTBOX: Final = """
    UPDATE outbox
       SET available_at = now() + make_interval(secs => $2), error_message = $3, claimed_until = NULL,
           failed_at = CASE WHEN $4 THEN now() END
     WHERE id = $1
"""

WORKSPACES_WITH_OUTBOX: Final = """
    SELECT workspace_id, oldest_s
      FROM desk_outbox_due()
"""

HAS_VECTORS: Final = """
    SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'vector')
"""

SERVER_VERSION: Final = "SELECT current_setting('server_version')"

FSYNC: Final = "SELECT current_setting('fsync')::boolean"

COUNT_DEMO_STAFF: Final = """
    SELECT count(*)
      FROM users
     WHERE email LIKE '%@demo.test' AND deleted_at IS NULL
"""

LIST_WORKSPACES: Final = """
    SELECT workspace_id
      FROM desk_workspaces()
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """One run that a node has taken; whoever takes it over has a later attempt."""

    job: str
    due_at: datetime
    attempt: int


@dataclass(frozen=True, slots=True)
class LastRun:
    """How a job's latest run went."""

    job: str
    due_at: datetime
    status: str
    started_at: datetime
    finished_at: datetime | None
    result: dict[str, Any] | None
    error_message: str | None


@dataclass(frozen=True, slots=True)
class SideEffect:
    """One claimed row of the outbox."""

    id: UUID
    kind: str
    payload: dict[str, Any]
    attempt: int


async def claim_job_runs(
    conn: Connection, due: Sequence[tuple[str, datetime]], node: str, lease_s: float
) -> list[Claim]:
    """Claim what nobody has claimed, or whose claim ran out."""
    rows = await conn.fetch(CLAIM_JOB_RUNS, [job for job, _ in due], [at for _, at in due], node, lease_s)
    return [Claim(row["job"], row["due_at"], row["attempt"]) for row in rows]


async def insert_manual_run(conn: Connection, job: str, node: str, lease_s: float) -> Claim:
    """Claim a run that is due because somebody said so."""
    row = await conn.fetchrow(INSERT_MANUAL_RUN, job, node, lease_s)
    if row is None:
        raise LookupError("An INSERT returns its row")
    return Claim(job, row["due_at"], row["attempt"])


async def extend_job_run(conn: Connection, claim: Claim, lease_s: float) -> bool:
    """Keep the claim while the work goes on; False when another node has taken it over."""
    return await conn.fetchval(EXTEND_JOB_RUN, claim.job, claim.due_at, lease_s, claim.attempt) is not None


async def finish_job_run(
    conn: Connection, claim: Claim, status: str, result: dict[str, Any] | None, problem: str | None
) -> bool:
    """Write down how it went; False, and nothing is written, when another node has taken it over."""
    packed = to_json(result).decode() if result is not None else None
    done = await conn.fetchval(FINISH_JOB_RUN, claim.job, claim.due_at, claim.attempt, status, packed, problem)
    return done is not None


async def abandon_job_runs(conn: Connection, jobs: Sequence[str]) -> list[str]:
    """Give up the runs of these jobs whose node died and that nobody has taken up; the jobs concerned."""
    return [row["job"] for row in await conn.fetch(ABANDON_JOB_RUNS, list(jobs), ABANDONED)]


async def list_last_runs(conn: Connection) -> dict[str, LastRun]:
    """The latest run of each job."""
    return {row["job"]: _last_run(row) for row in await conn.fetch(LIST_LAST_RUNS)}


def _last_run(row: asyncpg.Record) -> LastRun:
    found = dict(row)
    if found.pop("is_abandoned"):
        found |= {"status": "abandoned", "error_message": ABANDONED}
    found["result"] = orjson.loads(row["result"]) if row["result"] else None
    return LastRun(**found)


async def list_paused(conn: Connection) -> set[str]:
    """The jobs that somebody has paused."""
    return {row["job"] for row in await conn.fetch(LIST_PAUSED)}


async def pause_job(conn: Connection, job: str, actor: Actor) -> None:
    """Run it no more until it is resumed."""
    await conn.execute(PAUSE_JOB, job, actor.id)


async def resume_job(conn: Connection, job: str) -> None:
    """Run it again."""
    await conn.execute(RESUME_JOB, job)


async def find_op_result(conn: Connection, actor: Actor, op_id: str, key: int) -> tuple[str, bytes, str] | None:
    """What the command with this op_id was, and what it was answered; waits for a twin under way."""
    await conn.execute(LOCK_OP, key)
    row = await conn.fetchrow(FIND_OP_RESULT, actor.workspace_id, actor.id, op_id)
    return None if row is None else (row["command"], row["body_sha256"], row["result"])


async def insert_op_result(
    conn: Connection, actor: Actor, op_id: str, command: str, digest: bytes, result: str
) -> None:
    """Remember the answer."""
    await conn.execute(INSERT_OP_RESULT, actor.workspace_id, actor.id, op_id, command, digest, result)


async def insert_outbox(
    conn: Connection, workspace_id: WorkspaceId, kind: str, payload: dict[str, Any], dedup_key: str | None
) -> None:
    """Promise a side effect, in the transaction of its cause."""
    await conn.execute(INSERT_OUTBOX, workspace_id, kind, to_json(payload).decode(), dedup_key)


async def claim_outbox(conn: Connection, node: str, lease_s: float, limit: int) -> list[SideEffect]:
    """Take what is due, for a while."""
    return [
        SideEffect(row["id"], row["kind"], orjson.loads(row["payload"]), row["attempt"])
        for row in await conn.fetch(CLAIM_OUTBOX, node, lease_s, limit)
    ]


async def finish_outbox(conn: Connection, effect_id: UUID) -> None:
    """It is done."""
    await conn.execute(FINISH_OUTBOX, effect_id)


async def retry_outbox(conn: Connection, effect_id: UUID, *, after_s: float, problem: str, final: bool) -> None:
    """Try again later, or never."""
    await conn.execute(RETRY_OUTBOX, effect_id, after_s, problem[:500], final)


async def workspaces_with_outbox(conn: Connection) -> dict[WorkspaceId, float]:
    """Workspaces that have due side effects, with the age of their oldest in seconds."""
    rows = await conn.fetch(WORKSPACES_WITH_OUTBOX)
    return {WorkspaceId(row["workspace_id"]): float(row["oldest_s"]) for row in rows}


async def list_workspaces(conn: Connection) -> list[WorkspaceId]:
    """Every workspace of the installation, for work that goes through all of them."""
    return [WorkspaceId(row["workspace_id"]) for row in await conn.fetch(LIST_WORKSPACES)]


async def has_vectors(conn: Connection) -> bool:
    """Whether the database can compare vectors."""
    return bool(await conn.fetchval(HAS_VECTORS))


async def server_version(conn: Connection) -> str:
    """As the server itself says it."""
    return str(await conn.fetchval(SERVER_VERSION))


async def is_durable(conn: Connection) -> bool:
    """Whether a commit is on disk when it is acknowledged."""
    return bool(await conn.fetchval(FSYNC))


async def count_demo_staff(conn: Connection) -> int:
    """How many accounts have the demo's public password; for the owner's connection."""
    return int(await conn.fetchval(COUNT_DEMO_STAFF))
