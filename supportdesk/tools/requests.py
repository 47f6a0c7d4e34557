"""Tools that are HTTP requests which an admin has written down: where to, with what, and nothing a robot could bend.

The host stands in the template; what a robot gives fills whole parts of the path, values of the query, or a JSON body.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast
from urllib.parse import quote

import orjson
from pydantic import JsonValue

from supportdesk.actor import WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.core.outward import Outward, address_of
from supportdesk.core.secrets import BadToken, Keyring
from supportdesk.errors import Invalid, Unanswered
from supportdesk.tools.declaration import Asking, Body, Destination, Tool
from supportdesk.tools.model import Args, canonical
from supportdesk.tools.queries import added
from supportdesk.tools.queries.added import AddedTool

SECRET_HEADERS: Final = "headers of a tool"  # noqa: S105 - a purpose
"""The purpose of the key that the secret headers are encrypted with; never changes."""
PLACE: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]{0,40})\}")
LIMIT_S: Final = 15.0
MOST_ANSWER_BYTES: Final = 256 * 1024
LONGEST_TEXT: Final = 20_000
BODYLESS: Final = frozenset({"GET", "DELETE"})
OK: Final = range(200, 300)

FIXED_VALUE: Final = re.compile(r"(?<=[?&])([^=&#{}]*)=([^&#{}]+)(?=[&#]|$)")


class Requests:
    """The source of these tools."""

    def __init__(self, outward: Outward, keys: Keyring) -> None:
        self._outward, self._keys = outward, keys

    async def tools_of(self, conn: Connection, workspace_id: WorkspaceId) -> Sequence[Tool]:
        """The workspace's requests that are switched on."""
        del workspace_id  # row-level security shows the own ones only
        return [self._tool(row) for row in await added.list_tools(conn) if row.request is not None and row.is_active]

    def _tool(self, row: AddedTool) -> Tool:
        request = dict(row.request or {})
        return Tool(
            name=row.name,
            description=row.description,
            parameters=row.parameters,
            run=self._body(row, request),
            risk=row.risk,
            cost=row.cost,
            idempotent=row.idempotent,
            level=row.required_level,
            timeout_s=LIMIT_S + 1,
            is_known=row.is_known,
            about=canonical(request),
            refuses=lambda args: _check_filled(request["url"], args),
            goes_to=lambda args: Destination(method=request["method"], address=shown(request["url"], args)),
        )

    def _body(self, row: AddedTool, request: Mapping[str, Any]) -> Body:
        async def run(_asking: Asking, args: Args) -> JsonValue:
            url, left = filled(request["url"], args)
            headers = {**request["headers"], **self._secrets(row)}
            body = b""
            if request["method"] not in BODYLESS:
                headers.setdefault("Content-Type", "application/json")
                body = orjson.dumps(left)
            reply = await self._outward.request(
                request["method"], url, headers=headers, body=body, timeout_s=LIMIT_S, most_bytes=MOST_ANSWER_BYTES
            )
            if reply.status not in OK:
                raise Unanswered(f"The server answered with status {reply.status}.")
            return {"status": reply.status, "body": _read(reply.body)}

        return run

    def _secrets(self, row: AddedTool) -> dict[str, str]:
        if row.secrets_encrypted is None:
            return {}
        try:
            plain = self._keys.decrypt(SECRET_HEADERS, row.secrets_encrypted, bound_to=row.id.bytes)
        except BadToken:
            raise Invalid(f"The secret headers of {row.name} cannot be read; enter them again.") from None
        return cast("dict[str, str]", orjson.loads(plain))


def filled(url: str, args: Args) -> tuple[str, dict[str, JsonValue]]:
    """The address with these arguments in their places, and the arguments that have none."""
    used: set[str] = set()
    path_ends = len(url.partition("?")[0])

    def place(match: re.Match[str]) -> str:
        used.add(match[1])
        text = _text(args.get(match[1], ""))
        if text in (".", ".."):
            raise Invalid(
                f"The argument {match[1]} is part of an address, which must not be a dot or two.", code="bad_arguments"
            )
        if not text and match.start() < path_ends:  # what is asked of one thing would be asked of all
            raise Invalid(f"The address needs the argument {match[1]}.", code="bad_arguments")
        return quote(text, safe="")

    return PLACE.sub(place, url), {name: value for name, value in args.items() if name not in used}


def _check_filled(url: str, args: Args) -> None:
    """Raise Invalid when these arguments leave the address without a part, before anybody is asked to approve it."""
    filled(url, args)


def shown(url: str, args: Args) -> str:
    """The address as it will be asked, but for fixed values of its query, of which one may be a key.

    With its places as they are when these arguments cannot fill them.
    """
    bare = FIXED_VALUE.sub(r"\1=…", url)
    try:
        return filled(bare, args)[0]
    except Invalid:
        return bare


def _text(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(orjson.dumps(value), "utf-8")


def _read(body: bytes) -> JsonValue:
    try:
        return cast("JsonValue", orjson.loads(body))
    except orjson.JSONDecodeError:
        return body.decode(errors="replace").replace("\x00", "")[:LONGEST_TEXT]


def check_template(url: str, names: Sequence[str]) -> None:
    """Raise Invalid unless the address is a fixed host with places for known arguments behind it."""
    host, slash, _rest = url.partition("://")[2].partition("/")
    if "{" in url.partition("://")[0] or "{" in host or "?" in host or not slash:
        raise Invalid("The scheme and the host of an address must be fixed: https://api.example.com/orders/{order}.")
    address_of(PLACE.sub("x", url))
    unknown = [name for name in PLACE.findall(url) if name not in names]
    if unknown:
        raise Invalid(f"The address has places for arguments that are not declared: {', '.join(unknown)}.")
    if "{" in PLACE.sub("", url):
        raise Invalid("A place in an address is a name in braces, such as {order}.")


async def look_at(outward: Outward, url: str, names: Sequence[str], field: str) -> bool:
    """Whether the host of a template is found now; no transaction may be open.

    Raises Invalid for what is no template and for a host that no request would reach.
    """
    check_template(url, names)
    return await outward.look(PLACE.sub("x", url), field)
