"""Commands that carry an op_id: a retry gets the first acknowledgement (kept a day)."""

import hashlib
from typing import Any

import orjson

from supportdesk.core import queries
from supportdesk.core.db import Tx


async def first_ack(tx: Tx, op_id: str, event: str) -> dict[str, Any] | None:
    """The acknowledgement this command got the first time, marked as a duplicate; None when it is new.

    Takes a lock on the pair of actor and op_id until the transaction ends, so that two retries at once do not both act.
    """
    key = int.from_bytes(hashlib.sha256(f"{tx.actor.id}:{op_id}".encode()).digest()[:8], "big", signed=True)
    kept = await queries.find_op_result(tx.conn, tx.actor, op_id, event, key)
    return None if kept is None else {**orjson.loads(kept), "duplicate": True}


async def keep_ack(tx: Tx, op_id: str, event: str, ack: dict[str, Any]) -> None:
    """Remember what was answered, in the transaction of the command itself."""
    await queries.insert_op_result(tx.conn, tx.actor, op_id, event, orjson.dumps(ack).decode())
