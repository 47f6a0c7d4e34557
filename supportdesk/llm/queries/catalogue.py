"""What a workspace says of the models of a provider."""

from typing import Final

import asyncpg

from supportdesk.core.db import Connection
from supportdesk.llm.model import OwnModel, Prices, Provider, ProviderId

LIST_OWN: Final = """
    SELECT model, is_active, context_window, input_price, output_price, cached_price
      FROM provider_models
     WHERE provider_id = $1
     ORDER BY model
     LIMIT 500
"""

FIND_OWN: Final = """
    SELECT m.model, m.is_active, m.context_window, m.input_price, m.output_price, m.cached_price
      FROM provider_models m
      JOIN provider_configs p ON p.id = m.provider_id
     WHERE m.provider_id = $1 AND $2 IN (m.model, p.provider || '/' || m.model)
     ORDER BY m.is_active
     LIMIT 1
"""

PUT_OWN: Final = """
    INSERT INTO provider_models (workspace_id, provider_id, model, is_active, context_window, input_price,
                                 output_price, cached_price)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (workspace_id, provider_id, model) DO UPDATE
       SET is_active = excluded.is_active, context_window = excluded.context_window,
           input_price = excluded.input_price, output_price = excluded.output_price,
           cached_price = excluded.cached_price
"""

DELETE_OWN: Final = "DELETE FROM provider_models WHERE provider_id = $1 AND model = $2"


async def list_own(conn: Connection, provider_id: ProviderId) -> list[OwnModel]:
    """What is said of the provider's models, by name."""
    return [_own(row) for row in await conn.fetch(LIST_OWN, provider_id)]


async def find_own(conn: Connection, provider_id: ProviderId, model: str) -> OwnModel | None:
    """What is said of a model, under its name or with the provider's kind in front of it."""
    row = await conn.fetchrow(FIND_OWN, provider_id, model)
    return None if row is None else _own(row)


async def put_own(conn: Connection, provider: Provider, own: OwnModel) -> None:
    """Say this of a model, in the place of what was said before."""
    prices = own.prices
    await conn.execute(
        PUT_OWN,
        provider.workspace_id,
        provider.id,
        own.model,
        own.is_active,
        own.context_window,
        None if prices is None else prices.input,
        None if prices is None else prices.output,
        None if prices is None else prices.cached,
    )


async def delete_own(conn: Connection, provider_id: ProviderId, model: str) -> None:
    """Say nothing of a model any more."""
    await conn.execute(DELETE_OWN, provider_id, model)


def _own(row: "asyncpg.Record") -> OwnModel:
    prices = None
    if row["input_price"] is not None:
        prices = Prices(input=row["input_price"], output=row["output_price"], cached=row["cached_price"])
    return OwnModel(model=row["model"], is_active=row["is_active"], context_window=row["context_window"], prices=prices)
