"""What admins do about tools of their own: write down requests, introduce MCP servers, judge what those offer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from pydantic import JsonValue

from supportdesk.actor import Actor, Level
from supportdesk.audit.actions import note
from supportdesk.audit.model import Subject
from supportdesk.core.db import Tx
from supportdesk.core.ids import uuid7
from supportdesk.core.outward import address_of
from supportdesk.core.secrets import Keyring
from supportdesk.errors import Conflict, NotFound
from supportdesk.tools.declaration import fingerprint_of
from supportdesk.tools.model import Risk, canonical, level_for
from supportdesk.tools.queries import added
from supportdesk.tools.remote import SECRET_HEADER
from supportdesk.tools.requests import SECRET_HEADERS, check_template
from supportdesk.tools.toolshed import Toolshed


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTool:
    """A request to be written down; `parameters` is the JSON schema of what robots give."""

    name: str
    description: str
    method: str
    url: str
    parameters: Mapping[str, JsonValue]
    headers: Mapping[str, str] = field(default_factory=dict)
    secret_headers: Mapping[str, str] = field(default_factory=dict)
    risk: Risk = Risk.HIGH
    cost: Decimal = Decimal(0)
    idempotent: bool = False
    level: Level | None = None
    """Who must agree at least; None for what its risk asks for."""


async def add_request(tx: Tx, keys: Keyring, shed: Toolshed, names: Sequence[str], want: RequestTool) -> UUID:
    """Let robots ask for a request; raises Invalid for its address and Conflict for a name that is taken."""
    check_template(want.url, names)
    tool_id = uuid7()
    request: dict[str, JsonValue] = {"method": want.method, "url": want.url, "headers": dict(want.headers)}
    sealed = (
        keys.encrypt(SECRET_HEADERS, orjson.dumps(dict(want.secret_headers)), bound_to=tool_id.bytes)
        if want.secret_headers
        else None
    )
    made = not shed.ships(want.name) and await added.insert_tool(
        tx.conn,
        tx.actor.workspace_id,
        tool_id,
        name=want.name,
        description=want.description,
        parameters=want.parameters,
        request=request,
        secrets=sealed,
        risk=want.risk,
        cost=want.cost,
        idempotent=want.idempotent,
        level=want.level or level_for(want.risk),
        fingerprint=fingerprint_of(want.name, want.description, want.parameters, canonical(request)),
    )
    if not made:
        raise Conflict(f"There is a tool called {want.name} already.", code="tool_exists")
    host = urlsplit(want.url).hostname or ""
    await note(tx, "tool.added", Subject("tool", tool_id), tool=want.name, host=host, risk=str(want.risk))
    return tool_id


async def change_tool(
    tx: Tx,
    tool_id: UUID,
    *,
    risk: Risk | None = None,
    level: Level | None = None,
    is_known: bool | None = None,
    is_active: bool | None = None,
    idempotent: bool | None = None,
    cost: Decimal | None = None,
) -> None:
    """Say otherwise how risky, dear or known a tool is; raises NotFound.

    Its level follows another risk unless somebody has chosen one.
    """
    done = await added.set_tool(
        tx.conn,
        tool_id,
        risk=risk,
        level=level,
        is_known=is_known,
        is_active=is_active,
        idempotent=idempotent,
        cost=cost,
    )
    if not done:
        raise NotFound("There is no such tool.")
    await note(tx, "tool.changed", Subject("tool", tool_id), risk=risk, level=level, known=is_known, active=is_active)


async def remove_tool(tx: Tx, tool_id: UUID) -> None:
    """Take a tool away; what still waits for approval will not run. Raises NotFound."""
    name = await added.remove_tool(tx.conn, tool_id)
    if name is None:
        raise NotFound("There is no such tool.")
    await note(tx, "tool.removed", Subject("tool", tool_id), tool=name)


async def add_server(
    tx: Tx, actor: Actor, keys: Keyring, *, name: str, url: str, header_name: str, secret: str | None, private: bool
) -> UUID:
    """Introduce an MCP server; raises Invalid for its address and Conflict for a name that is taken."""
    host = address_of(url).host or ""
    server_id = uuid7()
    sealed = None if secret is None else keys.encrypt(SECRET_HEADER, secret.encode(), bound_to=server_id.bytes)
    made = await added.insert_server(
        tx.conn,
        actor.workspace_id,
        server_id,
        name=name,
        url=url,
        header_name=header_name,
        secret=sealed,
        allows_private=private,
    )
    if not made:
        raise Conflict(f"There is an MCP server called {name} already.", code="tool_exists")
    await note(tx, "mcp_server.added", Subject("mcp_server", server_id), host=host, private=private)
    return server_id


async def remove_server(tx: Tx, server_id: UUID) -> None:
    """Take a server away with its tools; raises NotFound."""
    name = await added.remove_server(tx.conn, server_id)
    if name is None:
        raise NotFound("There is no such MCP server.")
    await note(tx, "mcp_server.removed", Subject("mcp_server", server_id))
