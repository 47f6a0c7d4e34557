"""The models of a provider: switched, priced, added by hand and removed, and what that does to calls."""

from html import unescape
from uuid import uuid4

from tests.accounts.browser import Browser, signed_in
from tests.admin.test_entries import submits
from tests.admin.test_pages import page
from tests.factories import make_workspace
from tests.llm.servers import Server, openai_server
from tests.llm.test_providers import API, local, tries
from tests.people import Desk

COST = "SELECT cost FROM usage_logs WHERE workspace_id = $1 ORDER BY id DESC LIMIT 1"


async def provider(boss: Browser, server: Server, **more: str) -> str:
    made = await boss.asks("POST", API, local(server, **more))
    assert made.status == 201, made.text
    return str(made.body["id"])


def page_of(provider_id: str) -> str:
    return f"/admin/models/{provider_id}/catalogue"


async def shown(boss: Browser, provider_id: str) -> str:
    """The page's words, without the blanks between them."""
    answer = await boss.asks("GET", page_of(provider_id))
    assert answer.status == 200
    return " ".join(unescape(answer.text).split())


async def test_a_model_is_added_priced_switched_off_and_removed(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    async with openai_server() as server:
        one = await provider(boss, server)
        html = await shown(boss, one)
        assert "Price: unknown · window: unknown" in html
        assert await tries(boss, one) == (True, "m has answered.", None)
        assert await desk.owner.fetchval(COST, desk.workspace.id) is None, "unknown, and not 0"
        priced = {"model": "m", "input_price": "2", "output_price": "8.5", "context_window": "4096"}
        assert (await boss.asks("POST", page_of(one), form={**priced, "is_active": "true"})).status == 303
        html = await shown(boss, one)
        assert "$2 in, $8.5 out a million tokens, your price · window: 4,096 tokens" in html
        assert (await tries(boss, one))[0]
        assert await desk.owner.fetchval(COST, desk.workspace.id) > 0
        big = {"model": "big", "is_active": "true"}
        assert (await boss.asks("POST", page_of(one), form=big)).status == 303
        assert "added by hand" in await shown(boss, one)
        assert (await boss.asks("POST", f"{page_of(one)}/removal", form={"model": "big"})).status == 303
        assert "big" not in await shown(boss, one)


async def test_a_model_that_is_off_is_refused_and_cannot_be_the_default(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    async with openai_server() as server:
        one = await provider(boss, server)
        wrong = await boss.asks("POST", page_of(one), form={"model": "m"})
        assert (wrong.status, "The provider's default model cannot be off" in unescape(wrong.text)) == (422, True)
        assert (await boss.asks("POST", page_of(one), form={"model": "old"})).status == 303
        works, says, _ = await tries(boss, one, "old")
        assert (works, says) == (False, "The model old of Local is switched off.")
        refused = await boss.asks("PATCH", f"{API}/{one}", {"default_model": "old"})
        assert (refused.status, "switched off among this provider's models" in refused.text) == (422, True)


async def test_prices_of_the_list_are_shown_and_what_is_wrong_is_told(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    async with openai_server() as server:
        one = await provider(boss, server, name="OpenAI", provider="openai", default_model="gpt-4.1-mini")
    assert "$0.4 in, $1.6 out, $0.1 cached a million tokens, by the list · window: 1,047,576" in await shown(boss, one)
    for form, says in (
        ({"model": "gpt-4.1", "input_price": "1"}, "Write both the price of what goes in"),
        ({"model": "gpt-4.1", "output_price": "x"}, "Tokens out: "),
        ({"model": "gpt-4.1", "input_price": "-1", "output_price": "1"}, "Tokens in: "),
        ({"model": "", "input_price": "1"}, "Model: This is needed."),
        ({"model": "gpt-4.1", "context_window": "3"}, "Context window: "),
    ):
        wrong = await boss.asks("POST", page_of(one), form=form)
        assert (wrong.status, says in unescape(wrong.text)) == (422, True), says


async def test_only_who_manages_the_workspaces_models_changes_them(desk: Desk) -> None:
    boss, agent = await signed_in(desk, "admin"), await desk.signed_in("t1")
    async with openai_server() as server:
        one = await provider(boss, server)
    elsewhere = await desk.signed_in("admin", workspace=await make_workspace(desk.owner))
    for where in (one, str(uuid4())):
        assert (await page(elsewhere, page_of(where)))[0] == 404
        for path in (page_of(where), f"{page_of(where)}/removal"):
            assert (await submits(elsewhere, path, model="m"))[0] == 404
    for path in (page_of(one), f"{page_of(one)}/removal"):
        assert (await submits(agent, path, model="m"))[0] == 403
