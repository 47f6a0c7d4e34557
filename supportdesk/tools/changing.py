"""Changing what a workspace has added. A secret goes to the address it was typed for, and to no other."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from pydantic import JsonValue

from supportdesk.audit.actions import note
from supportdesk.audit.model import Subject
from supportdesk.core.db import Connection, Tx
from supportdesk.core.outward import address_of
from supportdesk.core.secrets import Keyring
from supportdesk.errors import Invalid, NotFound
from supportdesk.tools.declaration import fingerprint_of
from supportdesk.tools.model import canonical
from supportdesk.tools.queries import added
from supportdesk.tools.queries.added import AddedTool, Server
from supportdesk.tools.remote import SECRET_HEADER
from supportdesk.tools.requests import SECRET_HEADERS, check_template


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestChange:
    """A request as it is to be; a secret that is not given stays, unless it is dropped."""

    description: str
    method: str
    url: str
    parameters: Mapping[str, JsonValue]
    secret_header: str | None = None
    secret_value: str | None = None
    drops_secret: bool = False


async def request_for(conn: Connection, tool_id: UUID) -> AddedTool:
    """A request of the workspace's own; raises NotFound, for the tool of a server too."""
    found = next((tool for tool in await added.list_tools(conn) if tool.id == tool_id), None)
    if found is None or found.request is None:
        raise NotFound("There is no such request.")
    return found


async def change_request(tx: Tx, keys: Keyring, tool: AddedTool, want: RequestChange) -> None:
    """Save what a request is. It keeps its name, its risk and its plain headers. Raises Invalid.

    Calls that wait for the request as it was will not run: what was approved is not what would be done.
    """
    before = tool.request or {}
    properties = want.parameters.get("properties")
    check_template(want.url, list(properties) if isinstance(properties, dict) else [])
    if (want.secret_header is None) != (want.secret_value is None):
        wrong = "secret_value" if want.secret_value is None else "secret_header"
        raise _wrong(wrong, "a secret header needs its name and its value")
    has_secret = tool.secrets_encrypted is not None
    if has_secret and want.secret_value is None and not want.drops_secret and want.url != before.get("url"):
        raise _wrong("secret_value", "the secret belongs to the address before; enter it again, or take it away")
    sealed = tool.secrets_encrypted
    if want.secret_header is not None and want.secret_value is not None:
        plain = orjson.dumps({want.secret_header: want.secret_value})
        sealed = keys.encrypt(SECRET_HEADERS, plain, bound_to=tool.id.bytes)
    elif want.drops_secret:
        sealed = None
    request: dict[str, JsonValue] = {"method": want.method, "url": want.url, "headers": before.get("headers", {})}
    await added.update_request(
        tx.conn,
        tool.id,
        description=want.description,
        parameters=want.parameters,
        request=request,
        secrets=sealed,
        fingerprint=fingerprint_of(tool.name, want.description, want.parameters, canonical(request)),
    )
    host = urlsplit(want.url).hostname or ""
    await note(tx, "tool.changed", Subject("tool", tool.id), tool=tool.name, host=host)


async def server_for(conn: Connection, server_id: UUID) -> Server:
    """An MCP server of the workspace; raises NotFound."""
    found = next(iter(await added.list_servers(conn, server_id)), None)
    if found is None:
        raise NotFound("There is no such MCP server.")
    return found


async def change_server(
    tx: Tx, keys: Keyring, server: Server, *, url: str, header_name: str, secret: str | None, private: bool
) -> None:
    """Save where a server is. Another address needs the secret again, and its tools must be agreed to anew.

    Raises Invalid.
    """
    host = address_of(url).host or ""
    is_moved = url != server.url
    if is_moved and server.secret_encrypted is not None and secret is None:
        raise _wrong("secret", "the secret belongs to the address before; enter that of the new address, too")
    sealed = server.secret_encrypted
    if secret is not None:
        sealed = keys.encrypt(SECRET_HEADER, secret.encode(), bound_to=server.id.bytes)
    await added.update_server(
        tx.conn, server.id, url=url, header_name=header_name, secret=sealed, allows_private=private
    )
    if is_moved:
        await added.doubt_tools(tx.conn, server.id)
    await note(tx, "mcp_server.changed", Subject("mcp_server", server.id), host=host, private=private)


def _wrong(field: str, problem: str) -> Invalid:
    return Invalid(f"The field {field} is not acceptable: {problem}.", fields=[{"field": field, "problem": problem}])
