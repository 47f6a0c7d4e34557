"""The page on which admins say which tools there are and which run by themselves."""

from html import unescape
from uuid import uuid4

import orjson

from tests.accounts.browser import signed_in
from tests.admin.test_entries import submits
from tests.admin.test_pages import page as shown
from tests.factories import make_workspace
from tests.people import Desk

PAGE = "/admin/tools"


async def test_the_page_shows_every_tool_and_saves_what_runs_by_itself(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    html = unescape((await boss.asks("GET", PAGE)).text)
    for words in ("search_documents", "issue_voucher", "What runs by itself", "No tools of your own", "None yet."):
        assert words in html
    typed = {"max_cost_per_tool": "2.5", "max_cost_per_hour": "20", "read_only": "true", "asks_for_new": "true"}
    done = await boss.asks("POST", PAGE, form={**typed, "rule:escalate": "run", "rule:add_note": "", "rule:x": "odd"})
    assert (done.status, done.leads_to) == (303, f"{PAGE}?saved=true")
    saved = (await boss.asks("GET", "/api/v1/tool-approval")).body
    assert (saved["read_only"], saved["low_risk"], saved["max_cost_per_tool"]) == (True, False, "2.500000")
    assert saved["rules"] == {"escalate": {"rule": "run", "at_most": {}}}
    wrong = await boss.asks("POST", PAGE, form={**typed, "max_cost_per_tool": "much"})
    assert wrong.status == 422
    assert "Please check the form" in wrong.text


async def test_a_request_is_added_changed_and_removed(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    form = {
        "tool_name": "stock",
        "description": "Says how many there are.",
        "method": "GET",
        "tool_url": "https://stock.test/items/{item}",
        "risk": "read",
        "secret_header": "X-Key",
        "secret_value": "s3cret",
    }
    assert (await boss.asks("POST", f"{PAGE}/requests", form=form)).status == 303
    again = await boss.asks("POST", f"{PAGE}/requests", form=form)
    assert again.status == 422
    assert "There is a tool called stock already." in unescape(again.text)
    assert "s3cret" not in again.text
    (tool,) = [one for one in (await boss.asks("GET", "/api/v1/tools")).body["items"] if one["name"] == "stock"]
    assert (tool["risk"], tool["is_known"]) == ("read", True)
    assert (await boss.asks("POST", f"{PAGE}/{tool['id']}", form={"risk": "high", "is_active": "true"})).status == 303
    html = (await boss.asks("GET", PAGE)).text
    assert "stock" in html
    assert ">new<" in html

    async def saved(**form: str) -> tuple[str, str]:
        assert (await boss.asks("POST", f"{PAGE}/{tool['id']}", form=form)).status == 303
        tools = (await boss.asks("GET", "/api/v1/tools")).body["items"]
        return next((one["risk"], one["required_level"]) for one in tools if one["name"] == "stock")

    assert await saved(risk="read", required_level="T2") == ("read", "T1"), "what is left as it was follows the risk"
    assert await saved(risk="high", required_level="T1") == ("high", "T2")
    assert await saved(risk="high", required_level="manager") == ("high", "manager")
    assert (await boss.asks("POST", f"{PAGE}/{tool['id']}/removal", form={})).status == 303
    assert "No tools of your own" in (await boss.asks("GET", PAGE)).text


async def test_the_form_refuses_a_private_address_and_remarks_on_a_host_that_is_not_found(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    inside = "http://10.0.0.8/items/{item}"
    refused = await boss.asks("POST", f"{PAGE}/requests", form=ITEM | {"tool_url": inside})
    assert refused.status == 422
    assert "10.0.0.8 is in a private network; the desk" in unescape(refused.text)
    saved = await boss.asks("POST", f"{PAGE}/requests", form=ITEM)
    assert saved.status == 303
    assert "The host of the address is not found at the moment" in (await boss.asks("GET", saved.leads_to)).text
    at = saved.leads_to.partition("?")[0]
    changed = await boss.asks("POST", at, form=ITEM_CHANGED | {"tool_url": inside})
    assert changed.status == 422
    assert "10.0.0.8 is in a private network" in unescape(changed.text)


async def test_a_server_that_cannot_be_asked_is_kept_with_its_problem(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    form = {"name": "crm", "url": "http://127.0.0.1:9/mcp", "header_name": "Authorization"}
    assert (await boss.asks("POST", f"{PAGE}/servers", form=form)).status == 303
    assert "is in a private network" in (await boss.asks("GET", PAGE)).text
    (server,) = (await boss.asks("GET", "/api/v1/mcp-servers")).body["items"]
    assert (await boss.asks("POST", f"{PAGE}/servers/{server['id']}/listing", form={})).status == 303
    wrong = await boss.asks("POST", f"{PAGE}/servers", form={**form, "name": "Not A Name"})
    assert wrong.status == 422
    assert (await boss.asks("POST", f"{PAGE}/servers/{server['id']}/removal", form={})).status == 303
    assert (await boss.asks("GET", "/api/v1/mcp-servers")).body["items"] == []


async def test_only_who_may_configure_tools_sees_the_page(desk: Desk) -> None:
    assert (await (await signed_in(desk, "manager")).asks("GET", PAGE)).status == 403


ITEM_CHANGED = {"description": "Says how many there are.", "method": "GET", "p0.name": "item", "drops_secret": "true"}
ITEM = {
    "tool_name": "stock",
    "description": "Says how many there are.",
    "tool_url": "https://stock.test/items/{item}",
    "secret_header": "X-Key",
    "secret_value": "s3cret",
}
SECRET = "SELECT secrets_encrypted FROM workspace_tools WHERE name = 'stock' AND workspace_id = $1"


async def test_a_request_is_changed_with_arguments_of_every_kind_and_keeps_its_secret(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    made = await boss.asks("POST", f"{PAGE}/requests", form=ITEM)
    page = made.leads_to.partition("?")[0]
    html = unescape((await boss.asks("GET", made.leads_to)).text)
    assert 'value="https://stock.test/items/{item}"' in html
    assert "s3cret" not in html
    before = await desk.owner.fetchval(SECRET, desk.workspace.id)
    typed = {
        "description": "Says how many there are in a size.",
        "method": "POST",
        "tool_url": "https://stock.test/items/{item}",
        "p0.name": "item",
        "p0.kind": "integer",
        "p0.required": "true",
        "p1.name": "size",
        "p1.kind": "string",
        "p1.choices": "small\r\nlarge",
        "p1.description": "Of the shirt.",
        "p3.name": "weight",
        "p3.kind": "number",
        "p3.choices": "0.5\n2",
        "p4.name": "gift",
        "p4.kind": "boolean",
    }
    assert (await boss.asks("POST", page, form=typed)).status == 303
    stored = await desk.owner.fetchval(
        "SELECT parameters FROM workspace_tools WHERE name = 'stock' AND workspace_id = $1", desk.workspace.id
    )
    assert orjson.loads(stored) == {
        "type": "object",
        "additionalProperties": False,
        "required": ["item"],
        "properties": {
            "item": {"type": "integer", "description": ""},
            "size": {"type": "string", "description": "Of the shirt.", "enum": ["small", "large"]},
            "weight": {"type": "number", "description": "", "enum": [0.5, 2]},
            "gift": {"type": "boolean", "description": ""},
        },
    }
    assert await desk.owner.fetchval(SECRET, desk.workspace.id) == before
    html = unescape((await boss.asks("GET", page)).text)
    assert "small\nlarge" in html
    for change, says in (
        ({"tool_url": "https://elsewhere.test/items/{item}"}, "Its value: The secret belongs to the address before"),
        ({"secret_header": "X-Key"}, "Its value: A secret header needs its name and its value."),
        ({"p0.name": "thing"}, "The address has places for arguments that are not declared: item."),
        ({"p0.name": "size"}, "Each argument needs a name of its own."),
        ({"p0.name": "no name"}, "Argument: "),
        ({"p0.choices": "one"}, "Only these values: One is no whole number."),
        ({"tool_url": "https://{item}.test/"}, "must be fixed"),
        ({"description": ""}, "What it does: This is needed."),
    ):
        wrong = await boss.asks("POST", page, form={**typed, **change})
        assert (wrong.status, says in unescape(wrong.text)) == (422, True), unescape(wrong.text)
    moved = {**typed, "tool_url": "https://elsewhere.test/items/{item}"}
    again = {"secret_header": "X-Key", "secret_value": "n3w"}
    assert (await boss.asks("POST", page, form={**moved, **again})).status == 303
    assert await desk.owner.fetchval(SECRET, desk.workspace.id) != before
    assert (await boss.asks("POST", page, form={**moved, "drops_secret": "true"})).status == 303
    assert await desk.owner.fetchval(SECRET, desk.workspace.id) is None


async def test_a_server_is_changed_and_another_address_needs_the_secret_again(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    form = {"name": "crm", "url": "http://127.0.0.1:9/mcp", "header_name": "Authorization", "secret": "s3cret"}
    await boss.asks("POST", f"{PAGE}/servers", form=form)
    (server,) = (await boss.asks("GET", "/api/v1/mcp-servers")).body["items"]
    await desk.owner.execute(
        "INSERT INTO workspace_tools (workspace_id, server_id, remote_name, name, description, parameters, risk, "
        "fingerprint, is_known) VALUES ($1, $2::text::uuid, 'find', 'crm_find', 'Finds.', '{}', 'read', '', true)",
        desk.workspace.id,
        server["id"],
    )
    page = f"{PAGE}/servers/{server['id']}"
    html = (await boss.asks("GET", page)).text
    assert ("s3cret" in html, "It is never shown" in html) == (False, True)
    known = "SELECT is_known, risk FROM workspace_tools WHERE name = 'crm_find' AND workspace_id = $1"
    same = {"url": form["url"], "header_name": "X-Key"}
    assert (await boss.asks("POST", page, form=same)).status == 303
    row = await desk.owner.fetchrow(known, desk.workspace.id)
    assert row is not None
    assert (row["is_known"], row["risk"]) == (True, "read")
    moved = {"url": "http://127.0.0.1:9/other", "header_name": "X-Key"}
    for wrong, says in (
        (moved, "The secret belongs to the address before"),
        ({**same, "url": "ftp://x/y/z"}, "Please check the form"),
    ):
        answer = await boss.asks("POST", page, form=wrong)
        assert (answer.status, says in unescape(answer.text)) == (422, True), says
    assert (await boss.asks("POST", page, form={**moved, "secret": "n3w"})).status == 303
    row = await desk.owner.fetchrow(known, desk.workspace.id)
    assert row is not None
    assert (row["is_known"], row["risk"]) == (False, "high")


async def test_definitions_are_the_workspaces_own_and_for_who_may_configure_tools(desk: Desk) -> None:
    boss, agent = await signed_in(desk, "admin"), await desk.signed_in("t1")
    tool = (await boss.asks("POST", f"{PAGE}/requests", form=ITEM)).leads_to.partition("?")[0]
    await boss.asks("POST", f"{PAGE}/servers", form={"name": "crm", "url": "http://127.0.0.1:9/mcp"})
    (server,) = (await boss.asks("GET", "/api/v1/mcp-servers")).body["items"]
    elsewhere = await desk.signed_in("admin", workspace=await make_workspace(desk.owner))
    for path in (tool, f"{PAGE}/servers/{server['id']}", f"{PAGE}/{uuid4()}/definition", f"{PAGE}/servers/{uuid4()}"):
        assert (await shown(elsewhere, path))[0] == 404
        assert (await submits(elsewhere, path, description="x"))[0] == 404
        assert (await shown(agent, path))[0] == 403
        assert (await submits(agent, path, description="x"))[0] == 403
