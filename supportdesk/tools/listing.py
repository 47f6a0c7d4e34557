"""What an MCP server says of its tools, cut down to what the desk reads before the library judges it.

The library refuses a whole listing for one tool in it that is not as the protocol has it. Here such a tool is kept by
its name with a schema that nothing can be made of, so that it can be told which one it was.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson

LISTING: Final = "tools/list"
LONGEST_NAME: Final = 200
UNUSABLE: Final[Mapping[str, Any]] = {"type": "object", "properties": None}
"""In place of a schema that is none."""


def is_listing(asked: bytes) -> bool:
    """Whether a request asks what tools there are."""
    message = _read(asked)
    return isinstance(message, dict) and message.get("method") == LISTING


def usable(reply: bytes) -> bytes:
    """The answer with each tool as far as the desk reads it, be it one JSON value or events that hold one."""
    message = _read(reply)
    if message is not None:
        return orjson.dumps(_cut(message))
    return b"\n".join(_line(line) for line in reply.split(b"\n"))


def _line(line: bytes) -> bytes:
    head, colon, data = line.rstrip(b"\r").partition(b":")
    message = _read(data) if colon and head == b"data" else None
    return line if message is None else b"data: " + orjson.dumps(_cut(message))


def _read(text: bytes) -> object:
    try:
        read: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return read


def _cut(message: object) -> object:
    if not isinstance(message, dict) or not isinstance(result := message.get("result"), dict):
        return message
    if not isinstance(tools := result.get("tools"), list):
        return message
    return {**message, "result": {**result, "tools": [_tool(at, one) for at, one in enumerate(tools, start=1)]}}


def _tool(at: int, one: object) -> dict[str, Any]:
    told = one if isinstance(one, dict) else {}
    name, description, schema = told.get("name"), told.get("description"), told.get("inputSchema")
    has_name = isinstance(name, str) and bool(name)
    return {
        "name": name[:LONGEST_NAME] if isinstance(name, str) and name else f"number {at}, which has no name",
        "description": description if isinstance(description, str) else "",
        "inputSchema": schema if has_name and _is_schema(schema) else UNUSABLE,
    }


def _is_schema(schema: object) -> bool:
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return False
    properties, required = schema.get("properties", {}), schema.get("required", [])
    return (
        isinstance(properties, dict)
        and all(isinstance(part, dict) for part in properties.values())
        and isinstance(required, list)
        and all(isinstance(part, str) for part in required)
    )
