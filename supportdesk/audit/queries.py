"""All SQL of the audit."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from supportdesk.actor import Actor
from supportdesk.core.db import Connection
from supportdesk.core.wire import to_json

INSERT_AUDIT: Final = """
    INSERT INTO audit_log (workspace_id, actor_id, actor_kind, action, outcome, subject_kind, subject_id, reason,
                           address, data)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::inet, $10)
"""

INSERT_ACCESS: Final = """
    INSERT INTO access_log (workspace_id, actor_id, actor_kind, kind, thing_id, reason)
         VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT ON CONSTRAINT uq_access_log_hour DO NOTHING
"""


async def insert_audit(
    conn: Connection,
    actor: Actor,
    action: str,
    *,
    outcome: str,
    subject: tuple[str, UUID] | None,
    reason: str | None,
    address: str | None,
    data: Mapping[str, Any],
) -> None:
    """Write one line; data hold ids and states, never text of people."""
    kind, subject_id = subject or (None, None)
    await conn.execute(
        INSERT_AUDIT,
        actor.workspace_id,
        actor.id,
        actor.kind,
        action,
        outcome,
        kind,
        subject_id,
        reason,
        address,
        to_json(data).decode(),
    )


async def insert_access(conn: Connection, actor: Actor, kind: str, thing_id: UUID, reason: str | None) -> None:
    """Write that somebody looked; one row per actor, thing and hour."""
    await conn.execute(INSERT_ACCESS, actor.workspace_id, actor.id, actor.kind, kind, thing_id, reason)
