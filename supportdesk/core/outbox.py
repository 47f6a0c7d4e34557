"""Side effects that a commit promised: each a row, tried until it is done or has failed for good."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core import queries
from supportdesk.core.db import Database, Lane, Tx
from supportdesk.core.metrics import OUTBOX, OUTBOX_AGE
from supportdesk.core.queries import SideEffect
from supportdesk.errors import DeskError

log = structlog.get_logger(__name__)

Carrier = Callable[[WorkspaceId, dict[str, Any]], Awaitable[None]]
LEASE_S = 120
BATCH = 20
TRIES = 10


class Outbox:
    """Carries out side effects by kind; n nodes carry each out once at a time."""

    def __init__(self, db: Database, *, node: str) -> None:
        self._db = db
        self._node = node
        self._carriers: dict[str, Carrier] = {}

    def carry(self, kind: str, carrier: Carrier) -> None:
        """Say who carries out a kind; it must be idempotent, because a crash may repeat it."""
        self._carriers[kind] = carrier

    async def sweep(self) -> int:
        """Carry out everything that is due now; returns how many were tried."""
        async with self._db.bare(lane=Lane.BACKGROUND) as conn:
            due = await queries.workspaces_with_outbox(conn)
        OUTBOX_AGE.set(max(due.values(), default=0))
        tried = 0
        for workspace_id in due:
            actor = Actor.system(workspace_id)
            async with self._db.transaction(actor, lane=Lane.BACKGROUND) as tx:
                effects = await queries.claim_outbox(tx.conn, self._node, LEASE_S, BATCH)
            for effect in effects:
                await self._carry_out(actor, effect)
            tried += len(effects)
        return tried

    async def _carry_out(self, actor: Actor, effect: SideEffect) -> None:
        problem = None
        carrier = self._carriers.get(effect.kind)
        if carrier is None:
            problem = f"Nobody carries out {effect.kind}."
        else:
            try:
                await carrier(actor.workspace_id, effect.payload)
            except DeskError as error:
                problem = error.sentence
            except Exception as error:
                log.exception("outbox.failed", kind=effect.kind, effect=str(effect.id))
                problem = f"{type(error).__name__}: {error}"
        OUTBOX.labels(effect.kind, "failed" if problem else "done").inc()
        async with self._db.transaction(actor, lane=Lane.BACKGROUND) as tx:
            if problem is None:
                await queries.finish_outbox(tx.conn, effect.id)
            else:
                after_s = min(3600.0, 2.0**effect.attempt * 5)
                final = effect.attempt >= TRIES
                await queries.retry_outbox(tx.conn, effect.id, after_s=after_s, problem=problem, final=final)


async def promise(tx: Tx, kind: str, payload: dict[str, Any], *, dedup_key: str | None = None) -> None:
    """Promise a side effect: it happens after this transaction commits, and only then."""
    await queries.insert_outbox(tx.conn, tx.actor.workspace_id, kind, payload, dedup_key)
