"""Providers of models: configured over HTTP and on the page, and tried with one tiny call."""

import gzip
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from supportdesk.core.secrets import BadToken, Keyring
from supportdesk.llm.guard import RefusedAddress, new_client
from tests.accounts.browser import Browser, signed_in
from tests.llm.servers import Server, anthropic_server, openai_server
from tests.llm.test_budgets import ROBOT
from tests.people import Desk

API = "/api/v1/providers"
PAGE = "/admin/models"


def local(server: Server, **more: Any) -> dict[str, Any]:
    """A provider on this machine."""
    return {
        "name": "Local",
        "provider": "openai-compatible",
        "base_url": server.url,
        "api_key": "sk-local",
        "allows_private_address": True,
        "default_model": "m",
        **more,
    }


async def tries(boss: Browser, provider_id: str, model: str | None = None) -> tuple[bool, str, str | None]:
    """Whether a tiny call works, what is said of it, and the fault."""
    answer = await boss.asks("POST", f"{API}/{provider_id}/test", {"model": model} if model else {})
    assert answer.status == 200, answer.text
    return answer.body["works"], answer.body["says"], answer.body["fault"]


async def test_a_provider_is_kept_without_ever_showing_its_key(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    async with openai_server() as server:
        made = await boss.asks("POST", API, local(server))
    assert (made.status, made.body["has_key"], made.body["is_default"]) == (201, True, True)
    assert "sk-local" not in made.text
    listed = await boss.asks("GET", API)
    assert listed.body["items"] == [made.body]
    assert "sk-local" not in (await boss.asks("GET", PAGE)).text
    row = await desk.owner.fetchrow("SELECT * FROM provider_configs WHERE id = $1", UUID(made.body["id"]))
    assert row is not None
    assert b"sk-local" not in row["api_key_encrypted"]
    history = await desk.owner.fetchval(
        "SELECT row_data::text FROM provider_configs_history WHERE subject_id = $1", row["id"]
    )
    assert row["api_key_encrypted"].hex() not in history


async def test_a_key_is_bound_to_its_row_and_its_address(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    async with openai_server() as server:
        made = (await boss.asks("POST", API, local(server))).body
        elsewhere = {"base_url": "https://elsewhere.test/v1"}
        refused = await boss.asks("PATCH", f"{API}/{made['id']}", elsewhere)
        assert refused.status == 422
        assert "enter the key of the new address" in refused.text
        assert (await boss.asks("PATCH", f"{API}/{made['id']}", {**elsewhere, "api_key": "sk-2"})).status == 200
    row = await desk.owner.fetchrow("SELECT * FROM provider_configs WHERE id = $1", UUID(made["id"]))
    assert row is not None
    keys = desk.resources.get(Keyring)
    bound = row["id"].bytes + b"https://elsewhere.test/v1"
    assert keys.decrypt("provider key", row["api_key_encrypted"], bound_to=bound) == b"sk-2"
    with pytest.raises(BadToken):
        keys.decrypt("provider key", row["api_key_encrypted"], bound_to=row["id"].bytes + server.url.encode())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"base_url": "ftp://x"}, "https:// or http://"),
        ({"base_url": "http://llm.test", "allows_private_address": False}, "unencrypted"),
        ({"base_url": "https://me:secret@llm.test"}, "user name"),
        ({"provider": "openai", "api_key": None}, "without a key"),
        ({"provider": "openai", "default_model": "gpt-99"}, "catalogue has no gpt-99"),
        ({"provider": "gemini"}, "provider"),
        ({"name": ""}, "name"),
        ({"workspace_id": "x"}, "workspace_id"),
    ],
)
async def test_what_cannot_work_is_refused_in_a_sentence(desk: Desk, change: dict[str, Any], says: str) -> None:
    boss = await signed_in(desk, "admin")
    answer = await boss.asks("POST", API, local(Server(url="https://llm.test"), **change))
    assert answer.status == 422
    assert says in answer.body["error"]["message"]
    assert (await boss.asks("GET", API)).body["items"] == []


async def test_a_model_that_is_switched_off_is_refused_by_name(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    await desk.owner.execute("UPDATE ai_models SET is_active = false WHERE id = 'openai/gpt-4o'")
    try:
        want = {"name": "O", "provider": "openai", "api_key": "k", "default_model": "gpt-4o"}
        answer = await boss.asks("POST", API, want)
        assert "openai/gpt-4o is switched off" in answer.body["error"]["message"]
        models = {each["id"]: each["is_active"] for each in (await boss.asks("GET", "/api/v1/models")).body["items"]}
        assert (models["openai/gpt-4o"], models["openai/gpt-4.1"]) == (False, True)
    finally:
        await desk.owner.execute("UPDATE ai_models SET is_active = true WHERE id = 'openai/gpt-4o'")


async def test_one_provider_is_the_default_and_names_are_unique(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    here = Server(url="https://llm.test")
    first = (await boss.asks("POST", API, local(here))).body
    second = (await boss.asks("POST", API, local(here, name="Second", is_default=True))).body
    assert [each["name"] for each in (await boss.asks("GET", API)).body["items"]] == ["Second", "Local"]
    assert (await boss.asks("POST", API, local(here))).status == 409
    assert (await boss.asks("PATCH", f"{API}/{first['id']}", {"name": "Second"})).status == 409
    assert (await boss.asks("PATCH", f"{API}/{first['id']}", {"is_default": True})).status == 200
    assert (await boss.asks("DELETE", f"{API}/{second['id']}")).status == 204
    assert await desk.owner.fetchval("SELECT api_key_encrypted FROM provider_configs WHERE name = 'Second'") is None
    assert (await boss.asks("POST", f"{API}/{second['id']}/test", {})).status == 404
    assert (await boss.asks("POST", API, local(here, name="Second"))).status == 201, "the name is free again"


@pytest.mark.parametrize(("serve", "kind"), [(openai_server, "openai-compatible"), (anthropic_server, "anthropic")])
async def test_the_test_button_says_what_came(
    desk: Desk, serve: Callable[[], Any], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for maker in ("OPENAI", "ANTHROPIC"):  # of the operator, and for nobody whom a workspace names
        monkeypatch.setenv(f"{maker}_CUSTOM_HEADERS", "X-Gateway: operators-secret\nAuthorization: Bearer other")
    boss = await signed_in(desk, "admin")
    async with serve() as server:
        want = local(server, provider=kind, default_model="claude-haiku-4-5")
        made = (await boss.asks("POST", API, want)).body["id"]
        assert await tries(boss, made) == (True, "claude-haiku-4-5 has answered.", None)
        assert "sk-local" in str(server.seen[-1])
        assert "operators-secret" not in str(server.seen[-1])
        assert "Bearer other" not in str(server.seen[-1])
        assert server.asked[-1]["max_tokens"] == 16
        for status, fault in ((401, "wrong_key"), (404, "unknown_model"), (429, "busy"), (500, "broken_answer")):
            server.status = status
            works, says, found = await tries(boss, made)
            assert (works, found) == (False, fault), says
        server.status, server.garbage = 200, b"data: {not json\n\n"
        assert (await tries(boss, made))[2] == "broken_answer"
        server.garbage, server.headers = gzip.compress(b"data: " + b"x" * 9_000_000), {"Content-Encoding": "gzip"}
        assert (await tries(boss, made))[2] in ("not_reached", "broken_answer"), "nothing small becomes large"
        server.garbage, server.headers, server.breaks = b"", {}, True
        assert (await tries(boss, made))[2] == "broken_answer"
    assert (await tries(boss, made))[2] == "not_reached"
    await desk.settle()
    rows = await desk.owner.fetch("SELECT * FROM usage_logs WHERE workspace_id = $1 ORDER BY id", desk.workspace.id)
    first = rows[0]
    assert (first["input_tokens"], first["output_tokens"], first["cached_tokens"]) == (120, 7, 100)
    assert await desk.owner.fetchval("SELECT count(*) FROM llm_holds WHERE workspace_id = $1", desk.workspace.id) == 0


async def test_a_private_address_is_refused_until_it_is_ticked(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    async with openai_server() as server:
        here = server.url.replace("http://127.0.0.1", "https://localhost")
        says = "localhost is in a private network; tick that this provider may be there."
        refused = await boss.asks("POST", API, local(server, base_url=here, allows_private_address=False))
        assert (refused.status, refused.body["error"]["message"]) == (422, says)
        made = (await boss.asks("POST", API, local(server, base_url=here))).body["id"]
        unticked = await boss.asks("PATCH", f"{API}/{made}", {"allows_private_address": False})
        assert (unticked.status, unticked.body["error"]["message"]) == (422, says)
        await desk.owner.execute("UPDATE provider_configs SET allows_private_address = false")
        assert await tries(boss, made) == (False, says, "address_refused"), "however it came to be stored"
        for address, why in (("169.254.169.254", "where no model can be"), ("8.8.8.8", "is in the open Internet")):
            told = {"base_url": f"http://{address}/v1", "allows_private_address": True, "api_key": "k"}
            refused = await boss.asks("PATCH", f"{API}/{made}", told)
            assert refused.status == 422
            assert why in refused.body["error"]["message"]
            async with new_client(allows_private_address=True) as client:
                with pytest.raises(RefusedAddress, match=why):
                    await client.post(f"http://{address}/v1")
        assert server.asked == []


async def test_the_page_refuses_a_private_address_and_remarks_on_a_host_that_is_not_found(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    form = {"name": "Mine", "provider": "openai-compatible", "base_url": "https://10.0.0.8/v1", "api_key": "k"}
    refused = await boss.asks("POST", PAGE, form=form)
    assert refused.status == 422
    assert "10.0.0.8 is in a private network; tick that this provider may be there." in refused.text
    saved = await boss.asks("POST", PAGE, form={**form, "base_url": "https://llm.test/v1"})
    assert saved.status == 303
    assert "The host of the address is not found at the moment" in (await boss.asks("GET", saved.leads_to)).text


async def test_a_redirect_is_not_followed(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    async with openai_server() as other, openai_server() as server:
        server.status, server.headers = 307, {"Location": f"{other.url}/chat/completions"}
        made = (await boss.asks("POST", API, local(server))).body["id"]
        assert (await tries(boss, made))[0] is False
        assert other.asked == []


async def test_the_page_configures_tries_and_deletes(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    assert "No provider is configured." in (await boss.asks("GET", PAGE)).text
    async with openai_server() as server:
        form = {key: str(value).lower() if isinstance(value, bool) else value for key, value in local(server).items()}
        bad = await boss.asks("POST", PAGE, form={**form, "base_url": "nowhere"})
        assert bad.status == 422
        assert "An address begins with https:// or http://" in bad.text
        assert "sk-local" not in bad.text
        done = await boss.asks("POST", PAGE, form=form)
        made = done.leads_to.rpartition("provider-")[2]
        assert (done.status, done.leads_to) == (303, f"{PAGE}?saved={made}#provider-{made}")
        assert "m has answered." in (await boss.asks("POST", f"{PAGE}/{made}/test", form={})).text
        server.status = 401
        assert "does not accept the key" in (await boss.asks("POST", f"{PAGE}/{made}/test", form={})).text
        await desk.settle()
        page = (await boss.asks("GET", PAGE)).text
        assert "127 of 200,000,000 tokens" in page
        assert "unknown" in page, "nobody knows what a call of a local model costs"
        saved = {"name": "Renamed", "base_url": server.url, "is_active": "true", "allows_private_address": "true"}
        assert (await boss.asks("POST", f"{PAGE}/{made}", form=saved)).status == 303
        moved = await boss.asks("POST", f"{PAGE}/{made}", form={**saved, "base_url": "https://other.test/v1"})
        assert moved.status == 422
        assert "The key belongs to the address before" in moved.text
        assert (await boss.asks("POST", f"{PAGE}/{made}/deletion", form={})).status == 303
    assert (await boss.asks("GET", API)).body["items"] == []


async def test_budgets_are_set_on_the_page(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    assert (await boss.asks("POST", f"{PAGE}/budgets", form={"workspace_daily": "-1"})).status == 422
    done = await boss.asks("POST", f"{PAGE}/budgets", form={"workspace_daily": "12.5", "robot_daily": ""})
    assert done.status == 303
    assert 'value="12.5"' in (await boss.asks("GET", PAGE)).text
    shown = (await boss.asks("GET", "/api/v1/model-budgets")).body
    assert (shown["workspace_daily"], shown["robot_daily"]) == ("12.500000", None)
    done = await boss.asks("PUT", "/api/v1/model-budgets", {"room_daily": "1"})
    assert (done.body["workspace_daily"], done.body["room_daily"]) == (None, "1.000000")


async def test_a_robot_gets_a_budget_of_its_own(desk: Desk) -> None:
    boss = await signed_in(desk, "admin")
    robot = await desk.owner.fetchval(ROBOT, desk.workspace.id, "thrifty")
    done = await boss.asks("POST", f"{PAGE}/robot-budgets", form={"robot_id": str(robot), "daily": "0.5"})
    assert done.status == 303
    assert "thrifty may cost 0.50 US dollars a day." in (await boss.asks("GET", PAGE)).text
    listed = (await boss.asks("GET", "/api/v1/model-budgets")).body["robots"]
    assert listed == [{"robot_id": str(robot), "name": "thrifty", "daily": "0.500000"}]
    refused = await boss.asks("POST", f"{PAGE}/robot-budgets", form={"robot_id": str(robot), "daily": "-1"})
    assert refused.status == 422
    done = await boss.asks("PUT", f"/api/v1/model-budgets/robots/{robot}", {"daily": None})
    assert (done.status, done.body["robots"]) == (200, [])
    nobody = await boss.asks("PUT", f"/api/v1/model-budgets/robots/{desk.workspace.id}", {"daily": "1"})
    assert nobody.status == 404


@pytest.mark.parametrize("role", ["t1", "supervisor", "manager"])
async def test_only_admins_see_and_change_providers(desk: Desk, role: str) -> None:
    person = await signed_in(desk, role)
    for path in (API, "/api/v1/models", "/api/v1/model-budgets", PAGE):
        assert (await person.asks("GET", path)).status == 403
    assert (await person.asks("POST", API, local(Server(url="https://llm.test")))).status == 403
