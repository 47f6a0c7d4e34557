"""Putting things on record."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from supportdesk.audit import queries
from supportdesk.core.db import Tx


async def note(
    tx: Tx,
    action: str,
    *,
    subject: tuple[str, UUID] | None = None,
    details: Mapping[str, Any] | None = None,
    outcome: str = "done",
    reason: str | None = None,
    address: str | None = None,
) -> None:
    """Record what the transaction's actor did: `action` as `noun.past`, the subject as kind and id.

    `outcome` is done, denied or failed; details hold ids and states, never what people wrote.
    """
    await queries.insert_audit(
        tx.conn,
        tx.actor,
        action,
        outcome=outcome,
        subject=subject,
        reason=reason,
        address=address,
        data=details or {},
    )


async def note_access(tx: Tx, kind: str, thing_id: UUID, *, reason: str | None = None) -> None:
    """Record that the actor opened a room, transcript, file, ledger page, search or export that is not theirs."""
    if tx.actor.id is not None:
        await queries.insert_access(tx.conn, tx.actor, kind, thing_id, reason)
