"""The demo shop's orders and vouchers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson

from supportdesk.actor import WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.rooms.model import RoomId

FIND_ORDER: Final = """
    SELECT o.id, o.number, o.status, o.items, o.total, o.currency, o.placed_at, o.due_on
      FROM shop_orders o
      JOIN chat_rooms r ON r.id = $1
      JOIN users g ON g.id = r.creator_id
     WHERE o.workspace_id = r.workspace_id AND o.number = $2
       -- Who is signed in is known by that; for all others an e-mail beside the number is the proof.
       AND ((g.is_identity_verified AND o.customer_ref = g.external_id) OR o.email = lower($3))
"""

INSERT_VOUCHER: Final = """
    INSERT INTO shop_vouchers (workspace_id, order_id, execution_id, code, amount, currency, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT ON CONSTRAINT uq_shop_vouchers_execution DO NOTHING
      RETURNING code
"""

INSERT_ORDERS: Final = """
    INSERT INTO shop_orders (workspace_id, number, customer_ref, email, status, items, total, placed_at, due_on)
         SELECT $1, o ->> 'number', o ->> 'customer_ref', o ->> 'email', o ->> 'status', o -> 'items',
                (o ->> 'total')::numeric, now() - make_interval(days => (o ->> 'days_ago')::integer),
                current_date + (o ->> 'due_in')::integer
           FROM jsonb_array_elements($2::jsonb) AS o
    ON CONFLICT ON CONSTRAINT uq_shop_orders_number DO NOTHING
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order, as far as its customer may know it."""

    id: UUID
    number: str
    status: str
    items: Sequence[Mapping[str, Any]]
    total: Decimal
    currency: str
    placed_at: datetime
    due_on: date | None


async def find_order(conn: Connection, room_id: RoomId, number: str, email: str | None) -> Order | None:
    """An order of the guest whose room this is: theirs by signed identity, or by the e-mail it was placed with."""
    row = await conn.fetchrow(FIND_ORDER, room_id, number, email or "")
    if row is None:
        return None
    return Order(**{**dict(row), "items": orjson.loads(row["items"])})


async def insert_voucher(
    conn: Connection,
    workspace_id: WorkspaceId,
    order: Order,
    *,
    execution_id: UUID,
    code: str,
    amount: Decimal,
    reason: str,
) -> bool:
    """Write a voucher; False when this call has issued one already."""
    done = await conn.fetchval(
        INSERT_VOUCHER, workspace_id, order.id, execution_id, code, amount, order.currency, reason
    )
    return done is not None


async def insert_orders(conn: Connection, workspace_id: WorkspaceId, orders: Sequence[Mapping[str, Any]]) -> None:
    """Fill the demo's shop: number, email, status, items, total, days_ago, due_in, and perhaps customer_ref."""
    await conn.execute(INSERT_ORDERS, workspace_id, orjson.dumps(list(orders)).decode())
