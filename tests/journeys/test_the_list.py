"""The list of conversations as it looks: what must hold whatever the desk has to count."""

import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.journeys.marks import JOURNEY
from tests.journeys.people import Stage

pytestmark = JOURNEY

TABS = ("mine", "T1", "T2", "T3", "manager", "robots")
OVERFLOW = """
    () => {
        const box = document.querySelector("desk-list").getBoundingClientRect();
        const tabs = document.querySelector(".queues");
        const out = (part) => {
            const { left, right } = part.getBoundingClientRect();
            return Math.max(0, box.left - left, right - box.right) + Math.max(0, part.scrollWidth - part.clientWidth);
        };
        return Math.max(...[tabs, ...tabs.children].map(out));
    }
"""


async def counts(page: Page, count: int) -> None:
    """Whatever the list shows, each tab counts this many."""

    async def answer(route: Route) -> None:
        response = await route.fetch()
        await route.fulfill(response=response, json={**await response.json(), "counts": dict.fromkeys(TABS, count)})

    await page.route(re.compile(r"/api/v1/rooms\?"), answer)


@pytest.mark.parametrize("count", [7, 88, 12345])
@pytest.mark.parametrize("width", [320, 1280])
async def test_the_tabs_stay_in_their_column_however_much_they_count(stage: Stage, count: int, width: int) -> None:
    milo = await stage.agent("t1", viewport={"width": width, "height": 800})
    await counts(milo.page, count)
    await milo.looks_at("T1")
    for tab in await milo.page.locator(".queues > button").all():
        await expect(tab).to_contain_text(str(count) if count < 100 else "99+")
    for direction in ("ltr", "rtl"):
        await milo.page.evaluate("(to) => { document.documentElement.dir = to; }", direction)
        assert await milo.page.evaluate(OVERFLOW) < 1, direction
    await milo.page.unroute_all(behavior="ignoreErrors")


async def test_who_is_away_where_nothing_is_given_out_is_told_to_claim(stage: Stage) -> None:
    milo = await stage.agent("t1")
    await milo.chooses_availability("Away")
    await expect(milo.page.locator(".strip")).to_contain_text("Away: you can claim from the queue all the same")
    await milo.page.get_by_role("button", name="Go online").click()
    await expect(milo.page.locator(".strip")).to_have_count(0)


async def test_a_queue_tells_whose_each_room_is_and_its_head_cuts_nothing_off(stage: Stage) -> None:
    milo = await stage.agent("t1", "/inbox?queue=T1", viewport={"width": 1440, "height": 900})
    mine = milo.conversations.filter(has_text="Camille Laurent")
    await expect(mine.locator(".tags")).to_have_text("yours")
    await mine.click()
    head = milo.page.locator(".pane-sub")
    await expect(head).to_contain_text("yours")
    cut = "(head) => [...head.children].some((part) => part.scrollWidth > part.clientWidth)"
    assert not await head.evaluate(cut)
    await milo.looks_at("Mine")
    await expect(mine.locator(".tags")).not_to_contain_text("yours")


@pytest.mark.parametrize("width", [1280, 1300])
async def test_the_head_of_a_conversation_leaves_its_title_room_beside_the_pane_of_details(
    stage: Stage, width: int
) -> None:
    priya = await stage.agent("t2", "/inbox?queue=T1", viewport={"width": width, "height": 850})
    await priya.conversations.filter(has_text="Camille Laurent").click()
    await expect(priya.page.locator(".pane-sub")).to_contain_text("Milo Kask")
    who = priya.page.locator(".pane-who")
    assert await who.evaluate("(who) => who.clientWidth") >= 14 * 16
    assert not await who.locator("h1").evaluate("(title) => title.scrollWidth > title.clientWidth")
