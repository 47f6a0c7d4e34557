"""The page on which admins say which tools there are and which run by themselves."""

from html import unescape

from tests.accounts.browser import signed_in
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
    assert (await boss.asks("POST", f"{PAGE}/{tool['id']}/removal", form={})).status == 303
    assert "No tools of your own" in (await boss.asks("GET", PAGE)).text


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
