"""MCP servers as a source of tools, over streamable HTTP.

What a server says of its tools is data: it is shown to people and models, cut to size, and changes nothing about who
must agree. Each tool is new until somebody agrees, and new again when its description or schema changes. Every byte
goes through `core/outward.py`, which judges the address that is connected to.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from pydantic import JsonValue
from yarl import URL

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.db import Connection, Database, Lane
from supportdesk.core.outward import Outward, PrivateAddress
from supportdesk.core.plainly import plainly
from supportdesk.core.secrets import BadToken, Keyring
from supportdesk.errors import DeskError, Invalid, NotFound, Unanswered
from supportdesk.tools.declaration import Asking, Body, Destination, Tool, fingerprint_of
from supportdesk.tools.listing import is_listing, usable
from supportdesk.tools.model import Args, canonical
from supportdesk.tools.queries import added
from supportdesk.tools.queries.added import AddedTool, Server

SECRET_HEADER: Final = "header of an mcp server"  # noqa: S105 - a purpose
"""The purpose of the key that the header's value is encrypted with; never changes."""
LIMIT_S: Final = 20.0
MOST_TOOLS: Final = 100
MOST_PAGES: Final = 50
MOST_NAMED: Final = 5
LONGEST_DESCRIPTION: Final = 2_000
LONGEST_SCHEMA: Final = 16_000
LONGEST_NAME: Final = 64
LONGEST_TEXT: Final = 20_000
ODD: Final = re.compile(r"[^A-Za-z0-9_-]")
UNTRUSTED: Final = frozenset({"pattern", "patternProperties", "uniqueItems", "$ref", "$dynamicRef", "$schema", "$id"})
"""Keywords of a stranger's schema that are left out: what could take for ever to check, and references elsewhere."""
METHOD_NOT_ALLOWED: Final = 405


class Guarded(httpx2.AsyncBaseTransport):
    """Carries the requests of a library by way of `Outward`, whole: its limits of time and size hold for each."""

    def __init__(self, outward: Outward, private_hosts: Sequence[str]) -> None:
        self._outward, self._private = outward, private_hosts
        self.refusal: DeskError | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """One request; a stream that only waits for news is declined, as the protocol allows."""
        if request.method == "GET":
            return httpx2.Response(METHOD_NOT_ALLOWED, request=request)
        headers = {name: value for name, value in request.headers.items() if name not in ("host", "content-length")}
        try:
            reply = await self._outward.request(
                request.method,
                str(request.url),
                headers=headers,
                body=await request.aread(),
                timeout_s=LIMIT_S,
                private_hosts=self._private,
            )
        except DeskError as refusal:
            self.refusal = refusal
            raise httpx2.ConnectError(refusal.sentence, request=request) from refusal
        dropped = ("content-encoding", "content-length", "transfer-encoding")
        kept = {name: value for name, value in reply.headers.items() if name not in dropped}
        body = usable(reply.body) if is_listing(request.content) else reply.body
        return httpx2.Response(reply.status, headers=kept, content=body, request=request)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A tool as a server describes it, cut to size."""

    name: str
    remote_name: str
    description: str
    parameters: Mapping[str, JsonValue]
    url: str

    @property
    def fingerprint(self) -> str:
        """As the tool that is made of it."""
        return fingerprint_of(self.name, self.description, self.parameters, _about(self.url, self.remote_name))


class Remote:
    """The source of these tools, and the way to their servers."""

    def __init__(self, db: Database, outward: Outward, keys: Keyring) -> None:
        self._db, self._outward, self._keys = db, outward, keys

    async def tools_of(self, conn: Connection, workspace_id: WorkspaceId) -> Sequence[Tool]:
        """What the servers offered when they were last asked, as far as it is switched on."""
        del workspace_id  # row-level security shows the own ones only
        rows = [row for row in await added.list_tools(conn) if row.server_id is not None and row.is_active]
        servers = {server.id: server for server in await added.list_servers(conn)} if rows else {}
        return [self._tool(servers[row.server_id], row) for row in rows if row.server_id in servers]

    async def refresh(self, actor: Actor, server_id: UUID) -> Server:
        """Ask a server what it offers, and write it down with how that went; raises NotFound.

        No transaction is open while the server is asked.
        """
        async with self._db.read(actor) as conn:
            server = next(iter(await added.list_servers(conn, server_id)), None)
        if server is None:
            raise NotFound("There is no such MCP server.")
        problem, offered = "", None
        try:
            offered, problem = await self._list(server)
        except DeskError as refusal:
            problem = refusal.sentence
        async with self._db.transaction(actor, lane=Lane.BACKGROUND) as tx:
            if offered is not None:
                kept = [
                    one.name
                    for one in offered
                    if await added.put_remote_tool(
                        tx.conn,
                        actor.workspace_id,
                        server.id,
                        name=one.name,
                        remote_name=one.remote_name,
                        description=one.description,
                        parameters=one.parameters,
                        fingerprint=one.fingerprint,
                    )
                ]
                await added.switch_off_others(tx.conn, server.id, kept)
            await added.note_listing(tx.conn, server.id, problem, listed=offered is not None)
            return (await added.list_servers(tx.conn, server.id))[0]

    async def _list(self, server: Server) -> tuple[list[Offered], str]:
        """What it offers as far as that can be used, and a sentence about what is left out, if anything is."""
        async with self._session(server) as client:
            listed = await client.list_tools()
            tools, pages = [*listed.tools], 1
            while listed.next_cursor and pages < MOST_PAGES:
                listed = await client.list_tools(cursor=listed.next_cursor)
                tools, pages = [*tools, *listed.tools], pages + 1
        fitting, odd = dict[str, Offered](), list[str]()
        for tool in tools:
            one = _offered(server, tool.name, tool.description or "", tool.input_schema)
            if one is None:
                odd.append(tool.name)
            else:
                fitting[one.name] = one
        left_out = _left_out(odd, len(fitting), is_all=not listed.next_cursor)
        return list(fitting.values())[:MOST_TOOLS], left_out

    def _tool(self, server: Server, row: AddedTool) -> Tool:
        return Tool(
            name=row.name,
            description=row.description,
            parameters=row.parameters,
            run=self._body(server, row),
            risk=row.risk,
            cost=row.cost,
            idempotent=row.idempotent,
            level=row.required_level,
            timeout_s=LIMIT_S + 1,
            about=_about(server.url, row.remote_name or ""),
            goes_to=lambda _args: Destination(server=server.name, address=URL(server.url).authority),
            is_known=row.is_known,
        )

    def _body(self, server: Server, row: AddedTool) -> Body:
        async def run(_asking: Asking, args: Args) -> JsonValue:
            async with self._session(server) as client:
                result = await client.call_tool(row.remote_name or "", dict(args))
            text = "\n".join(block.text for block in result.content if block.type == "text")[:LONGEST_TEXT]
            if result.is_error:
                raise Unanswered(f"The tool says: {text[:300] or 'it failed'}.")
            if result.structured_content is not None:
                return cast("JsonValue", result.structured_content)
            return {"text": text}

        return run

    @asynccontextmanager
    async def _session(self, server: Server) -> AsyncIterator[Client]:
        """A connection for one question; whatever goes wrong in it is one sentence."""
        url = URL(server.url)
        guard = Guarded(self._outward, [f"{url.host}:{url.port}"] if server.allows_private_address else [])
        headers = {server.header_name: self._secret(server)} if server.secret_encrypted is not None else {}
        try:
            async with httpx2.AsyncClient(transport=guard, headers=headers, timeout=LIMIT_S) as http:
                transport = streamable_http_client(server.url, http_client=http, terminate_on_close=False)
                async with Client(transport, read_timeout_seconds=LIMIT_S) as client:
                    yield client
        except (MCPError, httpx2.HTTPError, ExceptionGroup, ValueError, RuntimeError, TimeoutError) as error:
            refusal = guard.refusal
            if isinstance(refusal, PrivateAddress) and refusal.can_be_allowed and not server.allows_private_address:
                raise Invalid(f"{url.host} is in a private network; tick that this server may be there.") from None
            if refusal is not None:
                raise refusal from None
            raise _told(error, server) from None

    def _secret(self, server: Server) -> str:
        try:
            return self._keys.decrypt(SECRET_HEADER, server.secret_encrypted or b"", bound_to=server.id.bytes).decode()
        except BadToken:
            raise Invalid(f"The secret of {server.name} cannot be read; enter it again.") from None


def _left_out(odd: Sequence[str], fitting: int, *, is_all: bool) -> str:
    """What of a listing is not here, and why; empty when everything is."""
    told = list[str]()
    if odd:
        named = ", ".join(plainly(name)[:LONGEST_NAME] for name in odd[:MOST_NAMED])
        more = f" and {len(odd) - MOST_NAMED:,} more" if len(odd) > MOST_NAMED else ""
        told.append(f"Left out, because what it says of its arguments cannot be used: {named}{more}.")
    if fitting > MOST_TOOLS or not is_all:
        told.append(f"These are the first {MOST_TOOLS} of {'' if is_all else 'more than '}{fitting:,} tools.")
    return " ".join(told)


def _told(error: BaseException, server: Server) -> DeskError:
    """A sentence for what went wrong, from the innermost reason."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, DeskError):
        return error
    reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return Unanswered(f"The MCP server {server.name} gave no usable answer: {reason}.")


def _about(url: str, remote_name: str) -> str:
    """What is asked, and where: under the same name of ours, another server's tool is another one."""
    return f"{url}\n{remote_name}"


def _offered(server: Server, remote_name: str, description: str, schema: Mapping[str, Any]) -> Offered | None:
    """A tool that can be offered under a name of ours; None for a schema that is none, or too long."""
    try:
        parameters = cast("dict[str, JsonValue]", _trusted(schema))
        fits = parameters.get("type") == "object" and isinstance(parameters.get("properties", {}), dict)
        if not fits or len(canonical(parameters)) > LONGEST_SCHEMA:
            return None
    except (DeskError, RecursionError):
        return None
    name = f"{server.name}__{ODD.sub('_', remote_name)}"[:LONGEST_NAME]
    text = description.replace("\x00", "")[:LONGEST_DESCRIPTION]
    return Offered(name=name, remote_name=remote_name[:200], description=text, parameters=parameters, url=server.url)


def _trusted(schema: object) -> object:
    """A schema without the keywords that a stranger could misuse; names of properties stay, whatever they are."""
    if isinstance(schema, Mapping):
        return {
            name: {each: _trusted(inner) for each, inner in part.items()}
            if name in ("properties", "$defs") and isinstance(part, Mapping)
            else _trusted(part)
            for name, part in schema.items()
            if name not in UNTRUSTED
        }
    return [_trusted(part) for part in schema] if isinstance(schema, list) else schema
