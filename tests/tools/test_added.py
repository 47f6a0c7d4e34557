"""Requests of its own that a workspace adds as tools."""

import pytest
from aiohttp import web

from supportdesk.errors import DeskError, Invalid
from supportdesk.tools.model import Status
from supportdesk.tools.requests import check_template, filled, shown
from tests.people import Agent, Desk
from tests.tools.added import Json, allows, asks, described
from tests.tools.servers import http_server

LOOKUP: Json = {
    "name": "crm_lookup",
    "description": "Looks a customer up.",
    "method": "GET",
    "parameters": [{"name": "customer"}, {"name": "limit", "kind": "integer", "required": False}],
    "headers": {"X-Shop": "acme"},
    "secret_headers": {"Authorization": "Bearer s3cret"},
}


def test_a_fixed_value_of_an_address_which_may_be_a_key_is_not_shown() -> None:
    address = "https://a.test/orders/{order}?key=s3cret&by={who}"
    assert shown(address, {"order": "5", "who": "me"}) == "https://a.test/orders/5?key=…&by=me"
    assert shown(address, {}) == "https://a.test/orders/{order}?key=…&by={who}"


@pytest.mark.usefixtures("private")
async def test_a_request_is_made_as_it_was_written_down_with_its_secret(desk: Desk, boss: Agent) -> None:
    seen: list[tuple[str, str, str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.method, request.raw_path, request.headers["Authorization"], request.headers["X-Shop"]))
        return web.json_response({"name": "Lena"})

    async with http_server(answer) as url:
        status, made = await boss.fetches("POST", "/api/v1/tools", LOOKUP | {"url": f"{url}/customers/{{customer}}"})
        assert (status, made["source"], made["risk"], made["is_known"]) == (201, "request", "high", True)
        assert "s3cret" not in str(made)
        asked = await asks(desk, "crm_lookup", customer="a/../b?x")
        assert (asked.status, asked.why) == (Status.PENDING, "risk high")
        told = await described(desk, asked)
        assert told["description"] == "Looks a customer up."
        address = f"{url}/customers/a%2F..%2Fb%3Fx"
        assert told["goes_to"] == {"method": "GET", "address": address, "server": ""}
        await allows(boss, "crm_lookup")
        done = await asks(desk, "crm_lookup", customer="a/../b?x")
        assert done.result == {"status": 200, "body": {"name": "Lena"}}
    assert seen == [("GET", "/customers/a%2F..%2Fb%3Fx", "Bearer s3cret", "acme")]
    sealed = await desk.owner.fetchval("SELECT secrets_encrypted FROM workspace_tools WHERE name = 'crm_lookup'")
    assert b"s3cret" not in sealed
    again = await boss.fetches("POST", "/api/v1/tools", LOOKUP | {"url": "https://crm.test/x"})
    assert (again[0], again[1]["error"]["code"]) == (409, "tool_exists")
    taken = await boss.fetches("POST", "/api/v1/tools", LOOKUP | {"name": "escalate", "url": "https://crm.test/x"})
    assert taken[0] == 409
    assert (await boss.fetches("DELETE", f"/api/v1/tools/{made['id']}"))[0] == 204
    with pytest.raises(DeskError, match="no tool called crm_lookup"):
        await asks(desk, "crm_lookup", customer="a")


async def test_high_risk_is_for_the_second_level_unless_somebody_says_otherwise(boss: Agent) -> None:
    plain = LOOKUP | {"url": "https://crm.test/x", "parameters": []}
    made = (await boss.fetches("POST", "/api/v1/tools", plain))[1]
    assert (made["risk"], made["required_level"]) == ("high", "T2")
    at = f"/api/v1/tools/{made['id']}"

    async def after(**change: str) -> tuple[str, str]:
        tool = (await boss.fetches("PATCH", at, change))[1]
        return tool["risk"], tool["required_level"]

    assert await after(risk="low") == ("low", "T1")
    assert await after(risk="high") == ("high", "T2"), "it follows the risk"
    assert await after(required_level="T1") == ("high", "T1"), "who says it in so many words gets it"
    assert await after(risk="high") == ("high", "T1"), "and keeps it"
    assert await after(required_level="T3") == ("high", "T3")
    assert await after(risk="read") == ("read", "T3")
    said = plain | {"name": "own", "risk": "low", "required_level": "manager"}
    assert (await boss.fetches("POST", "/api/v1/tools", said))[1]["required_level"] == "manager"


PRIVATE = ("http://127.0.0.1:9/x", "http://169.254.169.254/latest", "http://[::1]/x", "http://localhost/x")


@pytest.mark.parametrize("url", PRIVATE)
async def test_a_private_address_is_refused_when_it_is_saved(boss: Agent, url: str) -> None:
    status, said = await boss.fetches("POST", "/api/v1/tools", LOOKUP | {"url": url, "parameters": []})
    why = "is nowhere to ask anything" if "169.254" in url else "operator can allow it with SUPPORTDESK_PRIVATE_HOSTS"
    assert status == 422
    assert why in said["error"]["message"]
    assert [each["field"] for each in said["error"]["details"]["fields"]] == ["url"]


@pytest.mark.parametrize("url", PRIVATE)
async def test_a_private_address_is_refused_when_it_is_asked_however_it_was_saved(
    desk: Desk, boss: Agent, url: str
) -> None:
    want = LOOKUP | {"url": "https://crm.test/x", "parameters": []}
    assert (await boss.fetches("POST", "/api/v1/tools", want))[0] == 201
    moved = "UPDATE workspace_tools SET request = jsonb_set(request, '{url}', to_jsonb($1::text))"
    await desk.owner.execute(moved, url)
    await allows(boss, "crm_lookup")
    done = await asks(desk, "crm_lookup")
    assert done.status is Status.FAILED
    why = "is nowhere to ask anything" if "169.254" in url else "is in a private network"
    assert why in (done.error or "")


@pytest.mark.usefixtures("private")
async def test_a_server_that_fails_is_said_in_a_sentence(desk: Desk, boss: Agent) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=503, text="secret stack trace")

    async with http_server(answer) as url:
        await boss.fetches("POST", "/api/v1/tools", LOOKUP | {"url": f"{url}/", "parameters": []})
        await allows(boss, "crm_lookup")
        assert (await asks(desk, "crm_lookup")).error == "The server answered with status 503."


@pytest.mark.parametrize(
    "url",
    [
        "https://{host}/x",
        "{scheme}://crm.test/x",
        "https://crm.{zone}/x",
        "https://crm.test/{unknown}",
        "https://user:pass@crm.test/x",
        "https://crm.test",
        "https://crm.test/{a",
        "ftp://crm/x",
        "crm.test/x",
    ],
)
def test_an_address_that_a_robot_could_bend_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        check_template(url, ["host", "scheme", "zone"])


def test_a_dot_is_no_part_of_an_address_and_what_has_no_place_is_the_body() -> None:
    with pytest.raises(Invalid):
        filled("https://crm.test/{a}/x", {"a": ".."})
    with pytest.raises(Invalid, match="needs the argument a"):
        filled("https://crm.test/users/{a}", {})
    assert filled("https://crm.test/users?q={a}", {}) == ("https://crm.test/users?q=", {})
    assert filled("https://crm.test/{a}", {"a": True, "b": [1]}) == ("https://crm.test/true", {"b": [1]})


@pytest.mark.usefixtures("private")
@pytest.mark.parametrize("customer", [".", "..", ""])
async def test_an_address_that_cannot_be_filled_is_refused_before_anybody_is_asked(
    desk: Desk, boss: Agent, customer: str
) -> None:
    await boss.fetches("POST", "/api/v1/tools", LOOKUP | {"url": "http://127.0.0.1:9/customers/{customer}"})
    with pytest.raises(Invalid, match="argument customer") as refused:
        await asks(desk, "crm_lookup", customer=customer)
    assert refused.value.specific_code == "bad_arguments"
    assert (
        await desk.owner.fetchval(
            "SELECT count(*) FROM tool_executions WHERE tool_name = 'crm_lookup' AND workspace_id = $1",
            desk.workspace.id,
        )
        == 0
    )
