"""The inbox's page: what it tells its script about whoever is signed in."""

import re
from typing import Any

import orjson

from tests.people import Agent, Desk


async def page(agent: Agent, path: str) -> str:
    async with agent.http.get(agent.desk.url + path, headers={"Accept": "text/html"}) as response:
        return await response.text()


async def config(agent: Agent) -> Any:
    found = re.search(r'id="config">(.*?)</script>', await page(agent, "/inbox"), re.DOTALL)
    assert found is not None
    return orjson.loads(found[1])


async def test_people_are_told_whether_rooms_are_given_to_their_level(desk: Desk) -> None:
    first, second = await desk.signed_in("t1"), await desk.signed_in("t2")
    assert [(await config(who))["me"]["is_given_rooms"] for who in (first, second)] == [True, True]
    await desk.owner.execute(
        "UPDATE queues SET auto_assign = false WHERE level = 'T1' AND workspace_id = $1", desk.workspace.id
    )
    assert [(await config(who))["me"]["is_given_rooms"] for who in (first, second)] == [False, True]


async def test_an_address_without_a_page_leads_to_the_inbox_and_a_stranger_on_to_the_sign_in(desk: Desk) -> None:
    agent = await desk.signed_in("t1")
    for path in ("/nothing/here", "/rooms/nothing"):
        missing = await page(agent, path)
        assert 'href="/inbox"' in missing
        assert 'href="/login"' not in missing
    async with desk.http.get(f"{desk.url}/inbox", allow_redirects=False) as response:
        assert response.headers["Location"] == "/login?next=/inbox"
