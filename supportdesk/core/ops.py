"""Commands that carry an op_id: a retry gets the first acknowledgement (kept a day)."""

import hashlib
from typing import Any

import orjson
from pydantic import BaseModel

from supportdesk.core import queries
from supportdesk.core.db import Tx
from supportdesk.core.wire import to_json
from supportdesk.errors import IdempotencyConflict


def _digest(want: BaseModel) -> bytes:
    return hashlib.sha256(want.model_dump_json(exclude={"op_id"}).encode()).digest()


async def first_ack(tx: Tx, op_id: str, event: str, want: BaseModel) -> dict[str, Any] | None:
    """The acknowledgement this command got the first time, marked as a duplicate; None when it is new.

    Holds the pair of actor and op_id until the transaction ends, so that two retries at once do not both act.
    Raises IdempotencyConflict when the op_id belongs to another command or body.
    """
    key = int.from_bytes(hashlib.sha256(f"{tx.actor.id}:{op_id}".encode()).digest()[:8], "big", signed=True)
    kept = await queries.find_op_result(tx.conn, tx.actor, op_id, key)
    if kept is None:
        return None
    command, digest, result = kept
    if command != event or digest != _digest(want):
        raise IdempotencyConflict("This op_id belongs to another command; the first one is kept.")
    return {**orjson.loads(result), "duplicate": True}


async def keep_ack(tx: Tx, op_id: str, event: str, want: BaseModel, ack: dict[str, Any]) -> None:
    """Remember what was answered, in the transaction of the command itself."""
    await queries.insert_op_result(tx.conn, tx.actor, op_id, event, _digest(want), to_json(ack).decode())
