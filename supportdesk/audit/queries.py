"""All SQL of the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from supportdesk.actor import Actor
from supportdesk.audit.model import Looked, Outcome, Subject
from supportdesk.core.address import Address
from supportdesk.core.db import Connection

INSERT_NOTE: Final = """
    INSERT INTO audit_log (workspace_id, actor_id, actor_kind, action, outcome, subject_kind, subject_id, reason,
                           address, data)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""

INSERT_LOOK: Final = """
    INSERT INTO access_log (workspace_id, actor_id, actor_kind, kind, thing_id)
         VALUES ($1, coalesce($2::uuid, '00000000-0000-0000-0000-000000000000'), $3, $4, $5)
    ON CONFLICT (workspace_id, actor_id, kind, thing_id, hour) DO NOTHING
"""
"""The desk itself, such as whoever types its commands, is nobody with an id."""

LIST_NOTES: Final = """
    SELECT id, at, actor_id, actor_kind, action, outcome, subject_kind, subject_id, reason, address, data
      FROM audit_log
     WHERE id < $1 AND ($2::text IS NULL OR action = $2) AND ($3::uuid IS NULL OR actor_id = $3)
       AND ($4::uuid IS NULL OR subject_id = $4)
     ORDER BY id DESC
     LIMIT $5
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One line of the log."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    actor_kind: str
    action: str
    outcome: str
    subject_kind: str | None
    subject_id: UUID | None
    reason: str | None
    address: str | None
    data: Mapping[str, Any]


async def insert_note(
    conn: Connection,
    actor: Actor,
    action: str,
    *,
    outcome: Outcome,
    subject: Subject | None,
    reason: str | None,
    address: Address | None,
    data: Mapping[str, object],
) -> None:
    """Append a line."""
    await conn.execute(
        INSERT_NOTE,
        actor.workspace_id,
        actor.id,
        actor.kind,
        action,
        outcome,
        subject.kind if subject else None,
        subject.id if subject else None,
        reason,
        address,
        orjson.dumps(data, default=str).decode(),
    )


async def insert_look(conn: Connection, actor: Actor, looked: Looked, thing_id: UUID) -> None:
    """Append a look, unless there is one of this hour."""
    await conn.execute(INSERT_LOOK, actor.workspace_id, actor.id, actor.kind, looked, thing_id)


async def list_notes(
    conn: Connection, before: UUID, *, action: str | None, actor_id: UUID | None, subject_id: UUID | None, limit: int
) -> list[Note]:
    """Lines older than one, newest first."""
    rows = await conn.fetch(LIST_NOTES, before, action, actor_id, subject_id, limit)
    return [
        Note(
            **{
                **dict(row),
                "address": str(row["address"]) if row["address"] is not None else None,
                "data": orjson.loads(row["data"]),
            }
        )
        for row in rows
    ]
