"""Rows to Parquet and back, off the loop: pyarrow is loaded when it is first needed."""

import asyncio
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from supportdesk.core.wire import to_json


async def pack(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """One Parquet file (zstd) of these rows."""
    return await asyncio.to_thread(_pack, rows)


async def unpack(data: bytes) -> list[dict[str, Any]]:
    """The rows of a Parquet file, as plain values: ids and JSON as text."""
    return await asyncio.to_thread(_unpack, data)


def _pack(rows: Sequence[Mapping[str, Any]]) -> bytes:
    from pyarrow import lib
    from pyarrow import parquet as pq

    table = lib.Table.from_pylist([{name: _plain(value) for name, value in row.items()} for row in rows])
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def _unpack(data: bytes) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(data)).to_pylist()
    return rows


def _plain(value: object) -> object:
    match value:
        case None | bool() | int() | float() | str() | bytes() | datetime():
            return value
        case UUID() | Decimal():
            return str(value)
        case _:
            return to_json(value).decode()
