"""The tools of the demo shop: what a customer asks about most, and what a shop gives when something went wrong."""

import secrets
from decimal import Decimal
from typing import Final

from pydantic import Field, JsonValue

from supportdesk.actor import Actor
from supportdesk.core.db import Database, Lane
from supportdesk.errors import Conflict, NotFound
from supportdesk.tools.declaration import Asking, Tool, ToolArgs, declare
from supportdesk.tools.model import Risk
from supportdesk.tools.queries import shop

NOT_THEIRS: Final = "There is no order of this number with this e-mail address."
ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
MOST: Final = Decimal(100)
"""The largest voucher."""


class WhichOrder(ToolArgs):
    """An order, and the e-mail it was placed with unless the guest has signed in."""

    order_number: str = Field(pattern=r"^[A-Za-z0-9-]{3,20}$", description="As it stands in the confirmation: A-10042")
    email: str | None = Field(
        None, max_length=254, description="The address the order was placed with; needed unless the guest is signed in"
    )


class Voucher(WhichOrder):
    """A voucher for the trouble with an order."""

    amount: Decimal = Field(gt=0, le=MOST, decimal_places=2, description="In the currency of the order")
    reason: str = Field(min_length=1, max_length=300, description="Why, for the shop's books")


def shop_tools(db: Database) -> list[Tool]:
    """look_up_order and issue_voucher over the shop's tables."""

    async def look_up_order(asking: Asking, want: WhichOrder) -> JsonValue:
        async with db.read(Actor.system(asking.actor.workspace_id), lane=Lane.BACKGROUND) as conn:
            order = await shop.find_order(conn, asking.room_id, want.order_number.upper(), want.email)
        if order is None:
            raise NotFound(NOT_THEIRS)
        return {
            "order_number": order.number,
            "status": order.status,
            "items": [dict(item) for item in order.items],
            "total": f"{order.total:.2f}",
            "currency": order.currency,
            "placed_on": order.placed_at.date().isoformat(),
            "due_on": order.due_on.isoformat() if order.due_on else None,
        }

    async def issue_voucher(asking: Asking, want: Voucher) -> JsonValue:
        code = "ACME-" + "".join(secrets.choice(ALPHABET) for _ in range(8))
        async with db.transaction(Actor.system(asking.actor.workspace_id), lane=Lane.BACKGROUND) as tx:
            order = await shop.find_order(tx.conn, asking.room_id, want.order_number.upper(), want.email)
            if order is None:
                raise NotFound(NOT_THEIRS)
            issued = await shop.insert_voucher(
                tx.conn,
                tx.actor.workspace_id,
                order,
                execution_id=asking.execution_id,
                code=code,
                amount=want.amount,
                reason=want.reason,
            )
            if not issued:
                raise Conflict("This approval has given a voucher already.")
        return {"code": code, "amount": f"{want.amount:.2f}", "currency": order.currency, "order_number": order.number}

    return [
        declare(
            "look_up_order",
            "Find an order of the guest: its state, what is in it and when it should arrive.",
            WhichOrder,
            look_up_order,
            risk=Risk.READ,
            idempotent=True,
        ),
        declare(
            "issue_voucher",
            f"Give the guest a voucher of up to {MOST} for the trouble with an order.",
            Voucher,
            issue_voucher,
            risk=Risk.HIGH,
        ),
    ]
