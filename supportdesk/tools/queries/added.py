"""The tools that a workspace has added, and the MCP servers they come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
from pydantic import JsonValue

from supportdesk.actor import Level, WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.tools.model import Risk, level_for

LEVELS: Final = (level_for(Risk.HIGH), level_for(Risk.LOW))
"""Who decides unless somebody has said otherwise: about a tool of high risk, and about any other."""

LIST_TOOLS: Final = """
    SELECT t.id, t.name, t.server_id, t.remote_name, t.description, t.parameters, t.request, t.secrets_encrypted,
           t.risk, t.cost, t.idempotent, t.required_level, t.is_known, t.is_active, s.name AS server_name
      FROM workspace_tools t
      LEFT JOIN mcp_servers s ON s.id = t.server_id
     WHERE t.deleted_at IS NULL AND (t.server_id IS NULL OR s.deleted_at IS NULL)
     ORDER BY t.name
"""

INSERT_TOOL: Final = """
    INSERT INTO workspace_tools (
        id, workspace_id, name, description, parameters, request, secrets_encrypted, risk, cost, idempotent,
        required_level, fingerprint, is_known
    )
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, true)
    ON CONFLICT (workspace_id, name) WHERE deleted_at IS NULL DO NOTHING
      RETURNING id
"""

PUT_REMOTE_TOOL: Final = """
    INSERT INTO workspace_tools (
        workspace_id, server_id, name, remote_name, description, parameters, fingerprint, required_level
    )
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (workspace_id, name) WHERE deleted_at IS NULL DO UPDATE
            SET remote_name = excluded.remote_name, description = excluded.description,
                parameters = excluded.parameters, fingerprint = excluded.fingerprint, is_active = true,
                -- What it does may have changed with what it says: somebody has to look at it again.
                is_known = workspace_tools.is_known AND workspace_tools.fingerprint = excluded.fingerprint,
                idempotent = workspace_tools.idempotent AND workspace_tools.fingerprint = excluded.fingerprint,
                risk = CASE WHEN workspace_tools.fingerprint = excluded.fingerprint THEN workspace_tools.risk
                            ELSE 'high' END,
                required_level = CASE WHEN workspace_tools.fingerprint <> excluded.fingerprint
                                       AND workspace_tools.required_level = $9 THEN $8
                                      ELSE workspace_tools.required_level END
          WHERE workspace_tools.server_id = excluded.server_id
      RETURNING id
"""

SWITCH_OFF_OTHERS: Final = """
    UPDATE workspace_tools
       SET is_active = false
     WHERE server_id = $1 AND deleted_at IS NULL AND is_active AND name <> ALL ($2::text[])
"""

SET_TOOL: Final = """
    UPDATE workspace_tools
       SET risk = coalesce($2, risk),
           required_level = CASE
               WHEN $3::text IS NOT NULL THEN $3
               -- What nobody has chosen follows the risk.
               WHEN $2 <> risk AND required_level = CASE risk WHEN 'high' THEN $8 ELSE $9 END
               THEN CASE $2 WHEN 'high' THEN $8 ELSE $9 END
               ELSE required_level
           END,
           is_known = coalesce($4, is_known), is_active = coalesce($5, is_active),
           idempotent = coalesce($6, idempotent), cost = coalesce($7, cost)
     WHERE id = $1 AND deleted_at IS NULL
 RETURNING id
"""

UPDATE_REQUEST: Final = """
    UPDATE workspace_tools
       SET description = $2, parameters = $3, request = $4, secrets_encrypted = $5, fingerprint = $6, is_known = true
     WHERE id = $1 AND deleted_at IS NULL
"""

UPDATE_SERVER: Final = """
    UPDATE mcp_servers
       SET url = $2, header_name = $3, secret_encrypted = $4, allows_private_address = $5
     WHERE id = $1 AND deleted_at IS NULL
"""

DOUBT_TOOLS: Final = """
    UPDATE workspace_tools
       SET is_known = false, risk = 'high',
           required_level = CASE required_level WHEN $3 THEN $2 ELSE required_level END
     WHERE server_id = $1 AND deleted_at IS NULL
"""

REMOVE_TOOL: Final = """
    UPDATE workspace_tools
       SET deleted_at = now()
     WHERE id = $1 AND deleted_at IS NULL
 RETURNING name
"""

KNOW_TOOL: Final = """
    UPDATE workspace_tools
       SET is_known = true
     WHERE name = $1 AND fingerprint = $2 AND deleted_at IS NULL AND NOT is_known
"""

INSERT_SERVER: Final = """
    INSERT INTO mcp_servers (id, workspace_id, name, url, header_name, secret_encrypted, allows_private_address)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (workspace_id, name) WHERE deleted_at IS NULL DO NOTHING
      RETURNING id
"""

LIST_SERVERS: Final = """
    SELECT s.id, s.name, s.url, s.header_name, s.secret_encrypted, s.allows_private_address, s.problem, s.listed_at,
           (SELECT count(*) FROM workspace_tools t
             WHERE t.server_id = s.id AND t.is_active AND t.deleted_at IS NULL) AS tools
      FROM mcp_servers s
     WHERE s.deleted_at IS NULL AND ($1::uuid IS NULL OR s.id = $1)
     ORDER BY s.name
"""

NOTE_LISTING: Final = """
    UPDATE mcp_servers
       SET problem = $2::text, listed_at = CASE WHEN $3 THEN now() ELSE listed_at END
     WHERE id = $1
"""

REMOVE_SERVER: Final = """
    UPDATE mcp_servers
       SET deleted_at = now(), secret_encrypted = NULL
     WHERE id = $1 AND deleted_at IS NULL
 RETURNING name
"""

REMOVE_TOOLS_OF_SERVER: Final = """
    UPDATE workspace_tools
       SET deleted_at = now()
     WHERE server_id = $1 AND deleted_at IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedTool:
    """A row of workspace_tools: a request of the admins' own, or a tool of an MCP server."""

    id: UUID
    name: str
    server_id: UUID | None
    server_name: str | None
    remote_name: str | None
    description: str
    parameters: Mapping[str, JsonValue]
    request: Mapping[str, Any] | None
    secrets_encrypted: bytes | None
    risk: Risk
    cost: Decimal
    idempotent: bool
    required_level: Level
    is_known: bool
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A row of mcp_servers."""

    id: UUID
    name: str
    url: str
    header_name: str
    secret_encrypted: bytes | None
    allows_private_address: bool
    problem: str
    listed_at: datetime | None
    tools: int


async def list_tools(conn: Connection) -> list[AddedTool]:
    """The workspace's own tools, by name, those that are switched off too."""
    return [_tool(row) for row in await conn.fetch(LIST_TOOLS)]


def _tool(row: asyncpg.Record) -> AddedTool:
    fields = dict(row)
    fields["parameters"] = orjson.loads(fields["parameters"])
    fields["request"] = orjson.loads(fields["request"]) if fields["request"] is not None else None
    return AddedTool(**{**fields, "risk": Risk(fields["risk"]), "required_level": Level(fields["required_level"])})


async def insert_tool(
    conn: Connection,
    workspace_id: WorkspaceId,
    tool_id: UUID,
    *,
    name: str,
    description: str,
    parameters: Mapping[str, JsonValue],
    request: Mapping[str, JsonValue],
    secrets: bytes | None,
    risk: Risk,
    cost: Decimal,
    idempotent: bool,
    level: Level,
    fingerprint: str,
) -> bool:
    """Write a request down as a tool; False when the name is taken."""
    done = await conn.fetchval(
        INSERT_TOOL,
        tool_id,
        workspace_id,
        name,
        description,
        orjson.dumps(parameters).decode(),
        orjson.dumps(request).decode(),
        secrets,
        risk,
        cost,
        idempotent,
        level,
        fingerprint,
    )
    return done is not None


async def put_remote_tool(
    conn: Connection,
    workspace_id: WorkspaceId,
    server_id: UUID,
    *,
    name: str,
    remote_name: str,
    description: str,
    parameters: Mapping[str, JsonValue],
    fingerprint: str,
) -> bool:
    """Note what a server offers; what has changed is new again. False when the name belongs to another tool."""
    dumped = orjson.dumps(parameters).decode()
    done = await conn.fetchval(
        PUT_REMOTE_TOOL, workspace_id, server_id, name, remote_name, description, dumped, fingerprint, *LEVELS
    )
    return done is not None


async def switch_off_others(conn: Connection, server_id: UUID, names: Sequence[str]) -> None:
    """What the server offers no longer is not offered any more."""
    await conn.execute(SWITCH_OFF_OTHERS, server_id, list(names))


async def set_tool(
    conn: Connection,
    tool_id: UUID,
    *,
    risk: Risk | None,
    level: Level | None,
    is_known: bool | None,
    is_active: bool | None,
    idempotent: bool | None,
    cost: Decimal | None,
) -> bool:
    """Change what the workspace says of a tool; None leaves a thing as it is. False when there is no such tool."""
    said = risk, level, is_known, is_active, idempotent, cost
    return await conn.fetchval(SET_TOOL, tool_id, *said, *LEVELS) is not None


async def update_request(
    conn: Connection,
    tool_id: UUID,
    *,
    description: str,
    parameters: Mapping[str, JsonValue],
    request: Mapping[str, JsonValue],
    secrets: bytes | None,
    fingerprint: str,
) -> None:
    """Write down what a request is now; who changed it has agreed to it."""
    dumped = orjson.dumps(parameters).decode(), orjson.dumps(request).decode()
    await conn.execute(UPDATE_REQUEST, tool_id, description, *dumped, secrets, fingerprint)


async def update_server(
    conn: Connection, server_id: UUID, *, url: str, header_name: str, secret: bytes | None, allows_private: bool
) -> None:
    """Write down where a server is now, and how it knows the desk."""
    await conn.execute(UPDATE_SERVER, server_id, url, header_name, secret, allows_private)


async def doubt_tools(conn: Connection, server_id: UUID) -> None:
    """Let nobody have agreed to a server's tools."""
    await conn.execute(DOUBT_TOOLS, server_id, *LEVELS)


async def remove_tool(conn: Connection, tool_id: UUID) -> str | None:
    """Take a tool away; its name, or None when there is no such tool."""
    name: str | None = await conn.fetchval(REMOVE_TOOL, tool_id)
    return name


async def know_tool(conn: Connection, name: str, fingerprint: str) -> None:
    """A person has agreed to a call of this tool as it is: it is new no more."""
    await conn.execute(KNOW_TOOL, name, fingerprint)


async def insert_server(
    conn: Connection,
    workspace_id: WorkspaceId,
    server_id: UUID,
    *,
    name: str,
    url: str,
    header_name: str,
    secret: bytes | None,
    allows_private: bool,
) -> bool:
    """Write a server down; False when the name is taken."""
    done = await conn.fetchval(INSERT_SERVER, server_id, workspace_id, name, url, header_name, secret, allows_private)
    return done is not None


async def list_servers(conn: Connection, server_id: UUID | None = None) -> list[Server]:
    """The workspace's MCP servers by name, or one of them."""
    return [Server(**dict(row)) for row in await conn.fetch(LIST_SERVERS, server_id)]


async def note_listing(conn: Connection, server_id: UUID, problem: str, *, listed: bool) -> None:
    """Write down how the last listing went: what was wrong with it, and whether there is one all the same."""
    await conn.execute(NOTE_LISTING, server_id, problem, listed)


async def remove_server(conn: Connection, server_id: UUID) -> str | None:
    """Take a server and its tools away; its name, or None when there is no such server."""
    name: str | None = await conn.fetchval(REMOVE_SERVER, server_id)
    if name is not None:
        await conn.execute(REMOVE_TOOLS_OF_SERVER, server_id)
    return name
