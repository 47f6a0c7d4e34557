"""Holds calls of models against the budgets, and books what they have used."""

from dataclasses import dataclass
from decimal import Decimal

from supportdesk.actor import Actor
from supportdesk.core.db import Database, Lane
from supportdesk.llm.faults import ModelUnavailable
from supportdesk.llm.model import Caller, Hold, Standing, Usage
from supportdesk.llm.queries import spending


@dataclass(frozen=True, slots=True)
class Meter:
    """Of all workspaces; each step is a transaction of its own, because no model speaks within one."""

    db: Database

    async def standing(self, caller: Caller) -> Standing:
        """What is used today."""
        async with self.db.read(Actor.system(caller.workspace_id), lane=Lane.BACKGROUND) as conn:
            return await spending.standing_of(conn, caller)

    async def hold(self, caller: Caller, hold: Hold) -> None:
        """Admit a call that uses at most this. Raises ModelUnavailable when a budget is spent.

        A call is admitted while anything is left, and calls under way count with the most they may use: together
        they go over a budget by less than one of them.
        """
        async with self.db.transaction(Actor.system(caller.workspace_id), lane=Lane.BACKGROUND) as tx:
            await spending.lock_budgets(tx.conn, caller.workspace_id)
            await spending.book_lost_holds(tx.conn, caller.workspace_id)
            if refusal := (await spending.standing_of(tx.conn, caller)).refusal:
                raise ModelUnavailable(refusal)
            await spending.insert_hold(tx.conn, caller, hold)

    async def book(self, caller: Caller, hold: Hold, usage: Usage, cost: Decimal | None) -> None:
        """Write down what a call has used."""
        async with self.db.transaction(Actor.system(caller.workspace_id), lane=Lane.BACKGROUND) as tx:
            await spending.book(tx.conn, caller, hold, usage, cost)
