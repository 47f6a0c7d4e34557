"""Tools that a workspace adds, over HTTP."""

from uuid import UUID

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Connection, Database, Tx
from supportdesk.core.http import Routes
from supportdesk.core.outward import Outward
from supportdesk.core.secrets import Keyring
from supportdesk.tools import adding
from supportdesk.tools.adding_wire import (
    ChangeTool,
    McpServerOut,
    McpServersOut,
    NewMcpServer,
    NewRequestTool,
    ToolOut,
    ToolsOut,
    schema_of,
)
from supportdesk.tools.queries import added
from supportdesk.tools.queries.added import Server
from supportdesk.tools.remote import Remote
from supportdesk.tools.requests import look_at
from supportdesk.tools.toolshed import Toolshed

routes = Routes()


@routes.get("/api/v1/tools", needs=Permission.TOOL_READ)
async def list_tools(actor: Actor, db: Database, shed: Toolshed) -> ToolsOut:
    """Every tool: those that ship, and those that the workspace has added."""
    async with db.read(actor) as conn:
        return ToolsOut(items=await tools_out(conn, shed))


async def tools_out(conn: Connection, shed: Toolshed) -> list[ToolOut]:
    """All tools by name, as they are shown."""
    own = [
        ToolOut(
            id=row.id,
            name=row.name,
            source=row.server_name or "request",
            description=row.description,
            risk=row.risk,
            cost=f"{row.cost:f}",
            idempotent=row.idempotent,
            required_level=row.required_level,
            is_known=row.is_known,
            is_active=row.is_active,
        )
        for row in await added.list_tools(conn)
    ]
    shipped = [
        ToolOut(
            id=None,
            name=tool.name,
            source="desk",
            description=tool.description,
            risk=tool.risk,
            cost=f"{tool.cost:f}",
            idempotent=tool.idempotent,
            required_level=tool.level,
            is_known=True,
            is_active=True,
        )
        for tool in shed.shipped
    ]
    return sorted([*shipped, *own], key=lambda tool: tool.name)


@routes.post("/api/v1/tools", needs=Permission.TOOL_CONFIGURE, status=201)
async def add_request(
    actor: Actor, db: Database, outward: Outward, want: NewRequestTool, keys: Keyring, shed: Toolshed
) -> ToolOut:
    """Write down a request that robots may ask for; an address in a private network is refused."""
    names = [one.name for one in want.parameters]
    await look_at(outward, want.url, names, "url")
    request = adding.RequestTool(
        name=want.name,
        description=want.description,
        method=want.method,
        url=want.url,
        parameters=schema_of(want.parameters),
        headers=want.headers,
        secret_headers={name: value.get_secret_value() for name, value in want.secret_headers.items()},
        risk=want.risk,
        cost=want.cost,
        idempotent=want.idempotent,
        level=want.required_level,
    )
    async with db.transaction(actor) as tx:
        tool_id = await adding.add_request(tx, keys, shed, names, request)
        return next(tool for tool in await tools_out(tx.conn, shed) if tool.id == tool_id)


@routes.patch("/api/v1/tools/{tool_id}", needs=Permission.TOOL_CONFIGURE)
async def change(tx: Tx, tool_id: UUID, want: ChangeTool, shed: Toolshed) -> ToolOut:
    """Say how risky, dear or known a tool is that the workspace has added."""
    await adding.change_tool(
        tx,
        tool_id,
        risk=want.risk,
        level=want.required_level,
        is_known=want.is_known,
        is_active=want.is_active,
        idempotent=want.idempotent,
        cost=want.cost,
    )
    return next(tool for tool in await tools_out(tx.conn, shed) if tool.id == tool_id)


@routes.delete("/api/v1/tools/{tool_id}", needs=Permission.TOOL_CONFIGURE)
async def remove(tx: Tx, tool_id: UUID) -> None:
    """Take a tool away."""
    await adding.remove_tool(tx, tool_id)


@routes.get("/api/v1/mcp-servers", needs=Permission.TOOL_CONFIGURE)
async def list_servers(actor: Actor, db: Database) -> McpServersOut:
    """The MCP servers of the workspace."""
    async with db.read(actor) as conn:
        return McpServersOut(items=[_server_out(server) for server in await added.list_servers(conn)])


@routes.post("/api/v1/mcp-servers", needs=Permission.TOOL_CONFIGURE, status=201)
async def add_server(actor: Actor, want: NewMcpServer, db: Database, keys: Keyring, remote: Remote) -> McpServerOut:
    """Introduce an MCP server and ask what it offers; what goes wrong with that stands in `problem`."""
    async with db.transaction(actor) as tx:
        server_id = await adding.add_server(
            tx,
            actor,
            keys,
            name=want.name,
            url=want.url,
            header_name=want.header_name,
            secret=want.secret.get_secret_value() if want.secret is not None else None,
            private=want.allows_private_address,
        )
    return _server_out(await remote.refresh(actor, server_id))


@routes.post("/api/v1/mcp-servers/{server_id}/listing", needs=Permission.TOOL_CONFIGURE)
async def refresh(actor: Actor, server_id: UUID, remote: Remote) -> McpServerOut:
    """Ask a server again what it offers; what has changed must be agreed to again."""
    return _server_out(await remote.refresh(actor, server_id))


@routes.delete("/api/v1/mcp-servers/{server_id}", needs=Permission.TOOL_CONFIGURE)
async def remove_server(tx: Tx, server_id: UUID) -> None:
    """Take a server away with its tools."""
    await adding.remove_server(tx, server_id)


def _server_out(server: Server) -> McpServerOut:
    return McpServerOut(
        id=server.id,
        name=server.name,
        url=server.url,
        has_secret=server.secret_encrypted is not None,
        allows_private_address=server.allows_private_address,
        tools=server.tools,
        problem=server.problem,
        listed_at=server.listed_at,
    )
