"""The page on which admins say which tools there are, and which run by themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Final, Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field, JsonValue

from supportdesk.actor import Actor, Level, Permission
from supportdesk.core.db import Connection, Database, Tx
from supportdesk.core.forms import read_form
from supportdesk.core.http import FORM, Page, Routes, SeeOther
from supportdesk.core.outward import Outward
from supportdesk.core.secrets import Keyring
from supportdesk.core.wire import In, Text
from supportdesk.errors import DeskError
from supportdesk.tools import adding
from supportdesk.tools.actions import save_settings
from supportdesk.tools.adding_http import tools_out
from supportdesk.tools.adding_wire import HeaderName, NewMcpServer, SecretValue, Url
from supportdesk.tools.model import ApprovalSettings, Risk, Rule, Verdict
from supportdesk.tools.queries import added, approval
from supportdesk.tools.remote import Remote
from supportdesk.tools.requests import PLACE, look_at
from supportdesk.tools.toolshed import Toolshed
from supportdesk.tools.wire import Money, ToolName

routes = Routes()
TOOLS: Final = "/admin/tools"
RULE: Final = "rule:"
BY_RISK: Final = ""


class ApprovalForm(In):
    """What runs by itself; a box that is not ticked is not sent."""

    read_only: bool = False
    low_risk: bool = False
    asks_for_new: bool = False
    max_cost_per_tool: Money = Decimal("1.00")
    max_cost_per_hour: Money = Decimal("10.00")


class RequestForm(In):
    """A request; its arguments are the places in its address."""

    tool_name: ToolName
    description: Annotated[Text, Field(min_length=1, max_length=1000)]
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    tool_url: Url
    risk: Risk = Risk.HIGH
    secret_header: HeaderName | None = None
    secret_value: SecretValue | None = None


class ToolForm(In):
    """What the workspace says of a tool it has added."""

    risk: Risk
    required_level: Level | None = None
    is_known: bool = False
    is_active: bool = False


class ToolsQuery(In):
    """Whether something was saved just now."""

    saved: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was sent and is shown again with what is wrong."""

    which: str
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


async def _page(
    conn: Connection, actor: Actor, shed: Toolshed, *, refused: Refused | None = None, saved: bool = False
) -> Page:
    settings = await approval.find_settings(conn, actor.workspace_id, None)
    stored = {
        "read_only": "true" if settings.read_only else "",
        "low_risk": "true" if settings.low_risk else "",
        "asks_for_new": "true" if settings.asks_for_new else "",
        "max_cost_per_tool": f"{settings.max_cost_per_tool.normalize():f}",
        "max_cost_per_hour": f"{settings.max_cost_per_hour.normalize():f}",
    }
    tools = [
        {
            **tool.model_dump(),
            "rule": {"rule": str(settings.rules[tool.name].verdict) if tool.name in settings.rules else BY_RISK},
            "typed": {
                "risk": str(tool.risk),
                "required_level": str(tool.required_level),
                "is_known": "true" if tool.is_known else "",
                "is_active": "true" if tool.is_active else "",
            },
        }
        for tool in await tools_out(conn, shed)
    ]
    shown = {which: Refused(which) for which in ("approval", "request", "server")}
    if refused is not None:
        shown[refused.which] = refused
    context = {
        "tools": tools,
        "servers": await added.list_servers(conn),
        "approval": {"values": shown["approval"].values or stored, "errors": shown["approval"].errors},
        "request_form": shown["request"],
        "server_form": shown["server"],
        "saved": saved,
    }
    return Page("admin/tools.html", context, 200 if refused is None else 422)


@routes.page(TOOLS, needs=Permission.TOOL_CONFIGURE)
async def list_tools(actor: Actor, db: Database, shed: Toolshed, query: ToolsQuery) -> Page:
    """Every tool with its rule, what runs by itself, and where tools come from."""
    async with db.read(actor) as conn:
        return await _page(conn, actor, shed, saved=query.saved)


@routes.form(TOOLS, needs=Permission.TOOL_CONFIGURE)
async def save_approval(request: web.Request, tx: Tx, actor: Actor, shed: Toolshed) -> Page | SeeOther:
    """Save what runs by itself: by risk, and for single tools."""
    sent = request.get(FORM) or {}
    rules = {name.removeprefix(RULE): value for name, value in sent.items() if name.startswith(RULE)}
    request[FORM] = {name: value for name, value in sent.items() if not name.startswith(RULE)}
    form = read_form(request, ApprovalForm)
    if form.want is None:
        return await _page(tx.conn, actor, shed, refused=Refused("approval", form.values, form.errors))
    before = await approval.find_settings(tx.conn, actor.workspace_id, None)
    settings = ApprovalSettings(
        read_only=form.want.read_only,
        low_risk=form.want.low_risk,
        asks_for_new=form.want.asks_for_new,
        max_cost_per_tool=form.want.max_cost_per_tool,
        max_cost_per_hour=form.want.max_cost_per_hour,
        rules=_rules(before, rules),
    )
    await save_settings(tx, None, settings)
    return _saved()


def _rules(before: ApprovalSettings, sent: Mapping[str, str]) -> dict[str, Rule]:
    """The rules as they were chosen; limits on arguments, which the page does not show, stay with the rule to run."""
    kept = {name: rule for name, rule in before.rules.items() if name not in sent}
    for name, value in sent.items():
        if value in set(Verdict):
            old = before.rules.get(name)
            same = old is not None and old.verdict == value
            kept[name] = old if old is not None and same else Rule(Verdict(value))
    return kept


@routes.form("/admin/tools/requests", needs=Permission.TOOL_CONFIGURE)
async def add_request(
    request: web.Request, actor: Actor, db: Database, outward: Outward, shed: Toolshed, keys: Keyring
) -> Page | SeeOther:
    """Write down a request that robots may ask for."""
    form = read_form(request, RequestForm)
    errors = form.errors
    if form.want is not None:
        want, names = form.want, list(dict.fromkeys(PLACE.findall(form.want.tool_url)))
        schema: dict[str, JsonValue] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: {"type": "string"} for name in names},
            "required": [*names],
        }
        secret = want.secret_value.get_secret_value() if want.secret_value is not None else None
        try:
            is_found = await look_at(outward, want.tool_url, names, "tool_url")
            async with db.transaction(actor) as tx:
                made = await adding.add_request(
                    tx,
                    keys,
                    shed,
                    names,
                    adding.RequestTool(
                        name=want.tool_name,
                        description=want.description,
                        method=want.method,
                        url=want.tool_url,
                        parameters=schema,
                        secret_headers={want.secret_header: secret} if want.secret_header and secret else {},
                        risk=want.risk,
                    ),
                )
        except DeskError as error:
            errors = form.refused(error)
        else:
            return SeeOther(f"{TOOLS}/{made}/definition?saved=true{'' if is_found else '&unfound=true'}")
    values = {name: value for name, value in form.values.items() if name != "secret_value"}
    async with db.read(actor) as conn:
        return await _page(conn, actor, shed, refused=Refused("request", values, errors))


@routes.form("/admin/tools/servers", needs=Permission.TOOL_CONFIGURE)
async def add_server(
    request: web.Request, actor: Actor, db: Database, shed: Toolshed, keys: Keyring, remote: Remote
) -> Page | SeeOther:
    """Introduce an MCP server and ask what it offers."""
    form = read_form(request, NewMcpServer)
    errors = form.errors
    if form.want is not None:
        want = form.want
        try:
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
        except DeskError as error:
            errors = form.refused(error)
        else:
            await remote.refresh(actor, server_id)
            return _saved()
    values = {name: value for name, value in form.values.items() if name != "secret"}
    async with db.read(actor) as conn:
        return await _page(conn, actor, shed, refused=Refused("server", values, errors))


@routes.form("/admin/tools/servers/{server_id}/listing", needs=Permission.TOOL_CONFIGURE)
async def refresh_server(actor: Actor, server_id: UUID, remote: Remote) -> SeeOther:
    """Ask a server again what it offers."""
    await remote.refresh(actor, server_id)
    return _saved()


@routes.form("/admin/tools/servers/{server_id}/removal", needs=Permission.TOOL_CONFIGURE)
async def remove_server(tx: Tx, server_id: UUID) -> SeeOther:
    """Take a server away with its tools."""
    await adding.remove_server(tx, server_id)
    return _saved()


@routes.form("/admin/tools/{tool_id}", needs=Permission.TOOL_CONFIGURE)
async def change_tool(tx: Tx, tool_id: UUID, want: ToolForm) -> SeeOther:
    """Say how risky a tool is, and whether one agrees to it as it is."""
    before = next((tool.required_level for tool in await added.list_tools(tx.conn) if tool.id == tool_id), None)
    level = None if want.required_level == before else want.required_level  # left as it was, it follows the risk
    await adding.change_tool(tx, tool_id, risk=want.risk, level=level, is_known=want.is_known, is_active=want.is_active)
    return _saved()


@routes.form("/admin/tools/{tool_id}/removal", needs=Permission.TOOL_CONFIGURE)
async def remove_tool(tx: Tx, tool_id: UUID) -> SeeOther:
    """Take a tool away."""
    await adding.remove_tool(tx, tool_id)
    return _saved()


def _saved() -> SeeOther:
    return SeeOther(f"{TOOLS}?saved=true")
