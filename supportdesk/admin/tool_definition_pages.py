"""The pages on which a request of the workspace's own, or an MCP server, is changed after it was added."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Database
from supportdesk.core.forms import WHOLE, errors_of, read_form
from supportdesk.core.http import FORM, Page, Routes, SeeOther
from supportdesk.core.outward import Outward
from supportdesk.core.secrets import Keyring
from supportdesk.core.wire import In, Text, parse
from supportdesk.errors import DeskError, Invalid
from supportdesk.tools import changing
from supportdesk.tools.adding_wire import HeaderName, Parameter, SecretValue, Url, parameters_of, schema_of
from supportdesk.tools.queries.added import AddedTool, Server
from supportdesk.tools.remote import Remote
from supportdesk.tools.requests import look_at

routes = Routes()
PARAMETER: Final = "p"
SPARE: Final = 3
"""Empty rows for further arguments; saved, there are as many again."""
MOST: Final = 20
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class DefinitionForm(In):
    """A request as it is to be from now on; without a secret value the present one stays."""

    description: Annotated[Text, Field(min_length=1, max_length=1000)]
    method: Method
    tool_url: Url
    secret_header: HeaderName | None = None
    secret_value: SecretValue | None = None
    drops_secret: bool = False


class ServerForm(In):
    """An MCP server as it is to be from now on; without a secret the present one stays."""

    url: Url
    header_name: HeaderName
    secret: SecretValue | None = None
    allows_private_address: bool = False


class SavedQuery(In):
    """Whether it was saved just now, with an address whose host was not found."""

    saved: bool = False
    unfound: bool = False


@routes.page("/admin/tools/{tool_id}/definition", needs=Permission.TOOL_CONFIGURE)
async def show_request(actor: Actor, db: Database, tool_id: UUID, query: SavedQuery) -> Page:
    """A request, to be changed."""
    async with db.read(actor) as conn:
        tool = await changing.request_for(conn, tool_id)
    request = tool.request or {}
    values = {
        "description": tool.description,
        "method": str(request.get("method", "GET")),
        "tool_url": str(request.get("url", "")),
    }
    for at, one in enumerate(parameters_of(tool.parameters)):
        values |= {f"{PARAMETER}{at}.{name}": text for name, text in _typed(one)}
    return _request_page(tool, values, {}, query)


def _typed(one: Parameter) -> Iterator[tuple[str, str]]:
    yield "name", one.name
    yield "kind", str(one.kind)
    yield "description", one.description
    yield "required", "true" if one.required else ""
    yield "choices", "\n".join(one.choices)


@routes.form("/admin/tools/{tool_id}/definition", needs=Permission.TOOL_CONFIGURE)
async def change_request(
    request: web.Request, actor: Actor, db: Database, outward: Outward, keys: Keyring, tool_id: UUID
) -> Page | SeeOther:
    """Save what a request is; changed, it is new to the workspace's rules, and calls that wait for it will not run."""
    async with db.read(actor) as conn:
        tool = await changing.request_for(conn, tool_id)
    sent = dict(request.get(FORM) or {})
    request[FORM] = {name: value for name, value in sent.items() if not _is_parameter(name)}
    form = read_form(request, DefinitionForm)
    errors = dict(form.errors)
    parameters, wrong = _parameters(sent)
    errors |= wrong
    if form.want is not None and not errors:
        want = form.want
        try:
            is_found = await look_at(outward, want.tool_url, [one.name for one in parameters], "tool_url")
            async with db.transaction(actor) as tx:
                await changing.change_request(
                    tx,
                    keys,
                    await changing.request_for(tx.conn, tool_id),
                    changing.RequestChange(
                        description=want.description,
                        method=want.method,
                        url=want.tool_url,
                        parameters=schema_of(parameters),
                        secret_header=want.secret_header,
                        secret_value=want.secret_value.get_secret_value() if want.secret_value else None,
                        drops_secret=want.drops_secret,
                    ),
                )
        except DeskError as error:
            errors = errors_of(error)
        else:
            return SeeOther(f"/admin/tools/{tool_id}/definition?saved=true{'' if is_found else '&unfound=true'}")
    kept = {name: value for name, value in sent.items() if name not in ("secret_value", "csrf_token")}
    return _request_page(tool, kept, errors)


def _is_parameter(name: str) -> bool:
    head, dot, _ = name.partition(".")
    return bool(dot) and head.startswith(PARAMETER) and head[1:].isdecimal()


def _parameters(sent: Mapping[str, str]) -> tuple[list[Parameter], dict[str, str]]:
    """The arguments whose row has a name, and what is wrong with rows by the field of the form."""
    parameters: list[Parameter] = []
    wrong: dict[str, str] = {}
    for at in range(MOST + SPARE):
        head = f"{PARAMETER}{at}."
        row = {name.removeprefix(head): value for name, value in sent.items() if name.startswith(head)}
        if not row.get("name"):
            continue
        choices = [line.strip() for line in row.pop("choices", "").splitlines() if line.strip()]
        filled = {name: value for name, value in row.items() if value}
        try:
            parameters.append(parse(Parameter, {"required": "false", **filled, "choices": choices}))
        except Invalid as error:
            found = errors_of(error)
            # What is wrong with the row as a whole is wrong with its choices.
            wrong |= {f"{head}{'choices' if name == 'body' else name}": sentence for name, sentence in found.items()}
    names = [one.name for one in parameters]
    if len(set(names)) < len(names):
        wrong[WHOLE] = "Each argument needs a name of its own."
    return parameters, wrong


def _request_page(
    tool: AddedTool, values: Mapping[str, str], errors: Mapping[str, str], query: SavedQuery | None = None
) -> Page:
    used = [at for at in range(MOST) if values.get(f"{PARAMETER}{at}.name")]
    rows = min(MOST, (max(used) + 1 if used else 0) + SPARE)
    context = {
        "tool": tool,
        "has_secret": tool.secrets_encrypted is not None,
        "values": values,
        "errors": errors,
        "rows": [f"{PARAMETER}{at}." for at in range(rows)],
        "saved": query is not None and query.saved,
        "unfound": query is not None and query.unfound,
    }
    return Page("admin/tool_definition.html", context, 422 if errors else 200)


@routes.page("/admin/tools/servers/{server_id}", needs=Permission.TOOL_CONFIGURE)
async def show_server(actor: Actor, db: Database, server_id: UUID) -> Page:
    """An MCP server, to be changed."""
    async with db.read(actor) as conn:
        server = await changing.server_for(conn, server_id)
    values = {
        "url": server.url,
        "header_name": server.header_name,
        "allows_private_address": "true" if server.allows_private_address else "",
    }
    return _server_page(server, values, {})


@routes.form("/admin/tools/servers/{server_id}", needs=Permission.TOOL_CONFIGURE)
async def change_server(
    request: web.Request, actor: Actor, db: Database, keys: Keyring, remote: Remote, server_id: UUID
) -> Page | SeeOther:
    """Save where a server is and how it knows the desk; it is asked at once what it offers."""
    async with db.read(actor) as conn:
        server = await changing.server_for(conn, server_id)
    form = read_form(request, ServerForm)
    errors = form.errors
    if form.want is not None:
        want = form.want
        try:
            async with db.transaction(actor) as tx:
                await changing.change_server(
                    tx,
                    keys,
                    server,
                    url=want.url,
                    header_name=want.header_name,
                    secret=want.secret.get_secret_value() if want.secret else None,
                    private=want.allows_private_address,
                )
        except DeskError as error:
            errors = form.refused(error)
        else:
            await remote.refresh(actor, server_id)
            return SeeOther("/admin/tools?saved=true")
    return _server_page(server, {name: value for name, value in form.values.items() if name != "secret"}, errors)


def _server_page(server: Server, values: Mapping[str, str], errors: Mapping[str, str]) -> Page:
    context = {
        "server": server,
        "has_secret": server.secret_encrypted is not None,
        "values": values,
        "errors": errors,
    }
    return Page("admin/tool_server.html", context, 422 if errors else 200)
