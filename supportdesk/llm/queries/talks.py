"""Conversations that wait, what was left out of prompts, and answers that are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from supportdesk.core.db import Connection
from supportdesk.llm.context import Step
from supportdesk.llm.model import Caller
from supportdesk.llm.talk import PARTS, PAUSED, Paused

INSERT_PAUSE: Final = """
    INSERT INTO llm_pauses (workspace_id, room_id, interaction_id, execution_ids, history)
         VALUES ($1, $2, $3, $4, $5)
"""

UPDATE_PAUSE: Final = """
    UPDATE llm_pauses
       SET history = $2
     WHERE id = $1
"""

LIST_PAUSES: Final = """
    SELECT id, execution_ids, history
      FROM llm_pauses
     WHERE room_id = $1 AND execution_ids && $2::uuid[]
     ORDER BY created_at DESC
     LIMIT 20
"""

DELETE_OLD_PAUSES: Final = """
    DELETE FROM llm_pauses
          WHERE created_at < now() - interval '30 days'
"""

INSERT_OPTIMISATION: Final = """
    INSERT INTO context_optimizations (workspace_id, room_id, trigger_reason, optimization_type, tokens_before,
                                       tokens_after, summary, affected_messages)
         VALUES ($1, $2, 'token_limit', $3, $4, $5, $6, $7)
"""

FIND_ANSWER: Final = """
    UPDATE ai_cache
       SET hits = hits + 1, last_hit_at = now()
     WHERE workspace_id = $1 AND model = $2 AND prompt_hash = $3 AND scope = $4 AND ttl > now()
 RETURNING response_text, cost_estimate, tokens_used
"""

KEEP_ANSWER: Final = """
    INSERT INTO ai_cache (workspace_id, model, prompt_hash, scope, prompt_summary, response_text, tokens_used,
                          cost_estimate, ttl)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9))
    ON CONFLICT (workspace_id, model, prompt_hash, scope) DO UPDATE
       SET response_text = excluded.response_text, tokens_used = excluded.tokens_used,
           cost_estimate = excluded.cost_estimate, ttl = excluded.ttl, created_at = now(), hits = 0
"""

COUNT_KEPT: Final = """
    SELECT count(*) AS answers, coalesce(sum(hits), 0)::bigint AS hits, sum(hits * cost_estimate) AS saved,
           coalesce(sum(hits * tokens_used), 0)::bigint AS saved_tokens
      FROM ai_cache
     WHERE workspace_id = $1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an answer is kept: by its model, the sha256 of its whole prompt, and for whom."""

    model: str
    prompt_hash: str
    scope: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An answer that was given before, with what it had cost."""

    text: str
    cost: Decimal | None
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A conversation that is kept, with the executions for which it was."""

    id: UUID
    execution_ids: frozenset[UUID]
    paused: Paused


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What kept answers have saved; `cost` is None when no price was known."""

    answers: int
    hits: int
    cost: Decimal | None
    tokens: int


async def insert_pause(conn: Connection, caller: Caller, paused: Paused) -> None:
    """Keep what the model has said and called so far."""
    await conn.execute(
        INSERT_PAUSE,
        caller.workspace_id,
        caller.room_id,
        caller.interaction_id,
        list(paused.waiting.values()),
        PAUSED.dump_json(paused).decode(),
    )


async def update_pause(conn: Connection, pause_id: UUID, paused: Paused) -> None:
    """Add to it what was decided meanwhile."""
    await conn.execute(UPDATE_PAUSE, pause_id, PAUSED.dump_json(paused).decode())


async def list_pauses(conn: Connection, caller: Caller, execution_ids: Sequence[UUID]) -> list[Pause]:
    """The conversations that wait for one of these executions, the newest first. At most 20."""
    rows = await conn.fetch(LIST_PAUSES, caller.room_id, list(execution_ids))
    return [
        Pause(id=row["id"], execution_ids=frozenset(row["execution_ids"]), paused=PAUSED.validate_json(row["history"]))
        for row in rows
    ]


async def delete_old_pauses(conn: Connection) -> None:
    """Forget the conversations that nobody will go on with."""
    await conn.execute(DELETE_OLD_PAUSES)


async def insert_optimisation(conn: Connection, caller: Caller, step: Step, summary: str | None) -> None:
    """Write down what was left out of a prompt."""
    await conn.execute(
        INSERT_OPTIMISATION,
        caller.workspace_id,
        caller.room_id,
        step.kind,
        step.before,
        step.after,
        summary,
        PARTS.dump_json(step.left_out).decode(),
    )


async def find_answer(conn: Connection, caller: Caller, place: Place) -> Kept | None:
    """An answer to the very same prompt; counts as a hit."""
    row = await conn.fetchrow(FIND_ANSWER, caller.workspace_id, place.model, place.prompt_hash, place.scope)
    if row is None:
        return None
    return Kept(text=row["response_text"], cost=row["cost_estimate"], tokens=row["tokens_used"])


async def keep_answer(conn: Connection, caller: Caller, place: Place, kept: Kept, *, ttl_s: float) -> None:
    """Keep an answer for whoever asks the very same."""
    await conn.execute(
        KEEP_ANSWER,
        caller.workspace_id,
        place.model,
        place.prompt_hash,
        place.scope,
        place.summary,
        kept.text,
        kept.tokens,
        kept.cost,
        ttl_s,
    )


async def count_kept(conn: Connection, workspace_id: UUID) -> Saved:
    """What the kept answers have saved so far."""
    row = await conn.fetchrow(COUNT_KEPT, workspace_id)
    if row is None:
        raise LookupError("an aggregate has a row")
    return Saved(answers=row["answers"], hits=row["hits"], cost=row["saved"], tokens=row["saved_tokens"])
